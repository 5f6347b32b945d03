"""The two things that any process can be given to do: judge the rows of a piece, and map them.

What is done is left in files of the batch's folder, each complete or not there; the last one, in
JSON, says that it is done, with which bounds, and how many rows went where.
"""

from __future__ import annotations

import hashlib
import json
import marshal
from array import array
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from vises.compressed import zstd
from vises.errors import VisesError
from vises.ingest.contract import compile_check
from vises.ingest.parallel.memory import Keys, PieceMemory
from vises.ingest.parallel.pieces import Piece, open_piece
from vises.ingest.parallel.whole import whole, write_whole
from vises.ingest.rml import DataError
from vises.ingest.rules import Refusal
from vises.ingest.source import Divisible, OutOfScope, Reading, Session, Source
from vises.ingest.vocabulary import code_lists

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from vises.ingest.contract import Check, Row
    from vises.ingest.keys import Members
    from vises.ingest.rml import RowMapper
    from vises.ingest.source import Part

NO_STATEMENT = OutOfScope("nothing that the mapping states")
WITHDRAWN = OutOfScope("withdrawn by a later update")
_ROWS_AT_ONCE = 500
_SIZE_BYTES = 4
_LEVEL = 3
_SELECTED = ("rows", "keys", "refused")


@dataclass(frozen=True)
class State:
    """What a session begins with: the sets of what was read before, and what it noted.

    `live` is the session itself where the source has none that can begin in another process, with
    the check of its rows.
    """

    source: Source
    sets: Mapping[str, Members]
    noted: Sequence[str]
    live: tuple[Session, Mapping[str, Check]] | None = None


@dataclass(frozen=True)
class Select:
    """A piece of a part to be judged, into files of `folder` that begin with `name`.

    `known` are keys that pieces before this one have too. The rows of `withdrawn` keys (the path of
    a file that lists them) hold no more.
    """

    state: State
    part: str
    piece: Piece
    folder: Path
    name: str
    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    withdrawn: Path | None = None

    @property
    def terms(self) -> str:
        """What decides on the outcome, beside what is the same for the whole batch."""
        known = {name: sorted(keys) for name, keys in self.known.items()}
        return json.dumps([self.piece.bounds, known])


@dataclass(frozen=True)
class Selected:
    """How a piece was judged: rows read, refused, and out of scope by reason; its physical lines.

    `is_open` says that it ends within a quoted cell and has to be joined to the next one; `failed`
    that reading it raised an error, which the one who asked has to raise, with the right line.
    """

    rows: int = 0
    refused: int = 0
    outside: Mapping[str, int] = field(default_factory=dict)
    lines: int = 0
    is_open: bool = False
    failed: bool = False
    noted: Sequence[str] = ()


@dataclass(frozen=True)
class Map:
    """The rows that a `Select` with the same name left, to be mapped.

    `constant` are the cells that every row of the batch has. Where `graph` is given, the outcome is
    N-Quads in it, compressed with Zstandard, in `target`; else N-Triples.
    """

    state: State
    part: str
    mapper: RowMapper
    constant: Row
    folder: Path
    target: Path
    name: str
    graph: str | None = None

    @property
    def terms(self) -> str:
        """What decides on the outcome, beside what is the same for the whole batch."""
        return json.dumps([self.constant, self.graph])

    @property
    def file(self) -> Path:
        """The file of triples."""
        return self.target / f"{self.name}.{'nq.zst' if self.graph else 'nt'}"


@dataclass(frozen=True)
class Mapped:
    """How rows were mapped: published, refused, and out of scope by reason.

    `statements` are the lines of its file, and `sha256` is the digest of that.
    """

    published: int = 0
    refused: int = 0
    outside: Mapping[str, int] = field(default_factory=dict)
    statements: int = 0
    sha256: str = ""


def select_piece(task: Select) -> Selected:
    """Read a piece once: every row ends among those to be mapped, is refused, or out of scope.

    Raises what `judge_piece` raises, but for a stretch, which may have been cut wrong.
    """
    record = task.folder / f"{task.name}.selected"
    if done := _done(record, task.terms):
        return Selected(**done)
    try:
        result = judge_piece(task)
    except VisesError:
        if task.piece.stretch is None:
            raise
        return Selected(failed=True)
    if not result.is_open:
        left = [task.folder / f"{task.name}.{kind}" for kind in _SELECTED]
        _write_done(record, task.terms, result, left)
    return result


