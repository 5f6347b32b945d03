"""From a change to the results of all that it may have changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from vises.validation.incremental.affected import MOST_VISITED, Concerned, affected
from vises.validation.incremental.focus import all_pairs, in_parts
from vises.validation.incremental.pairs import (
    TOGETHER,
    Judged,
    judge,
    judge_whole_graph,
)
from vises.validation.incremental.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from vises.validation.incremental.affected import Delta
    from vises.validation.incremental.pairs import Pair
    from vises.validation.incremental.plan import Plan
    from vises.validation.incremental.readings import Readings
    from vises.validation.incremental.units import Unit
    from vises.validation.incremental.view import Forms


@dataclass
class Revalidated:
    """The results of the pairs that a change may have changed.

    `whole` has the digests of units that were judged on all their focus nodes: of these the results
    here are all there are. `reasons` says why, by the name of the unit. `concerned` is what the
    change concerns, which is less where units were judged for another reason.
    """

    judged: Judged = field(default_factory=Judged)
    whole: set[str] = field(default_factory=set)
    reasons: dict[str, str] = field(default_factory=dict)
    concerned: Concerned = field(default_factory=Concerned)


def revalidate(  # noqa: PLR0913 (a state, a change, and how far to look)
    plan: Plan,
    after: Readings,
    delta: Delta,
    forms: Forms,
    unknown: Mapping[Unit, str],
    *,
    judge_whole: Callable[[Iterable[Collection[Pair]]], Iterator[Judged]] | None = None,
    most: int = MOST_VISITED,
) -> Revalidated:
    """Judge what a change concerns; `after` is the state after it.

    `unknown` has units, with the reason, of which no results of the state before are kept: they are
    judged whole, by `judge_whole` where it is given. Raises what the engine raises.
    """
    found = affected(plan, after, delta, most)
    whole = found.whole | dict(unknown)
    done = Revalidated(
        whole={unit.digest for unit in whole},
        reasons={unit.name: reason for unit, reason in whole.items()},
        concerned=found.concerned(),
    )
    bounded = [unit for unit in whole if not unit.opaque]
    opaque = [unit for unit in whole if unit.opaque]
    pairs = (pair for pair in found.pairs if pair[0] not in whole)
    whole_parts = all_pairs(after.store, bounded, TOGETHER)
    judge_many = judge_whole or partial(judge_parts, plan, after, forms)
    for judged in chain(
        judge_parts(plan, after, forms, in_parts(pairs, TOGETHER)), judge_many(whole_parts)
    ):
        done.judged.take(judged)
    if opaque:
        done.judged.take(judge_whole_graph(plan, View(after, forms), after.store, opaque))
    return done


def judge_parts(
    plan: Plan, readings: Readings, forms: Forms, parts: Iterable[Collection[Pair]]
) -> Iterator[Judged]:
    """Yield the results of pairs, some at a time. Raises what the engine raises."""
    for part in parts:
        yield judge(plan, View(readings, forms), part)
