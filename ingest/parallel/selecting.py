"""Rows judged: every row of a piece ends among those to be mapped, is refused, or out of scope."""

from __future__ import annotations

import json
import marshal
import operator
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from vises.errors import VisesError
from vises.ingest.parallel.left import done, write_block, write_done
from vises.ingest.parallel.memory import PieceMemory
from vises.ingest.parallel.pieces import Piece, open_piece
from vises.ingest.parallel.state import State, begin, selector_aside
from vises.ingest.parallel.whole import whole, write_whole
from vises.ingest.rules import DUPLICATE, KEY_SEPARATOR, Refusal
from vises.ingest.source import Divisible, OutOfScope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from vises.ingest.checking import Refusals
    from vises.ingest.contract import Row
    from vises.ingest.source import Selector

WITHDRAWN = OutOfScope("withdrawn by a later update")
_ROWS_AT_ONCE = 100
"""How many rows are checked, and mapped, at once: what becomes of them stays in the caches."""

_SELECTED = ("rows", "keys", "refused")


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


def select_piece(task: Select) -> Selected:
    """Read a piece once: every row ends among those to be mapped, is refused, or out of scope.

    Raises what `judge_piece` raises, but for a stretch, which may have been cut wrong.
    """
    record = task.folder / f"{task.name}.selected"
    if found := done(record, task.terms):
        return Selected(**found)
    try:
        result = judge_piece(task)
    except VisesError:
        if task.piece.stretch is None:
            raise
        return Selected(failed=True)
    if not result.is_open:
        left = [task.folder / f"{task.name}.{kind}" for kind in _SELECTED]
        write_done(record, task.terms, result, left)
    return result


def judge_piece(task: Select) -> Selected:
    """Read a piece once, whatever was done before. Raises what `tables.rows` and sessions raise."""
    part = next(each for each in task.state.source.parts if each.name == task.part)
    memory = PieceMemory(task.state.sets, task.known)
    session, check = begin(task.state, part, memory)
    selector = session.selector(part.name)
    aside = cache(lambda: selector_aside(task.state, part, PieceMemory(task.state.sets, {})))
    withdrawn = _listed(task.withdrawn)
    count = 0
    outside: Counter[str] = Counter()
    refused: list[tuple[object, ...]] = []
    keep: list[tuple[int, Row]] = []
    with (
        whole(task.folder / f"{task.name}.rows") as target,
        open_piece(task.piece, part.contract.names) as (found, stretch),
    ):
        for block in _blocks(found):
            count += len(block)
            rows: list[tuple[int, Row]] = []
            for line, cells in block:
                if isinstance(cells, Refusal):
                    refused.append((line, *_as_the_file_says(cells, task.piece), None))
                elif withdrawn and cells[0] in withdrawn:
                    outside[WITHDRAWN.reason] += 1
                else:
                    rows.append((line, cells))
            refusals = check([cells for _, cells in rows])
            refusals.update([*_own_faults(refusals, rows, aside)])
            for place, (line, cells) in enumerate(rows):
                outcome = refusals.get(place) or selector(cells)
                if isinstance(outcome, OutOfScope):
                    outside[outcome.reason] += 1
                elif isinstance(outcome, Refusal):
                    shown = part.contract.shown(cells)
                    refused.append((line, *_as_the_file_says(outcome, task.piece), shown))
                else:
                    keep.append((line, outcome))
            if len(keep) >= _ROWS_AT_ONCE:
                write_block(target, keep)
                keep.clear()
        write_block(target, keep)
    refused.sort(key=operator.itemgetter(0))
    write_whole(task.folder / f"{task.name}.refused", marshal.dumps(refused))
    write_whole(task.folder / f"{task.name}.keys", marshal.dumps(memory.keys()))
    noted = session.noted() if isinstance(session, Divisible) else ()
    lines, is_open = (stretch.lines, stretch.is_open) if stretch else (0, False)
    return Selected(count, len(refused), dict(outside), lines, is_open, noted=noted)


def _own_faults(
    refusals: Refusals, rows: Sequence[tuple[int, Row]], selector: Callable[[], Selector]
) -> Iterator[tuple[int, Refusal]]:
    """Yield the fault that the source finds in a duplicate itself, where it finds one."""
    for place, refusal in refusals.items():
        if refusal.rule == DUPLICATE:
            outcome = selector()(rows[place][1])
            if isinstance(outcome, Refusal):
                yield place, outcome


def _blocks(
    found: Iterable[tuple[int, Row | Refusal]],
) -> Iterator[list[tuple[int, Row | Refusal]]]:
    """Yield rows, as many at once as are checked together."""
    rows = iter(found)
    while block := [*islice(rows, _ROWS_AT_ONCE)]:
        yield block


def _as_the_file_says(refusal: Refusal, piece: Piece) -> Refusal:
    """Name the columns as the file does, where its layout is not that of the contract."""
    layout = piece.file.layout
    if not layout:
        return refusal
    titles = map(layout.title, refusal.column.split(KEY_SEPARATOR))
    return refusal._replace(column=KEY_SEPARATOR.join(filter(None, titles)))


def _listed(path: Path | None) -> frozenset[str]:
    return frozenset(marshal.loads(path.read_bytes())) if path else frozenset()  # noqa: S302 (ours)
