"""A change of graphs as one of their union, which is what is judged."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Triple

from vises.validation.incremental.affected import Delta
from vises.validation.incremental.readings import TYPE
from vises.validation.usage import usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from pyoxigraph import Quad, Store

    from vises.validation.incremental.view import Forms
    from vises.validation.validator import Term


def delta_of(
    store: Store, removed: AbstractSet[Quad], added: AbstractSet[Quad], forms: Forms
) -> Delta:
    """Return what the union of all graphs lost and got; `store` is the state after the change.

    A triple that another graph had, or still has, is neither, unless it came in another form.
    """
    gone, come = _graphs(removed), _graphs(added)
    lost, got = set(), set()
    for triple in gone.keys() | come.keys():
        s, p, o = triple
        now = {quad.graph_name for quad in store.quads_for_pattern(s, p, o, None)}
        before = (now - come[triple]) | gone[triple]
        if before and not now:
            lost.add(triple)
        elif now and (not before or triple in forms):
            got.add(triple)
    return Delta(frozenset(lost), frozenset(got))


def used_terms(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the description of what triples use; see `vises.validation.usage`."""
    properties: dict[NamedNode, None] = {}
    classes: dict[Term, None] = {}
    referred: dict[NamedNode, None] = {}
    for triple in triples:
        properties[triple.predicate] = None
        if triple.predicate == TYPE:
            classes[triple.object] = None
        elif isinstance(triple.object, NamedNode):
            referred[triple.object] = None
    return usage(properties, classes, referred)


def _graphs(quads: Iterable[Quad]) -> defaultdict[Triple, set[object]]:
    found: defaultdict[Triple, set[object]] = defaultdict(set)
    for quad in quads:
        found[quad.triple].add(quad.graph_name)
    return found
