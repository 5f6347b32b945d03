"""Values in JSON as rows: what an iterator finds, and what each reference finds in that."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vises.ingest.rml.columns import DATATYPE
from vises.ingest.rml.encoding import SURROGATE
from vises.ingest.rml.errors import DataError
from vises.ingest.rml.jsonpath import parse_path, select
from vises.ingest.tables.encodings import not_utf8
from vises.ingest.tables.objects import MOST_BYTES, MemberTwice, members, no_number, numbered
from vises.ingest.tables.table import BadTable
from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vises.ingest.files import InputFile
    from vises.ingest.rml.compiler import Row
    from vises.ingest.rml.jsonpath import Path as JsonPath
    from vises.ingest.rml.model import LogicalSource
    from vises.progress import Progress

MOST_ROWS = 100_000
"""How many rows one value may become, where several of its references find several values."""

_LINES = {".jsonl", ".ndjson"}
_SHOWN = 60


class Whole(str):
    """A number of JSON without fraction and exponent, with its digits."""

    __slots__ = ()


class Real(str):
    """Another number of JSON, with its digits."""

    __slots__ = ()


_NO_VALUE = ("", "")
_INTEGER, _DOUBLE, _BOOLEAN = (f"^^{term(f'xsd:{n}')}" for n in ("integer", "double", "boolean"))


@dataclass(frozen=True)
class Records:
    """How the JSON of a logical source becomes rows.

    `references` are the paths by their names, `together` the sets of references that make one quad.
    """

    source: LogicalSource
    references: Sequence[str]
    together: Sequence[frozenset[str]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the rows; those of a typed source each have a column of datatypes."""
        if not self.source.typed:
            return tuple(self.references)
        return tuple(name for each in self.references for name in (each, each + DATATYPE))

    def rows(self, file: InputFile, progress: Progress) -> Iterator[tuple[int, Row | DataError]]:
        """Give the rows of a file, each with its line (JSON Lines) or the number of its record.

        Where a reference finds several values there is a row for each; where several do that are
        used together, there is one for each combination. Raises `BadTable`.
        """
        iterator = parse_path(self.source.iterator or "$")
        paths = [parse_path(each) for each in self.references]
        for place, document in _documents(file, progress):
            if isinstance(document, DataError):
                yield place, document
                continue
            for number, record in enumerate(select(document, iterator), 1):
                for row in self._rows_of(record, paths):
                    yield place or number, row

    def _rows_of(self, record: object, paths: Sequence[JsonPath]) -> Iterator[Row | DataError]:
        try:
            found = [
                [_cell(value, name) for value in select(record, path)]
                for name, path in zip(self.references, paths, strict=True)
            ]
            for cells in self._combined([[c for c in cells if c[0]] for cells in found]):
                yield tuple(c for cell in cells for c in (cell if self.source.typed else cell[:1]))
        except DataError as error:
            yield error

    def _combined(
        self, found: Sequence[Sequence[tuple[str, str]]]
    ) -> Iterator[tuple[tuple[str, str], ...]]:
        """Give every combination of values that are used together, with one each of the others."""
        single = [cells[0] if cells else _NO_VALUE for cells in found]
        several = {self.references[at] for at, cells in enumerate(found) if len(cells) > 1}
        if not several:
            yield tuple(single)
            return
        choices = {
            group: [
                cells if self.references[at] in group else single[at : at + 1]
                for at, cells in enumerate(found)
            ]
            for group in _groups(several, self.together)
        }
        for group, cells in choices.items():
            if prod(map(len, cells)) > MOST_ROWS:
                raise DataError(
                    ", ".join(sorted(group)), "", f"makes more than {MOST_ROWS:,} combinations"
                )
        for cells in choices.values():
            yield from product(*cells)


def _groups(several: Iterable[str], together: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Join the references with several values that are, step by step, used with one another."""
    groups = [frozenset({each}) for each in sorted(several)]
    for used in together:
        touched = [group for group in groups if group & used]
        if len(touched) > 1:
            groups = [group for group in groups if group not in touched]
            groups.append(frozenset().union(*touched))
    return groups


def _cell(value: object, name: str) -> tuple[str, str]:
    """Return a value as text, and what follows it in a literal of its own datatype."""
    match value:
        case None:
            return _NO_VALUE
        case bool():
            return ("true" if value else "false"), _BOOLEAN
        case Whole():
            return str(value), _INTEGER
        case Real():
            return str(value), _DOUBLE
        case str() if SURROGATE.search(value):
            raise DataError(name, ascii(value)[:_SHOWN], "is not valid Unicode text")
        case str():
            return value, ""
        case _:
            shown = json.dumps(value, ensure_ascii=False)[:_SHOWN]
            what = "array" if isinstance(value, list) else "object"
            raise DataError(name, shown, f"is an {what}, of which no term can be made")


def _documents(file: InputFile, progress: Progress) -> Iterator[tuple[int, Any]]:
    """Give the one document of a file with the place 0, or each line of it that holds one."""
    with file.open(progress) as raw, io.BufferedReader(raw) as stream:
        if Path((file.member or file.path.name).lower().removesuffix(".gz")).suffix in _LINES:
            for number, line in numbered(stream):
                if line.strip():
                    yield number, _parsed_line(file, line)
            return
        data = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise BadTable(
                f"The document has more than {MOST_BYTES:,} bytes.",
                place=file.place,
                remedy="Give it as JSON Lines (.jsonl), one value to a line.",
            )
        try:
            document = _parsed(data)
        except UnicodeDecodeError:
            raise not_utf8(file) from None
        except (ValueError, RecursionError) as error:
            at = error.lineno if isinstance(error, json.JSONDecodeError) else 1
            raise BadTable(
                f"It is no JSON that can be read: {str(error).rstrip('.')}.",
                place=f"{file.place}, line {at}",
                remedy="Download or export it again; JSON Lines have the ending .jsonl.",
            ) from None
        yield 0, document


def _parsed_line(file: InputFile, line: bytes) -> object:
    try:
        return _parsed(line)
    except UnicodeDecodeError:
        raise not_utf8(file) from None
    except MemberTwice as error:
        shown = line[:_SHOWN].decode(errors="replace")
        return DataError("", shown, f"has the member {error.name[:_SHOWN]!r} twice")
    except (ValueError, RecursionError):
        return DataError("", line[:_SHOWN].decode(errors="replace"), "is no line of JSON")


def _parsed(data: bytes) -> object:
    text = data.decode("utf-8-sig")
    return json.loads(
        text,
        object_pairs_hook=members,
        parse_int=Whole,
        parse_float=Real,
        parse_constant=no_number,
    )
