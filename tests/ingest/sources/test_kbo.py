"""KBO/BCE: seven files, two kinds of person, three languages."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from vises.errors import BadInput
from vises.ingest.pipeline import PartialExtract
from vises.ingest.quarantine import Threshold
from vises.ingest.sources.kbo.postcodes import PROVINCES, province
from vises.ingest.sources.kbo.sample import write_sample
from vises.ingest.vocabulary import code_lists

if TYPE_CHECKING:
    from vises.ingest.report import IngestReport

House = Any
"""The class in conftest.py, which a test module cannot import."""

Write = Callable[[str, str], Path]
CODE = "https://w3id.org/vises/code/"
BE = "https://w3id.org/vises/enterprise/be-0000000196"
META = '"Variable","Value"\n"SnapshotDate","11-10-2025"\n"ExtractType","full"\n'
ENTERPRISE = (
    '"EnterpriseNumber","Status","JuridicalSituation","TypeOfEnterprise","JuridicalForm",'
    '"JuridicalFormCAC","StartDate"\n'
    '"0000.000.196","AC","000","2","008","706",14-03-2005\n'
    '"0000.000.295","AC","000","1",,,14-03-2005\n'
    '"0000.000.394","AC","000","2","610",,14-03-2005\n'
)
DENOMINATION = (
    '"EntityNumber","Language","TypeOfDenomination","Denomination"\n'
    '"0000.000.196","1","001","La Maison ""de"" Marlouette"\n'
    '"0000.000.196","2","001","Het Huis van Marlouette"\n'
    '"0000.000.196","0","002","LMM"\n'
    '"0000.000.196","1","004","Succursale"\n'
    '"0000.000.295","1","001","DUPONT-FICTIF"\n'
)
ADDRESS = (
    '"EntityNumber","TypeOfAddress","CountryNL","CountryFR","Zipcode","MunicipalityNL",'
    '"MunicipalityFR","StreetNL","StreetFR","HouseNumber","Box","ExtraAddressInfo",'
    '"DateStrikingOff"\n'
    '"0000.000.196","REGO",,,"5000","Namen","Namur","x","x","1",,,\n'
    '"2.000.000.339","BAET",,,"5000","Namen","Namur","x","x","1",,,\n'
)
ACTIVITY = (
    '"EntityNumber","ActivityGroup","NaceVersion","NaceCode","Classification"\n'
    '"0000.000.196","001","2025","94999","MAIN"\n'
    '"0000.000.196","006","2008","88999","MAIN"\n'
    '"0000.000.196","001","2003","91330","MAIN"\n'
    '"0000.000.196","001","2025","56112","SECO"\n'
)


@pytest.fixture
def extract(write: Write) -> Path:
    write("k/meta.csv", META)
    write("k/enterprise.csv", ENTERPRISE)
    write("k/denomination.csv", DENOMINATION)
    write("k/address.csv", ADDRESS)
    form = '"JuridicalForm","706","FR","SC"\n'
    write("k/code.csv", f'"Category","Code","Language","Description"\n{form}')
    return write("k/activity.csv", ACTIVITY).parent


def refused(report: IngestReport) -> list[tuple[str, int, str]]:
    lines = Path(report.quarantine).read_text("utf-8").splitlines() if report.quarantine else []
    return [(e["file"], e["line"], e["rule"]) for e in map(json.loads, lines)]


def test_everything_of_an_enterprise_is_said(strict_house: House, extract: Path) -> None:
    report = strict_house.ingest("kbo", extract)
    assert report.as_of == "2025-10-11"
    facts = strict_house.ask(f"SELECT ?p ?o (LANG(?o) AS ?l) {{ <{BE}> ?p ?o }}")
    assert {(p.rpartition("#")[2].rpartition("/")[2], o, tag) for p, o, tag in facts} == {
        ("type", "https://w3id.org/vises/ontology#Enterprise", ""),
        ("legalName", 'La Maison "de" Marlouette', "fr"),
        ("legalName", "Het Huis van Marlouette", "nl"),
        ("altLabel", "LMM", ""),
        ("legalForm", CODE + "legal-form-be/706", ""),
        ("activity", CODE + "nace-rev2.1/94", ""),
        ("activity", CODE + "nace-rev2/88", ""),
        ("activityNotation", "94999", ""),
        ("activityNotation", "88999", ""),
        ("operatingStatus", CODE + "operating-status/active", ""),
        ("foundingDate", "2005-03-14", ""),
        ("region", CODE + "nuts/BE35", ""),
        ("identifier", "https://w3id.org/vises/identifier/kbo-0000000196", ""),
        ("registeredAddress", "https://w3id.org/vises/address/be-0000000196", ""),
    }
    assert strict_house.ask(
        "SELECT ?p ?y ?d { ?c vises:perimeter ?p ; vises:countsAsSse ?y ; vises:asOf ?d }"
    ) == [(CODE + "perimeter/legal-category-be", "true", "2025-10-11")]


def test_every_row_is_accounted_for(house: House, extract: Path) -> None:
    report = house.ingest("kbo", extract)
    counts = {f.file: (f.published, dict(f.out_of_scope)) for f in report.files}
    assert counts == {
        "meta.csv": (0, {"about the extract": 2}),
        "enterprise.csv": (
            1,
            {"a natural person": 1, "a juridical form that is of no SSE family": 1},
        ),
        "denomination.csv": (
            3,
            {"the name of a branch": 1, "of an enterprise that is not published": 1},
        ),
        "address.csv": (1, {"of an establishment unit": 1}),
        "code.csv": (0, {"a code of a list that the service has itself, or does not need": 1}),
        "activity.csv": (2, {"an activity in NACE-BEL 2003": 1, "not a main activity": 1}),
    }
    assert house.ask("SELECT ?s { ?s ?p ?o FILTER(CONTAINS(STR(?o), 'DUPONT-FICTIF')) }") == []


def test_the_same_extract_as_a_zip(house: House, extract: Path, tmp_path: Path) -> None:
    path = shutil.make_archive(str(tmp_path / "KboOpenData_0147_2025_10_Full"), "zip", extract)
    report = house.ingest("kbo", Path(path))
    assert [f.published for f in report.files] == [0, 1, 3, 1, 0, 2]
    assert report.files[1].file == "KboOpenData_0147_2025_10_Full.zip/enterprise.csv"


def test_an_update_does_not_replace_the_register(house: House, extract: Path, write: Write) -> None:
    whole = house.ingest("kbo", extract)
    write("k/meta.csv", META.replace("full", "update"))
    with pytest.raises(PartialExtract, match="would lose"):
        house.ingest("kbo", extract)
    current = house.releases.current()
    assert current is not None
    assert current.id == whole.release
    assert house.ingest("kbo", extract, dataset="kbo-update").release > whole.release


def test_orphans_are_refused(house: House, extract: Path, write: Write) -> None:
    write("k/denomination.csv", DENOMINATION + '"0001.000.088","1","001","Sans entreprise"\n')
    report = house.ingest("kbo", extract, max_refused=Threshold(rows=1))
    assert refused(report) == [("denomination.csv", 7, "orphan")]
    assert "Sans entreprise" not in Path(report.quarantine).read_text("utf-8")


def test_in_an_update_they_belong_to_enterprises_that_did_not_change(
    house: House, extract: Path, write: Write
) -> None:
    write("k/meta.csv", META.replace("full", "update"))
    write("k/denomination.csv", DENOMINATION + '"0001.000.088","1","001","Ailleurs"\n')
    report = house.ingest("kbo", extract)
    assert report.files[2].out_of_scope["of an enterprise that is not in this update"] == 1


def test_an_enterprise_without_a_name_is_refused_with_all_that_is_said_of_it(
    house: House, extract: Path, write: Write
) -> None:
    write("k/enterprise.csv", ENTERPRISE + '"0000.000.493","AC","000","2","017",,\n')
    write("k/address.csv", ADDRESS + '"0000.000.493","REGO",,,"5000",,,,,,,,\n')
    report = house.ingest("kbo", extract, max_refused=Threshold(rows=1))
    assert refused(report) == [("enterprise.csv", 5, "no-name")]
    assert report.files[3].out_of_scope["of an enterprise that is not published"] == 1
    assert len(house.ask("SELECT ?a { ?a a locn:Address }")) == 1


def test_what_is_said_of_a_refused_enterprise_is_no_orphan(
    house: House, extract: Path, write: Write
) -> None:
    bad = ENTERPRISE + '"0000.000.493","AC","000","2","017",,31-02-2001\n'
    write("k/enterprise.csv", bad)
    write("k/denomination.csv", DENOMINATION + '"0000.000.493","1","001","La Maison"\n')
    report = house.ingest("kbo", extract, max_refused=Threshold(rows=1))
    assert refused(report) == [("enterprise.csv", 5, "date")]


def test_a_foreign_address_has_no_province(house: House, extract: Path, write: Write) -> None:
    abroad = ADDRESS.replace('"REGO",,,"5000"', '"REGO","Frankrijk","France","5900"')
    write("k/address.csv", abroad)
    house.ingest("kbo", extract)
    assert house.ask("SELECT ?r { ?e vises:region ?r }") == []
    assert house.ask("SELECT ?p { ?a locn:postCode ?p }") == [("5900",)]


def test_an_extract_without_names_is_refused(house: House, extract: Path) -> None:
    (extract / "denomination.csv").unlink()
    with pytest.raises(BadInput, match=r"The file of denomination\.csv is not among them"):
        house.ingest("kbo", extract)


def test_a_zip_of_other_tables_is_refused(house: House, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", META)
        archive.writestr("b.csv", META)
    with pytest.raises(BadInput, match=r"a\.csv, b\.csv"):
        house.ingest("kbo", path)


def test_provinces() -> None:
    known = code_lists().notations["nuts"]
    assert {code for _, code in PROVINCES} <= known
    found = {
        code: province(code) for code in ("1000", "1299", "1300", "1499", "1500", "3499", "3500")
    }
    assert found == {
        "1000": "BE10",
        "1299": "BE10",
        "1300": "BE31",
        "1499": "BE31",
        "1500": "BE24",
        "3499": "BE24",
        "3500": "BE22",
    }
    assert [province(p) for p in ("6599", "6600", "6999", "7000", "9999", "0999", "", "B-50")] == [
        *("BE32", "BE34", "BE34", "BE32", "BE23", "", "", "")
    ]


def test_every_planted_defect_of_our_sample_is_found_once(
    strict_house: House, tmp_path: Path
) -> None:
    sample = write_sample(tmp_path / "sample", enterprises=500, dirty=0.03)
    report = strict_house.ingest("kbo", *sample.files, fictitious=True)
    assert sorted(refused(report)) == sorted((d.file, d.line, d.rule) for d in sample.defects)
    assert {d.rule for d in sample.defects} == {"date", "kbo-check-digit", "orphan"}
    found = {
        e.rpartition("/")[2] for (e,) in strict_house.ask("SELECT ?e { ?e a vises:Enterprise }")
    }
    assert found == set(sample.enterprises)
    assert all(e.startswith("be-0000") for e in found)


@pytest.mark.shared
def test_real_rows(strict_house: House, shared: Path) -> None:
    report = strict_house.ingest("kbo", shared / "data" / "kbo")
    assert [f.published for f in report.files] == [0, 3, 5, 3, 0]
    assert report.quarantine is None
    assert report.as_of == "2025-10-11"


@pytest.mark.shared
def test_the_shared_generator(strict_house: House, shared: Path, tmp_path: Path) -> None:
    tool = shared / "tools" / "make_kbo.py"
    folder = tmp_path / "k"
    subprocess.run([sys.executable, str(tool), "2000", str(folder), "--dirty", "0.01"], check=True)
    report = strict_house.ingest("kbo", folder)
    rules = [rule for _, _, rule in refused(report)]
    assert set(rules) == {"date", "kbo-check-digit", "orphan"}
    names = (folder / "denomination.csv").read_text("utf-8").count('"Orphelin ')
    assert rules.count("orphan") == names
    assert rules.count("date") == (folder / "enterprise.csv").read_text().count("31-02-2001")
    assert not any(
        n.startswith("Persoon") for (n,) in strict_house.ask("SELECT ?n { ?e legal:legalName ?n }")
    )


CODES = (
    '"Category","Code","Language","Description"\n'
    '"Nace2025","94999","FR","Autres associations nca"\n'
    '"Nace2025","94999","NL"," Overige verenigingen, neg"\n'
    '"Nace2003","91330","DE","Sonstige Vereinigungen"\n'
    '"Nace2008","01110","FR","Culture de céréales"\n'
    '"JuridicalForm","017","DE","Vereinigung"\n'
)


def test_activities_have_the_labels_of_code_csv(
    strict_house: House, extract: Path, write: Write
) -> None:
    write("k/code.csv", CODES)
    report = strict_house.ingest("kbo", extract)
    counts = {f.file: f for f in report.files}
    assert counts["code.csv"].published == 3
    assert counts["code.csv"].out_of_scope == {
        "a code that no published enterprise has": 1,
        "a code of a list that the service has itself, or does not need": 1,
    }
    assert counts["activity.csv"].published == 3
    assert strict_house.ask(
        """SELECT ?c ?l (LANG(?l) AS ?lang) ?d {
            ?e <http://www.w3.org/ns/org#classification> ?c . ?c skos:prefLabel ?l
            OPTIONAL { ?c skos:broadMatch ?d } }"""
    ) == [
        ("https://w3id.org/vises/nace-bel/2003/91330", "Sonstige Vereinigungen", "de", ""),
        (
            "https://w3id.org/vises/nace-bel/2025/94999",
            "Autres associations nca",
            "fr",
            f"{CODE}nace-rev2.1/94",
        ),
        (
            "https://w3id.org/vises/nace-bel/2025/94999",
            "Overige verenigingen, neg",
            "nl",
            f"{CODE}nace-rev2.1/94",
        ),
    ]
    assert report.violations == 0


@pytest.mark.shared
def test_the_real_labels_of_activities(strict_house: House, shared: Path, extract: Path) -> None:
    shutil.copy(shared / "data" / "kbo" / "code.csv", extract / "code.csv")
    report = strict_house.ingest("kbo", extract)
    counts = {f.file: f for f in report.files}
    codes = counts["code.csv"]
    assert codes.rows_in == 21_500
    assert codes.published + sum(codes.out_of_scope.values()) == 21_500
    labels = strict_house.ask(
        """SELECT ?c (COUNT(?l) AS ?n) { ?e <http://www.w3.org/ns/org#classification> ?c .
            ?c skos:prefLabel ?l } GROUP BY ?c"""
    )
    assert [(iri.rpartition("nace-bel/")[2], n) for iri, n in labels] == [
        ("2003/91330", "2"),
        ("2008/88999", "2"),
        ("2025/94999", "2"),
    ]
