"""Rows of a table at some places, for the quarantine."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from hypothesis import example, given, settings
from hypothesis import strategies as st

from vises.ingest.finding import find
from vises.ingest.rules import Refusal
from vises.ingest.tables import rows, rows_at
from vises.progress import Silence

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CELL = st.text(alphabet='ab,"\n\r;é', max_size=4)


@given(
    cells=st.lists(st.lists(CELL, min_size=1, max_size=3), max_size=12),
    end=st.sampled_from(["\n", "\r\n"]),
    chosen=st.sets(st.integers(0, 12)),
    spoilt=st.booleans(),
)
@example(cells=[["a", "b\r\nc"], ["d", "e"]], end="\n", chosen={0, 1}, spoilt=False)
@settings(max_examples=60, deadline=None)
def test_they_are_those_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory,
    *,
    cells: list[list[str]],
    end: str,
    chosen: set[int],
    spoilt: bool,
) -> None:
    path = tmp_path_factory.mktemp("t") / "t.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, lineterminator=end).writerows([["x", "y\nz"], *cells])
        if spoilt:
            file.write(f'"a"b,c{end}d,e{end}')
    (found,) = find([path])
    whole = list(rows(found, ["y\nz", "x"], Silence()))
    places = {place for number, (place, _) in enumerate(whole) if number in chosen}
    wanted = [(p, row) for p, row in whole if p in places and not isinstance(row, Refusal)]
    assert list(rows_at(found, ["y\nz", "x"], places)) == wanted


def test_of_other_kinds_of_files_too(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1}\n{"a": 2}\n{"a": 3}\n', encoding="utf-8")
    (found,) = find([path])
    assert list(rows_at(found, ["a"], {1, 3})) == [(1, ("1",)), (3, ("3",))]
