"""The facts of the demonstration graph: they parse, they are attributed, their sums hold."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
import shacl
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from vises.ingest.sources.kbo import sample as kbo
from vises.ingest.sources.sirene import sample as sirene
from vises.namespaces import PREFIXES, VOCABULARY_BASE, term

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "demo/files"
DATASETS = tomllib.loads((FILES / "datasets.toml").read_text(encoding="utf-8"))
INVENTED = [FILES / f"{name}.ttl" for name, entry in DATASETS.items() if entry.get("fictitious")]
TURTLE = sorted({*FILES.glob("*.ttl")} - {*INVENTED})
NAMES = [path.name for path in TURTLE]
COLUMNS = [
    *("area", "period", "measure", "perimeter", "family"),
    *("publication", "value", "unit", "status", "note_fr", "note_nl", "note_en", "revision_of"),
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


@pytest.fixture(scope="module")
def enterprises(tmp_path_factory: pytest.TempPathFactory) -> list[Quad]:
    """Return the type of each enterprise of the invented register files."""
    folder = tmp_path_factory.mktemp("samples")
    french = sirene.write_sample(folder / "sirene", units=3000).enterprises
    belgian = kbo.write_sample(folder / "kbo", enterprises=3000).enterprises
    return [
        Quad(NamedNode(f"{VOCABULARY_BASE}enterprise/{name}"), term("rdf:type"), enterprise)
        for enterprise in [term("vises:Enterprise")]
        for name in (*french, *belgian)
    ]


def test_each_file_is_a_dataset_and_each_dataset_has_its_file() -> None:
    assert {path.stem for path in FILES.glob("*.ttl")} == DATASETS.keys()


def test_french_has_spaces_that_do_not_break_where_it_has_them() -> None:
    literals = [quad.object for path in (*TURTLE, *INVENTED) for quad in read(path)]
    said = [o.value for o in literals if isinstance(o, Literal) and o.language == "fr"]
    said += [
        dataset[part]["fr"] for dataset in DATASETS.values() for part in ("title", "description")
    ]
    assert [text for text in said if re.search(r" [:;?!»]|« ", text)] == []
    assert any("\u00a0: " in text for text in said)


# Turtle


@pytest.mark.parametrize("path", [*TURTLE, *INVENTED], ids=lambda path: path.name)
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
        "vises:FederationMembership",
        "vises:Indicator",
        "vises:MethodVersion",
        "vises:Stage",
        "vises:Step",
        "vises:Tool",
        "vises:RefinementMeeting",
        "vises:Refinement",
        "vises:Training",
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
    publications = subjects(facts, "vises:Publication")
    assert publications
    for publication in publications:
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
        "vises:Stage": 7,
        "vises:Step": 4,
        "vises:Tool": 6,
        "vises:RefinementMeeting": 3,
        "vises:KeyPrinciple": 4,
        "vises:ValorisationEffect": 5,
        "vises:ProjectPhase": 3,
        "vises:Indicator": 16,
    }
    assert {name: len(subjects(facts, name)) for name in counts} == counts
    steps = {q.object.value for q in facts.quads_for_pattern(None, term("vises:stepOf"), None)}
    assert steps == {f"{VOCABULARY_BASE}method/vises/1/stage-1"}


def test_stages_and_steps_follow_each_other(facts: Store) -> None:
    following = list(facts.quads_for_pattern(None, term("p-plan:isPrecededBy"), None))
    assert following
    for quad in following:
        later, earlier = (
            int(found.object.value)
            for node in (quad.subject, quad.object)
            for found in facts.quads_for_pattern(node, term("vises:position"), None)
        )
        assert later == earlier + 1


def test_each_mapping_to_another_process_says_who_judged_and_how_sure(facts: Store) -> None:
    geces = f"{PREFIXES['code']}geces-step/"
    asserted = {
        (quad.subject, quad.predicate, quad.object)
        for quad in facts
        if isinstance(quad.object, NamedNode) and quad.object.value.startswith(geces)
        if quad.predicate != term("owl:annotatedTarget")
    }
    annotated = set()
    for axiom in subjects(facts, "owl:Axiom"):
        about = {quad.predicate: quad.object for quad in facts.quads_for_pattern(axiom, None, None)}
        annotated.add(
            tuple(about[term(f"owl:annotated{part}")] for part in ("Source", "Property", "Target"))
        )
        assert 0 < float(about[NamedNode("https://w3id.org/sssom/confidence")].value) <= 1
        assert about[NamedNode("https://w3id.org/sssom/author_label")].value
    assert annotated == asserted
    assert {target.value.removeprefix(geces) for _, _, target in asserted} == set("12345")


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
    goals = objects(facts, "vises:goal")
    assert len(goals) > 8
    assert all(re.fullmatch(r".*/code/sdg/([1-9]|1[0-7])", goal) for goal in goals)


def validated(*parts: Store | list[Quad]) -> list[shacl.Result]:
    """Return what the shapes find in several graphs together."""
    together = Store()
    together.extend(quad for part in parts for quad in part)
    data = together.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()).decode()
    paths = sorted(ROOT.glob("shapes/*.ttl"))
    assert paths
    shapes = shacl.Shapes.from_text("\n".join(p.read_text(encoding="utf-8") for p in paths))
    return list(shapes.validate_text(data, "ntriples").results)


def test_the_shapes_find_nothing_to_refuse(facts: Store, vocabulary: Store) -> None:
    results = validated(facts, vocabulary)
    refused = [(r.focus_node, r.path, r.message) for r in results if r.severity == "Violation"]
    assert refused == []
    own = {str(quad.subject) for quad in facts}
    assert [(r.focus_node, r.message) for r in results if r.focus_node in own] == []


# What is invented


@pytest.mark.parametrize("path", INVENTED, ids=lambda path: path.name)
def test_each_invented_thing_says_that_it_is(path: Path) -> None:
    invented = read(path)
    mark = Literal("true", datatype=term("xsd:boolean"))
    marked = {
        q.subject for q in invented.quads_for_pattern(None, term("vises:fictitious"), mark, None)
    }
    assert {quad.subject for quad in invented} == marked


@pytest.mark.parametrize("path", INVENTED, ids=lambda path: path.name)
def test_invented_things_refer_to_what_is_there(
    path: Path, facts: Store, vocabulary: Store, enterprises: list[Quad]
) -> None:
    earlier = read(*INVENTED[: INVENTED.index(path) + 1])
    known = {
        quad.subject.value for part in (facts, vocabulary, earlier, enterprises) for quad in part
    }
    known |= {f"{VOCABULARY_BASE}graph/demo-{register}" for register in ("sirene", "kbo")}
    linked = {
        quad.object.value
        for quad in read(path)
        if isinstance(quad.object, NamedNode) and quad.object.value.startswith(VOCABULARY_BASE)
    }
    used = {quad.predicate.value for quad in read(path)}
    assert {iri for iri in linked | used if iri.startswith(VOCABULARY_BASE)} - known == set()


def test_the_shapes_refuse_nothing_invented(
    facts: Store, vocabulary: Store, enterprises: list[Quad]
) -> None:
    """Two results have neither method nor evidence on purpose, so that question I7 finds them."""
    invented = read(*INVENTED)
    own = {str(quad.subject) for quad in invented} - {str(quad.subject) for quad in enterprises}
    found = [r for r in validated(facts, vocabulary, enterprises, invented) if r.focus_node in own]
    assert [(r.focus_node, r.path, r.message) for r in found if r.severity == "Violation"] == []
    unsupported = {
        f"<{VOCABULARY_BASE}result/{name}>"
        for name in ("fr-000003574-volunteer-hours-2024", "be-0000001285-reused-goods-2024")
    }
    assert unsupported <= {r.focus_node for r in found}


# Figures


def test_figures_have_the_columns_and_values_agreed(figures: list[dict[str, str]]) -> None:
    assert list(figures[0]) == COLUMNS
    for row in figures:
        assert re.fullmatch(r"(19|20)\d\d", row["period"]), row
        assert re.fullmatch(r"\d+(\.\d+)?", row["value"]), row
        kind = row["measure"].partition("Of")[0].partition("Per")[0]
        unit = {"share": "PERCENT", "jobs": "UNITLESS"}.get(kind, "NUM")
        assert row["unit"] == unit, row
        assert row["status"] in {"A", "E", "P"}, row
        if row["measure"].endswith("Count"):
            assert row["value"].isdigit(), row


def test_a_note_on_a_figure_is_in_three_languages(figures: list[dict[str, str]]) -> None:
    noted = [
        {name for name in COLUMNS if name.startswith("note_") and row[name]} for row in figures
    ]
    assert {frozenset(names) for names in noted} == {
        frozenset(),
        frozenset({"note_fr", "note_nl", "note_en"}),
    }


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


def test_a_figure_revises_one_that_is_there(figures: list[dict[str, str]]) -> None:
    cell = ("area", "period", "perimeter", "family", "measure")
    published = {(row["publication"], *(row[name] for name in cell)) for row in figures}
    revisions = [row for row in figures if row["revision_of"]]
    assert len(revisions) == 3
    for row in revisions:
        assert (row["revision_of"], *(row[name] for name in cell)) in published


def test_the_inhabitants_of_the_parts_add_up(facts: Store) -> None:
    counts = {
        tuple(quad.subject.value.rpartition("/")[2].split("-")[:2]): int(quad.object.value)
        for quad in facts.quads_for_pattern(None, term("vises:population"), None)
    }
    for year in ("2017", "2019"):
        assert sum(counts[region, year] for region in REGIONS) == counts["BE", year]
    assert counts["FRE1", "2017"] + counts["FRE2", "2017"] == counts["FRE", "2017"]
    departments = ("FRE11", "FRE12", "FRE21", "FRE22", "FRE23")
    assert sum(counts[area, "2020"] for area in departments) == counts["FRE", "2020"]


def test_the_families_of_the_panorama_are_all_there(figures: list[dict[str, str]]) -> None:
    shares = [
        Decimal(row["value"])
        for row in figures
        if row["measure"] == "shareOfSseEmployment" and row["period"] == "2020"
    ]
    assert len(shares) == 4
    assert abs(sum(shares) - 100) <= Decimal("0.2")


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
