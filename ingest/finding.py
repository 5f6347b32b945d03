"""Finding the tables that a user means: files, those of a folder, of a zip, of a workbook."""

from __future__ import annotations

import os
import re
import zipfile
from codecs import BOM_UTF8
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vises.errors import BadInput, BadRequest, Sentence, sentence
from vises.ingest.files import (
    BOMB_BYTES,
    BOMB_RATIO,
    SUFFIXES,
    ZIP_ERRORS,
    BadZip,
    InputFile,
    InputMissing,
    Kind,
    damaged,
    open_file,
    too_dense,
)
from vises.ingest.tables.table import SAVE_AGAIN, BadTable
from vises.ingest.tables.workbook import WORKBOOK_PART, sheet_names

if TYPE_CHECKING:
    from collections.abc import Sequence

ENCRYPTED = 0x1
MOST_BYTES = 1 << 38
BINARY_WORKBOOK_PART = "xl/workbook.bin"
OPEN_DOCUMENT_PART = "META-INF/manifest.xml"
"""A file that each OpenDocument package has (ODF 1.3, part 2, section 3.2)."""

_START_BYTES = 1 << 12
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP_START = b"\x1f\x8b"
_PARQUET_START = b"PAR1"
_WEB_PAGE = sentence("no-table-html", "It is no table but a web page, as a wrong address gives it.")
_NO_TABLES = {
    b"\xd0\xcf\x11\xe0": sentence(
        "no-table-xls",
        "It is no table but a workbook of the old kind (.xls), or one with a password.",
    ),
    b"%PDF": sentence("no-table-pdf", "It is no table but a PDF."),
    b"<!doctype html": _WEB_PAGE,
    b"<html": _WEB_PAGE,
    b"<?xml": sentence(
        "no-table-xml",
        "It is no table but an XML document, as Excel 2003 and some web addresses give it.",
    ),
}
"""What files begin with that are taken for tables, and what they are."""

_FEATURES = (b'"FeatureCollection"', b'"Topology"')


class NamedTwice(BadRequest):
    """One file was named more than once."""

    kind = "named-twice"
    title = "A file is named twice"


class WhichTable(BadInput):
    """A folder, zip or workbook holds several tables, and none is known to be the one meant."""

    kind = "which-table"
    title = "It is not clear which table is meant"


def find(paths: Sequence[Path]) -> list[InputFile]:
    """Return the tables that `paths` name: a file, those of a folder, of a zip, of a workbook.

    Raises `InputMissing` for a path that is not there and `BadZip` for an archive that cannot be
    read or holds no table, `BadTable` for a workbook that cannot, `NamedTwice`.
    """
    tables = [found for path in paths for found in _find(path)]
    named: set[tuple[Path, str | None]] = set()
    for table in tables:
        if (same := (table.path.resolve(), table.member)) in named:
            raise NamedTwice(
                "The same file is named twice.",
                place=str(table.path),
                remedy="Name it once; a folder stands for the tables in it.",
            )
        named.add(same)
    return tables


def _find(path: Path) -> list[InputFile]:
    _demand_readable(path)
    if path.is_dir():
        return [replace(found, container=path) for p in _inside(path) for found in _find(p)]
    with open_file(path) as stream:
        start = stream.read(_START_BYTES)
    return _members(path) if start.startswith(_ZIP_STARTS) else [_table(path, start)]


