"""The crosswalks between classifications agree with the code lists and with the sources."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
import rdflib
from rdflib import SKOS

from vises.ingest.alignments import alignment
from vises.ingest.vocabulary import code_lists

ROOT = Path(__file__).parents[2] / "ontology"
NAMES = [
    *("legal-forms_essglobal", "nace-bel_nace", "nace-rev2_nace-rev2.1"),
    "nace-rev2_nace-rev2.1_classes",
    *("naf-2025_nace-rev2.1", "naf-rev2_nace-rev2"),
]
BY_NOTATION = {"nace-bel_nace", "naf-2025_nace-rev2.1", "naf-rev2_nace-rev2"}
"""Crosswalks of nested classifications: the first digits of a code are the code above it."""
REQUIRED = {
    *("mapping_set_id", "mapping_set_title", "mapping_set_description", "mapping_set_version"),
    *("license", "curie_map"),
}
CODE = "https://w3id.org/vises/code/"
BEL = "list:"
"""What the lists of NACE-BEL begin with, which have no IRIs of their own."""


def rows(name: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the head and the rows of a crosswalk, its CURIEs written out."""
    lines = (ROOT / "crosswalks" / f"{name}.sssom.tsv").read_text(encoding="utf-8").splitlines()
    comments = [line.removeprefix("# ") for line in lines if line.startswith("# ")]
    head = {k.strip(): v.strip().strip('"') for k, _, v in (c.partition(":") for c in comments)}
    table = list(csv.DictReader(lines[len(comments) :], delimiter="\t"))
    for row in table:
        for column in ("subject_id", "predicate_id", "object_id"):
            if column in row:
                prefix, _, local = row[column].partition(":")
                row[column] = head[prefix] + local
    return head, table


def divisions(scheme: str) -> set[str]:
    return {code for code in code_lists().notations[scheme] if code.isdigit()}


def test_these_are_all() -> None:
    assert sorted(p.name for p in (ROOT / "crosswalks").iterdir()) == [
        f"{name}.sssom.tsv" for name in NAMES
    ]


@pytest.mark.parametrize("name", NAMES)
def test_each_row_is_whole_and_unique(name: str) -> None:
    head, table = rows(name)
    assert head.keys() >= REQUIRED
    justification = "LexicalMatching" if name in BY_NOTATION else "ManualMappingCuration"
    for row in table:
        assert row["predicate_id"].startswith(str(SKOS))
        assert row["mapping_justification"] == f"semapv:{justification}"
        assert 0 < float(row["confidence"]) <= 1
    ends = ("subject_id", "subject_source", "subject_label", "object_id")
    keys = [tuple(row.get(end) for end in ends) for row in table]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("name", NAMES)
def test_every_code_of_ours_exists_and_bears_its_label(name: str) -> None:
    codes = rdflib.Graph()
    for scheme in ("nace-rev2", "nace-rev2.1", "legal-form-fr", "legal-form-be"):
        codes.parse(ROOT / "codes" / f"{scheme}.ttl")
    for row in rows(name)[1]:
        for end in ("subject", "object"):
            iri = row.get(f"{end}_id", "")
            if iri.startswith(CODE):
                labels = {str(x) for x in codes.objects(rdflib.URIRef(iri), SKOS.prefLabel)}
                assert labels, iri
                assert row.get(f"{end}_label") in {*labels, None}


def test_naf_and_nace_bel_cover_every_division() -> None:
    table = rows("naf-rev2_nace-rev2")[1]
    naf = {r["subject_id"].rpartition("/")[2]: r["object_id"] for r in table}
    assert naf == {d: f"{CODE}nace-rev2/{d}" for d in divisions("nace-rev2")}
    naf_2025 = {r["subject_label"]: r["object_id"] for r in rows("naf-2025_nace-rev2.1")[1]}
    assert naf_2025 == {d: f"{CODE}nace-rev2.1/{d}" for d in divisions("nace-rev2.1")}
    table = rows("nace-bel_nace")[1]
    bel = {(r["subject_source"], r["subject_label"]): r["object_id"] for r in table}
    assert bel == {
        (source, d): f"{CODE}{scheme}/{d}"
        for source, scheme in ((f"{BEL}Nace2008", "nace-rev2"), (f"{BEL}Nace2025", "nace-rev2.1"))
        for d in divisions(scheme)
    }


