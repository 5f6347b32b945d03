"""The graphs that are closed to writing over HTTP, whatever a token says.

They are what `vises ingest` made from files (graph/provenance has the activity), because the next
ingest would overwrite what was written there, and what the system writes itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.errors import Sentence, sentence
from vises.ingest.vocabulary import DESCRIPTIONS
from vises.namespaces import Iris, term
from vises.service.access.errors import WriteForbidden
from vises.store.remote.replica import replica_graph

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Store

GENERATED = term("prov:generated")
INGEST = term("vises:IngestActivity")


def system_graphs(base_iri: str) -> frozenset[str]:
    """Return the graphs that the system writes itself: vocabulary, provenance, replica."""
    iris = Iris(base_iri)
    names = (*DESCRIPTIONS, "provenance")
    return frozenset({*(iris.graph(n).value for n in names), replica_graph(base_iri).value})


def managed_graphs(store: Store, base_iri: str) -> frozenset[str]:
    """Return the graphs that may not be written over HTTP, as a store of a release has them."""
    provenance = Iris(base_iri).graph("provenance")
    activities = store.quads_for_pattern(None, term("rdf:type"), INGEST, provenance)
    made = (
        quad.object.value
        for activity in activities
        for quad in store.quads_for_pattern(activity.subject, GENERATED, None, provenance)
        if isinstance(quad.object, NamedNode)
    )
    return system_graphs(base_iri) | frozenset(made)


def demand_unmanaged(store: Store, base_iri: str, graphs: Iterable[str]) -> None:
    """Raise `WriteForbidden` for the first of some graphs that may not be written over HTTP.

    `store` is that of the transaction which is to write, so that no ingest can come between.
    """
    managed = managed_graphs(store, base_iri)
    system = system_graphs(base_iri)
    for graph in graphs:
        if graph in managed:
            raise WriteForbidden(
                _written_by(graph, is_of_system=graph in system),
                place=graph,
                remedy=sentence(
                    "own-graph",
                    "Write to a graph of your own; what is ingested is corrected at its source"
                    " and ingested again.",
                ),
            )


def _written_by(graph: str, *, is_of_system: bool) -> Sentence:
    if is_of_system:
        return sentence(
            "system-writes", "The system itself writes <{graph}>, and nobody else.", graph=graph
        )
    return sentence(
        "ingest-writes", "`vises ingest` writes <{graph}>, and nobody else.", graph=graph
    )
