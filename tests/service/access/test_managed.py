"""Which graphs nobody writes over HTTP: found in what ingest really leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from tests.service.conftest import Accepted
from vises.demo.build import AUTHOR
from vises.ingest.options import IngestOptions
from vises.ingest.pipeline import ingest_rdf
from vises.ingest.provenance import DatasetDescription
from vises.namespaces import Iris, term
from vises.progress import Silence
from vises.service.access.errors import WriteForbidden
from vises.service.access.managed import demand_unmanaged, managed_graphs, system_graphs
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from pathlib import Path

BASE = "https://data.example/"
SYSTEM = ("ontology", "codes", "alignments", "shapes", "provenance", "replica")


def graph(name: str) -> str:
    return Iris(BASE).graph(name).value


@pytest.fixture
def ingested(tmp_path: Path) -> ReleaseStore:
    """Return the releases after an ingest of the dataset `register`."""
    file = tmp_path / "data.ttl"
    file.write_text("<https://data.example/a> <https://data.example/b> 1 .", "utf-8")
    releases = ReleaseStore(tmp_path / "data")
    options = IngestOptions("register", BASE, AUTHOR, tmp_path / "data", None)
    description = DatasetDescription(title={"en": "A register"})
    ingest_rdf(description, [file], releases, lambda _: Accepted(), options, Silence())
    return releases


def test_what_was_ingested_and_what_the_system_writes_is_managed(ingested: ReleaseStore) -> None:
    release = ingested.current()
    assert release is not None
    with ingested.open(release.id) as store:
        managed = managed_graphs(store, BASE)
        assert managed == {graph(name) for name in (*SYSTEM, "register")}
        assert set(release.counts) <= managed
        demand_unmanaged(store, BASE, [graph("mine"), graph("register-2")])
        for name, by in (("register", "vises ingest"), ("provenance", "system")):
            with pytest.raises(WriteForbidden, match=by) as forbidden:
                demand_unmanaged(store, BASE, [graph("mine"), graph(name)])
            assert (forbidden.value.status, forbidden.value.place) == (403, graph(name))


def test_only_provenance_says_what_is_managed() -> None:
    store = Store()
    activity = NamedNode(BASE + "activity/x")
    for where in (graph("mine"), graph("provenance")):
        name = NamedNode(where)
        store.add(Quad(activity, term("prov:generated"), NamedNode(graph("claimed")), name))
        store.add(Quad(activity, term("prov:generated"), Literal("no graph"), name))
    assert managed_graphs(store, BASE) == system_graphs(BASE)
    store.add(
        Quad(activity, term("rdf:type"), term("vises:IngestActivity"), NamedNode(graph("mine")))
    )
    assert managed_graphs(store, BASE) == system_graphs(BASE)
