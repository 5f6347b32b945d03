"""Fetching what the page of a resource shows, and its RDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from vises.namespaces import PREFIXES, VOCABULARY_BASE, Iris, compact
from vises.service.pages.description import Description
from vises.service.pages.labels import Labels
from vises.service.pages.mentions import Speaker
from vises.service.problems import NoSuchPage
from vises.store.evaluation import MOST_INCOMING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.graph import Graph
    from vises.service.iris import Addresses
    from vises.service.pages.outline import Outline
    from vises.service.texts import Texts

VOCABULARIES = {VOCABULARY_BASE + name: name for name in ("ontology", "shapes")}
"""The documents whose terms are parts of them (hash IRIs), with the graphs that hold them."""


async def quads_about(
    graph: Graph, addresses: Addresses, path: str
) -> tuple[NamedNode, Sequence[Quad]]:
    """Return the IRI that a path stands for, and the quads about it.

    Of a vocabulary these are all quads of its graph. Raises `NoSuchPage`.
    """
    for iri in addresses.candidates(path):
        if iri.value in VOCABULARIES:
            name = Iris(addresses.base).graph(VOCABULARIES[iri.value])
            quads = await graph.contents(name.value)
        else:
            quads = await graph.describe(iri)
        if quads:
            return iri, quads
    raise NoSuchPage(
        "The published data say nothing about this address.",
        place="/" + path,
        remedy="Check its spelling, or look for the thing from the home page or with a query.",
    )


async def description(graph: Graph, iri: NamedNode, quads: Iterable[Quad]) -> Description:
    """Return the description of a resource, with what the things that refer to it say."""
    found = Description.of(iri, quads, MOST_INCOMING)
    subjects = {q.subject for q in found.incoming if isinstance(q.subject, NamedNode)}
    if not subjects:
        return found
    rows = await graph.select("statements", resources=_sorted(subjects))
    referring = [
        Quad(row["resource"], row["property"], row["value"], row["graph"])  # type: ignore[arg-type]
        for row in rows
    ]
    return Description(iri, found.own, found.parts, found.incoming, referring, cut=found.cut)


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


def rdf(quads: Sequence[Quad], media_type: str) -> bytes:
    """Return quads in a media type of `vises.service.formats.GRAPH_TYPES`.

    Formats without graph names get the statements alone, each once.
    """
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    with_graphs = form.supports_datasets
    ordered = sorted(quads, key=lambda q: (str(q.subject), str(q.predicate), str(q.object)))
    statements = dict.fromkeys(q if with_graphs else q.triple for q in ordered)
    body = serialize(statements, format=form, prefixes=_prefixes(quads))  # type: ignore[arg-type]
    assert body is not None
    return body


def named_in(quads: Iterable[Quad]) -> set[NamedNode]:
    """Return every IRI in quads."""
    terms = {term for quad in quads for term in (*quad.triple, quad.graph_name)}
    return {t for t in terms if isinstance(t, NamedNode)}


def _prefixes(quads: Iterable[Quad]) -> dict[str, str]:
    """Return the prefixes that the IRIs of quads begin with."""
    types = {q.object.datatype for q in quads if isinstance(q.object, Literal)}
    iris = {iri.value for iri in named_in(quads) | types}
    used = {compact(iri).partition(":")[0] for iri in iris}
    return {prefix: namespace for prefix, namespace in PREFIXES.items() if prefix in used}


def _sorted(iris: set[NamedNode]) -> list[NamedNode]:
    return sorted(iris, key=lambda iri: iri.value)
