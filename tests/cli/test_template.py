"""`vises template`: what others fill in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., tuple[int, str, str]]


def test_a_workbook_is_written_once(run: Run, tmp_path: Path) -> None:
    assert run("template", "impact", "i.xlsx", "--language", "nl")[:2] == (0, "Written: i.xlsx\n")
    assert load_workbook(tmp_path / "i.xlsx").sheetnames[1] == "Resultaten"
    status, _, said = run("template", "impact", "i.xlsx")
    assert status == 2
    assert "filled it in" in said


def test_a_description_is_written_and_says_what_to_do(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Région;2021\nWallonie;5\n", encoding="utf-8")
    status, text, _ = run("template", "table", "t.csv")
    assert status == 0
    assert "header: 1" in text
    assert run("template", "table", "t.csv", "--output", "t.yml")[0] == 0
    status, _, said = run("ingest", "table", "t.yml", "t.csv")
    assert status == 3
    assert "line" in said


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["impact", "no/such/folder.xlsx"], 5),
        (["impact", "x.csv"], 2),
        (["impact", "--language", "es"], 2),
        (["table", "nothing.csv"], 4),
        (["nothing"], 2),
    ],
)
def test_wrong_calls(run: Run, command: list[str], status: int) -> None:
    assert run("template", *command)[0] == status


@pytest.mark.parametrize("command", [[], ["impact"], ["table"]])
def test_help_teaches(run: Run, command: list[str]) -> None:
    assert "vises" in run("template", *command, "--help")[1]
