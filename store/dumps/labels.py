"""What the terms of the vocabulary are called and mean, as the package's ontology says."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Mapping

_LABELS = (term("rdfs:label"), term("skos:prefLabel"))
_DEFINITIONS = (term("skos:definition"), term("rdfs:comment"))


@cache
def ontology() -> Store:
    """Return the ontology of the package, without its code lists."""
    store = Store()
    for file in sorted((files("vises") / "ontology").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".ttl"):
            found = parse(file.read_bytes(), RdfFormat.TURTLE)
            store.extend(Quad(*quad.triple) for quad in found)
    return store


def titles(iri: str) -> Mapping[str, str]:
    """Return what a term is called, by language; nothing for a term of another vocabulary."""
    return _texts(iri, _LABELS)


def meanings(iri: str) -> Mapping[str, str]:
    """Return what a term means, by language."""
    return _texts(iri, _DEFINITIONS)


def local_name(iri: str) -> str:
    """Return the part of an IRI after its last `#` or `/`.

    >>> local_name("http://www.w3.org/2004/02/skos/core#notation")
    'notation'
    """
    return iri.rstrip("/#").rpartition("#")[2].rpartition("/")[2]


def _texts(iri: str, properties: tuple[NamedNode, ...]) -> Mapping[str, str]:
    found = (
        quad.object
        for name in properties
        for quad in ontology().quads_for_pattern(NamedNode(iri), name, None, None)
    )
    texts = [(o.language, o.value) for o in found if isinstance(o, Literal) and o.language]
    return dict(sorted(texts))
