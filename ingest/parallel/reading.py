"""A whole input judged piece by piece, so that it comes out as if one process had read it."""

from __future__ import annotations

import marshal
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.checking import compile_check
from vises.ingest.parallel.left import keys_of, refused, refused_late
from vises.ingest.parallel.memory import BatchMemory
from vises.ingest.parallel.pieces import PIECE_BYTES, Piece, cut
from vises.ingest.parallel.selecting import Select, Selected, judge_piece, select_piece
from vises.ingest.parallel.state import State
from vises.ingest.report import Tally
from vises.ingest.rules import Refusal
from vises.ingest.source import DOWNLOAD_UPDATE, Divisible, Reading
from vises.ingest.tables import rows
from vises.ingest.tables.table import BadTable
from vises.ingest.vocabulary import code_lists
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from vises.ingest.checking import Check
    from vises.ingest.files import Layout
    from vises.ingest.parallel.engine import Engine, Ticket
    from vises.ingest.source import Layer, Part, Session, Source
    from vises.progress import Progress


@dataclass(frozen=True)
class Judged:
    """The rows of one file that are left to be mapped, in pieces.

    `layout` is what reads the file where its columns are called otherwise than in the contract.
    `pieces` has the name of each piece and how many physical lines stand before it.
    """

    part: Part
    tally: Tally
    layout: Layout | None = None
    pieces: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Reader:
    """Judges the rows of a source into `folder`; pieces have about `piece_bytes`."""

    source: Source
    folder: Path
    engine: Engine
    progress: Progress
    piece_bytes: int = PIECE_BYTES

    def read(self, parts: Mapping[str, Sequence[Layer]]) -> tuple[State, Session, list[Judged]]:
        """Judge every row; return how a session begins that comes after, one, and what is left.

        Raises what `tables.rows` and the sessions of the source raise.
        """
        codes = code_lists()
        given = [part for part in self.source.parts if part.name in parts]
        seen = {part.name: part.contract.keys() for part in given}
        session = self.source.begin(Reading(codes, seen))
        live: tuple[Session, Mapping[str, Check]] | None = None
        if not isinstance(session, Divisible):
            checks = {
                p.name: compile_check(p.contract, codes.notations, seen[p.name]) for p in given
            }
            live = session, checks
        memory = BatchMemory()
        judged = []
        for part in given:
            for number, layer in enumerate(parts[part.name]):
                state = self._state(session, memory, live)
                name = f"{part.name}-{number}"
                judged.append(self._layer(state, part, layer, name, session, memory))
        return self._state(session, memory, live), session, judged

    def _state(
        self,
        session: Session,
        memory: BatchMemory,
        live: tuple[Session, Mapping[str, Check]] | None,
    ) -> State:
        noted = session.noted() if isinstance(session, Divisible) else ()
        sets = memory.sets if self.engine.is_here else memory.stored(self.folder)
        return State(self.source, sets, noted, live)

    def _layer(  # noqa: PLR0913, PLR0917 (what a file is judged with)
        self,
        state: State,
        part: Part,
        layer: Layer,
        name: str,
        session: Session,
        memory: BatchMemory,
    ) -> Judged:
        """Judge one file: pieces may be read in any order, and are put together in theirs."""
        divided = part.columns and state.live is None
        size = self.piece_bytes if divided else layer.file.size
        pieces = cut(layer.file, self.folder, size, self.progress)
        withdrawn = _write_listed(layer, part, self.folder / f"{name}.withdrawn")
        tasks = (
            Select(state, part.name, piece, self.folder, f"{name}-{n}", withdrawn=withdrawn)
            for n, piece in enumerate(pieces)
        )
        judged = Judged(part, Tally(layer.file.name), layer.file.layout)
        step = sentence("step-checking", "checking {file}", file=layer.file.name)
        self.progress.start(step, layer.file.size)
        for task, before, result in self._in_order(tasks, memory):
            self._take(judged.tally, result, task.piece)
            judged.pieces.append((task.name, before))
            if isinstance(session, Divisible) and not state.live:
                session.take(result.noted)
        return judged

    def _in_order(
        self, tasks: Iterator[Select], memory: BatchMemory
    ) -> Iterator[tuple[Select, int, Selected]]:
        """Yield what one process would find: pieces that were cut wrong are read again.

        Between a piece and its result stands how many physical lines are before it.
        """
        before = 0
        waiting: deque[tuple[Select, Ticket[Selected]]] = deque()

        def fill() -> bool:
            """Give out tasks; tell whether there is one whose result can be waited for."""
            while len(waiting) < self.engine.ahead and (task := next(tasks, None)):
                waiting.append((task, self.engine.give(select_piece, task)))
            return bool(waiting)

        while fill():
            task, ticket = waiting.popleft()
            result = ticket.result()
            while result.is_open:
                following, _ = waiting.popleft() if waiting else (next(tasks), None)
                task = replace(task, piece=task.piece.joined(following.piece))
                result = self.engine.give(select_piece, task).result()
            if task.piece.stretch and not before:
                before = task.piece.stretch.head.lines
            while result.failed:
                judge_piece(replace(task, piece=task.piece.after(before)))
                result = self.engine.give(select_piece, task).result()
            task, result = self._without_doubles(task, result, memory)
            yield task, before, result
            before += result.lines

    def _without_doubles(
        self, task: Select, result: Selected, memory: BatchMemory
    ) -> tuple[Select, Selected]:
        """Judge a piece again for as long as it has keys that stood in pieces before it."""
        while twice := memory.take({} if task.state.live else keys_of(task.folder, task.name)):
            names = {*twice, *task.known}
            none: frozenset[str] = frozenset()
            known = {name: task.known.get(name, none) | twice.get(name, none) for name in names}
            task = replace(task, known=known)
            result = self.engine.give(select_piece, task).result()
        return task, result

    def _take(self, tally: Tally, result: Selected, piece: Piece) -> None:
        tally.rows_in += result.rows
        tally.quarantined += result.refused
        tally.out_of_scope.update(result.outside)
        self.progress.advance(piece.size)
        self.progress.count(result.rows, 0, result.refused)


def refused_rows(
    folder: Path, judged: Judged
) -> Iterator[tuple[int, Refusal, dict[str, str] | None]]:
    """Yield the refused rows of a file in the order of their lines; see `left.refused`."""
    for name, before in judged.pieces:
        for line, refusal, row in refused(folder, name):
            yield before + line, refusal, row


def rows_refused_late(folder: Path, judged: Judged) -> Iterator[tuple[int, Refusal]]:
    """Yield the rows that were refused when they were mapped."""
    for name, before in judged.pieces if judged.part.columns else ():
        for line, refusal in refused_late(folder, name):
            yield before + line, refusal


def _write_listed(layer: Layer, part: Part, path: Path) -> Path | None:
    """Write the keys that later files list, if there are such files.

    Raises `BadTable` where a line lists none.
    """
    keys: set[str] = set()
    for file in layer.withdrawn:
        for line, cells in rows(file, part.contract.names[:1], SILENCE):
            if isinstance(cells, Refusal) or not cells[0]:
                raise BadTable(
                    sentence(
                        "line-without-key",
                        "The line lists no key, so it is not known what to withdraw.",
                    ),
                    place=f"{file.place}, line {line}",
                    remedy=DOWNLOAD_UPDATE,
                )
            keys.add(cells[0])
    if not layer.withdrawn:
        return None
    path.write_bytes(marshal.dumps(sorted(keys)))
    return path
