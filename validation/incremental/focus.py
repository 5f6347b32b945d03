"""All focus nodes of shapes, from a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.validation.incremental.readings import TYPE, Readings
from vises.validation.incremental.view import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Store

    from vises.validation.incremental.pairs import Pair
    from vises.validation.incremental.units import Root, Unit
    from vises.validation.validator import Term


def focus_nodes(store: Store, root: Root) -> Iterator[Term]:
    """Yield the focus nodes of a shape (SHACL, section 2.1); one may come again."""
    yield from root.targets["node"]
    view = View(Readings(store))
    for cls in {lower for of in root.targets["class"] for lower in view.below(of)}:
        for quad in store.quads_for_pattern(None, TYPE, cls, None):
            yield quad.subject
    for predicate in _predicates(root.targets["subjects"]):
        for quad in store.quads_for_pattern(None, predicate, None, None):
            yield quad.subject
    for predicate in root.objects:
        for quad in store.quads_for_pattern(None, predicate, None, None):
            yield quad.object


def all_pairs(store: Store, units: Iterable[Unit], most: int) -> Iterator[set[Pair]]:
    """Return all pairs of units, so many at a time; one may come again."""
    pairs = (
        (unit, node) for unit in units for root in unit.roots for node in focus_nodes(store, root)
    )
    return in_parts(pairs, most)


def in_parts(pairs: Iterable[Pair], most: int) -> Iterator[set[Pair]]:
    """Yield pairs, so many at a time."""
    part: set[Pair] = set()
    for pair in pairs:
        part.add(pair)
        if len(part) >= most:
            yield part
            part = set()
    if part:
        yield part


def _predicates(values: Iterable[Term]) -> Iterator[NamedNode]:
    return (value for value in values if isinstance(value, NamedNode))
