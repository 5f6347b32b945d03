"""Statistical tables of observatories: CSV or Excel, wide or long, with a YAML description."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.files import InputFile, Kind
from vises.ingest.finding import find
from vises.ingest.provenance import DatasetDescription
from vises.ingest.rules import Refusal
from vises.ingest.sessions import RowByRow
from vises.ingest.source import Divisible, OutOfScope, Reading, Selector, Source, WrongFiles
from vises.ingest.sources.figures import FIGURES_TABLE, MAPPING, PUBLICATIONS, SELECTORS
from vises.ingest.sources.table.description import TableDescription, read_description
from vises.ingest.sources.table.layout import FiguresLayout, PublicationLayout

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vises.ingest.contract import Row

YAML_ENDINGS = {".yml", ".yaml"}
TITLE = {
    "fr": "Tableau statistique d'un observatoire",
    "nl": "Statistische tabel van een observatorium",
    "en": "Statistical table of an observatory",
}
NO_FIGURE = OutOfScope("a publication without a figure")
NO_NUMBER = OutOfScope("a cell marked as missing")
_NAMES = FIGURES_TABLE.contract.names
_VALUE, _SUPPRESSED = _NAMES.index("value"), _NAMES.index("suppressed")


class TableSession(RowByRow, Divisible):
    """One reading of a table; a cell that is marked as missing is no figure."""

    def __init__(self, reading: Reading) -> None:
        """Begin without a figure."""
        super().__init__(SELECTORS, reading)
        self._has_figures = False

    def noted(self) -> Sequence[str]:
        """Return whether there was a figure."""
        return ["figures"] if self._has_figures else []

    def take(self, noted: Sequence[str]) -> None:
        """Take whether another session had one."""
        self._has_figures |= bool(noted)

    def selector(self, part: str) -> Selector:
        """Return what decides on the rows of a part."""
        select = super().selector(part)

        def number(row: Row) -> Row | OutOfScope | Refusal:
            if not row[_VALUE] and not row[_SUPPRESSED]:
                return NO_NUMBER
            outcome = select(row)
            self._has_figures |= not isinstance(outcome, Refusal | OutOfScope)
            return outcome

        return number if part == FIGURES_TABLE.name else select

    def confirm(self, part: str, row: Row) -> Row | OutOfScope:
        """Let the publication pass if a figure is taken from it."""
        return row if self._has_figures or part == FIGURES_TABLE.name else NO_FIGURE


def described_by(paths: Sequence[Path]) -> tuple[TableDescription, list[Path]]:
    """Return the one description among `paths`, and the other paths.

    Raises `WrongFiles`, `InputMissing` and `BadDescription`.
    """
    descriptions = [path for path in paths if path.suffix.lower() in YAML_ENDINGS]
    tables = [path for path in paths if path not in descriptions]
    if len(descriptions) != 1 or len(tables) != 1:
        raise WrongFiles(
            sentence(
                "one-of-each",
                "There are {descriptions} descriptions (.yml) and {tables} tables.",
                descriptions=len(descriptions),
                tables=len(tables),
            ),
            place=", ".join(map(str, paths)),
            remedy=sentence(
                "give-one-of-each",
                "Give one description and one table; `vises template table FILE` writes a"
                " description that can be filled in.",
            ),
        )
    return read_description(descriptions[0]), tables


def _find(paths: Sequence[Path]) -> list[InputFile]:
    """Find the table, and the publication that the description describes, if it does."""
    description, tables = described_by(paths)
    file = _table(description, find(tables))
    path, layout = description.path, PublicationLayout(description)
    about = InputFile(path, None, path.stat().st_size, path, layout=layout)
    described = [about] if description.source.title else []
    return [*described, replace(file, layout=FiguresLayout(description), exact=True)]


def _table(description: TableDescription, files: Sequence[InputFile]) -> InputFile:
    """Return the file or sheet that is meant. Raises `WrongFiles`."""
    if description.sheet:
        fitting = [file for file in files if file.member == description.sheet]
    else:
        fitting = list(files)
    place = ", ".join(dict.fromkeys(str(file.path) for file in files))
    names = ", ".join(repr(file.member or file.path.name) for file in files)
    if len(fitting) != 1:
        raise WrongFiles(
            sentence(
                "no-such-sheet",
                "It has no sheet {name!r} that is shown; it has {names}.",
                name=description.sheet,
                names=names,
            )
            if description.sheet
            else sentence(
                "several-tables", "It holds {count} tables: {names}.", count=len(files), names=names
            ),
            place=place,
            remedy=sentence(
                "name-sheet",
                "Name the one that is meant in {file}: sheet: ...",
                file=str(description.path),
            ),
        )
    if fitting[0].kind not in {Kind.DELIMITED, Kind.WORKBOOK}:
        raise no_statistics(fitting[0].kind, place)
    return fitting[0]


def no_statistics(kind: Kind, place: str) -> WrongFiles:
    """Return the error for a file of a kind that no statistical table is."""
    return WrongFiles(
        sentence(
            "csv-or-excel", "A statistical table is CSV or Excel, not {kind}.", kind=kind.value
        ),
        place=place,
        remedy=sentence("export-as-table", "Export it again as CSV or .xlsx."),
    )


def _specialise(source: Source, paths: Sequence[Path]) -> Source:
    """Return the source with the title and the licence that the description gives."""
    description, _ = described_by(paths)
    return replace(
        source,
        description=DatasetDescription(
            title=description.title,
            description=description.description,
            publisher=f"organisation/{description.source.publisher}"
            if description.source.publisher
            else None,
            licence=description.licence or None,
            themes=("ECON", "SOCI"),
        ),
    )


TABLE = Source(
    name="table",
    description=DatasetDescription(title=TITLE, themes=("ECON", "SOCI")),
    parts=(PUBLICATIONS, FIGURES_TABLE),
    mapping=MAPPING,
    begin=TableSession,
    find=_find,
    specialise=_specialise,
)
