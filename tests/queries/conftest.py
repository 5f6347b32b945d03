"""The graph that the questions are asked of: vocabulary, demonstration files, a small world."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
)

from vises.namespaces import PREFIXES, VOCABULARY_BASE, Iris, term
from vises.store.engine import Answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from vises.store.engine import QueryRequest

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
    "demo-derived": "tests/queries/derived.ttl",
    "statistics": "tests/queries/statistics.ttl",
    "sums": "tests/queries/sums.ttl",
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
    if row["revision_of"]:
        values["prov:wasRevisionOf"] = IRIS.of(f"figure/{row['revision_of']}/{key}")
    graph = IRIS.graph("figures")
    said = {language: row[f"note_{language}"] for language in ("fr", "nl", "en")}
    notes = [("skos:note", Literal(text, language=each)) for each, text in said.items() if text]
    return [Quad(figure, term(name), value, graph) for name, value in (*values.items(), *notes)]


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


@dataclass(frozen=True)
class Ask:
    """Asks the questions of a graph: ``ask("E1", area="nuts:FRE")`` gives rows by column."""

    graph: Store

    def __call__(self, name: str, **parameters: str) -> list[dict[str, str]]:
        answer = self.answer(self.put(self.text(name), **parameters))
        return list(csv.DictReader(io.StringIO(answer)))

    def of(self, graph: Store) -> Ask:
        """Ask another graph."""
        return Ask(graph)

    def text(self, name: str) -> str:
        return (ROOT / f"queries/questions/{name}.rq").read_text(encoding="utf-8")

    def put(self, text: str, **parameters: str) -> str:
        """Return a query with the values of some parameters replaced, as a user would edit them."""
        for name, values in parameters.items():
            pattern = rf"VALUES \?{name} \{{[^}}]*\}}"
            assert len(re.findall(pattern, text)) == 1, f"?{name} is not a parameter"
            text = re.sub(pattern, f"VALUES ?{name} {{ {values} }}", text)
        return text

    def answer(self, text: str) -> str:
        """Return the result as CSV, with the union of the named graphs as the default graph."""
        solutions = self.graph.query(text, use_default_graph_as_union=True)
        assert isinstance(solutions, QuerySolutions)
        return solutions.serialize(format=QueryResultsFormat.CSV).decode()

    def is_golden(self, name: str, answer: str, folder: Path) -> None:
        """Compare an answer with the golden one; it is kept in `folder` to look at."""
        golden = ROOT / "tests/queries/golden" / name
        found = folder / name
        found.write_text(answer, encoding="utf-8", newline="\n")
        expected = golden.read_text(encoding="utf-8") if golden.exists() else None
        assert found.read_text(encoding="utf-8") == expected, f"if right: cp {found} {golden}"


@pytest.fixture(scope="session")
def ask(graph: Store) -> Ask:
    return Ask(graph)


class Releases:
    """An engine over stores in memory, each a release."""

    def __init__(self, **stores: Store) -> None:
        self._stores = stores

    async def answer(self, request: QueryRequest, release_id: str) -> Answer:
        solutions = self._stores[release_id].query(request.query, use_default_graph_as_union=True)

        async def chunks() -> AsyncIterator[bytes]:
            yield solutions.serialize(format=QueryResultsFormat.TSV)

        return Answer(request.results_type, chunks(), coding=None)


@pytest.fixture
def releases() -> type[Releases]:
    return Releases
