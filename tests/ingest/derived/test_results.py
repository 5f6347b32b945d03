"""Sums of what enterprises report: the numbers that they add up to, or none."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import NamedNode
from scipy.optimize import linprog

from vises.errors import NotFound
from vises.ingest.derived.protecting import NotSafe
from vises.ingest.derived.reading import CountedTwice, PartlyOpen
from vises.ingest.derived.results import Summed, derive_results
from vises.ingest.derived.sums import SUMS
from vises.ingest.disclosure import suppression
from vises.ingest.pipeline import ingest_rdf
from vises.ingest.provenance import DatasetDescription
from vises.progress import Silence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

House = Any
"""The class in conftest.py, which a test module cannot import."""

IMPACT = "https://w3id.org/vises/graph/impact"
PREFIXES = """@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix nuts: <https://w3id.org/vises/code/nuts/> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix status: <https://w3id.org/vises/code/report-status/> .
"""
PLACE = """vises:indicator ?indicator ; vises:family ?family ;
    <http://purl.org/linked-data/sdmx/2009/dimension#refArea> ?area"""
SUMMED = f"""SELECT ?area ?family ?indicator ?sum ?of {{
    ?s a vises:AggregateResult, <http://purl.org/linked-data/cube#Observation> ;
    vises:resultSum ?sum ; vises:reportingCount ?of ; {PLACE} }}"""
HIDDEN = f"""SELECT ?area ?family ?indicator ?rule {{
    ?s a vises:AggregateSuppression ; vises:disclosureRule ?rule ; {PLACE} }}"""

# Enterprise, region, family, hours of training; what each reports alone must stay unknown.
REPORTED = (
    *(("a1", "FRE11", "association", 100), ("a2", "FRE11", "association", 140.5)),
    *(("a3", "FRE11", "association", 90), ("a4", "FRE11", "association", 120)),
    *(("a5", "FRE12", "association", 80), ("a6", "FRE12", "association", 75)),
    *(("a7", "FRE12", "association", 95), ("a8", "FRE12", "association", 60)),
    *(("c1", "FRE11", "cooperative", 900), ("c2", "FRE11", "cooperative", 10)),
    *(("c3", "FRE11", "cooperative", 15), ("c4", "FRE12", "cooperative", 40)),
    *(("m1", "FRE12", "mutual", 300), ("a9", "BE323", "association", 55)),
    *(("b1", "BE323", "association", 65), ("b2", "BE323", "association", 0)),
)


UNITS = {"hours": "HR", "exits": "PERCENT", "balance": "EUR", "wages": "UNITLESS"}


def described(results: str = "") -> str:
    """Return the enterprises with their results, as Turtle."""
    text = [PREFIXES, results]
    for name, unit in UNITS.items():
        text.append(f"<indicator/{name}> vises:unit unit:{unit} .")
    families = {family for _, _, family, _ in REPORTED}
    text += [
        f"<form/{f}> vises:inFamily <https://w3id.org/vises/code/family/{f}> ." for f in families
    ]
    for name, area, family, hours in REPORTED:
        text.append(f"<e/{name}> vises:region nuts:{area} ; vises:legalForm <form/{family}> .")
        text.append(result(name, "hours", str(float(hours))))
        text.append(result(name, "exits", "50.0"))
        text.append(result(name, "wages", "3.5"))
        text.append(result(name, "balance", "-10.0" if name == "a1" else "20.0"))
    text.append(result("a1", "hours", "7.0", status="draft"))
    return "\n".join(text)


def result(name: str, indicator: str, value: str, status: str = "attested") -> str:
    return f"""<result/{name}-{indicator}-{value}> vises:about <e/{name}> ; vises:value {value} ;
        vises:indicator <indicator/{indicator}> ; vises:reportStatus status:{status} ;
        vises:periodStart "2025-01-01"^^xsd:date ; vises:periodEnd "2025-12-31"^^xsd:date ."""


def summed(house: House, *datasets: str, level: int = 3, closed: Collection[str] = ()) -> Summed:
    options = house.options("sums")
    return derive_results(
        datasets, 2026, level, house.releases, house.gate, options, Silence(), closed=closed
    )


def publish(house: House, name: str, file: Path) -> None:
    about = DatasetDescription({"en": name})
    ingest_rdf(about, [file], house.releases, house.gate, house.options(name), Silence())


PUBLISHER = """<organisation/vises-contributors> a <http://www.w3.org/ns/org#Organization> ;
  skos:prefLabel "Those who made it"@en ."""


@pytest.fixture(scope="module")
def filled(house_in: Callable[[Path], House], tmp_path_factory: pytest.TempPathFactory) -> House:
    """The results, and the sums of them."""
    folder = tmp_path_factory.mktemp("results")
    house = type(house_in(folder))(folder / "data")
    file = folder / "impact.ttl"
    file.write_text(described(PUBLISHER), "utf-8")
    publish(house, "impact", file)
    assert not summed(house, "impact").report.unchanged
    return house


