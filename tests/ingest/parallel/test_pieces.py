"""Where files are cut, and what stands at the cuts."""

from __future__ import annotations

import gzip
import zipfile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from vises.ingest.finding import find
from vises.ingest.parallel.pieces import cut, open_piece
from vises.ingest.tables import header, rows
from vises.ingest.tables.table import LONGEST_CELL
from vises.progress import Silence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Mapper = Any
Engine = Any

TEXT = "a,b\n" + "".join(f'{n},"{"x" * (n % 7)}"\n' for n in range(400))
UNITS = (
    "siren,denominationUniteLegale,categorieJuridiqueUniteLegale,"
    "economieSocialeSolidaireUniteLegale\n"
)
SIREN = ["000000018", "000000026", "000000034", "000000042", "000000059", "000000067"]


def pieces_of(path: Path, size: int, work: Path) -> list[Any]:
    (file,) = find([path])
    return list(cut(file, work, size, Silence()))


def read(pieces: list[Any], wanted: tuple[str, ...]) -> list[Any]:
    found = []
    for piece in pieces:
        with open_piece(piece, wanted) as (each, _):
            found += [cells for _, cells in each]
    return found


def plain(folder: Path) -> Path:
    path = folder / "t.csv"
    path.write_text(TEXT)
    return path


def zipped(folder: Path) -> Path:
    path = folder / "t.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.csv", TEXT)
    return path


def gzipped(folder: Path) -> Path:
    path = folder / "t.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    return path


def row_groups(folder: Path) -> Path:
    path = folder / "t.parquet"
    table = pa.table({"a": list(range(400)), "b": ["x" * (n % 7) for n in range(400)]})
    parquet.write_table(table, path, row_group_size=30, compression=None)
    return path


@pytest.mark.parametrize("make", [plain, zipped, gzipped, row_groups])
@pytest.mark.parametrize("size", [100, 700])
def test_pieces_have_all_rows_once_and_all_bytes(
    tmp_path: Path, make: Callable[[Path], Path], size: int
) -> None:
    path = make(tmp_path)
    (file,) = find([path])
    pieces = pieces_of(path, size, tmp_path)
    whole = [cells for _, cells in rows(file, header(file), Silence())]
    assert len(pieces) > 2
    assert len(whole) == 400
    assert read(pieces, header(file)) == whole
    total = len(TEXT) if make in {zipped, gzipped} else file.size
    assert sum(piece.size for piece in pieces) == total


def test_a_small_file_is_not_cut(tmp_path: Path) -> None:
    (piece,) = pieces_of(plain(tmp_path), 1 << 20, tmp_path)
    assert piece.bounds == (0, 0)


def test_the_rows_of_row_groups_have_their_numbers(tmp_path: Path) -> None:
    pieces = pieces_of(row_groups(tmp_path), 100, tmp_path)
    with open_piece(pieces[1], ("a",)) as (found, _):
        assert next(iter(found)) == (31, ("30",))


def table(*names: str) -> str:
    lines = [f'{siren},"{name}",9220,O' for siren, name in zip(SIREN, names, strict=False)]
    return UNITS + "\n".join(lines) + "\n"


TABLES = {
    "a line that looks like a row within a cell": table(
        "A", "B\n000000018,LA MAISON,9220,O\n000000018,LA MAISON,9220,O\n", "C", "D"
    ),
    "a cell over several pieces": table("A", "B\n" * 300, "C"),
    "a cell of 100,000 characters": table("A", "é" * 100_000, "C", "D"),
    "quotes at the end": table("A", 'B""', '""C""', '""""'),
    "no end of the last line": table("A", "B", "C").removesuffix("\n"),
    "carriage returns alone": table("A", "B", "C").replace("\n", "\r"),
    "a quote that is never closed": table("A", "B", "C") + '000000042,"D,9220,O\n' + "x\n" * 200,
    "a last row that is cut off": table("A", "B", "C") + "000000042,D",
    "another encoding in the middle": table("A", "B", "C", "\udcca", "E"),
    "the same number far away": table("A", "B", "C") + "000000018,Z,9220,O\n" * 3,
    "a cell that is too long": table("A", "x" * (LONGEST_CELL + 2), "C"),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("size", [40, 90])
def test_what_stands_at_a_cut(
    tmp_path: Path, mapped: Mapper, ahead: Engine, name: str, size: int
) -> None:
    path = tmp_path / "u.csv"
    path.write_bytes(TABLES[name].encode("utf-8", "surrogateescape"))
    whole = mapped("sirene", path, piece_bytes=1 << 30)
    assert whole.triples or whole.error
    if len(TABLES[name]) > 100_000:
        size *= 100
    assert mapped("sirene", path, piece_bytes=size) == whole
    assert mapped("sirene", path, piece_bytes=size, engine=ahead) == whole
