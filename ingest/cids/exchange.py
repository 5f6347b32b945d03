"""CIDS data in and out: what a partner sends becomes a graph and a report, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vises.ingest import jsonld
from vises.ingest.cids import standard, translation
from vises.ingest.cids.defects import graph_defects
from vises.ingest.cids.document import read_document
from vises.validation.documents import judge
from vises.validation.files import vocabulary
from vises.validation.report import Report
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes
from vises.validation.syntax import n_triples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Triple

    from vises.validation.report import Result

SHAPES = Path(__file__).parent / "shapes.ttl"


@dataclass(frozen=True)
class Received:
    """A CIDS document as it was read.

    `cids` are its triples as CIDS says them, `graph` the same in VISES terms; `report` has the
    defects of the document, what the Basic tier of CIDS requires and it lacks, and what the
    shapes of VISES find in `graph`.
    """

    cids: frozenset[Triple]
    graph: frozenset[Triple]
    report: Report


def from_cids(data: bytes, place: str, base_iri: str) -> Received:
    """Read a CIDS document (JSON-LD) into VISES terms and judge it.

    `place` names the document in the report and in errors; relative IRIs are resolved against
    `base_iri`. Raises `BadJsonLd` and `RemoteContext`, where the document cannot be read at all.
    """
    quads, defects = read_document(data, place, base_iri)
    cids = frozenset(quad.triple for quad in quads)
    graph = translation.to_vises(cids)
    ours = judged(graph, place)
    results = [*defects, *document_results(cids, place), *ours.results]
    return Received(cids, graph, Report.of(results, complete=ours.complete))


def document_results(cids: frozenset[Triple], place: str) -> list[Result]:
    """Return what is wrong with the terms of CIDS triples, and what the Basic tier misses."""
    tier = shacl_validator(SHAPES.read_bytes(), str(SHAPES)).validate(n_triples(cids))
    return [*graph_defects(cids, place), *tier.results]


def judged(graph: Iterable[Triple], place: str) -> Report:
    """Judge triples in VISES terms by the shapes of VISES, beside the vocabulary."""
    return judge(shacl_validator(package_shapes()), {place: n_triples(graph)}, vocabulary())


def to_cids(triples: Iterable[Triple], language: str = "en") -> str:
    """Write a graph as CIDS data in JSON-LD, with the definitions of its terms inside.

    What CIDS has no term for keeps its own, so that `from_cids` gives the same graph again.
    Names, which have no language in CIDS, are taken in `language` where they are in several.
    """
    return jsonld.write(translation.to_cids(triples, language), standard.BRIDGE)
