"""JSON objects as rows: one to a line (JSON Lines), or those of one array."""

from __future__ import annotations

import io
import json
from codecs import BOM_UTF8
from contextlib import contextmanager
from decimal import Decimal
from itertools import chain, count, islice
from typing import IO, TYPE_CHECKING, Any, cast

from vises.errors import sentence
from vises.ingest.files import open_file
from vises.ingest.rules import Refusal
from vises.ingest.tables.cells import exact
from vises.ingest.tables.delimited import BUFFER, limited
from vises.ingest.tables.encodings import START_BYTES, not_utf8, wide_encoding
from vises.ingest.tables.table import EXPORT_AGAIN, LONGEST_CELL, BadTable, Table, empty
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from vises.errors import Sentence
    from vises.ingest.files import Counted, InputFile
    from vises.ingest.tables.delimited import Stretch
    from vises.progress import Progress

MOST_BYTES = 1 << 28
"""How large a document may be that is read as a whole."""

_Object = dict[str, Any] | Refusal
"""An object of a document, or why there is none."""

_NO_OBJECT = Refusal("json", "", "", "")
_TOO_LONG = b"..."
_LONGEST_EXPONENT = len("+99")
_LOOKED_AT = 1000
"""Of how many objects the members make up the header."""


class MemberTwice(ValueError):
    """An object has two members of one name."""

    def __init__(self, name: str) -> None:
        """Take the name."""
        super().__init__(f"an object has the member {name[:100]!r} twice")
        self.name = name


@contextmanager
def open_objects(file: InputFile, progress: Progress) -> Iterator[Table]:
    """Open JSON Lines or a JSON array; the place of a row is its line, or its number.

    Numbers keep their digits. An object with a member that no other one of the first thousand has
    is refused, and so is a line whose object has two members of one name, of which each reader
    takes another one (RFC 8259, section 4). Raises `BadTable`, `NotUtf8`.
    """
    with file.open(progress) as raw, io.BufferedReader(raw) as stream:
        objects = _array(file, stream) if _is_array(stream) else _lines(file, stream)
        first = list(islice(objects, _LOOKED_AT))
        names = _names(file, first)
        yield Table(names, _rows(chain(first, objects), names))


def line_names(file: InputFile) -> Sequence[str] | None:
    """Return the column names of JSON Lines; None of an array. Raises `BadTable`, `NotUtf8`."""
    with file.open(SILENCE) as raw, io.BufferedReader(raw) as stream:
        if _is_array(stream):
            return None
        return _names(file, islice(_lines(file, stream), _LOOKED_AT))


def json_lines(file: InputFile) -> Iterator[tuple[int, dict[str, Any] | Refusal]]:
    """Yield the objects of JSON Lines with their lines, or why there is none. Raises `NotUtf8`."""
    with file.open(SILENCE) as raw, io.BufferedReader(raw) as stream:
        yield from _lines(file, stream)


def line_starts(path: Path, size: int) -> Iterator[int]:
    """Yield places about `size` bytes apart at which a line starts, the end of the file last."""
    total, at = path.stat().st_size, 0
    with open_file(path) as file:
        while at + size < total:
            file.seek(at + size)
            while not (chunk := file.readline(BUFFER)).endswith(b"\n") and chunk:
                pass
            at = file.tell()
            if at < total:
                yield at
    yield total


class ObjectRows:
    """The rows of a stretch of JSON Lines, as `Table` has them; `lines` are then those it took."""

    is_open = False

    def __init__(self, stretch: Stretch, stream: IO[bytes]) -> None:
        """Take what `open_object_stretch` has opened."""
        self.lines = 0
        self._stretch = stretch
        self._stream = stream

    def __iter__(self) -> Iterator[tuple[int, list[str] | Refusal]]:
        """Yield each row."""
        yield from _rows(self._counted(), self._stretch.head.names)

    def _counted(self) -> Iterator[tuple[int, _Object]]:
        for number, line in numbered(self._stream):
            self.lines = number
            if line.strip():
                yield self._stretch.before + self.lines, _object(self._stretch.file, line)


@contextmanager
def open_object_stretch(stretch: Stretch) -> Iterator[ObjectRows]:
    """Open a part of JSON Lines."""
    with open_file(stretch.path) as whole:
        yield ObjectRows(stretch, cast("IO[bytes]", io.BufferedReader(limited(whole, stretch))))


def read_document(file: InputFile, progress: Progress) -> Any:  # noqa: ANN401 (JSON)
    """Return a JSON document that is read as a whole.

    Raises `BadTable`, also where an object has two members of one name, and `NotUtf8`.
    """
    with file.open(progress) as raw, io.BufferedReader(raw) as stream:
        return _document(file, stream)


