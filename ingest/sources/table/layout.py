"""Reading a table as its description says: every cell with a number is one row of figures."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.errors import Sentence, sentence
from vises.ingest.checking import SHEET_ERRORS
from vises.ingest.files import Kind
from vises.ingest.rules import Refusal
from vises.ingest.sources.figures import FIGURES_TABLE, PUBLICATIONS, misfit, unit_of
from vises.ingest.sources.table.numbers import NumberFormat
from vises.ingest.tables.cells import Percentage, as_exact_text, as_text, exact
from vises.ingest.tables.delimited import open_delimited
from vises.ingest.tables.table import BadTable, Table
from vises.ingest.tables.workbook import open_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from vises.ingest.files import InputFile
    from vises.ingest.sources.table.description import Column, Numbers, TableDescription
    from vises.progress import Progress

NAMES = FIGURES_TABLE.contract.names


@dataclass(frozen=True)
class PublicationLayout:
    """The publication that a description describes, as the one row of a table."""

    description: TableDescription
    view = "source"
    described_by = ()
    places_are_unique = True

    @contextmanager
    def open(self, file: InputFile, progress: Progress) -> Iterator[Table]:
        """Yield the row; its place is the line of `source`."""
        source = self.description.source
        cells = [
            source.identifier,
            source.title,
            source.language,
            source.publisher,
            source.publisher_name,
            source.issued,
            source.page,
        ]
        yield Table(PUBLICATIONS.contract.names, iter([(source.line, cells)]))
        progress.advance(file.size)

    def title(self, column: str) -> str:
        """Return the key of the description."""
        return column


@dataclass(frozen=True)
class FiguresLayout:
    """A table in the layout that a description gives."""

    description: TableDescription
    view = ""

    @property
    def places_are_unique(self) -> bool:
        """Whether each line has one number."""
        return len(self.description.values) == 1

    @property
    def described_by(self) -> tuple[Path, ...]:
        """The description."""
        return (self.description.path,)

    @contextmanager
    def open(self, file: InputFile, progress: Progress) -> Iterator[Table]:
        """Yield the cells with numbers as rows of figures; the place is their line.

        Raises `BadTable` where the header lacks a column that the description names.
        """
        with self._opened(file, progress) as raw:
            names = [name.strip() for name in raw.names]
            reader = _Reader(self.description, names, f"{file.place}, line ")
            yield Table(NAMES, reader.rows(raw))

    def _opened(self, file: InputFile, progress: Progress) -> AbstractContextManager[Table]:
        skip = self.description.header - 1
        if file.kind is Kind.WORKBOOK:
            return open_sheet(file, progress, skip, self._as_text)
        return open_delimited(file, progress, skip)

    def _as_text(self, value: object) -> str:
        """Return a value of a sheet as text, a number with the decimal sign of the description."""
        is_plain = self.description.declares_signs and not isinstance(value, Percentage)
        text = as_text(value) if is_plain else as_exact_text(value)
        if not isinstance(value, float | Percentage):
            return text
        return text.replace(".", self.description.decimal)

    def title(self, column: str) -> str:
        """Return what the table calls a column of figures."""
        dimension = self.description.dimensions.get(column)
        if dimension is None:
            return column
        return dimension.column.name or _by_number(dimension.column.number)


class _Reader:
    """Reads one table whose header is known."""

    def __init__(self, description: TableDescription, names: Sequence[str], place: str) -> None:
        self._description = description
        self._names = names
        self._place = place
        self._numbers = NumberFormat(
            description.decimal,
            description.thousands,
            description.missing,
            description.flags,
            declares_signs=description.declares_signs,
        )
        self._dimensions = {
            name: (self._find(dimension.column), dimension.codes)
            for name, dimension in description.dimensions.items()
        }
        self._values = [(self._find(each.column), each) for each in description.values]

    def rows(self, raw: Table) -> Iterator[tuple[int, list[str] | Refusal]]:
        last = self._description.last
        width = max(position for position, _ in self._values) + 1
        for place, cells in raw.rows:
            if last and place > last:
                return
            if isinstance(cells, Refusal):
                yield place, cells
            elif any(cells):
                padded = [*cells, *[""] * (max(width, len(self._names)) - len(cells))]
                for position, column in self._values:
                    yield place, self._figure(padded, position, column)

    def _figure(self, cells: Sequence[str], position: int, column: Numbers) -> list[str] | Refusal:
        title = self._names[position] or _by_number(position + 1)
        if cells[position] in SHEET_ERRORS:
            return Refusal("sheet-error", title, cells[position], cells[position])
        read = self._numbers.read(cells[position], column.factor)
        if isinstance(read, Refusal):
            return read._replace(column=title)
        row = {**self._description.constants, **column.fixed}
        for name, (place, codes) in self._dimensions.items():
            text = cells[place].strip()
            row[name] = codes.get(text, text)
        if read.value and (refusal := misfit(row["measure"], read.value)):
            return refusal._replace(column=title, value=cells[position])
        row["value"] = exact(read.value)
        row["suppressed"] = read.rule
        row["status"] = read.status or row.get("status", "A")
        row.setdefault("unit", unit_of(row["measure"]))
        row["publication"] = self._description.source.identifier
        row["revision_of"] = self._description.revision_of
        return [row.get(name, "") for name in NAMES]

    def _find(self, column: Column) -> int:
        """Return the position of a column. Raises `BadTable`."""
        if column.number:
            if column.number > len(self._names):
                raise self._absent(
                    sentence(
                        "header-lacks-number",
                        "The header does not have column {number}. It has: {names}.",
                        number=column.number,
                        names=self._listed,
                    )
                )
            return column.number - 1
        if self._names.count(column.name) > 1:
            raise BadTable(
                sentence("column-twice", "The column {name!r} comes twice.", name=column.name),
                place=f"{self._place}{self._description.header}",
                remedy=sentence(
                    "name-by-number",
                    "Name it by its number in {file}, such as number: 3.",
                    file=str(self._description.path),
                ),
            )
        if column.name not in self._names:
            raise self._absent(
                sentence(
                    "header-lacks",
                    "The header does not have {name!r}. It has: {names}.",
                    name=column.name,
                    names=self._listed,
                )
            )
        return self._names.index(column.name)

    @property
    def _listed(self) -> str:
        return ", ".join(filter(None, self._names))

    def _absent(self, what: Sentence) -> BadTable:
        return BadTable(
            what
            if self._listed
            else sentence(
                "header-empty", "The line of the header is empty, or the table ends above it."
            ),
            place=f"{self._place}{self._description.header}",
            remedy=sentence(
                "correct-name-in",
                "Correct the name in {file}, name the column by its place (number: 3), or correct"
                " header: if the names stand in another line.",
                file=str(self._description.path),
            ),
        )


def _by_number(number: int) -> str:
    """Return what a column without a name is called, in words of a description."""
    return f"number: {number}"
