"""`vises partners` asks those that the file lists."""

from __future__ import annotations

import http.server
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Run

SOLUTIONS = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        query = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if self.path == "/sparql" and b"LIMIT+1" in query else 404)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.end_headers()
        self.wfile.write(SOLUTIONS)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def listed(path: Path, *endpoints: str, networks: str = '["127.0.0.1"]') -> Path:
    tables = (f'[[partner]]\nendpoint = "{e}"\nnetworks = {networks}\n' for e in endpoints)
    path.write_text("".join(tables), "utf-8")
    return path


def test_partners_answer(
    run: Run, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listed(tmp_path / "partners.toml", f"{address}/sparql")
    monkeypatch.setenv("VISES_PARTNERS", str(path))
    status, output, _ = run("partners")
    assert status == 0
    assert f"{address}/sparql" in output
    assert "answers" in output


def test_partners_that_do_not_answer_are_told(
    run: Run, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listed(tmp_path / "partners.toml", f"{address}/sparql", f"{address}/other")
    monkeypatch.setenv("VISES_PARTNERS", str(path))
    status, output, said = run("partners")
    assert (status, "status 404" in output) == (5, True)
    assert "1 of 2 partners" in said
    listed(path, f"{address}/sparql", networks="[]")
    status, output, said = run("partners")
    assert (status, "not public" in output) == (5, True)


def test_nobody_is_listed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("partners")[0] == 0
    monkeypatch.setenv("VISES_PARTNERS", str(tmp_path / "missing.toml"))
    status, _, said = run("partners")
    assert status == 3
    assert "missing.toml" in said
