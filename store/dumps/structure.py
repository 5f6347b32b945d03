"""The structures of cubes, as the package's ontology defines them (RDF Data Cube, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.store.dumps.labels import local_name, ontology

if TYPE_CHECKING:
    from collections.abc import Sequence

MEASURE_TYPE = term("qb:measureType")
DATA_SET = term("qb:dataSet")
STRUCTURE = term("qb:structure")
REVISION = term("prov:wasRevisionOf")

_SDMX = {
    term("sdmx-dimension:refArea"): "REF_AREA",
    term("sdmx-dimension:refPeriod"): "TIME_PERIOD",
    term("sdmx-attribute:unitMeasure"): "UNIT_MEASURE",
    term("sdmx-attribute:obsStatus"): "OBS_STATUS",
    term("skos:note"): "COMMENT_OBS",
    MEASURE_TYPE: "MEASURE",
    REVISION: "REVISION_OF",
}
"""What SDMX calls the concepts that it shares with RDF Data Cube, and what we call a revision."""


@dataclass(frozen=True)
class Structure:
    """A data structure definition: its components as IRIs, dimensions in their order."""

    iri: NamedNode
    dimensions: Sequence[NamedNode]
    measures: Sequence[NamedNode]
    attributes: Sequence[NamedNode]

    @property
    def several(self) -> bool:
        """Whether an observation has a value of each of several measures (section 6.5.1)."""
        return len(self.measures) > 1 and MEASURE_TYPE not in self.dimensions


def structure(iri: NamedNode) -> Structure | None:
    """Return the structure of an IRI, None where the ontology has none."""
    components = [q.object for q in ontology().quads_for_pattern(iri, term("qb:component"), None)]
    nodes = [node for node in components if isinstance(node, NamedNode)]
    if not nodes:
        return None
    ordered = sorted(nodes, key=lambda node: (_order(node), node.value))
    return Structure(
        iri,
        _parts(ordered, "qb:dimension"),
        _parts(ordered, "qb:measure"),
        _parts(ordered, "qb:attribute"),
    )


def sdmx_name(component: NamedNode) -> str:
    """Return the identifier of a component in SDMX: that of SDMX's own, else its name in capitals.

    >>> sdmx_name(term("vises:perimeter"))
    'PERIMETER'
    """
    known = _SDMX.get(component)
    if known:
        return known
    name = local_name(component.value)
    return "".join(f"_{c}" if c.isupper() else c.upper() for c in name).lstrip("_")


def _parts(specifications: Sequence[NamedNode], kind: str) -> list[NamedNode]:
    found = (
        q.object
        for node in specifications
        for q in ontology().quads_for_pattern(node, term(kind), None)
    )
    return [node for node in found if isinstance(node, NamedNode)]


def _order(specification: NamedNode) -> int:
    orders = ontology().quads_for_pattern(specification, term("qb:order"), None)
    values = [int(q.object.value) for q in orders if isinstance(q.object, Literal)]
    return min(values, default=1000)
