"""What was given to ingests, where its files are not as they were written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from vises.ingest.ledger import Given, Ledger, LedgerDamaged

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = Given(
    dataset="figures",
    batch="1f0c9a3e",
    source="figures",
    author="a test",
    started="2026-01-31T12:00:00+00:00",
    as_of="2026-01-31",
    fictitious=False,
    rows=None,
    share=0.05,
    paths=("figures.csv",),
    digests={"figures.csv": "00"},
    corrects=None,
    corrections={"figures.csv": {2: {"value": "7"}}},
)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Return the file of a record that is whole."""
    ledger = Ledger(tmp_path)
    ledger.write(GIVEN)
    assert ledger.all() == [GIVEN]
    return tmp_path / "batches" / "figures" / "1f0c9a3e.json"


def assert_named(record: Path) -> None:
    with pytest.raises(LedgerDamaged) as caught:
        Ledger(record.parents[2]).all("another")
    assert caught.value.place == str(record)
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 200_000], ids=range(7)
)
def test_what_is_no_record_is_named(record: Path, text: bytes) -> None:
    record.write_bytes(text)
    assert_named(record)


@pytest.mark.parametrize("name", list(GIVEN.__dataclass_fields__))
def test_a_record_without_a_field_or_with_one_of_another_type_is_named(
    record: Path, name: str
) -> None:
    written = json.loads(record.read_text("utf-8"))
    left = {key: value for key, value in written.items() if key != name}
    for text in (left, {**written, name: {"x": [1]}}):
        record.write_text(json.dumps(text), encoding="utf-8")
        assert_named(record)


@pytest.mark.parametrize(
    "changed",
    [
        {"more": 1},
        {"started": "yesterday"},
        {"started": "2026-01-31T12:00:00"},
        {"as_of": "31/01/2026"},
        {"paths": [1]},
        {"paths": "figures.csv"},
        {"digests": {"figures.csv": None}},
        {"corrections": {"figures.csv": {"two": {}}}},
        {"corrections": {"figures.csv": {"2": {"value": 7}}}},
    ],
    ids=str,
)
def test_a_record_that_says_what_none_does_is_named(record: Path, changed: dict[str, Any]) -> None:
    written = json.loads(record.read_text("utf-8"))
    record.write_text(json.dumps({**written, **changed}), encoding="utf-8")
    assert_named(record)
