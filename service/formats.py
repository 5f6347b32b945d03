"""The media types that the service speaks, under the names that clients use for them."""

from __future__ import annotations

from functools import lru_cache

from vises.service.negotiation import best_media_type
from vises.store.engine import ARROW, PARQUET, XLSX

HTML = "text/html"
HTML_ALIASES = {"application/xhtml+xml": HTML}

_MOST_HEADERS = 64
"""Of how many Accept headers the choice is remembered: clients send few different ones."""

UNSTEADY = {ARROW, XLSX}
"""The forms whose bytes are not the same each time.

Batches of Arrow leave by the clock, and a workbook says when it was made.
"""

RESULT_TYPES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "arrow": ARROW,
    "parquet": PARQUET,
}
GRAPH_TYPES = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
RESULT_ALIASES = {
    "application/json": RESULT_TYPES["json"],
    "application/xml": RESULT_TYPES["xml"],
    "text/xml": RESULT_TYPES["xml"],
}
N3 = "text/n3"
GRAPH_ALIASES = {
    "application/turtle": GRAPH_TYPES["ttl"],
    "application/x-turtle": GRAPH_TYPES["ttl"],
    N3: GRAPH_TYPES["ttl"],
    "text/plain": GRAPH_TYPES["nt"],
    "text/x-nquads": GRAPH_TYPES["nq"],
    "application/x-trig": GRAPH_TYPES["trig"],
    "application/xml": GRAPH_TYPES["rdf"],
    "text/xml": GRAPH_TYPES["rdf"],
    "application/json": GRAPH_TYPES["jsonld"],
}
"""Other names of these; Turtle is Notation3, too, and rdflib asks for N3 under that name."""

WORTH_OF_FORMS = {
    name: 0.8 if GRAPH_ALIASES.get(name, name) in {GRAPH_TYPES["nq"], GRAPH_TYPES["trig"]} else 1.0
    for name in (*GRAPH_TYPES.values(), *GRAPH_ALIASES)
}
"""What each form of RDF is worth: N-Quads and TriG say in which graph a statement stands.

Comunica takes them before all others, and JSON-LD nearly as gladly (0.9), and then looks in the
default graph alone, where they have nothing.
"""


@lru_cache(_MOST_HEADERS)
def results_type(accept: str | None) -> str | None:
    """Return the media type for SELECT and ASK, None where none of ours is acceptable."""
    found = best_media_type(accept, [*RESULT_TYPES.values(), *RESULT_ALIASES])
    return RESULT_ALIASES.get(found, found) if found else None


@lru_cache(_MOST_HEADERS)
def graph_type(accept: str | None) -> str | None:
    """Return the media type for RDF graphs, None where none of ours is acceptable."""
    found = best_media_type(accept, [*GRAPH_TYPES.values(), *GRAPH_ALIASES])
    return GRAPH_ALIASES.get(found, found) if found else None


@lru_cache(_MOST_HEADERS)
def wants_html(accept: str | None) -> bool:
    """Tell whether a page is preferred to every data format, as a browser does."""
    data = [*RESULT_TYPES.values(), *RESULT_ALIASES, *GRAPH_TYPES.values(), *GRAPH_ALIASES]
    found = best_media_type(accept, [*data, HTML, *HTML_ALIASES])
    return found == HTML or found in HTML_ALIASES


def syntax_of(media_type: str | None) -> str | None:
    """Return the media type of the RDF that a body is said to be, None where it is none of ours.

    Turtle is N3, but N3 may say what Turtle cannot.
    """
    known = None if media_type == N3 else GRAPH_ALIASES.get(media_type or "", media_type)
    return known if known in GRAPH_TYPES.values() else None


def content_type(media_type: str) -> str:
    """Return the Content-Type of a media type: text types name their charset.

    >>> content_type("text/turtle")
    'text/turtle; charset=utf-8'
    """
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