def test_sums_are_those_of_what_is_attested(filled: House) -> None:
    wanted: dict[tuple[str, str], float] = defaultdict(float)
    for _, area, family, hours in REPORTED:
        for part in (area[:n] for n in range(2, 6)):
            wanted[part, family] += hours
            wanted[part, "total"] += hours
    found = filled.ask(SUMMED)
    for area, family, indicator, value, _ in found:
        key = area.rpartition("/")[2], family.rpartition("/")[2]
        assert (indicator.rpartition("/")[2], float(value)) == ("hours", wanted[key])
    by_place = {tuple(v.rpartition("/")[2] for v in row[:2]): row[3:] for row in found}
    assert by_place["FRE1", "total"] == ("2025.5", "13")
    assert all(int(of) >= 3 for *_, of in found)


def test_what_would_tell_of_one_enterprise_is_withheld_with_its_rule(filled: House) -> None:
    rules = {
        tuple(value.rpartition("/")[2] for value in row[:2]): row[3].rpartition("/")[2]
        for row in filled.ask(HIDDEN)
    }
    assert rules["FRE12", "mutual"] == "fewer-than-three"
    assert rules["FRE11", "cooperative"] == "dominance"
    assert "secondary" in rules.values()
    told = {row[:3] for row in filled.ask(SUMMED)}
    assert told.isdisjoint(row[:3] for row in filled.ask(HIDDEN))
    conforming = filled.ask(
        "SELECT ?r { <https://w3id.org/vises/graph/sums> dcterms:conformsTo ?r }"
    )
    assert [row[0].rpartition("/")[2] for row in conforming] == sorted(map(str, SUMS.rules))


def test_a_withheld_sum_says_nothing_of_its_number(filled: House) -> None:
    assert not filled.ask(
        "SELECT ?n { ?s a vises:AggregateSuppression ; vises:resultSum|vises:reportingCount ?n }"
    )
    assert not filled.ask(
        """SELECT ?s { GRAPH <https://w3id.org/vises/graph/sums> { ?s ?p ?e
            FILTER(CONTAINS(STR(?e), "/e/") || CONTAINS(STR(?e), "/result/")) } }"""
    )


def test_each_sum_says_what_it_is_derived_from(filled: House) -> None:
    assert filled.ask(SUMMED)
    assert not filled.ask(
        """SELECT ?s { ?s a vises:AggregateResult
            FILTER NOT EXISTS { ?s prov:wasDerivedFrom id:graph\\/impact } }"""
    )


OPENLY = """SELECT ?text { GRAPH ?g { VALUES ?about { id:graph\\/sums id:publication\\/sums }
    ?about dcterms:description|<http://www.w3.org/2004/02/skos/core#note> ?text
    FILTER(CONTAINS(?text, "Everybody could read impact when")) } }"""


def test_open_sources_are_said_and_closed_ones_are_not(filled: House) -> None:
    """So it is in the description of the dataset and in its graph, and gone when all is closed."""
    assert len(filled.ask(OPENLY)) == 2
    assert not summed(filled, "impact", closed=[IMPACT]).report.unchanged
    assert filled.ask(OPENLY) == []
    assert filled.ask(HIDDEN)
    assert not summed(filled, "impact").report.unchanged


@pytest.mark.parametrize(
    ("value", "sum_"), [("40000000000.10", "120000000000.3"), ("0.0000001", "0.0000003")]
)
def test_a_sum_has_all_the_digits_of_its_parts(
    house: House, write: Callable[[str, str], Path], value: str, sum_: str
) -> None:
    text = [PREFIXES, PUBLISHER, "<indicator/mass> vises:unit unit:GM ."]
    for name in "abc":
        text += [f"<e/{name}> vises:region nuts:FRE11 .", result(name, "mass", value)]
    publish(house, "mass", write("mass.ttl", "\n".join(text)))
    summed(house, "mass")
    assert {row[3] for row in house.ask(SUMMED)} == {sum_}


def test_what_does_not_add_up_is_left_out_and_said(filled: House) -> None:
    left_out = summed(filled, "impact").left_out
    assert [(one.indicator.rpartition("/")[2], one.why) for one in left_out] == [
        ("balance", "a value is negative"),
        ("exits", "values in PERCENT do not add up"),
        ("wages", "values in UNITLESS do not add up"),
    ]


