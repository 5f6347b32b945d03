"""Contracts judge a row by the first rule that it breaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vises.ingest.contract import Check, MissingColumn, compile_check, load_contract
from vises.ingest.rules import LANGUAGES, Refusal, explain, sentences

FIELDS: list[dict[str, Any]] = [
    {"name": "siren", "rule": "siren-check-digit", "constraints": {"required": True}},
    {"name": "day", "type": "date", "optional": True},
    {"name": "first", "type": "date", "format": "%d-%m-%Y", "optional": True},
    {"name": "form", "codeList": "forms", "constraints": {"pattern": "[0-9]{4}"}},
    {"name": "state", "constraints": {"enum": ["A", "C"]}},
    {"name": "count", "type": "integer"},
    {"name": "name", "personal": True, "constraints": {"pattern": "[A-Z]+"}},
]
GOOD = ("356000000", "2020-02-29", "29-02-2020", "9220", "A", "12", "NAME")
CODES = {"forms": frozenset({"9220", "92"})}


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "t.schema.json"
    path.write_text(json.dumps({"title": "a table", "primaryKey": "siren", "fields": FIELDS}))
    return path


@pytest.fixture
def check(schema: Path) -> Check:
    contract = load_contract(schema)
    return compile_check(contract, CODES, contract.keys())


def test_a_good_row_passes_and_so_do_empty_cells(check: Check) -> None:
    assert check(GOOD) is None
    assert check(("732829320", "", "", "", "", "", "")) is None


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        (0, "", "required"),
        (0, "356000001", "siren-check-digit"),
        (1, "2014-12-35", "date"),
        (2, "31-02-2001", "date"),
        (3, "92", "pattern"),
        (3, "0000", "unknown-code"),
        (4, "X", "enum"),
        (5, "1.5", "number"),
    ],
)
def test_each_rule_finds_its_defect(check: Check, column: int, value: str, rule: str) -> None:
    row = (*GOOD[:column], value, *GOOD[column + 1 :])
    refusal = check(row)
    assert refusal is not None
    assert (refusal.rule, refusal.column, refusal.value) == (rule, FIELDS[column]["name"], value)


def test_a_duplicate_is_refused_even_of_a_refused_row(check: Check) -> None:
    assert check((*GOOD[:1], "2014-12-35", *GOOD[2:])) is not None
    assert check(GOOD) == Refusal("duplicate", "siren", "356000000", "")


def test_a_wrong_number_is_no_duplicate(check: Check) -> None:
    for _ in range(2):
        refusal = check(("356000001", *GOOD[1:]))
        assert refusal is not None
        assert refusal.rule == "siren-check-digit"


def test_a_personal_value_is_never_written_down(check: Check) -> None:
    refusal = check((*GOOD[:6], "Jane Doe"))
    assert refusal is not None
    assert "Jane" not in "".join(refusal)


def test_control_characters(check: Check) -> None:
    refusal = check((*GOOD[:6], "NA\x00ME"))
    assert refusal is not None
    assert refusal.rule == "control-character"
    assert check(("732829320", *GOOD[1:6], "NAME")) is None


def test_a_missing_column_is_named_with_those_that_are_there(schema: Path) -> None:
    contract = load_contract(schema)
    with pytest.raises(MissingColumn, match=r"'state' is missing.*siren, form, COUNT, name") as e:
        contract.accept(["siren", "form", "COUNT", "name"], "t.csv")
    assert e.value.place == "t.csv, line 1"


def test_a_composite_key(tmp_path: Path) -> None:
    path = tmp_path / "t.schema.json"
    fields = [{"name": "a"}, {"name": "b"}]
    path.write_text(json.dumps({"title": "t", "primaryKey": ["a", "b"], "fields": fields}))
    contract = load_contract(path)
    check = compile_check(contract, {}, contract.keys())
    assert check(("1", "2")) is None
    assert check(("1", "3")) is None
    assert check(("1", "2")) is not None


def test_every_rule_has_a_sentence_in_every_language() -> None:
    for rule, texts in sentences().items():
        assert set(texts) == set(LANGUAGES)
        for language in LANGUAGES:
            assert "{" not in explain(Refusal(rule, "c", "v", "e"), language)


def test_every_contract_of_the_package_is_sound() -> None:
    package = Path(__file__).parents[2] / "ingest" / "sources"
    paths = sorted(package.glob("*/*.schema.json"))
    assert len(paths) == 18
    for path in paths:
        contract = load_contract(path)
        assert set(contract.key) <= set(contract.names)
        assert all(json.loads(path.read_text())["fields"][i]["title"] for i in range(2))
