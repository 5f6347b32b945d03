"""The graph that the questions are asked of: vocabulary, demonstration files, a small world."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from vises.namespaces import PREFIXES, VOCABULARY_BASE, Iris, term

ROOT = Path(__file__).resolve().parents[2]
IRIS = Iris(VOCABULARY_BASE)
GRAPHS = {
    "ontology": "ontology/*.ttl",
    "codes": "ontology/codes/*.ttl",
    "organisations": "demo/files/organisations.ttl",
    "method": "demo/files/method.ttl",
    "publications": "demo/files/publications.ttl",
    "indicators": "demo/files/indicators.ttl",
    "fixture": "tests/queries/enterprises.ttl",
    "provenance": "tests/queries/provenance.ttl",
    "catalogue": "tests/queries/catalogue.ttl",
    "shapes": "shapes/*.ttl",
    "alignments": "ontology/alignments/*.ttl",
    "demo-outcomes": "demo/files/demo-outcomes.ttl",
    "outcomes": "tests/queries/outcomes.ttl",
    "demo-trials": "demo/files/demo-trials.ttl",
    "trials": "tests/queries/trials.ttl",
    "federations": "demo/files/federations.ttl",
    "demo-memberships": "demo/files/demo-memberships.ttl",
    "organisation": "tests/queries/organisation.ttl",
    "population": "demo/files/population.ttl",
    "sector-figures": "demo/files/sector-figures.ttl",
    "figures-notes": "demo/files/figures-notes.ttl",
    "demo-derived": "demo/files/demo-derived.ttl",
    "statistics": "tests/queries/statistics.ttl",
}


def figure_quads(row: dict[str, str]) -> list[Quad]:
    """Return a row of figures.csv as the observation that the data model prescribes."""
    key = "{area}-{period}-{perimeter}-{family}-{measure}".format(**row)
    figure = IRIS.of(f"figure/{row['publication']}/{key}")
    number = "integer" if row["measure"].endswith("Count") else "decimal"
    values = {
        "rdf:type": term("vises:RegionalFigure"),
        "qb:dataSet": IRIS.graph("figures"),
        "sdmx-dimension:refArea": IRIS.of(f"code/nuts/{row['area']}"),
        "sdmx-dimension:refPeriod": Literal(row["period"], datatype=term("xsd:gYear")),
        "vises:perimeter": IRIS.of(f"code/perimeter/{row['perimeter']}"),
        "vises:family": IRIS.of(f"code/family/{row['family']}"),
        "vises:publication": IRIS.of(f"publication/{row['publication']}"),
        "qb:measureType": term(f"vises:{row['measure']}"),
        f"vises:{row['measure']}": Literal(row["value"], datatype=term(f"xsd:{number}")),
        "sdmx-attribute:unitMeasure": NamedNode(PREFIXES["unit"] + row["unit"]),
        "sdmx-attribute:obsStatus": NamedNode(PREFIXES["sdmx-code"] + f"obsStatus-{row['status']}"),
    }
    if row["note"]:
        values["rdfs:comment"] = Literal(row["note"])
    if row["revision_of"]:
        values["prov:wasRevisionOf"] = IRIS.of(f"figure/{row['revision_of']}/{key}")
    graph = IRIS.graph("figures")
    return [Quad(figure, term(name), value, graph) for name, value in values.items()]


@pytest.fixture(scope="session")
def graph() -> Store:
    """Return the named graphs in memory; nothing may write to them."""
    store = Store()
    for name, pattern in GRAPHS.items():
        for path in sorted(ROOT.glob(pattern)):
            store.load(
                path=str(path),
                format=RdfFormat.TURTLE,
                base_iri=IRIS.base,
                to_graph=IRIS.graph(name),
            )
    with (ROOT / "demo/files/figures.csv").open(encoding="utf-8", newline="") as lines:
        store.extend(quad for row in csv.DictReader(lines) for quad in figure_quads(row))
    return store
