"""A report in Turtle as `vises.validation.report` writes it, read a result at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from vises.namespaces import PREFIXES, term
from vises.validation.report import SEVERITIES, SH, Place, Result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TYPE = term("rdf:type")
_RESULT = term("sh:ValidationResult")
_POINTERS = "http://www.w3.org/2009/pointers#"


def results_in(report: Path) -> Iterator[Result]:
    """Yield the results of a report, in the order of the file; memory is that of one result.

    A path that is more than a property is left out. Raises `OSError` and `SyntaxError`.
    """
    name, found = None, list[Triple]()
    for quad in parse(path=str(report), format=RdfFormat.TURTLE):
        if quad.predicate == _TYPE and quad.object == _RESULT:
            if name is not None:
                yield _result(name, found)
            name, found = quad.subject, []
        found.append(quad.triple)
    if name is not None:
        yield _result(name, found)


def _result(name: object, found: list[Triple]) -> Result:
    own = {t.predicate.value: t.object for t in found if t.subject == name}
    others = {t.predicate.value: t.object for t in found if t.subject != name}
    severity = _iri(own.get(SH + "resultSeverity"))
    local = severity.removeprefix(SH)
    path, value = own.get(SH + "resultPath"), own.get(SH + "value")
    return Result(
        focus=str(own.get(SH + "focusNode", "[]")),
        path=str(path) if isinstance(path, NamedNode) else None,
        value=None if value is None else str(value),
        component=_iri(own.get(SH + "sourceConstraintComponent")),
        severity=local if local in SEVERITIES else severity,
        shape=_iri(own.get(SH + "sourceShape")) or "[]",
        messages={
            t.object.language or "": t.object.value
            for t in found
            if t.predicate.value == SH + "resultMessage" and isinstance(t.object, Literal)
        },
        place=_place(others),
    )


def _place(said: dict[str, object]) -> Place | None:
    line = said.get(_POINTERS + "lineNumber")
    if not isinstance(line, Literal):
        return None
    column = _text(said.get("http://www.w3.org/ns/csvw#title"))
    return Place(_text(said.get(PREFIXES["dcterms"] + "title")), int(line.value), column)


def _iri(node: object) -> str:
    return node.value if isinstance(node, NamedNode) else ""


def _text(node: object) -> str:
    return node.value if isinstance(node, Literal) else ""
