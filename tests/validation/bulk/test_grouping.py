"""Files are cut where the subject changes, or spread by it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from vises.validation.bulk.grouping import Piece, pieces

if TYPE_CHECKING:
    from pathlib import Path


def line(subject: str, value: int) -> bytes:
    return f'<http://e/{subject}> <http://e/p> "{value}" .\n'.encode()


def written(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"".join(lines))
    return path


def together(cut: list[Piece]) -> bool:
    """Tell whether each subject is in one piece only."""
    found = defaultdict(set)
    for number, piece in enumerate(cut):
        for row in piece.read().splitlines():
            found[row.split()[0]].add(number)
    return all(len(numbers) == 1 for numbers in found.values())


def test_a_file_in_order_is_cut_where_it_lies(tmp_path: Path) -> None:
    lines = [line(f"s{n // 3}", n) for n in range(300)]
    path = written(tmp_path / "a.nt", *lines)
    cut = pieces([path], tmp_path, size=500)
    assert len(cut) > 10
    assert {piece.path for piece in cut} == {path}
    assert b"".join(piece.read() for piece in cut) == b"".join(lines)
    assert together(cut)


@pytest.mark.parametrize("split", [True, False])
def test_what_is_in_no_order_is_spread_by_subject(tmp_path: Path, *, split: bool) -> None:
    lines = [line(f"s{n % 30}", n) for n in range(300)]
    paths = [written(tmp_path / "a.nt", *lines)]
    if split:
        paths = [
            written(tmp_path / "a.nt", *sorted(lines)[:155]),
            written(tmp_path / "b.nt", *sorted(lines)[155:]),
        ]
    cut = pieces(paths, tmp_path, size=500)
    assert len(cut) > 10
    assert sorted(b"".join(piece.read() for piece in cut).splitlines(keepends=True)) == sorted(
        lines
    )
    assert together(cut)


def test_only_the_subjects_that_stand_apart_are_spread(tmp_path: Path) -> None:
    lines = [line(f"s{n // 3}", n) for n in range(300)]
    first = written(tmp_path / "a.nt", *lines[:250], line("s2", 900), b"# a remark\n", *lines[250:])
    second = written(tmp_path / "b.nt", line("s90", 901), line("t", 902)[:-1])
    cut = pieces([first, second], tmp_path, size=500)
    assert together(cut)
    rows = b"".join(piece.read() for piece in cut).splitlines(keepends=True)
    given = [*lines, line("s2", 900), b"# a remark\n", line("s90", 901), line("t", 902)]
    assert sorted(rows) == sorted(given)
    as_they_lie = [piece.read() for piece in cut if piece.path == first]
    assert all(part in b"".join(lines) for part in as_they_lie)
    assert sum(map(len, as_they_lie)) > len(b"".join(lines)) / 2


def test_an_escape_does_not_make_another_subject(tmp_path: Path) -> None:
    escaped = line("s", 2).replace(b"/s>", b"/\\u0073>")
    path = written(tmp_path / "a.nt", line("s", 1), line("t", 1), escaped)
    cut = pieces([path], tmp_path, size=1)
    [piece] = [piece for piece in cut if b'"2"' in piece.read()]
    assert b'/s> <http://e/p> "1"' in piece.read()


def test_comments_empty_lines_and_a_file_without_an_end(tmp_path: Path) -> None:
    path = written(tmp_path / "a.nt", b"# <http://e/x>\n\n  ", line("s", 1), line("s", 2)[:-1])
    other = written(tmp_path / "b.nt", line("s", 3))
    cut = pieces([path, other, written(tmp_path / "c.nt")], tmp_path, size=10**6)
    assert b"".join(piece.read() for piece in cut).count(b"\n") == 5
    assert pieces([], tmp_path) == []
