"""Keys that were seen."""

from __future__ import annotations

import pytest

from vises.ingest.keys import KeySet, NumberPieceSet, NumberSet, PieceSet, TextSet


@pytest.mark.parametrize("keys", [NumberSet(), TextSet()])
def test_a_key_is_new_once(keys: KeySet) -> None:
    assert "356000000" not in keys
    assert keys.add("356000000")
    assert not keys.add("356000000")
    assert "356000000" in keys
    assert "356000018" not in keys


@pytest.mark.parametrize(
    "keys", [NumberSet(), TextSet(), PieceSet([TextSet()]), NumberPieceSet([NumberSet()])]
)
def test_keys_are_added_together_or_not_at_all(keys: KeySet) -> None:
    assert keys.add_together([])
    assert keys.add_together(["356000000", "732829320"])
    assert not keys.add_together(["552100554", "356000000"])
    assert not keys.add_together(["552100554", "552100554"])
    assert "552100554" not in keys
    assert keys.add_together(["552100554"])


def test_earlier_keys_are_not_new() -> None:
    earlier = NumberSet()
    earlier.add("0872.480.059")
    keys = NumberPieceSet([earlier])
    assert not keys.add_together(["0872480059", "0404616494"])
    assert keys.add_together(["0404616494"])


def test_numbers_with_and_without_dots_are_the_same() -> None:
    numbers = NumberSet()
    assert numbers.add("0872.480.059")
    assert "0872480059" in numbers
    assert not numbers.add("0872480059")


def test_neighbours_in_one_byte_are_kept_apart() -> None:
    numbers = NumberSet()
    assert all(numbers.add(f"{n:08d}0") for n in range(64))
    assert "999999999" not in numbers
