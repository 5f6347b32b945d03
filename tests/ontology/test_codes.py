"""The code lists: SKOS integrity, notations, labels, sources, and agreement with their sources."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from vises.namespaces import PREFIXES, term

CODE = PREFIXES["code"]
CROSSWALKS = Path(__file__).parents[2] / "ontology/crosswalks"
TYPE = term("rdf:type")
LANGUAGES = {"fr", "nl", "en"}
SCHEMES = {
    *("family", "legal-form-fr", "legal-form-be", "perimeter", "nuts", "size-band", "nace-rev2"),
    *("nace-rev2.1", "identifier-scheme", "operating-status", "polarity", "theme", "count"),
    *("results-level", "evidence-kind", "report-status", "stakeholder-group", "enterprise-group"),
    *("break-reason", "disclosure-rule"),
    *("participation-role", "sdg", "impact-risk", "degree"),
    *("data-kind", "data-theme", "geces-step"),
    *("size-band-be", "match-basis"),
}
CLASSES = {
    "family": "SseFamily",
    "legal-form-fr": "LegalForm",
    "legal-form-be": "LegalForm",
    "perimeter": "Perimeter",
    "nuts": "Region",
    "size-band": "SizeBand",
    "size-band-be": "SizeBand",
    "nace-rev2": "EconomicActivity",
    "nace-rev2.1": "EconomicActivity",
}
Concepts = dict[NamedNode, dict[NamedNode, set[NamedNode | Literal]]]


@pytest.fixture(scope="module")
def concepts(codes: frozenset[Quad]) -> Concepts:
    found: Concepts = defaultdict(lambda: defaultdict(set))
    for q in codes:
        found[q.subject][q.predicate].add(q.object)
    return {s: about for s, about in found.items() if term("skos:Concept") in about[TYPE]}


def scheme_of(concept: NamedNode) -> str:
    return concept.value.removeprefix(CODE).rpartition("/")[0]


def notations(concepts: Concepts, scheme: str) -> set[str]:
    return {c.value.rpartition("/")[2] for c in concepts if scheme_of(c) == scheme}


def test_the_schemes_are_there_with_labels_source_and_licence(codes: frozenset[Quad]) -> None:
    schemes = {
        q.subject for q in codes if q.predicate == TYPE and q.object == term("skos:ConceptScheme")
    }
    assert {s.value for s in schemes} == {CODE + name for name in SCHEMES}
    for scheme in schemes:
        about = [q for q in codes if q.subject == scheme]
        used = {q.predicate for q in about}
        for predicate in ("skos:prefLabel", "skos:definition"):
            wanted = [q.object.language for q in about if q.predicate == term(predicate)]
            assert sorted(wanted) == sorted(LANGUAGES), scheme
        assert {term("dcterms:source"), term("dcterms:license"), term("dcterms:creator")} <= used


def test_every_subject_is_a_scheme_or_a_concept(codes: frozenset[Quad], concepts: Concepts) -> None:
    assert {q.subject.value for q in codes} - {CODE + name for name in SCHEMES} == {
        c.value for c in concepts
    }


def test_each_concept_is_in_the_scheme_and_of_the_class_that_its_iri_says(
    concepts: Concepts,
) -> None:
    for concept, about in concepts.items():
        scheme = scheme_of(concept)
        assert about[term("skos:inScheme")] == {NamedNode(CODE + scheme)}, concept
        if scheme in CLASSES:
            assert term(f"vises:{CLASSES[scheme]}") in about[TYPE], concept


def test_the_notation_is_the_end_of_the_iri(concepts: Concepts) -> None:
    for concept, about in concepts.items():
        assert about[term("skos:notation")] == {Literal(concept.value.rpartition("/")[2])}


def test_each_concept_has_one_label_for_each_language_and_a_source(concepts: Concepts) -> None:
    for concept, about in concepts.items():
        languages = Counter(label.language for label in about[term("skos:prefLabel")])
        assert set(languages.values()) == {1}, concept
        assert languages.keys() >= LANGUAGES, concept
        assert all(label.value.strip() for label in about[term("skos:prefLabel")]), concept
        assert about[term("dcterms:source")], concept


def test_labels_are_unique_among_the_siblings(concepts: Concepts) -> None:
    """Different codes of one level may share a label only in lists whose keeper does so."""
    shared = {"legal-form-be", "nuts"}
    counts = Counter(
        (scheme_of(concept), frozenset(about[term("skos:broader")]), label)
        for concept, about in concepts.items()
        for label in about[term("skos:prefLabel")]
        if scheme_of(concept) not in shared
    )
    assert [key for key, count in counts.items() if count > 1] == []


def test_broader_stays_in_the_scheme_and_ends_at_a_top_concept(concepts: Concepts) -> None:
    broader, top = term("skos:broader"), term("skos:topConceptOf")
    for start in concepts:
        node, steps = start, 0
        while concepts[node][broader]:
            (node,) = concepts[node][broader]
            assert node in concepts, (start, node)
            assert scheme_of(node) == scheme_of(start), (start, node)
            steps += 1
            assert steps < 6, start
        assert concepts[node][top] == {NamedNode(CODE + scheme_of(start))}, start
        assert not concepts[start][top] or steps == 0, start


def test_top_concepts_are_said_in_both_directions(
    codes: frozenset[Quad], concepts: Concepts
) -> None:
    said = {(q.object, q.subject) for q in codes if q.predicate == term("skos:hasTopConcept")}
    assert said
    for concept, scheme in said:
        assert concepts[concept][term("skos:topConceptOf")] == {scheme}


def test_links_to_our_codes_lead_somewhere(codes: frozenset[Quad], concepts: Concepts) -> None:
    for q in codes:
        if isinstance(q.object, NamedNode) and q.object.value.startswith(CODE):
            known = q.object in concepts or q.object.value.removeprefix(CODE) in SCHEMES
            assert known, q


def test_a_form_implies_at_most_one_family(concepts: Concepts) -> None:
    for concept, about in concepts.items():
        families = about[term("vises:inFamily")]
        assert len(families) <= 1, concept
        assert all(scheme_of(family) == "family" for family in families), concept
        assert not families or scheme_of(concept).startswith("legal-form-")


@pytest.mark.parametrize(
    ("form", "family"),
    [
        ("legal-form-fr/9220", "association"),
        ("legal-form-fr/5458", "cooperative"),
        ("legal-form-fr/6316", "cooperative"),
        ("legal-form-fr/8210", "mutual"),
        ("legal-form-fr/9300", "foundation"),
        ("legal-form-fr/5710", None),
        ("legal-form-fr/5442", None),
        ("legal-form-fr/9110", None),
        ("legal-form-fr/9224", None),
        ("legal-form-be/017", "association"),
        ("legal-form-be/706", "cooperative"),
        ("legal-form-be/019", "mutual"),
        ("legal-form-be/029", "foundation"),
        ("legal-form-be/515", "social-enterprise"),
        ("legal-form-be/721", None),
        ("legal-form-be/722", None),
    ],
)
def test_families_of_well_known_forms(concepts: Concepts, form: str, family: str | None) -> None:
    wanted = {NamedNode(f"{CODE}family/{family}")} if family else set()
    assert concepts[NamedNode(CODE + form)][term("vises:inFamily")] == wanted


def test_regions_match_the_european_codes_and_belong_to_their_country(concepts: Concepts) -> None:
    for concept, about in concepts.items():
        if scheme_of(concept) == "nuts" and concept.value != f"{CODE}nuts/EU27_2020":
            code = concept.value.rpartition("/")[2]
            assert about[term("skos:exactMatch")] == {
                NamedNode(f"http://data.europa.eu/nuts/code/{code}")
            }
            parents = {parent.value.rpartition("/")[2] for parent in about[term("skos:broader")]}
            assert parents == ({code[:-1]} if len(code) > 2 else set())


def test_only_the_union_is_of_no_version_of_nuts(concepts: Concepts) -> None:
    vintage = term("vises:nutsVintage")
    regions = {c: about for c, about in concepts.items() if scheme_of(c) == "nuts"}
    (union,) = (code for code, about in regions.items() if not about[vintage])
    assert union == NamedNode(f"{CODE}nuts/EU27_2020")


def test_each_departement_of_the_present_vintages_is_found_by_its_code(concepts: Concepts) -> None:
    found = {
        value.value: concept.value.rpartition("/")[2]
        for concept, about in concepts.items()
        for value in about[term("vises:departementCode")]
    }
    metropolitan = {f"{n:02}" for n in range(1, 96)} - {"20"} | {"2A", "2B"}
    assert set(found) == metropolitan | {"971", "972", "973", "974", "976"}
    assert found["59"] == "FRE11"
    assert found["2A"] == "FRM01"
    assert all(
        Literal("2024") in concepts[NamedNode(f"{CODE}nuts/{code}")][term("vises:nutsVintage")]
        for code in found.values()
    )


def test_the_regions_of_2013_are_replaced_by_those_of_the_same_name(concepts: Concepts) -> None:
    replaced = {
        concept.value.rpartition("/")[2]: {new.value.rpartition("/")[2] for new in about[key]}
        for concept, about in concepts.items()
        for key in [term("dcterms:isReplacedBy")]
        if about[key]
    }
    assert replaced["FR301"] == {"FRE11"}
    assert replaced["FR30"] == {"FRE1"}
    label = term("skos:prefLabel")
    for old, new in replaced.items():
        (code,) = new
        before, after = (concepts[NamedNode(f"{CODE}nuts/{c}")] for c in (old, code))
        assert before[label] == after[label]
        assert before[term("vises:nutsVintage")] == {Literal("2013")}


def test_belgium_has_three_regions_and_eleven_areas_of_level_two(concepts: Concepts) -> None:
    belgian = {code for code in notations(concepts, "nuts") if code.startswith("BE")}
    assert Counter(map(len, belgian)) == {2: 1, 3: 3, 4: 11, 5: 44}


def test_nace_has_all_sections_and_divisions(concepts: Concepts) -> None:
    for scheme, sections, divisions in (("nace-rev2", 21, 88), ("nace-rev2.1", 22, 87)):
        found = notations(concepts, scheme)
        assert sum(code.isalpha() for code in found) == sections
        assert sum(code.isdigit() for code in found) == divisions


def test_the_two_revisions_of_nace_correspond_as_the_crosswalk_says(
    codes: frozenset[Quad], concepts: Concepts
) -> None:
    matches = {term(f"skos:{name}") for name in ("exactMatch", "closeMatch", "relatedMatch")}
    said = {
        (q.subject.value.rpartition("/")[2], q.predicate, q.object.value.rpartition("/")[2])
        for q in codes
        if q.predicate in matches and q.object in concepts and scheme_of(q.subject) == "nace-rev2"
    }
    with (CROSSWALKS / "nace-rev2_nace-rev2.1.sssom.tsv").open(encoding="utf-8") as file:
        lines = csv.DictReader((line for line in file if line[0] != "#"), delimiter="\t")
        wanted = {
            (
                row["subject_id"].rpartition(":")[2],
                term(row["predicate_id"]),
                row["object_id"].rpartition(":")[2],
            )
            for row in lines
        }
    assert len(wanted) > 85
    assert said == wanted


def test_belgian_size_classes_match_the_bands_that_they_hold(concepts: Concepts) -> None:
    """Equal bounds match closely, bands within are narrower, and those across a bound related."""
    names = {"closeMatch", "narrowMatch", "relatedMatch", "broadMatch"}
    belgian = [c for c in concepts if scheme_of(c) == "size-band-be"]
    french = [c for c in concepts if scheme_of(c) == "size-band"]
    assert len(belgian) == 9
    for band in belgian:
        low, high = bounds(concepts[band])
        for other in french:
            first, last = bounds(concepts[other])
            wanted = set()
            if (first, last) == (low, high):
                wanted = {"closeMatch"}
            elif low <= first <= last <= high:
                wanted = {"narrowMatch"}
            elif first <= high and low <= last:
                wanted = {"relatedMatch"}
            found = {name for name in names if other in concepts[band][term(f"skos:{name}")]}
            assert found == wanted, (band, other)


def bounds(about: dict[NamedNode, set[NamedNode | Literal]]) -> tuple[int, int]:
    """Return the least and the greatest number in a label such as "10 to 19 jobs"."""
    (label,) = (text.value for text in about[term("skos:prefLabel")] if text.language == "en")
    numbers = [int(number.replace(",", "")) for number in re.findall(r"[\d,]+", label)]
    if "more" in label:
        numbers.append(10**9)
    return (numbers[0], numbers[-1]) if numbers else (0, 0)


def test_perimeters_are_defined_in_three_languages(concepts: Concepts) -> None:
    for concept, about in concepts.items():
        if scheme_of(concept) == "perimeter":
            assert {text.language for text in about[term("skos:definition")]} == LANGUAGES


@pytest.mark.parametrize(
    ("perimeter", "territory"),
    [
        ("insee-flag", "FR"),
        ("insee-ess", "FR"),
        ("ess-france-list", "FR"),
        ("cress-hauts-de-france", "FRE"),
        ("observatoire-es", "BE"),
        ("legal-category-fr", "FR"),
        ("legal-category-be", "BE"),
        ("ciriec", "EU27_2020"),
    ],
)
def test_each_perimeter_that_a_figure_needs_is_there(
    concepts: Concepts, perimeter: str, territory: str
) -> None:
    about = concepts[NamedNode(f"{CODE}perimeter/{perimeter}")]
    assert about[term("vises:territory")] == {NamedNode(f"{CODE}nuts/{territory}")}


def period(about: dict[NamedNode, set[NamedNode | Literal]]) -> tuple[str | None, str | None]:
    """Return the first and the last day on which a code is valid, as far as they are known."""
    found = []
    for name in ("schema:validFrom", "schema:validThrough"):
        values = about[term(name)]
        assert len(values) <= 1
        found.append(next((value.value for value in values), None))
    return found[0], found[1]


def test_periods_are_dates_in_order(concepts: Concepts) -> None:
    kinds = {term(f"xsd:{name}"): shape for name, shape in DATES.items()}
    for concept, about in concepts.items():
        for name in ("schema:validFrom", "schema:validThrough"):
            for value in about[term(name)]:
                assert re.fullmatch(kinds[value.datatype], value.value), concept
        first, last = period(about)
        assert first is None or last is None or first <= last, concept


DATES = {
    "date": r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])",
    "gYearMonth": r"\d{4}-(0[1-9]|1[0-2])",
    "gYear": r"\d{4}",
}


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("legal-form-be/706", "2019-05-01", None),
        ("legal-form-be/610", "2019-05-01", None),
        ("legal-form-be/006", None, "2023-12-31"),
        ("legal-form-be/506", "1996-07-01", "2023-12-31"),
        ("legal-form-be/560", None, "2023-12-31"),
        ("legal-form-be/017", None, None),
        ("legal-form-fr/5710", None, None),
        ("nuts/FRE11", "2018-01-01", None),
        ("nuts/FR301", None, "2017-12-31"),
        ("nuts/EU27_2020", "2020-02-01", None),
        ("nace-rev2/88", "2008-01-01", None),
        ("nace-rev2.1/88", "2025-01-01", None),
        ("sdg/8", "2016-01-01", None),
        ("perimeter/ess-france-list", "2015-12", None),
    ],
)
def test_periods_of_well_known_codes(
    concepts: Concepts, code: str, first: str | None, last: str | None
) -> None:
    assert period(concepts[NamedNode(CODE + code)]) == (first, last)


def test_every_code_of_nace_and_every_goal_has_a_first_day(concepts: Concepts) -> None:
    for concept, about in concepts.items():
        if scheme_of(concept) in {"nace-rev2", "nace-rev2.1", "sdg"}:
            assert period(about)[0], concept


def test_codes_of_nuts_end_with_their_last_version(concepts: Concepts) -> None:
    """A code of 2013 alone ends, and what replaces it begins on the day after."""
    vintage, ended = term("vises:nutsVintage"), 0
    for concept, about in concepts.items():
        if scheme_of(concept) == "nuts" and about[vintage]:
            only_2013 = about[vintage] == {Literal("2013")}
            assert (period(about)[1] == "2017-12-31") == only_2013, concept
            ended += only_2013
            for new in about[term("dcterms:isReplacedBy")]:
                assert period(concepts[new])[0] == "2018-01-01"
    assert ended


def test_social_purpose_forms_end_with_the_transition_to_the_code_of_2019(
    concepts: Concepts,
) -> None:
    last = {
        concept.value.rpartition("/")[2]: period(about)[1]
        for concept, about in concepts.items()
        if scheme_of(concept) == "legal-form-be"
        and NamedNode(f"{CODE}family/social-enterprise") in about[term("vises:inFamily")]
    }
    assert last.pop("651") is None  # what became of it was not found
    assert last
    assert set(last.values()) == {"2023-12-31"}


@pytest.mark.shared
def test_belgian_forms_and_nace_labels_are_those_of_the_register(
    concepts: Concepts, shared: Path
) -> None:
    lists = {"JuridicalForm": "legal-form-be", "Nace2008": "nace-rev2", "Nace2025": "nace-rev2.1"}
    with (shared / "data/kbo/code.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["Category"] in lists]
    forms = {row["Code"] for row in rows if row["Category"] == "JuridicalForm"}
    assert notations(concepts, "legal-form-be") == forms
    compared = 0
    for row in rows:
        scheme, code, language = lists[row["Category"]], row["Code"], row["Language"].lower()
        if scheme != "legal-form-be" and not (len(code) == 2 and language in LANGUAGES):
            continue
        ours = concepts[NamedNode(f"{CODE}{scheme}/{code}")][term("skos:prefLabel")]
        (label,) = (text.value for text in ours if text.language == language)
        wanted = " ".join(row["Description"].replace("\u2019", "'").split()).rstrip(";")
        if (scheme, code, language) == ("nace-rev2", "45", "fr"):
            assert label.replace(" de véhicules", " véhicules") == wanted  # a word fell out there
        else:
            assert label == wanted
        compared += 1
    assert compared == 146 * 3 + (88 + 87) * 2


@pytest.mark.shared
def test_every_legal_category_of_real_french_units_is_in_the_list(
    concepts: Concepts, shared: Path
) -> None:
    with (shared / "data/sirene/units_with_ess_flag.csv").open(encoding="utf-8", newline="") as f:
        used = {row["categorieJuridiqueUniteLegale"] for row in csv.DictReader(f)}
    used.discard("")
    assert len(used) > 20
    assert used - notations(concepts, "legal-form-fr") == set()


@pytest.mark.shared
def test_every_legal_form_of_real_belgian_enterprises_is_in_the_list(
    concepts: Concepts, shared: Path
) -> None:
    with (shared / "data/kbo/enterprise.csv").open(encoding="utf-8-sig", newline="") as file:
        used = {row["JuridicalForm"] for row in csv.DictReader(file)} - {""}
    assert used
    assert used - notations(concepts, "legal-form-be") == set()