def map_piece(task: Map) -> Mapped:
    """Write the triples of the rows of a piece.

    A row of which no RDF term can be made is refused.
    """
    record = task.folder / f"{task.name}.mapped"
    if done := _done(record, task.terms):
        return Mapped(**done)
    result = _map(task)
    left = [
        task.file,
        task.folder / f"{task.name}.refused-late",
        _lines_file(task.folder, task.name),
    ]
    _write_done(record, task.terms, result, left)
    return result


def kept_rows(folder: Path, name: str) -> Iterator[list[tuple[int, Row]]]:
    """Yield the rows that a `Select` left, many at a time, each with its line."""
    with (folder / f"{name}.rows").open("rb") as stream:
        while size := stream.read(_SIZE_BYTES):
            block = stream.read(int.from_bytes(size))
            yield marshal.loads(block)  # noqa: S302 (a file of ours)


def rows_size(folder: Path, name: str) -> int:
    """Return how many bytes those rows take."""
    return (folder / f"{name}.rows").stat().st_size


def refused(folder: Path, name: str) -> list[tuple[int, Refusal, dict[str, str] | None]]:
    """Return the rows that a `Select` refused: line, reason, and cells as the quarantine has them.

    A row that has no such cells has None.
    """
    listed = marshal.loads((folder / f"{name}.refused").read_bytes())  # noqa: S302 (ours)
    return [(line, Refusal(*refusal), row) for line, *refusal, row in listed]


def refused_late(folder: Path, name: str) -> list[tuple[int, Refusal]]:
    """Return the rows that a `Map` refused: line and reason."""
    listed = marshal.loads((folder / f"{name}.refused-late").read_bytes())  # noqa: S302 (ours)
    return [(line, Refusal(*refusal)) for line, *refusal in listed]


def lines_mapped(folder: Path, name: str) -> tuple[array[int], array[int]]:
    """Return the lines of the rows that a `Map` published, and how many statements each made."""
    lines = array("I", _lines_file(folder, name).read_bytes())
    return lines[::2], lines[1::2]


def _lines_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.lines"


def keys_of(folder: Path, name: str) -> Keys:
    """Return the keys that a `Select` met."""
    keys: Keys = marshal.loads((folder / f"{name}.keys").read_bytes())  # noqa: S302 (ours)
    return keys


def judge_piece(task: Select) -> Selected:
    """Read a piece once, whatever was done before. Raises what `tables.rows` and sessions raise."""
    part = next(each for each in task.state.source.parts if each.name == task.part)
    memory = PieceMemory(task.state.sets, task.known)
    session, check = _begin(task.state, part, memory)
    selector = session.selector(part.name)
    withdrawn = _listed(task.withdrawn)
    count = 0
    outside: Counter[str] = Counter()
    refused: list[tuple[object, ...]] = []
    with (
        whole(task.folder / f"{task.name}.rows") as target,
        open_piece(task.piece, part.contract.names) as (found, stretch),
    ):
        keep: list[tuple[int, Row]] = []
        for line, cells in found:
            count += 1
            if isinstance(cells, Refusal):
                refused.append((line, *_as_the_file_says(cells, task.piece), None))
                continue
            if withdrawn and cells[0] in withdrawn:
                outside[WITHDRAWN.reason] += 1
                continue
            outcome = check(cells) or selector(cells)
            if isinstance(outcome, Refusal):
                shown = part.contract.shown(cells)
                refused.append((line, *_as_the_file_says(outcome, task.piece), shown))
            elif isinstance(outcome, OutOfScope):
                outside[outcome.reason] += 1
            else:
                keep.append((line, outcome))
                if len(keep) == _ROWS_AT_ONCE:
                    _write_block(target, keep)
                    keep.clear()
        _write_block(target, keep)
    write_whole(task.folder / f"{task.name}.refused", marshal.dumps(refused))
    write_whole(task.folder / f"{task.name}.keys", marshal.dumps(memory.keys()))
    noted = session.noted() if isinstance(session, Divisible) else ()
    lines, is_open = (stretch.lines, stretch.is_open) if stretch else (0, False)
    return Selected(count, len(refused), dict(outside), lines, is_open, noted=noted)


