"""Fetching what the page of a resource shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode, Quad

from vises.service.pages.description import Description
from vises.service.pages.labels import Labels
from vises.service.pages.mentions import Speaker
from vises.store.about import MOST_INCOMING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.graph import Graph
    from vises.service.iris import Addresses
    from vises.service.pages.outline import Outline
    from vises.service.texts import Texts
    from vises.store.engine import Described


class About(NamedTuple):
    """A thing, the quads about it that its page shows, and what else is known of them."""

    iri: NamedNode
    quads: Sequence[Quad]
    described: Described


async def about(graph: Graph, addresses: Addresses, path: str, part: int = 1) -> About | None:
    """Return what the data say about the thing that a path stands for, None where nothing.

    The path is as it was sent; of what refers to the thing, that is the `part`-th part.
    """
    described, quads = await graph.describe(addresses.candidates(path), part)
    if not described.iri:
        return None
    return About(NamedNode(described.iri), quads, described)


async def description(
    graph: Graph, iri: NamedNode, quads: Iterable[Quad], left_out: Mapping[str, int] | None = None
) -> Description:
    """Return the description of a resource, with what the things that refer to it say.

    `left_out` is how many values the quads lack, by property.
    """
    found = Description.of(iri, quads, MOST_INCOMING, left_out or {})
    subjects = {q.subject for q in found.incoming if isinstance(q.subject, NamedNode)}
    if not subjects:
        return found
    rows = await graph.select("statements", resources=_sorted(subjects))
    referring = [
        Quad(row["resource"], row["property"], row["value"], row["graph"])  # type: ignore[arg-type]
        for row in rows
    ]
    return replace(found, referring=referring)


async def speaker(
    graph: Graph,
    mentioned: Iterable[NamedNode],
    *,
    words: Texts,
    outline: Outline,
    addresses: Addresses,
) -> Speaker:
    """Return a speaker who knows the names of everything that is mentioned."""
    rows = await graph.select("labels", resources=_sorted(set(mentioned)))
    return Speaker(words, Labels.read(words.language, rows), outline, addresses)


def named_in(quads: Iterable[Quad]) -> set[NamedNode]:
    """Return every IRI in quads."""
    terms = {term for quad in quads for term in (*quad.triple, quad.graph_name)}
    return {t for t in terms if isinstance(t, NamedNode)}


def _sorted(iris: set[NamedNode]) -> list[NamedNode]:
    return sorted(iris, key=lambda iri: iri.value)
