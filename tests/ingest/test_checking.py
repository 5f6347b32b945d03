"""Rows are held against their contract: each is refused for the first rule that it breaks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vises.ingest.checking import SHEET_ERRORS, compile_check
from vises.ingest.contract import CONTROL, Contract, Row, parse_contract
from vises.ingest.keys import KeySet, NumberPieceSet, NumberSet, TextSet
from vises.ingest.rules import Refusal, explain

Judge = Callable[[Row], Refusal | None]

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
LIMITED: list[dict[str, Any]] = [
    {"name": "share", "type": "number", "constraints": {"minimum": 0, "maximum": 100}},
    {"name": "least", "type": "integer", "constraints": {"minimum": 1}},
    {"name": "year", "type": "year", "constraints": {"maximum": 2100}},
    {
        "name": "day",
        "type": "date",
        "format": "%d-%m-%Y",
        "constraints": {"minimum": "1900-01-01", "maximum": "2100-12-31"},
    },
    {
        "name": "moment",
        "type": "datetime",
        "constraints": {"minimum": "2026-01-01", "maximum": "2026-12-31T23:59:59Z"},
    },
]
CODES = {"forms": frozenset({"9220", "92"})}
CELLS = [
    ["356000000", "732829320", "356000001", "", "3560"],
    ["2020-02-29", "2014-12-35", ""],
    ["29-02-2020", "31-02-2001", ""],
    ["9220", "92", "0000", ""],
    ["A", "C", "X", ""],
    ["12", "1.5", ""],
    ["NAME", "#N/A", "Jane Doe", "NA\x00ME", "NA\xa0ME", ""],
]


def contract_of(key: str | list[str], fields: list[dict[str, Any]]) -> Contract:
    schema = {"title": "a table", "primaryKey": key, "fields": fields}
    return parse_contract(json.dumps(schema).encode())


def judge_of(contract: Contract) -> Judge:
    """Return what judges one row after the other."""
    check = compile_check(contract, CODES, contract.keys())
    return lambda row: check([row]).get(0)


@pytest.fixture
def check() -> Judge:
    return judge_of(contract_of("siren", FIELDS))


def test_a_cell_that_must_have_a_value_needs_no_other_rule() -> None:
    contract = contract_of([], [{"name": "name", "constraints": {"required": True}}])
    check = compile_check(contract, CODES, contract.keys())
    assert check([("x",), ("",)]) == {1: Refusal("required", "name", "", "")}


def test_a_good_row_passes_and_so_do_empty_cells(check: Judge) -> None:
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
def test_each_rule_finds_its_defect(check: Judge, column: int, value: str, rule: str) -> None:
    row = (*GOOD[:column], value, *GOOD[column + 1 :])
    refusal = check(row)
    assert refusal is not None
    assert (refusal.rule, refusal.column, refusal.value) == (rule, FIELDS[column]["name"], value)


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (0, "-0.1", "range"),
        (0, "100.1", "range"),
        (0, "100.0", None),
        (0, "99.999999999999999999", None),
        (0, "x", "number"),
        (1, "0", "range"),
        (1, "1000", None),
        (2, "2101", "range"),
        (2, "0000", None),
        (3, "31-12-1899", "range"),
        (3, "01-01-1900", None),
        (3, "01-01-2101", "range"),
        (3, "01-13-2101", "date"),
        (4, "2026-01-01T00:00:00Z", None),
        (4, "2026-01-01T00:00:00+02:00", "range"),
        (4, "2025-12-31T23:00:00-02:00", None),
        (4, "2025-12-31T23:59:59", "range"),
        (4, "2026-01-01", None),
        (4, "2026-12-31T23:59:59.5", "range"),
        (4, "2027-01-01T01:00:00+02:00", None),
        (4, "2027-01-32", "date"),
    ],
)
def test_limits_are_of_the_type_of_the_column(
    column: int, value: str, expected: str | None
) -> None:
    row = ["0", "1", "2000", "01-01-2000", "2026-06-01"]
    row[column] = value
    refusal = judge_of(contract_of([], LIMITED))(tuple(row))
    assert (refusal and refusal.rule) == expected


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        (1, " 2020-02-29", "spaces"),
        (3, "9220\u00a0", "spaces"),
        (4, "\u202fA ", "spaces"),
        (4, " X", "enum"),
        (4, " ", "enum"),
    ],
)
def test_spaces_that_alone_are_wrong_are_told_as_that(
    check: Judge, column: int, value: str, rule: str
) -> None:
    refusal = check((*GOOD[:column], value, *GOOD[column + 1 :]))
    assert refusal is not None
    assert (refusal.rule, refusal.value) == (rule, value)


def test_a_duplicate_is_refused_even_of_a_refused_row(check: Judge) -> None:
    assert check((*GOOD[:1], "2014-12-35", *GOOD[2:])) is not None
    assert check(GOOD) == Refusal("duplicate", "siren", "356000000", "")


def test_a_wrong_number_is_no_duplicate(check: Judge) -> None:
    for _ in range(2):
        refusal = check(("356000001", *GOOD[1:]))
        assert refusal is not None
        assert refusal.rule == "siren-check-digit"


def test_a_personal_value_is_never_written_down(check: Judge) -> None:
    refusal = check((*GOOD[:6], "Jane Doe"))
    assert refusal is not None
    assert "Jane" not in "".join(refusal)


def test_control_characters(check: Judge) -> None:
    refusal = check((*GOOD[:6], "NA\x00ME"))
    assert refusal is not None
    assert refusal.rule == "control-character"
    assert check(("732829320", *GOOD[1:6], "NAME")) is None


def test_a_wrong_key_behind_another_wrong_cell_is_no_key() -> None:
    check = judge_of(
        contract_of("siren", [{"name": "name", "constraints": {"required": True}}, FIELDS[0]])
    )
    for wrong in ("abc", "356000001"):
        assert check(("", wrong)) == Refusal("required", "name", "", "")
    assert check(("A", "356000000")) is None


def test_the_error_of_a_formula_is_no_value(check: Judge) -> None:
    assert check((*GOOD[:6], "#N/A")) == Refusal("sheet-error", FIELDS[6]["name"], "", "#N/A")
    assert check(("732829320", "#REF!", *GOOD[2:])) == Refusal(
        "sheet-error", FIELDS[1]["name"], "#REF!", "#REF!"
    )
    free = judge_of(contract_of([], [{"name": "text"}]))
    assert free(("The #1 of #N/A",)) is None


def test_a_composite_key() -> None:
    check = judge_of(contract_of(["a", "b"], [{"name": "a"}, {"name": "b"}]))
    assert check(("1", "2")) is None
    assert check(("1", "3")) is None
    refusal = check(("1", "2"))
    assert refusal == Refusal("duplicate", "a, b", "1, 2", "")
    assert explain(refusal, "en") == "An earlier row has the same key (a, b)."


def test_the_key_of_a_person_is_never_written_down() -> None:
    fields = [{"name": "a"}, {"name": "b", "personal": True}, {"name": "c"}]
    check = judge_of(contract_of(["a", "b", "c"], fields))
    assert check(("1", "Jane Doe", "")) is None
    assert check(("1", "Jane Doe", "")) == Refusal("duplicate", "a, b, c", "1", "")


def by_the_book(contract: Contract, rows: Sequence[Row]) -> list[Refusal | None]:
    """Judge rows as the documentation of contracts says, one rule after the other."""
    seen: set[str] = set()
    found = []
    for row in rows:
        refusal = first_broken(contract, row)
        if refusal is None or refusal.column not in {"", "siren"}:
            if row[0] in seen and refusal is None:
                refusal = Refusal("duplicate", "siren", row[0], "")
            seen.add(row[0])
        found.append(refusal)
    return found


def first_broken(contract: Contract, row: Row) -> Refusal | None:
    if any(map(CONTROL.search, row)):
        return Refusal("control-character", "", "", "")
    for field, cell in zip(contract.fields, row, strict=True):
        shown = "" if field.personal else cell
        if field.required and not cell:
            return Refusal("required", field.name, shown, "")
        if cell in SHEET_ERRORS:
            return Refusal("sheet-error", field.name, shown, cell)
        for rule, expected, test in field.tests(CODES):
            if cell and not test(cell):
                return Refusal(rule, field.name, shown, expected)
    return None


@given(
    st.lists(st.tuples(*map(st.sampled_from, CELLS)), max_size=30),
    st.lists(st.integers(0, 30), max_size=3),
    st.sampled_from([NumberSet, TextSet, lambda: NumberPieceSet([])]),
)
def test_how_many_are_judged_at_once_changes_nothing(
    rows: list[Row], cuts: list[int], keys: Callable[[], KeySet]
) -> None:
    contract = contract_of("siren", FIELDS)
    check = compile_check(contract, CODES, keys())
    found: list[Refusal | None] = []
    places = sorted({0, *(cut for cut in cuts if cut < len(rows)), len(rows)})
    for start, end in pairwise(places):
        refusals = check(rows[start:end])
        found += map(refusals.get, range(end - start))
    assert found == by_the_book(contract, rows)


def test_no_rows_are_no_refusals() -> None:
    contract = contract_of("siren", FIELDS)
    assert compile_check(contract, CODES, contract.keys())([]) == {}


@pytest.mark.parametrize(
    ("kind", "value", "shown"), [("integer", "1.5", "1234."), ("number", "x", "1234.5.")]
)
def test_a_number_is_told_by_an_example_that_needs_no_language(
    kind: str, value: str, shown: str
) -> None:
    refusal = judge_of(contract_of([], [{"name": "n", "type": kind}]))((value,))
    assert refusal is not None
    assert all(explain(refusal, language).endswith(shown) for language in ("en", "fr", "nl"))
