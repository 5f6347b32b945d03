"""Statements that the service itself has in hand, in a format of RDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Quad, Triple, serialize

from vises.namespaces import PREFIXES, term
from vises.store.description import used_prefixes
from vises.store.evaluation import names_graphs, rdf_format

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def written(
    statements: Iterable[Triple] | Iterable[Quad],
    media_type: str,
    prefixes: Mapping[str, str] = PREFIXES,
) -> bytes:
    """Return statements in a media type of `vises.service.formats.GRAPH_TYPES`, in a fixed order.

    Formats that name no graphs get each statement once.
    """
    form = rdf_format(media_type)
    ordered = sorted(statements, key=_place)
    plain = [s.triple if isinstance(s, Quad) and not names_graphs(form) else s for s in ordered]
    once = dict.fromkeys(plain)
    used = used_prefixes(once, prefixes)
    body = serialize(once, format=form, prefixes=used)  # type: ignore[arg-type]
    assert body is not None
    return body


def _place(statement: Triple | Quad) -> tuple[bool, str, bool, str, str]:
    """Put things before blank nodes, and classes before the rest that is said of each."""
    anonymous = isinstance(statement.subject, BlankNode)
    typed = statement.predicate != term("rdf:type")
    subject, prop, value = (
        str(statement.subject),
        statement.predicate.value,
        str(statement.object),
    )
    return anonymous, subject, typed, prop, value
