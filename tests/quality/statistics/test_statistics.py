"""The checks on cubes, code lists and figures: each fails on what it is for, alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from vises.validation.quality import Finding, checks, examine

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
OURS = [check for check in checks() if check.id.startswith(("qb-ic-", "skos-", "statistics-"))]
SPOILT = sorted({*HERE.glob("*.ttl"), *HERE.glob("*.ru")} - {HERE / "sound.ttl"})
VOCABULARY = [
    ROOT / "ontology/statistics.ttl",
    ROOT / "ontology/organisation.ttl",
    *(
        ROOT / f"ontology/codes/{name}.ttl"
        for name in ("family", "perimeter", "nuts", "nace-rev2", "legal-form-fr")
    ),
]
# A publication gives the measures that it gives, so regional figures never have all of them.
KNOWN = {
    "qb-ic-17": {
        f"https://example.org/{name}": "As published."
        for name in ("figures", "sector-figures", "derived")
    }
}


@pytest.fixture
def sound() -> Store:
    """Return the small cube with the structures and lists that it uses."""
    store = Store()
    for path in (*VOCABULARY, HERE / "sound.ttl"):
        store.load(path=str(path), format=RdfFormat.TURTLE)
    return store


def found(store: Store) -> list[Finding]:
    return [finding for finding in examine(store, OURS, KNOWN) if finding.reason is None]


def test_all_integrity_constraints_of_the_data_cube_are_there() -> None:
    sources = {source for check in OURS for source in check.sources}
    assert {f"Data Cube IC-{number}" for number in range(1, 22)} <= sources
    assert {"SKOS S9", "SKOS S13", "SKOS S14", "SKOS S27", "SKOS S37", "SKOS S46"} <= sources


def test_nothing_is_found_in_what_is_sound(sound: Store) -> None:
    assert found(sound) == []


@pytest.mark.parametrize("case", SPOILT, ids=lambda case: case.stem)
def test_a_case_is_found_by_the_check_of_its_name_alone(case: Path, sound: Store) -> None:
    """A case is Turtle that is added, or an update where something has to go."""
    before = len(sound)
    if case.suffix == ".ttl":
        sound.load(path=str(case), format=RdfFormat.TURTLE)
    else:
        sound.update(case.read_text("utf-8"))
    assert len(sound) != before or "INSERT" in case.read_text("utf-8")
    assert {finding.check for finding in found(sound)} == {case.stem}, found(sound)


@pytest.mark.parametrize(
    ("named", "link", "failing"),
    [
        ("ex:contains", "ex:land ex:contains ex:north", set()),
        ("ex:contains", "ex:north ex:contains ex:land", {"qb-ic-20"}),
        ("[ owl:inverseOf ex:within ]", "ex:north ex:within ex:land", set()),
        ("[ owl:inverseOf ex:within ]", "ex:land ex:within ex:north", {"qb-ic-21"}),
    ],
)
def test_a_hierarchy_goes_by_the_property_that_its_list_names(
    named: str, link: str, failing: set[str], sound: Store
) -> None:
    sound.update(f"""
        PREFIX ex: <https://example.org/>
        PREFIX owl: <http://www.w3.org/2002/07/owl#>
        PREFIX qb: <http://purl.org/linked-data/cube#>
        INSERT DATA {{
          ex:path qb:codeList ex:other . {link} .
          ex:other a qb:HierarchicalCodeList ;
            qb:hierarchyRoot ex:land ; qb:parentChildProperty {named} .
        }}""")
    assert {finding.check for finding in found(sound)} == failing


def test_whom_a_total_has_in_no_family_is_counted_and_hides_a_cell(sound: Store) -> None:
    """A commercial company is of no family: one hidden family may be it, or the company."""
    sound.update("""
        PREFIX ex: <https://example.org/>
        PREFIX form: <https://w3id.org/vises/code/legal-form-fr/>
        PREFIX vises: <https://w3id.org/vises/ontology#>
        DELETE DATA { ex:three vises:legalForm form:9220 } ;
        INSERT DATA { ex:three vises:legalForm form:5710 } ;
        DELETE WHERE { ex:foundations ?property ?value }""")
    assert found(sound) == []


def test_each_check_has_a_case() -> None:
    assert {case.stem for case in SPOILT} == {check.id for check in OURS}
