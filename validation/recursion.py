"""Shapes that refer to themselves, of which SHACL leaves open what they mean (section 3.4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.validation.incremental.description import LISTING, REFERRING, Description
from vises.validation.shapes import ShapesError
from vises.validation.sources import Sources
from vises.validation.syntax import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Quad

    from vises.validation.sources import Document
    from vises.validation.validator import Term


def refuse_recursion(shapes: Iterable[Quad], place: str) -> None:
    """Raise `ShapesError`, naming `place`, where a shape refers to itself by way of others."""
    description = Description(shapes)
    referring = {*REFERRING, *LISTING}
    done: set[Term] = set()
    for statement in description.statements:
        if statement.predicate in referring:
            _visit(description, statement.subject, done, place)


def sent_shapes(documents: Sequence[Document], base_iri: str) -> bytes:
    """Return the shapes of documents that somebody sent as one graph in N-Triples.

    Raises `RdfSyntaxError`, and `ShapesError` where a shape refers to itself.
    """
    sources = Sources(documents, base_iri)
    refuse_recursion(read(sources.triples), ", ".join(d.name for d in documents))
    return sources.triples


def _visit(description: Description, start: Term, done: set[Term], place: str) -> None:
    """Look below a shape, depth first; what has been looked at before is `done`."""
    path: dict[Term, Iterator[Term]] = {}
    if start not in done:
        path[start] = description.inner(start)
    while path:
        shape = next(reversed(path))
        below = next(path[shape], None)
        if below is None:
            del path[shape]
            done.add(shape)
        elif below in path:
            raise ShapesError(
                sentence("shape-circle", "The shape {shape} refers to itself.", shape=str(below)),
                place=place,
                remedy=sentence(
                    "break-circle",
                    "Break the circle: SHACL does not say what such a shape means.",
                ),
            )
        elif below not in done:
            path[below] = description.inner(below)
