"""Shapes judged on all their focus nodes: in this process, or in several where there are many."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from vises.validation.bulk.processes import Job, judge_pairs_in_processes
from vises.validation.incremental.readings import Readings
from vises.validation.incremental.revalidation import judge_parts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pyoxigraph import Store

    from vises.validation.incremental.pairs import Judged, Pair
    from vises.validation.incremental.plan import Plan
    from vises.validation.incremental.view import Forms

FEW = 10
"""So many parts, of a thousand focus nodes each, are not worth starting processes."""


@dataclass(frozen=True)
class Whole:
    """How to judge shapes whole: `work` and `place` are those of `Bulk.judge`."""

    plan: Plan
    store: Store
    forms: Forms
    work: Path
    place: Path | None = None
    few: int = FEW

    def __call__(self, parts: Iterable[Collection[Pair]]) -> Iterator[Judged]:
        """Yield the results of pairs, some at a time. Raises what the engine raises."""
        rest = iter(parts)
        first = list(islice(rest, self.few + 1))
        if len(first) <= self.few:
            yield from judge_parts(self.plan, Readings(self.store), self.forms, first)
            return
        with TemporaryDirectory(dir=self.work) as name:
            job = Job.prepared(self.plan, self.store, self.place, self.forms, Path(name))
            yield from judge_pairs_in_processes(job, chain(first, rest))