def test_each_division_of_rev_2_leads_to_rev_2_1() -> None:
    pairs: dict[str, set[str]] = {}
    for row in rows("nace-rev2_nace-rev2.1")[1]:
        old, new = (row[f"{end}_id"].rpartition("/")[2] for end in ("subject", "object"))
        pairs.setdefault(old, set()).add(new)
    assert pairs.pop("45") == {"46", "47", "95"}
    assert pairs == {d: {d} for d in divisions("nace-rev2") - {"45"}}
    assert set().union(*pairs.values()) == divisions("nace-rev2.1")


def classes() -> dict[tuple[str, str], str]:
    """Return the predicate of each pair of an older and a newer class of NACE."""
    return {
        (r["subject_id"].rpartition("/")[2], r["object_id"].rpartition("/")[2]): r[
            "predicate_id"
        ].removeprefix(str(SKOS))
        for r in rows("nace-rev2_nace-rev2.1_classes")[1]
    }


def test_the_predicate_of_a_pair_of_classes_says_how_many_others_there_are() -> None:
    pairs = classes()
    older, newer = (Counter(ends) for ends in zip(*pairs, strict=True))
    names = {
        (True, True): "exactMatch",
        (True, False): "broadMatch",
        (False, True): "narrowMatch",
        (False, False): "relatedMatch",
    }
    for (old, new), predicate in pairs.items():
        assert predicate == names[older[old] == 1, newer[new] == 1], (old, new)


@pytest.mark.parametrize(
    ("old", "new", "predicate"),
    [
        ("8810", "8810", "exactMatch"),  # social work without accommodation for the elderly
        ("6201", "6210", "exactMatch"),
        ("8510", "8891", "relatedMatch"),
        ("8690", "8693", "narrowMatch"),
        ("5610", "5612", "narrowMatch"),
        ("6311", "6310", "relatedMatch"),
        ("4110", "6812", "exactMatch"),
        ("8790", "8799", "exactMatch"),
        ("3101", "3100", "broadMatch"),
    ],
)
def test_pairs_of_classes_are_those_of_the_table(old: str, new: str, predicate: str) -> None:
    assert classes()[old, new] == predicate


def test_each_division_is_reached_by_its_classes() -> None:
    pairs = classes()
    assert {old[:2] for old, _ in pairs} == divisions("nace-rev2")
    assert {new[:2] for _, new in pairs} == divisions("nace-rev2.1")


@pytest.mark.shared
def test_every_class_of_both_revisions_has_a_pair(shared: Path) -> None:
    """The Belgian list holds every class of NACE; 46.89 has no pair in Eurostat's table."""
    published: dict[str, set[str]] = {"Nace2008": set(), "Nace2025": set()}
    with (shared / "data" / "kbo" / "code.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["Category"] in published and len(row["Code"]) == 4 and row["Code"].isdigit():
                published[row["Category"]].add(row["Code"])
    older, newer = (set(ends) for ends in zip(*classes(), strict=True))
    assert len(older) == 615
    assert len(newer) == 650
    assert older == published["Nace2008"]
    assert newer | {"4689"} == published["Nace2025"]


@pytest.mark.shared
def test_nace_bel_has_these_divisions(shared: Path) -> None:
    with (shared / "data" / "kbo" / "code.csv").open(encoding="utf-8-sig") as file:
        published = {
            (BEL + row["Category"], row["Code"])
            for row in csv.DictReader(file)
            if row["Category"] in {"Nace2008", "Nace2025"}
            and len(row["Code"]) == 2
            and row["Code"].isdigit()
        }
    assert {
        (r["subject_source"], r["subject_label"]) for r in rows("nace-bel_nace")[1]
    } == published


def test_legal_forms_go_where_their_families_go() -> None:
    by_family: dict[str, set[str]] = {}
    for c in alignment("essglobal").correspondences:
        by_family.setdefault(c.subject, set()).add(c.object)
    forms = rdflib.Graph()
    for scheme in ("legal-form-fr", "legal-form-be"):
        forms.parse(ROOT / "codes" / f"{scheme}.ttl")
    in_family = rdflib.URIRef("https://w3id.org/vises/ontology#inFamily")
    mapped = set()
    for row in rows("legal-forms_essglobal")[1]:
        family = forms.value(rdflib.URIRef(row["subject_id"]), in_family)
        mapped.add(row["subject_id"])
        workers = row["object_id"].endswith("/OS60") and "SCOP" in row["subject_label"]
        assert workers or row["object_id"] in by_family[str(family)]
    assert mapped == {str(form) for form in forms.subjects(in_family)}
