"""The list of indicators as data: a table, or what the release says of each."""

from __future__ import annotations

import csv
from collections import defaultdict
from io import StringIO
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, RdfFormat, serialize

from vises.languages import LANGUAGES
from vises.namespaces import term
from vises.service.formats import GRAPH_ALIASES, GRAPH_TYPES, HTML, RESULT_TYPES
from vises.service.graph import page_query
from vises.service.negotiation import best_media_type, unacceptable
from vises.store.description import used_prefixes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyoxigraph import Triple

    from vises.service.graph import Graph, Term

CSV = RESULT_TYPES["csv"]
ENDINGS: Mapping[str, str] = {"csv": CSV, **GRAPH_TYPES}
"""The media types of the data, by the ending that asks for each."""

_LABEL, _DEFINITION = term("skos:prefLabel"), term("skos:definition")
_LINKS = {"unit": term("vises:unit"), "theme": term("vises:theme"), "goal": term("vises:goal")}
"""The columns of IRIs, and the properties that they hold."""


def wanted(accept: str | None) -> str:
    """Return the media type that an Accept header prefers. Raises `NotAcceptable`."""
    found = best_media_type(accept, [HTML, *ENDINGS.values(), *GRAPH_ALIASES])
    if found is None:
        raise unacceptable((HTML, *ENDINGS.values()))
    return GRAPH_ALIASES.get(found, found)


async def written(graph: Graph, media_type: str) -> bytes:
    """Return all indicators in a form of `ENDINGS`. Raises what `Graph.triples` does."""
    triples = sorted(set(await graph.triples(page_query("indicator-statements"))), key=str)
    if media_type == CSV:
        return table(triples)
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    body = serialize(triples, format=form, prefixes=used_prefixes(triples))
    assert body is not None
    return body


def table(triples: Iterable[Triple]) -> bytes:
    """Return a row for each indicator (RFC 4180, UTF-8), in the order of their IRIs.

    Several values of one column have a space between them.
    """
    about: dict[str, dict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        if isinstance(triple.subject, NamedNode):
            about[triple.subject.value][triple.predicate].append(triple.object)
    text = StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    names = [f"{name}_{language}" for name in ("label", "definition") for language in LANGUAGES]
    rows.writerow(["iri", *names, *_LINKS])
    for iri, said in sorted(about.items()):
        texts = [_text(said[p], tag) for p in (_LABEL, _DEFINITION) for tag in LANGUAGES]
        rows.writerow([iri, *texts, *(_iris(said[prop]) for prop in _LINKS.values())])
    return text.getvalue().encode()


def _text(values: Sequence[Term], language: str) -> str:
    found = (v.value for v in values if isinstance(v, Literal) and v.language == language)
    return next(found, "")


def _iris(values: Iterable[Term]) -> str:
    return " ".join(v.value for v in values if isinstance(v, NamedNode))
