"""Contracts say what a table has to have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vises.ingest.checks import YEARS
from vises.ingest.contract import MissingColumn, load_contract, parse_contract
from vises.ingest.rules import Refusal, explain, sentences
from vises.languages import LANGUAGES


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    names = ("siren", "form", "state", "count", "name")
    fields = [{"name": name} for name in names] + [{"name": "day", "optional": True}]
    path = tmp_path / "t.schema.json"
    path.write_text(json.dumps({"title": "a table", "fields": fields}))
    with pytest.raises(MissingColumn, match=r"'state' is missing.*siren, form, COUNT, name") as e:
        load_contract(path).accept(["siren", "form", "COUNT", "name"], "t.csv")
    assert e.value.place == "t.csv, line 1"


def test_the_quarantine_keeps_no_cell_that_may_name_a_person() -> None:
    fields = [{"name": "siren"}, {"name": "surname", "personal": True}]
    contract = parse_contract(json.dumps({"title": "a table", "fields": fields}).encode())
    assert contract.shown(("000000018", "Doe")) == {"siren": "000000018", "surname": ""}


def test_every_rule_has_a_sentence_in_every_language() -> None:
    for rule, texts in sentences().items():
        assert set(texts) == set(LANGUAGES)
        for language in LANGUAGES:
            assert "{" not in explain(Refusal(rule, "c", "v", "e"), language)


def test_every_contract_of_the_package_is_sound() -> None:
    package = Path(__file__).parents[2] / "ingest" / "sources"
    paths = sorted(package.glob("*/*.schema.json"))
    assert len(paths) == 18
    limits = {
        limit[:4]
        for path in paths
        for field in load_contract(path).fields
        if field.type in {"year", "date", "datetime"}
        for limit in (field.minimum, field.maximum)
        if limit
    }
    assert limits == {*YEARS}
    for path in paths:
        contract = load_contract(path)
        assert set(contract.key) <= set(contract.names)
        assert all(json.loads(path.read_text())["fields"][i]["title"] for i in range(2))
