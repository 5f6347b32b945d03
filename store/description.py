"""What the data say about one IRI, as bytes in a form; runs in a query process."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import PREFIXES, term
from vises.store.about import About, Readable
from vises.store.dataset import iri_of
from vises.store.engine import GRAPH_TYPES, Described
from vises.store.evaluation import (
    NO_GRAPH_FORM,
    acceptable,
    names_graphs,
    rdf_format,
    write_graph,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import IO

    from pyoxigraph import DefaultGraph, Quad, Store, Triple

    from vises.store.canonical import Term
    from vises.store.engine import DescribeRequest

    Write = Callable[[IO[bytes]], object]

_TYPE = term("rdf:type")
_STEMS = 1 << 12
"""Of how many beginnings of IRIs it is remembered what could be a namespace."""


def describe(store: Store, request: DescribeRequest) -> tuple[str, Write, Described]:
    """Return the media type, what writes the description to a binary file, and what it is of.

    Raises `NotAcceptable`, and `BindingError` for what is no IRI.
    """
    media_type = acceptable(request.graph_type, GRAPH_TYPES, NO_GRAPH_FORM)
    readable = Readable(store, frozenset(map(iri_of, request.hidden_graphs)))
    for iri in map(iri_of, request.iris):
        about = About(readable, request, iri)
        if about.known:
            write = _whole if request.extent == "whole" else _page
            return media_type, write(about, media_type), about.described
    return media_type, lambda _: None, Described()


def _page(about: About, media_type: str) -> Write:
    form = rdf_format(media_type)
    quads = dict.fromkeys(about.shown())
    return lambda output: write_graph(quads, form, output)


def _whole(about: About, media_type: str) -> Write:
    """Return what writes a description for those who asked for it in this form.

    It is in order, so that the same data give the same bytes, and names the prefixes it uses; one
    that is too large for that leaves as it is read.
    """
    form = rdf_format(media_type)
    quads = about.all()
    first = list(islice(quads, about.few + 1))
    if len(first) > about.few:
        rest = chain(first, quads)
        if names_graphs(form):
            return lambda output: write_graph(rest, form, output, PREFIXES)
        triples = (quad.triple for quad in rest)
        return lambda output: write_graph(triples, form, output, PREFIXES)
    first.sort(key=_place_about(about.iri))
    prefixes = used_prefixes(first)
    if names_graphs(form):
        return lambda output: write_graph(dict.fromkeys(first), form, output, prefixes)
    once = dict.fromkeys(quad.triple for quad in first)
    return lambda output: write_graph(once, form, output, prefixes)


def _place_about(iri: NamedNode) -> Callable[[Quad], tuple[bool, str, bool, str, str]]:
    def place(quad: Quad) -> tuple[bool, str, bool, str, str]:
        subject, predicate = quad.subject, quad.predicate
        other = subject != iri
        return other, str(subject), predicate != _TYPE, predicate.value, str(quad.object)

    return place


def used_prefixes(
    statements: Iterable[Quad | Triple], prefixes: Mapping[str, str] = PREFIXES
) -> dict[str, str]:
    """Return those prefixes that IRIs of statements begin with; a namespace ends in # or /."""
    found: set[Term | DefaultGraph] = set()
    for statement in statements:
        found.update(statement)
    iris = [t.value for t in found if isinstance(t, NamedNode)]
    iris += [t.datatype.value for t in found if isinstance(t, Literal)]
    stems = {iri[: max(iri.rfind("#"), iri.rfind("/")) + 1] for iri in iris}
    used = {beginning for stem in stems for beginning in _beginnings(stem)}
    return {prefix: name for prefix, name in prefixes.items() if name in used}


@lru_cache(_STEMS)
def _beginnings(stem: str) -> list[str]:
    """Return what of it could be a namespace."""
    return [stem[: place + 1] for place, letter in enumerate(stem) if letter in "#/"]
