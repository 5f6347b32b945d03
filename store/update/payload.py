"""Reading an RDF document that someone sent: as N-Triples, in the literals that were written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, RdfFormat, parse, serialize

from vises import contexts
from vises.decimals import with_decimals
from vises.errors import sentence
from vises.store.engine import Mistake
from vises.store.nesting import NAME_INNER, TOO_NESTED, too_deep
from vises.store.update.request import PayloadSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad, Triple

    from vises.store.update.request import PayloadRequest

PAYLOAD_TYPES = (
    "text/turtle",
    "application/n-triples",
    "application/rdf+xml",
    "application/ld+json",
)
"""The media types of graphs that may be sent."""

_SHOWN_WIDTH = 200
_POSITION = re.compile(r"^(?:Parser error )?(?:at|between) line .*?: ")


def convert(request: PayloadRequest, target: Path) -> int:
    """Write a document as N-Triples with new blank nodes; return how many triples it has.

    A JSON-LD document may not fetch a context. Raises `PayloadSyntaxError` with the line and the
    column, `OSError`.
    """
    form = RdfFormat.from_media_type(request.media_type)
    assert form is not None
    counted = _Counted()
    try:
        quads = parse(
            path=request.source, format=form, base_iri=request.base_iri, rename_blank_nodes=True
        )
        serialize(counted.triples(with_decimals(quads, form)), target, RdfFormat.N_TRIPLES)
    except SyntaxError as error:
        raise _unreadable(Path(request.source), error) from error
    return counted.count


class _Counted:
    def __init__(self) -> None:
        self.count = 0

    def triples(self, quads: Iterable[Quad]) -> Iterator[Triple]:
        for quad in quads:
            if not isinstance(quad.graph_name, DefaultGraph):
                raise PayloadSyntaxError(
                    sentence(
                        "named-graph",
                        "The document has statements in the graph <{graph}>.",
                        graph=quad.graph_name.value,
                    ),
                    place="body",
                    remedy=sentence(
                        "one-graph",
                        "Send a document of one graph, without @graph inside a named node.",
                    ),
                )
            if too_deep(quad.object):
                raise PayloadSyntaxError(TOO_NESTED, place="body", remedy=NAME_INNER)
            self.count += 1
            yield quad.triple


def _unreadable(source: Path, error: SyntaxError) -> PayloadSyntaxError:
    if contexts.is_elsewhere(error.msg):
        return PayloadSyntaxError(contexts.DETAIL, place="body", remedy=contexts.REMEDY)
    line, column = error.lineno or 1, error.offset or 1
    reason = _POSITION.sub("", error.msg).rstrip(".") or "It makes no sense here"
    return PayloadSyntaxError(
        f"{reason}.{_excerpt(source, line, column)}",
        place=f"line {line}, column {column}",
        remedy=sentence("correct-there", "Correct what stands there; nothing was changed."),
        mistake=Mistake(line, column),
    )


def _excerpt(source: Path, line: int, column: int) -> str:
    """Return the line in question, where it is short, with a caret below the column."""
    with source.open("rb") as file:
        for number, found in enumerate(iter(lambda: file.readline(1 << 16), b""), 1):
            if number == line:
                text = found.decode(errors="replace").rstrip("\r\n").replace("\t", " ")
                shown = len(text) <= _SHOWN_WIDTH and text
                return f"\n{text}\n{' ' * (column - 1)}^" if shown else ""
    return ""
