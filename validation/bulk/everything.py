"""Judging all that a store holds, what comes in by its bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, Triple

from vises.errors import sentence
from vises.progress import SILENCE
from vises.validation.bulk.grouping import PIECE_BYTES, pieces
from vises.validation.bulk.piece import judge_piece
from vises.validation.bulk.processes import Job, judge_in_processes
from vises.validation.incremental.pairs import Judged, judge, judge_whole_graph
from vises.validation.incremental.readings import Readings
from vises.validation.incremental.view import View
from vises.validation.report import MOST_VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import Store

    from vises.progress import Progress
    from vises.validation.bulk.grouping import Piece
    from vises.validation.bulk.piece import JudgedPiece
    from vises.validation.incremental.pairs import Pair
    from vises.validation.incremental.plan import Plan
    from vises.validation.incremental.view import Forms

VALIDATING = sentence("step-validating", "validating")

FEW = 16
"""So many pieces are not worth starting processes."""


@dataclass(frozen=True)
class Bulk:
    """How to judge everything by shapes."""

    plan: Plan
    piece_bytes: int = PIECE_BYTES
    most_violations: int = MOST_VIOLATIONS
    few: int = FEW

    def judge(  # noqa: PLR0913 (what judging everything needs)
        self,
        store: Store,
        incoming: Mapping[NamedNode, Path],
        forms: Forms,
        work: Path,
        place: Path | None = None,
        *,
        progress: Progress = SILENCE,
    ) -> JudgedAll:
        """Judge all graphs of a store: those that are `incoming` by their files.

        `work` is a folder for what is in between: the other graphs as N-Triples, and what
        `Job.prepared` writes. Other processes may open the store at its `place`. `progress` is told
        how many bytes are judged. Time is linear in the statements, and memory that of a few
        pieces; opaque units alone need the whole data graph in memory. The results are those of
        pairs that have any; where there are more than `most_violations`, they are not complete.
        Raises `RdfSyntaxError`, `OSError` and what the engine raises.
        """
        with TemporaryDirectory(dir=work) as name:
            folder = Path(name)
            cut = pieces(
                list(self._files(store, incoming, forms, folder)), folder, self.piece_bytes
            )
            progress.start(VALIDATING, sum(piece.length for piece in cut))
            found = JudgedAll()
            judged_pieces = self._judged(store, cut, forms, folder, place)
            for piece, judged in zip(cut, judged_pieces, strict=True):
                found.take(judged)
                progress.advance(piece.length)
                if found.violations >= self.most_violations:
                    found.judged.complete = False
                    return found
        view = View(Readings(store), forms)
        found.judged.take(judge(self.plan, view, self._target_nodes()))
        opaque = [unit for unit in self.plan.units if unit.opaque]
        found.judged.take(judge_whole_graph(self.plan, view, store, opaque))
        return found

    def _files(
        self, store: Store, incoming: Mapping[NamedNode, Path], forms: Forms, folder: Path
    ) -> Iterator[Path]:
        """Yield the files of all graphs; those that do not come in are written out."""
        yield from incoming.values()
        path = folder / "others.nt"
        with path.open("wb") as file:
            for graph in store.named_graphs():
                if graph not in incoming:
                    store.dump(file, RdfFormat.N_TRIPLES, from_graph=graph)
        yield _as_written(path, forms) if forms else path

    def _judged(
        self, store: Store, cut: Sequence[Piece], forms: Forms, folder: Path, place: Path | None
    ) -> Iterable[JudgedPiece]:
        if sum(piece.length for piece in cut) <= self.few * self.piece_bytes:
            readings = Readings(store)
            return (judge_piece(self.plan, readings, piece, forms) for piece in cut)
        return judge_in_processes(Job.prepared(self.plan, store, place, forms, folder), cut)

    def _target_nodes(self) -> Iterator[Pair]:
        for node in self.plan.values("node"):
            for unit, _ in self.plan.targeting("node", node):
                if not unit.opaque:
                    yield unit, node


@dataclass
class JudgedAll:
    """The pairs that have results, how many are violations, and what terms are used."""

    judged: Judged = field(default_factory=Judged)
    used: set[Triple] = field(default_factory=set)
    violations: int = 0

    def take(self, piece: JudgedPiece) -> None:
        """Take in the results of a piece; a literal may be spelt otherwise in another one."""
        self.used |= piece.used
        self.judged.complete = self.judged.complete and piece.judged.complete
        for key, results in piece.judged.results.items():
            kept = self.judged.results.setdefault(key, [])
            known = {result.focus for result in kept}
            kept += (result for result in results if result.focus not in known)
        found = chain.from_iterable(piece.judged.results.values())
        self.violations += sum(result.is_violation for result in found)


def _as_written(path: Path, forms: Forms) -> Path:
    """Copy a file with the values as they were written."""
    written = {
        _line(triple): b"".join(
            _line(Triple(triple.subject, triple.predicate, value)) for value in values
        )
        for triple, values in forms.items()
    }
    copy = path.with_suffix(".written.nt")
    with path.open("rb") as lines, copy.open("wb") as file:
        file.writelines(written.get(line, line) for line in lines)
    return copy


def _line(triple: Triple) -> bytes:
    return f"{triple} .\n".encode()
