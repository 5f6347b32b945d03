"""`vises tokens` and `vises access`: what they say and keep, and a service that runs beside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.background import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Run

GRAPH = "https://w3id.org/vises/graph/"
OBS, SIRENE = GRAPH + "obs", GRAPH + "sirene"
TOKEN = re.compile(r"vises_([0-9a-f]{8})_([0-9a-f]{64})\n")


def created(run: Run, *arguments: str) -> tuple[str, str]:
    """Return the id of a new token and the token."""
    status, out, err = run("tokens", "create", "--name", "Observatoire", *arguments)
    assert status == 0, err
    found = TOKEN.fullmatch(out)
    assert found, "standard output is the token alone"
    assert found[1] in err
    assert found[2] not in err
    return found[1], out.strip()


def kept(folder: Path) -> bytes:
    files = [f for f in folder.rglob("*") if f.is_file()]
    return b"".join(f.read_bytes() for f in files)


@pytest.mark.parametrize(
    "command",
    [
        *(["tokens"], ["tokens", "create"], ["tokens", "list"], ["tokens", "revoke"]),
        *(["access"], ["access", "close"], ["access", "open"], ["access", "list"]),
    ],
)
def test_help_teaches_by_example(run: Run, command: list[str]) -> None:
    status, out, _ = run(*command, "--help")
    assert status == 0
    assert f"vises {command[0]} " in out.partition("Examples")[2]


def test_a_token_is_shown_once_listed_without_its_secret_and_revoked(run: Run) -> None:
    identifier, token = created(run, "--write", "--graph", OBS, "--expires", "90d")
    data = Path(os.environ["VISES_DATA"])
    assert token.rpartition("_")[2].encode() not in kept(data)
    assert (data / "access.json").stat().st_mode & 0o777 == 0o600
    status, out, err = run("tokens", "list")
    assert (status, err) == (0, "")
    header, row = (line.split("\t") for line in out.splitlines())
    assert header == ["id", "name", "rights", "graphs", "created", "state"]
    assert row[:4] == [identifier, "Observatoire", "write", OBS]
    assert row[5].startswith("valid until ")
    assert token.rpartition("_")[2] not in out
    assert run("tokens", "revoke", identifier)[:2] == (
        0,
        f"The token {identifier} of Observatoire was revoked.\n",
    )
    assert "revoked before" in run("tokens", "revoke", identifier)[1]
    assert "\trevoked " in run("tokens", "list")[1]


def test_graphs_are_closed_listed_and_opened(run: Run) -> None:
    status, out, err = run("access", "close", OBS, SIRENE)
    assert (status, out) == (0, f"Closed to reading: {OBS}\nClosed to reading: {SIRENE}\n")
    assert "has no graph" in err
    assert "graph/provenance says of" in err
    identifier, _ = created(run, "--read", "--graph", GRAPH + "o*")
    expected = f"{OBS}\t0\t{identifier} (Observatoire)\n{SIRENE}\t0\t\n"
    assert run("access", "list")[1].partition("\n")[2] == expected
    assert run("access", "open", OBS)[:2] == (0, f"Open to reading: {OBS}\n")
    assert OBS not in run("access", "list")[1]


WRONG = [
    (["tokens", "create", "--name", "n", "--graph", OBS], 2, "--write"),
    (["tokens", "create", "--name", "n", "--write"], 2, "--graph"),
    (["tokens", "create", "--graph", OBS, "--write"], 2, "--name"),
    (["tokens", "create", "--name", "n", "--graph", "obs", "--write"], 2, "IRI"),
    (["tokens", "create", "--name", "n", "--graph", SIRENE, "--write"], 2, SIRENE),
    (["tokens", "create", "--name", "n", "--graph", GRAPH + "*", "--write"], 2, "closed"),
    (["tokens", "create", "--name", "n", "--graph", GRAPH + "provenance", "--write"], 2, "prov"),
    (["tokens", "create", "--name", "n", "--graph", OBS, "--read", "--expires", "soon"], 2, "90d"),
    (["tokens", "create", "--name", "n", "--graph", OBS, "--read", "--expires", "0d"], 2, "expir"),
    (
        ["tokens", "create", "--name", "n", "--graph", OBS, "--read", "--expires", "2020-01-01"],
        2,
        "expired",
    ),
    (["tokens", "revoke", "ffffffff"], 4, "tokens list"),
    (["tokens", "revoke", "vises_00000000_" + "9" * 64], 2, "history"),
    (["access", "open", OBS], 4, "not closed"),
    (["access", "close", "obs"], 2, "IRI"),
    (["access", "close"], 2, "GRAPH"),
]


@pytest.mark.parametrize(("arguments", "status", "says"), WRONG, ids=lambda v: str(v)[-60:])
def test_a_wrong_call_says_what_and_keeps_nothing(
    run: Run, arguments: list[str], status: int, says: str, request: pytest.FixtureRequest
) -> None:
    if SIRENE in arguments:
        request.getfixturevalue("ingested")
    ended, out, err = run(*arguments)
    assert (ended, out) == (status, ""), err
    assert says in err
    assert "9" * 64 not in err
    assert "Traceback" not in err
    assert not Path("data/access.json").exists()
    lock = Path("data/access.lock")
    assert not lock.exists() or b"9" * 64 not in lock.read_bytes()


def test_a_damaged_file_ends_every_command_with_its_name(run: Run) -> None:
    Path("data").mkdir()
    Path("data/access.json").write_text("{", encoding="utf-8")
    for command in (
        ["tokens", "list"],
        ["access", "list"],
        ["tokens", "create", "--name", "n", "--read", "--graph", OBS],
        ["tokens", "revoke", "00000000"],
        ["access", "close", OBS],
    ):
        status, out, err = run(*command)
        assert (status, out) == (5, "")
        assert "access.json" in err
    assert Path("data/access.json").read_text(encoding="utf-8") == "{"


def test_others_who_may_read_the_file_are_warned_of(run: Run) -> None:
    run("access", "close", OBS)
    Path("data/access.json").chmod(0o644)
    for command in (["tokens", "list"], ["access", "list"]):
        assert "chmod 600" in run(*command)[2]


@pytest.mark.usefixtures("ingested")
def test_a_backup_takes_the_rights_along_and_a_restore_keeps_those_that_are_there(run: Run) -> None:
    run("access", "close", OBS)
    assert run("releases", "backup", "copy")[0] == 0
    copy = Path("copy/access.json").read_bytes()
    assert copy == Path("data/access.json").read_bytes()
    run("access", "close", SIRENE)
    assert run("releases", "restore", "copy")[0] == 0
    assert SIRENE in run("access", "list")[1]
    Path("data").rename("old")
    assert run("releases", "restore", "copy")[0] == 0
    assert Path("data/access.json").read_bytes() == copy


@pytest.fixture
def process(
    run: Run,  # noqa: ARG001 (its folder)
    ingested: Path,  # noqa: ARG001 (what is in it)
    tmp_path: Path,
) -> Iterator[tuple[str, Path]]:
    """Return the address of a service in a process of its own, and the file of what it says."""
    said = tmp_path / "said.txt"
    environ = {**os.environ, "VISES_PORT": "0", "VISES_WORKERS": "1"}
    with (
        said.open("wb") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "vises", "serve"],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as serving,
    ):
        assert serving.stdout
        address = re.search(r"http://\S+", serving.stdout.readline())
        assert address, "the service did not start"
        yield address[0].rstrip("/"), said
        serving.terminate()
        serving.wait(20)


def test_a_running_service_takes_notice_and_no_secret_is_said_or_kept(
    run: Run, process: tuple[str, Path]
) -> None:
    address, said = process
    pattern = f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?g = <{SIRENE}>)"
    count = {"query": f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"}

    def answer(token: str | None = None, **more: str) -> tuple[int, str]:
        headers = {"Accept": "text/csv", **({"Authorization": f"Bearer {token}"} if token else {})}
        got = httpx.get(f"{address}/sparql", params=count | more, headers=headers, timeout=20)
        return got.status_code, got.text

    opened = answer()
    assert opened[0] == 200
    run("access", "close", SIRENE)
    until(lambda: answer() == (200, "n\r\n0\r\n"))
    identifier, token = created(run, "--read", "--graph", SIRENE)
    until(lambda: answer(token) == opened)
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert answer(wrong)[0] == 401
    assert answer(access_token=token)[0] == 400
    assert answer(query=f"SELECT * FROM <{token}> {{ ?s ?p ?o }}")[0] == 400
    assert answer(query=f"PREFIX e: <x:{SIRENE}> ASK FROM e:a\\-b {{}}")[0] == 400
    run("tokens", "revoke", identifier)
    until(lambda: answer(token)[0] == 401)
    Path("data/access.json").write_text("{", encoding="utf-8")
    until(lambda: answer()[0] == 503)
    log = said.read_text(encoding="utf-8")
    assert "access.json" in log, "the operator is not told"
    secret = token.rpartition("_")[2]
    for hidden in (secret, wrong.rpartition("_")[2], SIRENE):
        assert hidden not in log
    assert secret.encode() not in kept(Path("data"))