def _demand_readable(path: Path) -> None:
    """Raise `BadInput` for a name that reports cannot have, and for what is read only once."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise BadInput(
            "The name of the file, or of a folder that it is in, is not in UTF-8.",
            place=os.fsencode(path).decode(errors="replace"),
            remedy="Rename it.",
        ) from None
    if path.exists() and not path.is_file() and not path.is_dir():
        raise BadInput(
            "It is a pipe or a device, and a file is read more than once.",
            place=str(path),
            remedy="Write what comes out of it into a file, and name that.",
        )


def _inside(folder: Path) -> list[Path]:
    """Return the tables of a folder by their names. Raises `InputMissing` where it has none."""
    inside = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not inside:
        raise InputMissing(
            f"The folder holds no table ({', '.join(SUFFIXES)}).",
            place=str(folder),
            remedy="Name the folder that the extract was unpacked into, or the zip itself.",
        )
    return inside


def _table(path: Path, start: bytes) -> InputFile:
    """Return the table that a file is, by what it begins with. Raises `BadTable` for none."""
    text = start.removeprefix(BOM_UTF8).lstrip()
    for beginning, what in _NO_TABLES.items():
        if text[: len(beginning)].lower() == beginning.lower():
            raise _no_table(path, what)
    gzipped = start.startswith(_GZIP_START)
    name = path.stem if gzipped else path.name
    kind = _kind(name, b"" if gzipped else start)
    if kind is Kind.WORKBOOK and gzipped:
        raise BadTable(
            sentence("workbook-gzip", "A workbook with gzip is not read."),
            place=str(path),
            remedy=sentence("unpack-workbook", "Unpack it, and name the workbook."),
        )
    if kind is Kind.WORKBOOK:
        raise BadTable(
            sentence(
                "no-workbook", "The name is that of a workbook (.xlsx), and the file is none."
            ),
            place=str(path),
            remedy=SAVE_AGAIN,
        )
    return InputFile(path, None, path.stat().st_size, path, kind, gzipped)


def _no_table(path: Path, what: Sentence) -> BadTable:
    return BadTable(
        what,
        place=str(path),
        remedy=sentence(
            "save-as-table",
            "Save it as .xlsx or CSV with a spreadsheet program, or download it again.",
        ),
    )


def _kind(name: str, start: bytes) -> Kind:
    """Return how a table is written down, by what it begins with, else by its name."""
    if start.startswith(_PARQUET_START):
        return Kind.PARQUET
    kind = SUFFIXES.get(Path(name).suffix.lower(), Kind.DELIMITED)
    if kind is Kind.OBJECTS and any(word in start for word in _FEATURES):
        return Kind.FEATURES
    return kind


def _members(path: Path) -> list[InputFile]:
    """Return the tables of a zip; of a workbook, which is one, its sheets."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except ZIP_ERRORS as error:
        raise damaged(path, str(error)) from None
    for info in members:
        _judge(path, info)
    if any(info.filename == WORKBOOK_PART for info in members):
        size = path.stat().st_size
        return [InputFile(path, name, size, path, Kind.WORKBOOK) for name in sheet_names(path)]
    if any(info.filename == BINARY_WORKBOOK_PART for info in members):
        raise _no_table(
            path,
            sentence("no-table-xlsb", "It is no table but a workbook in the binary form (.xlsb)."),
        )
    if any(info.filename == OPEN_DOCUMENT_PART for info in members):
        raise _no_table(
            path,
            sentence(
                "no-table-ods", "It is no table but a document of LibreOffice (.ods or another)."
            ),
        )
    inside = [(info, SUFFIXES.get(Path(info.filename).suffix.lower())) for info in members]
    tables = [InputFile(path, i.filename, i.file_size, path, kind) for i, kind in inside if kind]
    if not tables:
        raise BadZip(
            sentence(
                "zip-no-table",
                "The zip holds no table ({suffixes}).",
                suffixes=", ".join(SUFFIXES),
            ),
            place=str(path),
            remedy=sentence("name-zip", "Name the zip of the extract."),
        )
    return tables


def _judge(path: Path, info: zipfile.ZipInfo) -> None:
    """Refuse a member that needs a password or that unpacks to more than it can honestly hold."""
    place = f"{path}/{info.filename}"
    if info.flag_bits & ENCRYPTED:
        raise BadZip(
            sentence("zip-encrypted", "The file in the zip is encrypted."),
            place=place,
            remedy=sentence(
                "unpack-password", "Unpack it with its password, and name the unpacked file."
            ),
        )
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > MOST_BYTES or (info.file_size > BOMB_BYTES and ratio > BOMB_RATIO):
        raise too_dense(place, info.file_size, ratio)


def choose(files: Sequence[InputFile], names: Sequence[str]) -> list[InputFile]:
    """Return the files that are meant, where a zip or a folder holds more than one.

    `names` are regular expressions, one for each kind of file that a source takes; each may match
    one file of an archive. A file with a layout was chosen by its source. Raises `WhichTable` where
    two fit one name, or none fits any.
    """
    chosen = []
    for path in dict.fromkeys(f.container for f in files):
        inside = [f for f in files if f.container == path]
        fitting = [[f for f in inside if re.fullmatch(name, f.stem)] for name in names]
        if len(inside) == 1 or all(f.layout for f in inside):
            chosen += inside
        elif any(fitting) and all(len(f) <= 1 for f in fitting):
            chosen += [f[0] for f in fitting if f]
        elif inside[0].kind is Kind.WORKBOOK and inside[0].path == path:
            raise WhichTable(
                sentence(
                    "which-sheet",
                    "The workbook has {count} sheets that are not empty, and it is not clear"
                    " which is meant: {names}.",
                    count=len(inside),
                    names=", ".join(str(f.member) for f in inside),
                ),
                place=str(path),
                remedy=sentence(
                    "one-sheet", "Hide or delete the others, or save the one that you mean as CSV."
                ),
            )
        else:
            raise WhichTable(
                sentence(
                    "which-table",
                    "It holds {count} tables, and it is not clear which is meant: {names}.",
                    count=len(inside),
                    names=", ".join(sorted(Path(f.name).name for f in inside)),
                ),
                place=str(path),
                remedy=sentence(
                    "unpack-name", "Unpack it if it is a zip, and name the file that you mean."
                ),
            )
    return chosen
