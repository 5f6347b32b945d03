"""What validation said of a release, from its kept report."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from vises.namespaces import term
from vises.service.iris import last_part
from vises.service.pages.labels import LABEL_PROPERTIES, Name, best_label

if TYPE_CHECKING:
    from pathlib import Path

    from pyoxigraph import Triple

MOST_BYTES = 8 << 20
"""How much of a report a page reads; more than that is there to be downloaded alone."""

_SHAPE = term("sh:sourceShape")
_SEVERITY = term("sh:resultSeverity")
_MESSAGE = term("sh:resultMessage")


@dataclass(frozen=True)
class Judgement:
    """The results of one shape: how severe, how many, and what one of them says."""

    shape: str
    severity: str
    results: int
    message: Name | None


def judgements(report: Path, language: str) -> list[Judgement] | None:
    """Return what a report (SHACL, section 3.6) says by shape, the most results first.

    None where the report is too large for a page. Raises `OSError` and `SyntaxError`.
    """
    if report.stat().st_size > MOST_BYTES:
        return None
    results: dict[str, list[Triple]] = defaultdict(list)
    for quad in parse(path=str(report), format=RdfFormat.TURTLE):
        results[str(quad.subject)].append(quad.triple)
    grouped: dict[tuple[str, str], list[list[Triple]]] = defaultdict(list)
    for triples in results.values():
        said = {t.predicate: t.object for t in triples}
        severity = said.get(_SEVERITY)
        if isinstance(severity, NamedNode):
            shape = said.get(_SHAPE)
            iri = shape.value if isinstance(shape, NamedNode) else ""
            grouped[iri, last_part(severity.value)].append(triples)
    found = [
        Judgement(shape, severity, len(same), _message(same[0], language))
        for (shape, severity), same in grouped.items()
    ]
    return sorted(found, key=lambda j: (j.severity != "Violation", -j.results, j.shape))


def _message(triples: list[Triple], language: str) -> Name | None:
    texts = [
        (LABEL_PROPERTIES[0], t.object)
        for t in triples
        if t.predicate == _MESSAGE and isinstance(t.object, Literal)
    ]
    return best_label(texts, language)
