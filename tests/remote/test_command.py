"""The command `vises remote`: push, status, files, and what it says when something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vises.cli import main
from vises.store.lock import WriterLock
from vises.store.remote.commands import LOADERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.remote.conftest import Server, World

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    world.publish(world.quads("g:one { :a :p 1 } g:two { :b :p 2 }"))
    monkeypatch.setenv("VISES_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("VISES_BASE_IRI", world.base)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["vises", "remote", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 1, said.out, said.err)

    return call


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    def set_up(server: Server, password: str | None = None) -> None:
        monkeypatch.setenv("VISES_ENGINE", server.address.query)
        monkeypatch.setenv("VISES_ENGINE_UPDATE", server.address.update)
        monkeypatch.setenv("VISES_ENGINE_GRAPHS", server.address.graphs)
        if server.address.login:
            path = tmp_path / "login"
            login = server.address.login
            path.write_text(f"{login.name}:{password or login.password}\n", encoding="utf-8")
            monkeypatch.setenv("VISES_ENGINE_LOGIN", str(path))

    return set_up


def test_one_push_at_a_time(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VISES_ENGINE", "VISES_ENGINE_UPDATE", "VISES_ENGINE_GRAPHS"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    with WriterLock(tmp_path / "data" / "remote.lock", 1):
        code, _, said = run("push")
    assert code == 5
    assert "locked by process" in said
    assert "locked" not in run("push")[2]


@pytest.mark.parametrize("command", [[], ["push"], ["status"], ["files"]])
def test_help_teaches(run: Run, command: list[str]) -> None:
    status, out, _ = run(*command, "--help")
    assert (status, "vises remote" in out) == (0, True)


@pytest.mark.remote
def test_push_and_status(run: Run, use: Callable[..., None], server: Server, world: World) -> None:
    use(server)
    status, out, err = run("status")
    assert (status, "no whole release, not the same as" in out, "missing" in out) == (
        0,
        True,
        True,
    ), err
    status, out, err = run("push")
    assert (status, "2 graphs were put, 0 changed by 0 quads, 0 removed" in out) == (0, True), err
    status, out, _ = run("push")
    assert (status, "Nothing was sent" in out) == (0, True)
    status, out, _ = run("status")
    assert (status, "release 000001, the same as" in out, out.count("\tthe same")) == (0, True, 2)
    world.publish(world.quads("g:one { :a :p 2 } g:three { :c :p 3 }"))
    status, out, _ = run("status")
    assert (out.count("another state"), out.count("missing"), out.count("\tthe same")) == (1, 1, 1)
    status, out, _ = run("push", "--release", "000001")
    assert "Nothing was sent" in out
    status, out, err = run("push")
    assert "1 graphs were put, 1 changed by 1 quads, 0 removed" in out, err
    status, out, _ = run("status")
    assert (status, "release 000002, the same as" in out, out.count("\tthe same")) == (0, True, 3)


@pytest.mark.remote
def test_a_wrong_password(run: Run, use: Callable[..., None], virtuoso: Server) -> None:
    use(virtuoso, "something wrong")
    status, out, err = run("push")
    assert (status, "refuses the login" in err, "VISES_ENGINE_LOGIN" in err) == (5, True, True)
    assert "something wrong" not in out + err


def test_without_an_engine(run: Run) -> None:
    status, _, err = run("push")
    assert (status, "VISES_ENGINE" in err) == (2, True)


@pytest.mark.parametrize("engine", LOADERS)
def test_files_and_their_commands(run: Run, tmp_path: Path, engine: str) -> None:
    folder = tmp_path / "it's a release"
    status, out, err = run("files", folder, "--engine", engine)
    assert (status, "part-*.nq" in out or ".nq" in out, "replica.nq" in out or ".nq*" in out) == (
        0,
        True,
        True,
    ), err
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["manifest.json", "part-0001.nq.gz", "replica.nq"]
    status, _, err = run("files", folder)
    assert (status, "not empty" in err) == (2, True)


def test_files_for_an_engine_without_commands(run: Run, tmp_path: Path) -> None:
    status, _, err = run("files", tmp_path / "x", "--engine", "blazegraph")
    assert (status, "virtuoso" in err) == (2, True)
    assert not (tmp_path / "x").exists()
