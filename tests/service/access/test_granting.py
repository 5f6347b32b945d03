"""Creating and revoking tokens, closing and opening graphs; many commands at once."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.service.access.conftest import granted
from vises.errors import BadRequest, NotFound, VisesError
from vises.service.access import granting
from vises.service.access.errors import AccessUnreadable, TokenNeeded, WriteForbidden
from vises.service.access.file import AccessFile
from vises.service.access.granting import Grant
from vises.service.access.rights import Rights, covers
from vises.store.files import DataFolderError
from vises.store.lock import StoreBusy, WriterLock

if TYPE_CHECKING:
    from pathlib import Path

A, B = "https://data.example/graph/a", "https://data.example/graph/b"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_commands_at_the_same_time_lose_nothing_of_each_other(tmp_path: Path) -> None:
    def work(number: int) -> str:
        token = granted(tmp_path, A, read=True)
        granting.close(AccessFile(tmp_path), [f"{B}/{number}"])
        if number % 2:
            granting.revoke(AccessFile(tmp_path), token.split("_")[1], NOW)
        return token.split("_")[1]

    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(work, range(24)))
    state = AccessFile(tmp_path).read()
    assert set(state.tokens) == set(ids)
    assert len(set(ids)) == 24
    assert sum(token.revoked is not None for token in state.tokens.values()) == 12
    assert len(state.closed) == 24


CREATE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from vises.service.access import granting
from vises.service.access.file import AccessFile
for number in range(10):
    grant = granting.Grant(f"{sys.argv[2]} {number}", ("*",), read=True, write=False)
    granting.create(AccessFile(Path(sys.argv[1])), grant, (), datetime.now(UTC))
"""


def test_processes_at_the_same_time_lose_nothing_of_each_other(tmp_path: Path) -> None:
    commands = [[sys.executable, "-c", CREATE, str(tmp_path), name] for name in ("one", "two")]
    running = [subprocess.Popen(command) for command in commands]
    assert [process.wait(60) for process in running] == [0, 0]
    names = {token.name for token in AccessFile(tmp_path).read().tokens.values()}
    assert names == {f"{name} {number}" for name in ("one", "two") for number in range(10)}


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    granted(tmp_path, A, read=True)
    before = AccessFile(tmp_path).path.read_bytes()
    with pytest.raises(NotFound):
        granting.revoke(AccessFile(tmp_path), "ffffffff", NOW)
    with pytest.raises(NotFound):
        granting.reopen(AccessFile(tmp_path), [A])
    with pytest.raises(BadRequest, match="IRI"):
        granting.close(AccessFile(tmp_path), [A, "no IRI"])
    assert AccessFile(tmp_path).path.read_bytes() == before


def test_the_file_is_for_its_owner_whatever_the_umask_and_before(tmp_path: Path) -> None:
    granting.close(AccessFile(tmp_path), [A])
    path = AccessFile(tmp_path).path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not AccessFile(tmp_path).exposed()
    path.chmod(0o644)
    assert AccessFile(tmp_path).exposed()
    granting.close(AccessFile(tmp_path), [B])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(f.name for f in tmp_path.iterdir()) == ["access.json", "access.lock"]


def test_a_damaged_file_is_not_overwritten(tmp_path: Path) -> None:
    path = AccessFile(tmp_path).path
    path.write_text("{", "utf-8")
    for work in (
        lambda: granted(tmp_path, A, read=True),
        lambda: granting.close(AccessFile(tmp_path), [A]),
        lambda: granting.revoke(AccessFile(tmp_path), "00000000", NOW),
    ):
        with pytest.raises(AccessUnreadable):
            work()
    assert path.read_text("utf-8") == "{"


def test_who_cannot_lock_or_write_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vises.service.access.file._LOCK_SECONDS", 0.1)
    with WriterLock(tmp_path / "access.lock", 1), pytest.raises(StoreBusy):
        granting.close(AccessFile(tmp_path), [A])
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderError):
        granting.close(AccessFile(tmp_path / "file"), [A])


