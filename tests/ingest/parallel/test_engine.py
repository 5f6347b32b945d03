"""Processes that die, and those that come in their place."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from vises.errors import BadInput, Sentence
from vises.ingest.parallel.engine import Here, Processes, WorkersLost, in_order, processes_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Mapper = Any
Tasks = Any


MODULE = """
import os, signal, time
from vises.errors import BadInput, sentence

def square(task):
    value, folder, deaths = task
    died = len(list(folder.glob(f"{value}-*")))
    if died < deaths:
        (folder / f"{value}-{died}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return value**2

def fail(number):
    raise KeyError(number)

def wait(path):
    path.touch()
    time.sleep(60)

def refuse(name):
    raise BadInput(sentence("file-empty", "The file is empty."), place=name)
"""
"""Tasks that other processes can import: the square of a number that kills so many of them."""


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tasks]:
    (tmp_path / "vises_test_tasks.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "deaths").mkdir()
    yield importlib.import_module("vises_test_tasks")
    del sys.modules["vises_test_tasks"]


def test_what_a_killed_process_did_is_done_again(tmp_path: Path, tasks: Tasks) -> None:
    deaths = tmp_path / "deaths"
    numbers = [(n, deaths, int(n == 2)) for n in range(6)]
    with Processes(2) as engine:
        found = [result for _, result in in_order(engine, tasks.square, numbers)]
    assert found == [0, 1, 4, 9, 16, 25]
    assert [path.name for path in deaths.iterdir()] == ["2-0"]


def test_an_error_of_a_process_can_still_be_said_in_another_language(tasks: Tasks) -> None:
    with Processes(1) as engine, pytest.raises(BadInput) as caught:
        engine.give(tasks.refuse, "t.csv").result()
    assert isinstance(caught.value.detail, Sentence)
    assert (caught.value.detail.reason, caught.value.place) == ("file-empty", "t.csv")


def test_who_kills_again_and_again_is_given_up(tmp_path: Path, tasks: Tasks) -> None:
    with Processes(1) as engine, pytest.raises(WorkersLost, match="killed 3 times") as caught:
        engine.give(tasks.square, (1, tmp_path / "deaths", 9)).result()
    assert "--processes" in str(caught.value.remedy)
    assert caught.value.exit_code == 5


INTERRUPTED = """
import os, signal, sys, time
from pathlib import Path
from vises.ingest.parallel.engine import Processes
import vises_test_tasks as tasks

def main():
    begun = Path(sys.argv[1])
    with Processes(2) as engine:
        engine.give(tasks.wait, begun)
        engine.give(tasks.square, (2, begun.parent, 0)).result()
        while not begun.exists():
            time.sleep(0.01)
        time.sleep(1)  # the other one waits for a task by then
        os.killpg(os.getpgid(0), signal.SIGINT)
        time.sleep(60)

if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
"""


def test_who_interrupts_sees_no_traceback_of_a_process(tmp_path: Path, tasks: Tasks) -> None:
    assert tasks
    (tmp_path / "interrupted.py").write_text(INTERRUPTED)
    ended = subprocess.run(
        [sys.executable, "interrupted.py", "begun"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=50,
        start_new_session=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (130, "")


@pytest.mark.parametrize("engine", [Here(), Processes(1)])
def test_errors_of_tasks_are_raised_where_they_are_asked_for(engine: Here, tasks: Tasks) -> None:
    with engine:
        ticket = engine.give(tasks.fail, 3)
        with pytest.raises(KeyError):
            ticket.result()


@pytest.mark.parametrize(
    ("asked", "size", "expected"),
    [(None, 9, 1), (1, 100, 1), (3, 9, 3)],
)
def test_how_many_processes(asked: int | None, size: int, expected: int) -> None:
    assert processes_for(asked, size, small=10) == expected


def test_a_large_input_has_a_process_for_each_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 5}, raising=False)
    assert processes_for(None, 10, small=10) == 3


def test_real_processes_give_what_one_gives(mapped: Mapper, sirene: Path) -> None:
    whole = mapped("sirene", sirene, piece_bytes=1 << 30)
    assert mapped("sirene", sirene, piece_bytes=20_000, processes=2) == whole


def test_a_source_that_cannot_be_divided_is_read_here(tmp_path: Path, mapped: Mapper) -> None:
    path = tmp_path / "figures.csv"
    row = "FRE,{},jobCount,insee-ess,total,a-source,{},NUM,A,\n"
    header = "area,period,measure,perimeter,family,publication,value,unit,status,note\n"
    path.write_text(header + "".join(row.format(1990 + n % 40, n) for n in range(60)))
    whole = mapped("figures", path, piece_bytes=1 << 30)
    assert whole.files[0].quarantined == 20
    assert mapped("figures", path, piece_bytes=100, processes=2) == whole
