"""A full extract of KBO/BCE with the updates since: delete, then insert."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from vises.errors import BadInput
from vises.ingest.corrections import SourceChanged
from vises.ingest.quarantine import Threshold
from vises.service.problems import in_each_language

House = Any
Write = Callable[[str, str], Path]

ENTERPRISE = (
    "EnterpriseNumber,Status,JuridicalSituation,TypeOfEnterprise,JuridicalForm,JuridicalFormCAC,"
    "StartDate\n"
)
DENOMINATION = "EntityNumber,Language,TypeOfDenomination,Denomination\n"
ONE, TWO, THREE = "0000.000.196", "0000.000.394", "0000.000.493"
NAMES = """SELECT ?n { ?e a vises:Enterprise ; <http://www.w3.org/ns/legal#legalName> ?n }
    ORDER BY ?n"""


def meta(number: int, kind: str, day: str = "11-10-2025") -> str:
    return f"Variable,Value\nSnapshotDate,{day}\nExtractType,{kind}\nExtractNumber,{number}\n"


def enterprise(number: str) -> str:
    return f"{number},AC,000,2,017,,14-03-2005\n"


def name(number: str, text: str) -> str:
    return f"{number},1,001,{text}\n"


@pytest.fixture
def full(write: Write) -> Path:
    write("full/meta.csv", meta(147, "full"))
    write("full/enterprise.csv", ENTERPRISE + enterprise(ONE) + enterprise(TWO))
    return write("full/denomination.csv", DENOMINATION + name(ONE, "Un") + name(TWO, "Deux")).parent


@pytest.fixture
def update(write: Write) -> Path:
    write("update/meta.csv", meta(148, "update", "12-10-2025"))
    write("update/enterprise_delete.csv", f"EnterpriseNumber\n{TWO}\n{THREE}\n")
    write("update/enterprise_insert.csv", ENTERPRISE + enterprise(THREE))
    write("update/denomination_delete.csv", f"EntityNumber\n{ONE}\n{TWO}\n")
    return write(
        "update/denomination_insert.csv",
        DENOMINATION + name(ONE, "Un nouveau") + name(THREE, "Trois"),
    ).parent


def names(house: House) -> Sequence[str]:
    return [found[0] for found in house.ask(NAMES)]


def test_deleted_and_inserted(house: House, full: Path, update: Path) -> None:
    house.ingest("kbo", full)
    assert names(house) == ["Deux", "Un"]
    report = house.ingest("kbo", full, update)
    assert names(house) == ["Trois", "Un nouveau"]
    assert report.as_of == "2025-10-12"
    assert house.ingest("kbo", full, update).unchanged


def test_every_row_of_both_is_accounted_for(house: House, full: Path, update: Path) -> None:
    report = house.ingest("kbo", full, update)
    counts = [(f.rows_in, f.published, f.quarantined, dict(f.out_of_scope)) for f in report.files]
    assert [f.file for f in report.files][:3] == [
        "full/meta.csv",
        "update/meta.csv",
        "enterprise.csv",
    ]
    withdrawn = {"withdrawn by a later update": 1}
    assert counts == [
        (3, 0, 0, {"about the extract": 3}),
        (3, 0, 0, {"about the extract": 3}),
        (2, 1, 0, withdrawn),
        (1, 1, 0, {}),
        (2, 0, 0, {"withdrawn by a later update": 2}),
        (2, 2, 0, {}),
    ]


def test_the_release_differs_by_what_changed(house: House, full: Path, update: Path) -> None:
    house.ingest("kbo", full)
    house.ingest("kbo", full, update)
    old, new = sorted(house.published)
    graph = "https://w3id.org/vises/graph/kbo"
    changed = [line for d in house.releases.differences(old, new) for line in d.removed]
    assert [line for line in changed if b'"Deux"' in line and graph.encode() in line]
    assert not [line for line in changed if b"identifier/kbo-0000000196> <" in line]


def test_updates_in_the_wrong_order(house: House, full: Path, update: Path, write: Write) -> None:
    write("update/meta.csv", meta(149, "update"))
    with pytest.raises(BadInput, match="149 does not follow extract 147") as caught:
        house.ingest("kbo", full, update)
    told = in_each_language(caught.value)
    assert told["nl"]["detail"] == "Uittreksel 149 volgt niet op uittreksel 147."
    assert str(told["fr"]["remedy"]).startswith("Nommez d’abord un extrait complet")  # noqa: RUF001
    with pytest.raises(BadInput, match="Two files hold"):
        house.ingest("kbo", update, full)


def test_two_full_extracts(house: House, full: Path) -> None:
    other = shutil.copytree(full, full.with_name("other"))
    with pytest.raises(BadInput, match="Two files hold"):
        house.ingest("kbo", full, other)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Number\n0000.000.196\n", "'EntityNumber' is missing"),
        ('EntityNumber\n0000.000.196\n"x"y\n', "lists no key"),
        ('EntityNumber\n0000.000.196\n""\n', "lists no key"),
    ],
)
def test_a_damaged_list_withdraws_nothing(  # noqa: PLR0913, PLR0917 (the case, the house)
    house: House, full: Path, update: Path, write: Write, text: str, why: str
) -> None:
    house.ingest("kbo", full)
    write("update/denomination_delete.csv", text)
    with pytest.raises(BadInput, match=why) as caught:
        house.ingest("kbo", full, update)
    assert "denomination_delete.csv, line" in str(caught.value.place)
    assert names(house) == ["Deux", "Un"]


def test_an_update_without_its_enterprise(house: House, full: Path, write: Write) -> None:
    write("late/meta.csv", meta(148, "update"))
    late = write("late/denomination_insert.csv", DENOMINATION + name(THREE, "Sans")).parent
    report = house.ingest("kbo", full, late, max_refused=Threshold(rows=1))
    assert sum(f.quarantined for f in report.files) == 1
    assert names(house) == ["Deux", "Un"]


def test_each_file_of_one_name_must_be_as_it_was(
    house: House, full: Path, update: Path, write: Write
) -> None:
    write("update/denomination_insert.csv", DENOMINATION + name(ONE, "") + name(THREE, "Trois"))
    first = house.ingest("kbo", full, update, max_refused=Threshold(rows=2))
    export = house.export("kbo", first.batch, full.with_name("refused.jsonl"))
    corrected = export.read_text("utf-8").replace('"Denomination": ""', '"Denomination": "Un"')
    write(export.name, corrected)
    write("full/meta.csv", meta(147, "full", "10-10-2025"))

    with pytest.raises(SourceChanged, match=r"full/meta\.csv"):
        house.retry(export)
    write("full/meta.csv", meta(147, "full"))
    house.retry(export)
    assert names(house) == ["Trois", "Un"]