def test_periods_that_overlap_are_said(house: House, write: Callable[[str, str], Path]) -> None:
    """The year less its first quarter is a sum that nobody protected."""
    text = [PREFIXES, PUBLISHER, "<indicator/mass> vises:unit unit:GM ."]
    spans = {"year": ("2025-01-01", "2025-12-31"), "quarter": ("2025-01-01", "2025-03-31")}
    spans["next"] = ("2026-01-01", "2026-12-31")
    for name in "abc":
        text.append(f"<e/{name}> vises:region nuts:FRE11 .")
        for span, (start, end) in spans.items():
            one = result(name, "mass", "1.0").replace("2025-01-01", start)
            one = one.replace("2025-12-31", end).replace("<result/", f"<result/{span}-")
            text.append(one)
    publish(house, "mass", write("mass.ttl", "\n".join(text)))
    found = [(one[2:], other[2:]) for one, other in summed(house, "mass").overlapping]
    assert found == [(spans["quarter"], spans["year"])]


def test_the_same_results_twice_change_nothing(filled: House) -> None:
    before = filled.releases.current().id
    again = summed(filled, "impact").report
    assert (again.unchanged, again.release) == (True, before)
    assert summed(filled, "impact", level=0).report.triples < again.triples


def test_tables_that_can_be_attacked_are_not_published(
    filled: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suppression, "suppress", lambda *_: {})
    before = filled.releases.current().id
    with pytest.raises(NotSafe, match="hours 2025-01-01 can be computed"):
        summed(filled, "impact")
    assert filled.releases.current().id == before


@pytest.mark.parametrize(("written", "value"), [("1.5", "1.5"), ("140.50", "140.5")])
def test_two_results_of_one_enterprise_are_refused(
    filled: House, write: Callable[[str, str], Path], written: str, value: str
) -> None:
    """So are two of the same value: nobody knows that they are one."""
    publish(filled, "more", write("more.ttl", PREFIXES + result("a2", "hours", written)))
    [there, here] = (f"{value} as association in FRE11" for value in ("140.5", value))
    first, second = (f"https://w3id.org/vises/result/a2-hours-{n}" for n in ("140.5", written))
    wanted = re.escape(f"it has {there} ({first}) and {here} ({second}).")
    with pytest.raises(CountedTwice, match=wanted) as found:
        summed(filled, "impact", "more")
    assert NamedNode(str(found.value.place)).value.endswith("/e/a2")


def test_nothing_to_sum_is_said(filled: House, write: Callable[[str, str], Path]) -> None:
    publish(filled, "per-cent", write("per-cent.ttl", PREFIXES + result("a1", "exits", "30.0")))
    with pytest.raises(NotFound, match="No attested result") as found:
        summed(filled, "per-cent")
    assert "PERCENT do not add up" in found.value.remedy
    with pytest.raises(NotFound, match="No dataset 'nothing'"):
        summed(filled, "nothing")


def test_closed_and_open_results_are_not_summed_together(
    filled: House, write: Callable[[str, str], Path]
) -> None:
    """Two enterprises that everybody reads, subtracted from a sum of three, leave the third."""
    mine = (("a3", "hours", "11.0"), ("a4", "hours", "12.0"))
    year = '"2024-01-01"^^xsd:date'
    text = PREFIXES + "\n".join(
        result(*one).replace('"2025-01-01"^^xsd:date', year) for one in mine
    )
    publish(filled, "open", write("open.ttl", text))
    before = filled.releases.current().id
    with pytest.raises(PartlyOpen, match="graph/impact would be summed") as found:
        summed(filled, "impact", "open", closed=[IMPACT])
    assert (found.value.place or "").endswith("graph/open")
    assert filled.releases.current().id == before
    both = [IMPACT, IMPACT.replace("impact", "open")]
    assert not summed(filled, "impact", "open", closed=both).report.unchanged
    assert not summed(filled, "impact", closed=[IMPACT]).report.unchanged


def test_from_what_readers_see_no_closed_number_can_be_computed(filled: House) -> None:
    """A reader solves for the hidden cells, with all published sums and no closed graph."""
    told = {
        (row[0].rpartition("/")[2], row[1].rpartition("/")[2]): float(row[3])
        for row in filled.ask(SUMMED)
    }
    hidden = {tuple(value.rpartition("/")[2] for value in row[:2]) for row in filled.ask(HIDDEN)}
    leaves = sorted({(area, family) for _, area, family, _ in REPORTED})
    true: dict[tuple[str, str], float] = defaultdict(float)
    for _, area, family, hours in REPORTED:
        true[area, family] += hours

    def within(cell: tuple[str, ...]) -> list[float]:
        area, family = cell
        return [float(a.startswith(area) and family in {f, "total"}) for a, f in leaves]

    equations = [within(cell) for cell in told]
    for cell in hidden:
        row = within(cell)
        number = sum(part * true[leaf] for part, leaf in zip(row, leaves, strict=True))
        ends = [
            linprog([sign * part for part in row], A_eq=equations, b_eq=[*told.values()])
            for sign in (1, -1)
        ]
        least, most = ends[0].fun, -ends[1].fun if ends[1].status == 0 else math.inf
        assert least <= 0.85 * number + 1e-6, cell
        assert most >= 1.15 * number - 1e-6, cell
