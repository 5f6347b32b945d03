"""JSON objects as rows: one to a line (JSON Lines), or those of one array."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from vises.ingest.rules import Refusal
from vises.ingest.tables.table import LONGEST_CELL, BadTable, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vises.ingest.files import Counted, InputFile
    from vises.progress import Progress

MOST_BYTES = 1 << 28
"""How large a document may be that is read as a whole."""

_LOOKED_AT = 1000
"""Of how many objects the members make up the header."""


@contextmanager
def open_objects(file: InputFile, progress: Progress) -> Iterator[Table]:
    """Open JSON Lines or a JSON array; the place of a row is its line, or its number.

    Numbers keep their digits. An object with a member that no other one of the first thousand has
    is refused. Raises `BadTable`.
    """
    with file.open(progress) as raw, io.BufferedReader(raw) as stream:
        objects = _array(file, stream) if _is_array(stream) else _lines(stream)
        first = list(islice(objects, _LOOKED_AT))
        for place, found in first:
            if found is None and place == 1:
                raise _no_json(file, 1, "It does not begin with a JSON object")
        names = list(dict.fromkeys(n for _, found in first if found for n in found))
        yield Table(names, _rows([*first], objects, names))


def read_document(file: InputFile, progress: Progress) -> Any:  # noqa: ANN401 (JSON)
    """Return a JSON document that is read as a whole. Raises `BadTable`."""
    with file.open(progress) as raw, io.BufferedReader(raw) as stream:
        return _document(file, stream)


def _document(file: InputFile, stream: io.BufferedReader[Counted]) -> Any:  # noqa: ANN401 (JSON)
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadTable(
            f"The document has more than {MOST_BYTES:,} bytes.",
            place=file.place,
            remedy="Give it as JSON Lines, one object to a line.",
        )
    try:
        return json.loads(data, parse_float=str, parse_int=str)
    except json.JSONDecodeError as error:
        raise _no_json(file, error.lineno, error.msg) from None
    except (UnicodeDecodeError, RecursionError) as error:
        raise _no_json(file, 1, str(error)) from None


def _array(
    file: InputFile, stream: io.BufferedReader[Counted]
) -> Iterator[tuple[int, dict[str, Any] | None]]:
    for number, found in enumerate(_document(file, stream), 1):
        yield number, found if isinstance(found, dict) else None


def _lines(stream: io.BufferedReader[Counted]) -> Iterator[tuple[int, dict[str, Any] | None]]:
    number = 0
    while line := stream.readline(LONGEST_CELL):
        number += 1
        if line.strip():
            yield number, _object(line)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _rows(
    first: Sequence[tuple[int, dict[str, Any] | None]],
    rest: Iterable[tuple[int, dict[str, Any] | None]],
    names: Sequence[str],
) -> Iterator[tuple[int, list[str] | Refusal]]:
    known = frozenset(names)
    for objects in (first, rest):
        for place, found in objects:
            if found is None:
                yield place, Refusal("json", "", "", "")
            elif unknown := found.keys() - known:
                yield place, Refusal("json", min(unknown), "", "")
            else:
                yield place, [_cell(found.get(name)) for name in names]


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case _:
            return json.dumps(value, ensure_ascii=False)


def _is_array(stream: io.BufferedReader[Counted]) -> bool:
    return stream.peek(64)[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def _no_json(file: InputFile, line: int, why: str) -> BadTable:
    return BadTable(
        f"It is no JSON that can be read: {why.rstrip('.')}.",
        place=f"{file.place}, line {line}",
        remedy="Download or export it again.",
    )