@pytest.mark.parametrize(
    ("grant", "says"),
    [
        (Grant("", (A,), read=True, write=False), "name"),
        (Grant(" ", (A,), read=True, write=False), "name"),
        (Grant("a\nb", (A,), read=True, write=False), "name"),
        (Grant("n" * 101, (A,), read=True, write=False), "name"),
        (Grant("n", (A,), read=False, write=False), "right"),
        (Grant("n", (), read=True, write=False), "graph"),
        (Grant("n", (A,), read=True, write=False, expires=NOW), "expired"),
        (Grant("n", ("graph/a",), read=True, write=False), "IRI"),
        (Grant("n", ("",), read=True, write=False), "IRI"),
        (Grant("n", ("https://data.example/*/x",), read=True, write=False), "star"),
        (Grant("n", (B,), read=False, write=True), B),
        (Grant("n", ("https://data.example/*",), read=False, write=True), B),
        (Grant("n", ("*",), read=True, write=True), B),
    ],
    ids=lambda v: str(v)[:70],
)
def test_a_grant_that_cannot_be_is_refused(tmp_path: Path, grant: Grant, says: str) -> None:
    with pytest.raises(VisesError) as refused:
        granting.create(AccessFile(tmp_path), grant, (B,), NOW)
    assert refused.value.exit_code == 2
    assert says in str(refused.value)
    assert not AccessFile(tmp_path).path.exists()


def test_reading_may_be_granted_for_what_is_not_written(tmp_path: Path) -> None:
    for graphs in ((B,), ("*",), ("https://data.example/graph/*",)):
        grant = Grant("n", graphs, read=True, write=False, expires=NOW + timedelta(seconds=1))
        granting.create(AccessFile(tmp_path), grant, (B,), NOW)
    assert len(AccessFile(tmp_path).read().tokens) == 3


def test_a_whole_token_is_not_taken_for_its_id(tmp_path: Path) -> None:
    token = granted(tmp_path, A, read=True)
    with pytest.raises(BadRequest, match="history") as refused:
        granting.revoke(AccessFile(tmp_path), token, NOW)
    assert token not in str(refused.value)


def test_a_pattern_closes_nothing_and_says_so(tmp_path: Path) -> None:
    file = AccessFile(tmp_path)
    with pytest.raises(BadRequest, match="one by one"):
        granting.close(file, [A, f"{A}*"])
    assert not file.read().closed


def test_a_copy_has_what_is_closed_also_where_the_file_is_damaged(tmp_path: Path) -> None:
    source, target = AccessFile(tmp_path / "a"), AccessFile(tmp_path / "b")
    target.copy(source)
    assert not target.path.exists()
    granting.close(source, [A])
    target.copy(source)
    assert target.read() == source.read()
    assert not target.exposed()
    source.path.write_text("{", "utf-8")
    target.copy(source)
    with pytest.raises(AccessUnreadable):
        target.read()


def test_the_right_to_write_is_demanded() -> None:
    with pytest.raises(TokenNeeded) as needed:
        Rights().demand_write(A)
    assert (needed.value.status, needed.value.challenge) == (401, 'Bearer realm="vises"')
    rights = Rights("Reader", writable=frozenset({A}))
    rights.demand_write(A)
    for graph in (B, A + "/more", A[:-1]):
        with pytest.raises(WriteForbidden) as forbidden:
            rights.demand_write(graph)
        assert forbidden.value.status == 403
        assert graph in str(forbidden.value)
        assert A in str(forbidden.value.remedy)


@pytest.mark.parametrize(
    ("patterns", "graph", "covered"),
    [
        ({A}, A, True),
        ({A}, A + "b", False),
        ({A + "*"}, A, True),
        ({A + "*"}, A + "b", True),
        ({A + "*"}, B, False),
        ({"*"}, B, True),
        (set(), A, False),
    ],
)
def test_patterns_cover(patterns: set[str], graph: str, *, covered: bool) -> None:
    assert covers(patterns, graph) == covered
