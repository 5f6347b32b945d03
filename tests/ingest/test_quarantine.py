"""The quarantine and the threshold."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from vises.errors import BadRequest
from vises.ingest.contract import shown
from vises.ingest.quarantine import Quarantine, Threshold, parse_threshold
from vises.ingest.rules import Refusal, remedies, remedy, sentences
from vises.languages import LANGUAGES

if TYPE_CHECKING:
    from pathlib import Path


def test_french_is_typeset_as_on_pages() -> None:
    for rule, said in (*sentences().items(), *remedies().items()):
        assert not re.search(r"\S [;:?!»](?!\w)|« |\w'\w", said["fr"]), rule


def test_every_row_is_kept_with_its_cells_and_sentences(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    with Quarantine(work) as quarantine:
        refusal = Refusal("date", "day", "2014-12-35", "2005-03-14")
        quarantine.add("u.csv", 7, refusal, {"name": "A", "day": "2014-12-35"})
        path = quarantine.publish(tmp_path / "q", "b1")
    assert path == tmp_path / "q" / "b1.jsonl"
    entry = json.loads(path.read_text("utf-8"))
    assert {k: entry[k] for k in ("file", "line", "column", "value", "rule", "row")} == {
        "file": "u.csv",
        "line": 7,
        "column": "day",
        "value": "2014-12-35",
        "rule": "date",
        "row": {"name": "A", "day": "2014-12-35"},
    }
    assert "n\u2019est pas une date" in entry["sentence"]["fr"]
    assert "geen bestaande datum" in entry["sentence"]["nl"]


def test_rows_that_are_refused_late_get_their_cells(tmp_path: Path) -> None:
    with Quarantine(tmp_path) as quarantine:
        quarantine.add_late("u.csv", 3, Refusal("orphan", "c", "x", "y"))
        quarantine.add_late("u.csv", 4, Refusal("orphan", "c", "x", "y"))
        assert quarantine.unfilled("u.csv") == {3, 4}
        quarantine.fill("u.csv", [(3, {"c": "x"})])
        assert not quarantine.unfilled("u.csv")
        path = quarantine.publish(tmp_path / "q", "b")
    assert path is not None
    entries = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [(entry["line"], entry["row"]) for entry in entries] == [(3, {"c": "x"}), (4, None)]


def test_what_is_shown_is_short_and_can_be_written_anywhere() -> None:
    assert len(shown("x" * 100_000)) == 201
    assert shown("a\x00b\x1f\ud83d") == "a\ufffdb\ufffd\ufffd"


def test_a_column_with_half_a_surrogate_pair_in_its_name_can_be_told(tmp_path: Path) -> None:
    with Quarantine(tmp_path) as quarantine:
        quarantine.add("u.jsonl", 3, Refusal("json", "a\ud83d", "", ""), None)
        path = quarantine.publish(tmp_path / "q", "b")
    assert path is not None
    assert json.loads(path.read_text("utf-8"))["column"] == "a\ufffd"


def test_no_refusal_no_file(tmp_path: Path) -> None:
    with Quarantine(tmp_path) as quarantine:
        assert quarantine.publish(tmp_path / "q", "b") is None
    assert not (tmp_path / "q").exists()


def test_each_remedy_is_of_a_rule_and_in_each_language() -> None:
    assert remedies().keys() - sentences().keys() == {"default"}
    for texts in remedies().values():
        assert texts.keys() == set(LANGUAGES)
        assert all(texts.values())
    assert remedy("no-such-rule", "nl") == remedies()["default"]["nl"]


def test_thresholds() -> None:
    assert not Threshold().exceeded(5, 100)
    assert Threshold().exceeded(6, 100)
    assert Threshold(rows=0).exceeded(1, 10**9)
    assert not parse_threshold("100%").exceeded(5, 5)
    for share in range(101):
        threshold = parse_threshold(f"{share}%")
        assert not threshold.exceeded(share, 100)
        assert threshold.exceeded(share + 1, 100)
    assert not parse_threshold("2.9%").exceeded(87, 3000)
    assert parse_threshold("2.9%").exceeded(88, 3000)
    assert parse_threshold("2.5%").written == "2.5%"


@pytest.mark.parametrize("text", ["", "x", "-1", "101%", "1.5", "nan%", "%"])
def test_not_a_threshold(text: str) -> None:
    with pytest.raises(BadRequest, match="not a number of rows"):
        parse_threshold(text)