def numbered(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of JSON Lines with their numbers; one that is too long is no JSON."""
    for number in count(1):
        line = chunk = stream.readline(LONGEST_CELL)
        if not line:
            return
        while len(chunk) == LONGEST_CELL and not chunk.endswith(b"\n"):
            line, chunk = _TOO_LONG, stream.readline(LONGEST_CELL)
        yield number, line


def no_number(name: str) -> object:
    """Refuse NaN, Infinity and -Infinity, which Python's parser takes (RFC 8259, section 6)."""
    raise ValueError(f"{name} is no number of JSON")


def members(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Return the members of an object. Raises `MemberTwice`."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise MemberTwice(next(name for name in found if names.count(name) > 1))
    return found


def shape_of(document: object) -> Sentence:
    """Say what a JSON document is that is no object."""
    if isinstance(document, list):
        return sentence("json-array", "It is an array, and not an object.")
    return sentence("json-value", "It is a single value, and not an object.")


def lacks_member(error: KeyError) -> Sentence:
    """Say which member a JSON document lacks."""
    return sentence("lacks-member", "It lacks the member {name}.", name=str(error)[:100])


def _document(file: InputFile, stream: io.BufferedReader[Counted]) -> Any:  # noqa: ANN401 (JSON)
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadTable(
            sentence(
                "document-large", "The document has more than {most:,} bytes.", most=MOST_BYTES
            ),
            place=file.place,
            remedy=sentence("give-json-lines", "Give it as JSON Lines, one object to a line."),
        )
    if not data.removeprefix(BOM_UTF8).strip():
        raise empty(file.place)
    try:
        return _parsed(file, data)
    except MemberTwice as error:
        raise BadTable(
            sentence(
                "member-twice",
                "An object in it has the member {name!r} twice, so one value would be lost.",
                name=error.name[:100],
            ),
            place=file.place,
            remedy=sentence("remove-member", "Remove or rename one of the two."),
        ) from None
    except json.JSONDecodeError as error:
        raise _no_json(file, error.lineno, error.msg) from None
    except (ValueError, RecursionError) as error:
        raise _no_json(file, 1, str(error)) from None


def _array(file: InputFile, stream: io.BufferedReader[Counted]) -> Iterator[tuple[int, _Object]]:
    for number, found in enumerate(_document(file, stream), 1):
        yield number, found if isinstance(found, dict) else _NO_OBJECT


def _lines(file: InputFile, stream: io.BufferedReader[Counted]) -> Iterator[tuple[int, _Object]]:
    for number, line in numbered(stream):
        if line.strip():
            yield number, _object(file, line)


def _object(file: InputFile, line: bytes) -> _Object:
    try:
        found = _parsed(file, line)
    except MemberTwice as error:
        return Refusal("member-twice", error.name, "", "")
    except (ValueError, RecursionError):
        return _NO_OBJECT
    return found if isinstance(found, dict) else _NO_OBJECT


def _parsed(file: InputFile, data: bytes) -> Any:  # noqa: ANN401 (JSON)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise not_utf8(file) from None
    return json.loads(
        text,
        object_pairs_hook=members,
        parse_float=_decimals(file),
        parse_int=str,
        parse_constant=no_number,
    )


def _decimals(file: InputFile) -> Callable[[str], str]:
    """Return what is made of a number that is no plain integer: it keeps its digits."""
    return (lambda number: exact(_written_out(number))) if file.exact else _written_out


def _written_out(number: str) -> str:
    """Return a number without its exponent, such as 1e+05 that R writes; a huge one keeps it.

    >>> _written_out("1e+05"), _written_out("2.50E-3"), _written_out("1.50"), _written_out("1e9999")
    ('100000', '0.00250', '1.50', '1e9999')
    """
    exponent = number.lower().partition("e")[2]
    is_small = bool(exponent) and len(exponent) <= _LONGEST_EXPONENT
    return f"{Decimal(number):f}" if is_small else number


def _names(file: InputFile, first: Iterable[tuple[int, _Object]]) -> list[str]:
    """Return the names of the members of the first objects."""
    names: dict[str, None] = {}
    refused = False
    for place, found in first:
        if found is _NO_OBJECT and place == 1:
            raise _no_first_object(file)
        if isinstance(found, Refusal):
            refused = True
        else:
            names |= dict.fromkeys(found)
    if refused and not names:
        raise _no_first_object(file)
    return list(names)


def _no_first_object(file: InputFile) -> BadTable:
    with file.open(SILENCE) as stream:
        if wide_encoding(stream.read(START_BYTES)):
            return not_utf8(file)
    return BadTable(
        sentence(
            "no-first-object",
            "Its first line is no JSON object that can be read, and it is no array of objects"
            " either.",
        ),
        place=f"{file.place}, line 1",
        remedy=EXPORT_AGAIN,
    )


def _rows(
    objects: Iterable[tuple[int, _Object]], names: Sequence[str]
) -> Iterator[tuple[int, list[str] | Refusal]]:
    known = frozenset(names)
    for place, found in objects:
        if isinstance(found, Refusal):
            yield place, found
        elif unknown := found.keys() - known:
            yield place, Refusal("json", min(unknown), "", "")
        else:
            yield place, _cells(found, names)


def _cells(found: Mapping[str, Any], names: Sequence[str]) -> list[str] | Refusal:
    """Return the members with these names; an escape of half a surrogate pair is no text."""
    cells = [as_cell(found.get(name)) for name in names]
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return Refusal("control-character", "", "", "")
    return cells


def as_cell(value: object) -> str:
    """Return the value of a member as text, empty for null; lists and objects stay JSON."""
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
    return stream.peek().lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def _no_json(file: InputFile, line: int, why: str) -> BadTable:
    return BadTable(
        sentence("no-json", "It is no JSON that can be read: {why}.", why=why.rstrip(".")),
        place=f"{file.place}, line {line}",
        remedy=EXPORT_AGAIN,
    )
