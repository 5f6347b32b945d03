"""The facts of the demonstration graph: they parse, they are attributed, their sums hold."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
import shacl
from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, Store, parse

from vises.namespaces import PREFIXES, VOCABULARY_BASE, term

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "demo/files"
TURTLE = sorted(FILES.glob("*.ttl"))
NAMES = [path.name for path in TURTLE]
COLUMNS = [
    *("area", "period", "measure", "perimeter", "family"),
    *("publication", "value", "unit", "status", "note"),
]
LANGUAGES = {"en", "fr", "nl"}
REGIONS = ("BE1", "BE2", "BE3")


def read(*paths: Path) -> Store:
    store = Store()
    for path in paths:
        store.load(
            path=str(path),
            format=RdfFormat.TURTLE,
            base_iri=VOCABULARY_BASE,
            to_graph=DefaultGraph(),
        )
    return store


def objects(store: Store, predicate: str) -> set[str]:
    return {quad.object.value for quad in store.quads_for_pattern(None, term(predicate), None)}


def subjects(store: Store, class_name: str) -> list[NamedNode]:
    quads = store.quads_for_pattern(None, term("rdf:type"), term(class_name))
    return sorted((quad.subject for quad in quads), key=str)


@pytest.fixture(scope="module")
def facts() -> Store:
    return read(*TURTLE)


@pytest.fixture(scope="module")
def vocabulary() -> Store:
    return read(*ROOT.glob("ontology/*.ttl"), *ROOT.glob("ontology/codes/*.ttl"))


@pytest.fixture(scope="module")
def figures() -> list[dict[str, str]]:
    with (FILES / "figures.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_files_are_there() -> None:
    assert NAMES == ["indicators.ttl", "method.ttl", "organisations.ttl", "publications.ttl"]


# Turtle


@pytest.mark.parametrize("path", TURTLE, ids=NAMES)
def test_data_iris_are_relative(path: Path) -> None:
    """Under another base, nothing but the vocabulary stays under w3id.org/vises."""
    elsewhere = parse(path=str(path), format=RdfFormat.TURTLE, base_iri="https://data.example/sse/")
    found = {
        iri
        for quad in elsewhere
        for iri in (quad.subject.value, quad.predicate.value, quad.object.value)
        if iri.startswith(VOCABULARY_BASE)
    }
    fixed = (PREFIXES["vises"], PREFIXES["code"])
    assert {iri for iri in found if not iri.startswith(fixed)} == set()


def test_every_term_of_ours_is_defined(facts: Store, vocabulary: Store) -> None:
    used = {
        iri
        for quad in facts
        for iri in (quad.predicate.value, quad.object.value)
        if iri.startswith((PREFIXES["vises"], PREFIXES["code"]))
    }
    defined = {quad.subject.value for quad in vocabulary}
    assert used - defined == set()


def test_every_link_to_our_data_leads_somewhere(facts: Store, vocabulary: Store) -> None:
    known = {quad.subject.value for quad in (*facts, *vocabulary)}
    linked = {
        quad.object.value
        for quad in facts
        if isinstance(quad.object, NamedNode) and quad.object.value.startswith(VOCABULARY_BASE)
    }
    assert linked - known == set()


@pytest.mark.parametrize(
    "class_name",
    [
        "vises:Claim",
        "vises:CountClaim",
        "vises:Participation",
        "vises:Indicator",
        "vises:Stage",
        "vises:Step",
        "vises:KeyPrinciple",
        "vises:ValorisationEffect",
        "vises:Project",
        "vises:ProjectPhase",
    ],
)
def test_everything_said_has_a_publication_as_its_source(class_name: str, facts: Store) -> None:
    publications = set(subjects(facts, "vises:Publication"))
    found = subjects(facts, class_name)
    assert found
    for subject in found:
        sources = {q.object for q in facts.quads_for_pattern(subject, term("dcterms:source"), None)}
        assert sources, subject
        assert sources <= publications, subject


def test_every_publication_has_an_organisation_as_publisher(facts: Store) -> None:
    organisations = set(subjects(facts, "org:Organization"))
    for publication in subjects(facts, "vises:Publication"):
        publishers = {
            quad.object
            for quad in facts.quads_for_pattern(publication, term("dcterms:publisher"), None)
        }
        assert publishers, publication
        assert publishers <= organisations, publication


@pytest.mark.parametrize("predicate", ["skos:prefLabel", "skos:definition", "skos:note"])
def test_texts_are_in_three_languages(predicate: str, facts: Store) -> None:
    languages: dict[str, list[str | None]] = defaultdict(list)
    for quad in facts.quads_for_pattern(None, term(predicate), None):
        assert isinstance(quad.object, Literal)
        languages[str(quad.subject)].append(quad.object.language)
    assert languages
    assert {s: found for s, found in languages.items() if sorted(found) != sorted(LANGUAGES)} == {}


def test_the_method_holds_what_the_sources_confirm(facts: Store) -> None:
    counts = {
        "vises:Stage": 3,
        "vises:Step": 4,
        "vises:KeyPrinciple": 4,
        "vises:ValorisationEffect": 5,
        "vises:ProjectPhase": 3,
        "vises:Indicator": 16,
    }
    assert {name: len(subjects(facts, name)) for name in counts} == counts
    steps = {q.object.value for q in facts.quads_for_pattern(None, term("vises:stepOf"), None)}
    assert steps == {f"{VOCABULARY_BASE}method/vises/1/stage-1"}


def test_stages_and_steps_follow_each_other(facts: Store) -> None:
    for quad in facts.quads_for_pattern(None, term("p-plan:isPrecededBy"), None):
        later, earlier = (
            int(found.object.value)
            for node in (quad.subject, quad.object)
            for found in facts.quads_for_pattern(node, term("vises:position"), None)
        )
        assert later == earlier + 1


def test_phases_stay_within_their_project_and_follow_each_other(facts: Store) -> None:
    spans = [
        tuple(
            next(facts.quads_for_pattern(phase, term(name), None)).object.value
            for name in ("schema:startDate", "schema:endDate")
        )
        for phase in subjects(facts, "vises:ProjectPhase")
    ]
    assert [day for span in spans for day in span] == sorted(day for span in spans for day in span)
    assert (spans[0][0], spans[-1][1]) == ("2016-01-01", "2019-12-31")


def test_indicators_cover_the_chain_of_results_and_name_real_goals(facts: Store) -> None:
    levels = {iri.rpartition("/")[2] for iri in objects(facts, "vises:resultsLevel")}
    assert levels == {"input", "activity", "output", "outcome", "impact"}
    goals = objects(facts, "skos:closeMatch")
    assert all(re.fullmatch(r"http://metadata\.un\.org/sdg/([1-9]|1[0-7])", goal) for goal in goals)


def test_the_shapes_find_nothing_to_refuse(facts: Store, vocabulary: Store) -> None:
    together = Store()
    together.extend([*facts, *vocabulary])
    data = together.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()).decode()
    paths = sorted(ROOT.glob("shapes/*.ttl"))
    assert paths
    shapes = shacl.Shapes.from_text("\n".join(p.read_text(encoding="utf-8") for p in paths))
    results = shapes.validate_text(data, "ntriples").results
    refused = [(r.focus_node, r.path, r.message) for r in results if r.severity == "Violation"]
    assert refused == []
    own = {str(quad.subject) for quad in facts}
    assert [(r.focus_node, r.message) for r in results if r.focus_node in own] == []


# Figures


def test_figures_have_the_columns_and_values_agreed(figures: list[dict[str, str]]) -> None:
    assert list(figures[0]) == COLUMNS
    for row in figures:
        assert re.fullmatch(r"(19|20)\d\d", row["period"]), row
        assert re.fullmatch(r"\d+(\.\d+)?", row["value"]), row
        share = row["measure"] == "shareOfSalariedEmployment"
        assert row["unit"] == ("PERCENT" if share else "NUM"), row
        assert row["status"] in {"A", "E", "P"}, row
        if row["measure"].endswith("Count"):
            assert row["value"].isdigit(), row


def test_figures_name_areas_perimeters_families_measures_and_publications_that_exist(
    figures: list[dict[str, str]], facts: Store, vocabulary: Store
) -> None:
    known = {quad.subject.value for quad in (*facts, *vocabulary)}
    code = PREFIXES["code"]
    for row in figures:
        for iri in (
            f"{code}nuts/{row['area']}",
            f"{code}perimeter/{row['perimeter']}",
            f"{code}family/{row['family']}",
            f"{PREFIXES['vises']}{row['measure']}",
            f"{VOCABULARY_BASE}publication/{row['publication']}",
        ):
            assert iri in known, row


def test_a_figure_is_published_once(figures: list[dict[str, str]]) -> None:
    key = ("publication", "area", "period", "perimeter", "family", "measure")
    keys = [tuple(row[name] for name in key) for row in figures]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("publication", "measure", "years", "rounding"),
    [
        ("oes-2023", "enterpriseCount", range(2017, 2022), 0),
        ("barometre-es-2016", "enterpriseCount", range(2008, 2015), 0),
        ("barometre-es-2016", "fullTimeEquivalents", range(2008, 2015), 1),
    ],
)
def test_the_regions_of_belgium_add_up(
    publication: str,
    measure: str,
    years: range,
    rounding: int,
    figures: list[dict[str, str]],
) -> None:
    values = {
        (row["area"], int(row["period"])): Decimal(row["value"])
        for row in figures
        if (row["publication"], row["measure"]) == (publication, measure)
    }
    assert set(values) == {(area, year) for area in ("BE", *REGIONS) for year in years}
    for year in years:
        total = sum(values[area, year] for area in REGIONS)
        assert abs(total - values["BE", year]) <= rounding, year


def test_what_domain_research_states_is_there(figures: list[dict[str, str]]) -> None:
    stated = {
        ("FRE", "2021", "jobCount"): "210800",
        ("FRE", "2021", "shareOfSalariedEmployment"): "10.7",
        ("FRE", "2014", "establishmentCount"): "15900",
        ("FRE", "2014", "fullTimeEquivalents"): "175800",
        ("FRE", "2024", "jobCount"): "233683",
        ("FRE12", "2020", "shareOfSalariedEmployment"): "12",
        ("FR30", "2003", "establishmentCount"): "23800",
        ("FR1", "2021", "employeeCount"): "490400",
        ("BE", "2021", "enterpriseCount"): "17861",
        ("BE3", "2021", "fullTimeEquivalents"): "101421",
        ("BE3", "2023", "shareOfSalariedEmployment"): "14.6",
    }
    found = {(row["area"], row["period"], row["measure"]): row["value"] for row in figures}
    assert {key: found.get(key) for key in stated} == stated
