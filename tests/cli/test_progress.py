"""What long work says while it lasts: a line now and then, where there is no terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from vises import console

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

Run = Any


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_lines_have_bytes_rows_speed_and_time_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    monkeypatch.setattr(console, "time", clock)
    with console.Steps() as steps:
        steps.start("checking u.csv", 1000)
        clock.now += 2
        steps.count(5000, 0, 7)
        steps.advance(100)
        clock.now += 8
        steps.count(5000, 0, 1)
        steps.advance(150)
        steps.start("mapping u.csv", 50)
        clock.now += 10
        steps.count(0, 9000, 2)
        steps.advance(25)
        steps.start("harvesting", None)
        clock.now += 10
        steps.advance(3000)
    assert capsys.readouterr().err.splitlines() == [
        "checking u.csv: 25%, 10,000 rows (1,000/s), 0 published, 8 quarantined, 0:00:30 left",
        "mapping u.csv: 50%, 9,000 rows (900/s), 9,000 published, 10 quarantined, 0:00:10 left",
        "harvesting",
        "harvesting: 3,000 bytes",
    ]


def test_the_bar_of_a_step_has_nothing_of_the_step_before() -> None:
    steps = console.Steps()
    steps.start("mapping u.csv", 50)
    steps.count(10, 9, 1)
    steps.advance(50)
    steps.start("publishing", None)
    (task,) = steps._bar.tasks
    assert (task.description, task.total, task.completed) == ("publishing", None, 0)
    assert task.fields["rows"] == ""


def test_parts_for_another_engine(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    path.write_text(
        "siren,denominationUniteLegale,categorieJuridiqueUniteLegale,"
        "economieSocialeSolidaireUniteLegale\n000000018,ATELIER INVENTÉ,9220,O\n",
        encoding="utf-8",
    )
    status, output, _ = run("ingest", "sirene", path, "--parts-only", tmp_path / "parts")
    assert status == 0
    assert "(parts: 1)" in output
    assert "nothing was published" in output
    assert (tmp_path / "parts" / "manifest.json").exists()
    status, _, errors = run("ingest", "sirene", path, "--parts-only", tmp_path / "parts")
    assert status == 2
    assert "empty or not there yet" in errors


def test_wrong_options(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    path.touch()
    for options in (
        ["--engine", "dask"],
        ["--scheduler", "tcp://127.0.0.1:9"],
        ["--engine", "dask", "--scheduler", "tcp://127.0.0.1:9", "--processes", "2"],
    ):
        status, _, errors = run("ingest", "sirene", path, *options)
        assert status == 2
        assert "belong together" in errors
    assert run("ingest", "sirene", path, "--processes", "0")[0] == 2


def test_data_does_not_command_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    hostile = "a\x1b]0;x\x07\x9b2Jb"
    console.table(["x"], [[hostile]])
    console.say(hostile)
    console.note(hostile)
    for said in capsys.readouterr():
        assert r"a\x1b]0;x\x07\x9b2Jb" in said
        assert "\x1b]" not in said
        assert "\x9b" not in said


def test_a_row_of_cells_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    console.table(["x", "y"], [["a\tb\r\nc", "\x1b"]])
    assert capsys.readouterr().out == "x\ty\na\\tb\\r\\nc\t\x1b\n"


def test_names_are_said_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    steps = console.Steps()
    steps.start("checking a.zip/[/b]:on:.csv", 50)
    with steps._console.capture() as shown:
        steps._console.print(steps._bar)
    assert "checking a.zip/[/b]:on:.csv" in shown.get()
    console.say("urn:a:b")
    console.note("urn:a:b")
    assert capsys.readouterr() == ("urn:a:b\n", "urn:a:b\n")
