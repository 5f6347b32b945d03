"""The quality checks: the package passes them, and each fails on what it is for, alone."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store
from rdflib.plugins.sparql import prepareQuery

from vises.namespaces import VOCABULARY_BASE, Iris
from vises.validation.quality import (
    EACH,
    LEVELS,
    UNUSED,
    Check,
    CheckError,
    Finding,
    check_package,
    check_release,
    checks,
    examine,
    exceptions,
    failed,
    package_store,
    read_check,
)

HERE = Path(__file__).parent
CASES = sorted([*HERE.glob("*.ttl"), *HERE.glob("*.ru")])
SPOILT = [path for path in CASES if path.stem != "sound"]
ROOT = Path(__file__).parents[2]
UNCHECKED = ROOT / "queries/quality/unchecked.toml"
# The rules, by checklist, as published; those of SEMIC are the ones on RDF, OWL and SHACL.
RULES = {
    "SEMIC style guide": {
        *(f"MC-R{n}" for n in range(1, 4)),
        *(f"GC-R{n}" for n in range(1, 8)),
        *(f"CMC-R{n}" for n in (3, 4, 5, 11, 14, 15)),
        *(f"SC-R{n}" for n in range(1, 6)),
        *(f"DSC-R{n}" for n in range(1, 6)),
        *(f"PC-R{n}" for n in range(1, 7)),
    },
    "ROBOT report": {
        *("deprecated_boolean_datatype", "deprecated_class_reference"),
        *("deprecated_property_reference", "duplicate_definition", "duplicate_label"),
        *("illegal_use_of_built_in_vocabulary", "label_formatting", "label_whitespace"),
        *("missing_label", "missing_ontology_description", "missing_ontology_license"),
        *("missing_ontology_title", "misused_obsolete_label", "misused_replaced_by"),
        *("multiple_definitions", "multiple_equivalent_class_definitions", "multiple_labels"),
        *("annotation_whitespace", "duplicate_exact_synonym", "duplicate_label_synonym"),
        *("duplicate_scoped_synonym", "equivalent_pair", "equivalent_class_axiom_no_genus"),
        *("invalid_xref", "missing_definition", "missing_obsolete_label"),
        *("missing_subset_declaration", "missing_synonymtype_declaration"),
        *("multiple_equivalent_classes", "invalid_entity_uri", "lowercase_definition"),
        "missing_superclass",
    },
    "FOOPS!": {
        *("FIND1", "FIND2", "FIND3", "FIND_3_BIS", "HTTP1", "OM1", "OM2", "OM3", "OM4.1"),
        *("OM4.2", "OM5.1", "OM5.2", "URI1", "URI2", "VER1", "VER2", "VOC1", "VOC2", "VOC3"),
        *("VOC4", "PURL1", "CN1", "DOC1", "RDF1"),
    },
    "OOPS!": {f"P{n:02}" for n in range(1, 42)},
}


@pytest.fixture
def sound() -> Store:
    store = Store()
    store.load(path=str(HERE / "sound.ttl"), format=RdfFormat.TURTLE)
    return store


def of_rules(check: Check) -> set[tuple[str, str]]:
    """Return the rules that a check names, by checklist."""
    named = {name.split()[0]: name for name in RULES}
    pairs = (source.partition(" ") for source in check.sources)
    return {(named[name], rule) for name, _, rule in pairs if name in named}


def test_the_package_passes() -> None:
    assert [f for f in check_package() if f.reason is None] == []


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.id)
def test_a_check_says_what_must_hold_in_three_languages(check: Check) -> None:
    assert set(check.title) == {"fr", "nl", "en"}
    assert all(text.endswith(".") for text in check.title.values())
    assert check.level in LEVELS
    prepareQuery(check.sparql)


def test_nothing_is_found_in_what_is_sound(sound: Store) -> None:
    assert examine(sound, checks(), {}) == []


@pytest.mark.parametrize("case", SPOILT, ids=lambda case: case.stem)
def test_a_case_is_found_by_the_check_of_its_name_alone(case: Path, sound: Store) -> None:
    """A case is Turtle that is added, or an update where something has to go."""
    if case.suffix == ".ttl":
        sound.load(path=str(case), format=RdfFormat.TURTLE)
    else:
        sound.update(case.read_text("utf-8"))
    found = examine(sound, checks(), {})
    assert {finding.check for finding in found} == {case.stem}, found


def test_a_node_shape_that_reports_by_itself_needs_words_too(sound: Store) -> None:
    sound.update("""
        PREFIX sh: <http://www.w3.org/ns/shacl#>
        INSERT DATA { <https://w3id.org/vises/shapes#HarvestShape> sh:nodeKind sh:IRI }""")
    found = [(finding.check, finding.value) for finding in examine(sound, checks(), {})]
    assert found == [
        *(("shape-message", language) for language in ("en", "fr", "nl")),
        ("shape-severity", ""),
    ]


def test_each_check_has_a_case() -> None:
    """Those of cubes, lists and figures are in the folder statistics, with a base of their own."""
    cases = {path.stem for pattern in ("*.ttl", "*.ru") for path in HERE.rglob(pattern)}
    assert cases - {"sound"} == {check.id for check in checks()}


def test_each_rule_of_the_checklists_is_checked_or_said_not_to_be() -> None:
    listed = tomllib.loads(UNCHECKED.read_text("utf-8"))
    unchecked = {(name, rule) for name, rules in listed.items() for rule in rules}
    checked = {rule for check in checks() for rule in of_rules(check)}
    assert checked & unchecked == set()
    assert checked | unchecked == {(name, rule) for name, rules in RULES.items() for rule in rules}


def test_exceptions_are_for_checks_that_exist() -> None:
    assert set(exceptions()) <= {check.id for check in checks()}
    assert all(reason.endswith(".") for known in exceptions().values() for reason in known.values())


HARVEST = "https://w3id.org/vises/ontology#Harvest"


def test_a_known_exception_keeps_its_finding_with_the_reason(sound: Store) -> None:
    sound.update((HERE / "class-shape.ru").read_text("utf-8"))
    (found,) = examine(sound, checks(), {"class-shape": {HARVEST: "It is new."}})
    assert (found.check, found.entity, found.reason) == ("class-shape", HARVEST, "It is new.")
    assert not failed([found])
    assert failed(examine(sound, checks(), {}))


def test_an_exception_for_nothing_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    known = exceptions() | {"class-shape": {HARVEST: "It is new."}}
    monkeypatch.setattr("vises.validation.quality.exceptions", lambda: known)
    left = [finding for finding in check_package() if finding.reason is None]
    assert left == [Finding(UNUSED, "error", HARVEST, "class-shape", "It is new.")]
    assert failed(left)


def test_what_is_only_worth_a_look_does_not_fail(sound: Store) -> None:
    sound.update((HERE / "superclass-missing.ru").read_text("utf-8"))
    (found,) = examine(sound, checks(), {})
    assert found.level == "info"
    assert not failed([found])


def test_a_release_is_checked_with_its_data() -> None:
    store = package_store()
    wrong = '<https://data.example/x> <http://w3.org/ns/locn#postCode> "59000" .'
    store.load(wrong.encode(), RdfFormat.TURTLE, to_graph=Iris("https://data.example/").graph("x"))
    (found,) = (
        f for f in check_release(store) if f.check == "namespace-near-miss" and not f.reason
    )
    assert found.entity == "https://data.example/x"


def test_the_facts_of_the_demonstration_pass() -> None:
    """Not the invented ones: what they count is not in the files."""
    store = package_store()
    facts = [p for p in (ROOT / "demo/files").glob("*.ttl") if not p.stem.startswith("demo-")]
    assert facts
    for path in facts:
        graph = Iris(VOCABULARY_BASE).graph(path.stem)
        store.load(
            path=str(path), format=RdfFormat.TURTLE, base_iri=VOCABULARY_BASE, to_graph=graph
        )
    assert [f for f in check_release(store) if f.reason is None] == []


HEADER = "#+ id: x\n#+ title:\n#+   en: All is well.\n#+ source: OOPS! P01\n#+ level: warn\n"


@pytest.mark.parametrize(
    "line", ["id: x", "  en: All is well.", "source: OOPS! P01", "level: warn"]
)
def test_a_check_without_a_full_header_is_refused(line: str) -> None:
    assert read_check(f"{HEADER}SELECT * {{}}", "x").level == "warn"
    with pytest.raises(CheckError, match=r"queries/quality/x\.rq: The header is not complete"):
        read_check(HEADER.replace(f"#+ {line}\n", ""), "x")


@pytest.mark.parametrize(
    ("more", "query"),
    [("", "SELECT * { ?x <urn:vises:each> ?y }"), ("#+ each: qb:component\n", "SELECT * {}")],
)
def test_a_query_for_each_property_says_which(more: str, query: str) -> None:
    with pytest.raises(CheckError, match="do not agree"):
        read_check(HEADER + more + query, "x")


def test_a_path_that_is_none_is_refused() -> None:
    check = read_check(f"{HEADER}#+ each: qb:(\nSELECT * {{ ?x {EACH} ?y }}", "x")
    with pytest.raises(CheckError, match="expected"):
        examine(Store(), [check], {})


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?entity WHERE {", "expected"),
        ("SELECT ?entity WHERE { ?entity ?p ?o }", "other columns"),
        ("ASK { ?entity ?p ?o }", "other columns"),
    ],
)
def test_a_query_of_another_form_is_refused(query: str, message: str) -> None:
    check = read_check(HEADER + query, "x")
    with pytest.raises(CheckError, match=message):
        examine(Store(), [check], {})