def _begin(state: State, part: Part, memory: PieceMemory) -> tuple[Session, Check]:
    """Return a session as it is after what was read before, and the check of a part's rows."""
    if state.live:
        session, checks = state.live
        return session, checks[part.name]
    codes = code_lists()
    seen = {
        each.name: memory.numbers(f"seen {each.name}", unique=True)
        if each.contract.has_number_key
        else memory.texts(f"seen {each.name}")
        for each in state.source.parts
        if each.contract.key
    }
    session = state.source.begin(Reading(codes, seen, memory.numbers))
    assert isinstance(session, Divisible)
    session.take(state.noted)
    keys = seen.get(part.name) or memory.texts(f"seen {part.name}")
    return session, compile_check(part.contract, codes.notations, keys)


def _as_the_file_says(refusal: Refusal, piece: Piece) -> Refusal:
    """Name the column as the file does, where its layout is not that of the contract."""
    layout = piece.file.layout
    return refusal._replace(column=layout.title(refusal.column)) if layout else refusal


def _listed(path: Path | None) -> frozenset[str]:
    return frozenset(marshal.loads(path.read_bytes())) if path else frozenset()  # noqa: S302 (ours)


def _map(task: Map) -> Mapped:
    part = next(each for each in task.state.source.parts if each.name == task.part)
    session, _ = _begin(task.state, part, PieceMemory(task.state.sets, {}))
    counts = _Counts()
    with whole(task.file) as raw:
        target = zstd.open(raw, "wb", level=_LEVEL) if task.graph else raw
        for block in kept_rows(task.folder, task.name):
            text = "".join(_texts(task, session, block, counts))
            if task.graph:
                text = text.replace(" .\n", f" <{task.graph}> .\n")
            target.write(text.encode())
        if task.graph:
            target.close()
    write_whole(task.folder / f"{task.name}.refused-late", marshal.dumps(counts.refused))
    write_whole(_lines_file(task.folder, task.name), counts.lines.tobytes())
    digest = _digest(task.file) if task.graph else ""
    return Mapped(
        counts.published, len(counts.refused), dict(counts.outside), counts.statements, digest
    )


@dataclass
class _Counts:
    published: int = 0
    statements: int = 0
    outside: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[object, ...]] = field(default_factory=list)
    lines: array[int] = field(default_factory=lambda: array("I"))

    def publish(self, line: int, text: str) -> None:
        """Count the row of a line, and its statements."""
        statements = text.count("\n")
        self.published += 1
        self.statements += statements
        self.lines.append(line)
        self.lines.append(statements)


def _texts(
    task: Map, session: Session, block: Sequence[tuple[int, Row]], counts: _Counts
) -> Iterator[str]:
    mapper, confirm, constant, part = task.mapper, session.confirm, task.constant, task.part
    for line, cells in block:
        row = confirm(part, cells)
        if isinstance(row, Refusal):
            counts.refused.append((line, *row))
            continue
        if isinstance(row, OutOfScope):
            counts.outside[row.reason] += 1
            continue
        try:
            text = mapper((*row, *constant))
        except DataError as error:
            refusal = Refusal("term", error.column, "", error.reason)
            counts.refused.append((line, *refusal))
            continue
        if text:
            counts.publish(line, text)
            yield text
        else:
            counts.outside[NO_STATEMENT.reason] += 1


def _write_block(target: BinaryIO, rows: list[tuple[int, Row]]) -> None:
    block = marshal.dumps(rows)
    target.write(len(block).to_bytes(_SIZE_BYTES))
    target.write(block)


def _done(record: Path, terms: str) -> dict[str, Any] | None:
    """Return the result that a record tells, on the same terms and with its files as they were."""
    if not record.exists():
        return None
    told: dict[str, Any] = json.loads(record.read_bytes() or b'{"terms": ""}')
    if told["terms"] != terms:
        return None
    for path, size in told["files"].items():
        file = record.parent / path
        if not file.exists() or file.stat().st_size != size:
            return None
    result: dict[str, Any] = told["result"]
    return result


def _write_done(record: Path, terms: str, result: Selected | Mapped, files: Sequence[Path]) -> None:
    """Write a record; a machine that lost power may have lost the files, which their size tells."""
    sizes = {str(path.absolute()): path.stat().st_size for path in files}
    told = {"terms": terms, "files": sizes, "result": asdict(result)}
    write_whole(record, json.dumps(told).encode())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
