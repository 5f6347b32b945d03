"""Keys that were seen."""

from __future__ import annotations

import pytest

from vises.ingest.keys import KeySet, NumberSet, TextSet


@pytest.mark.parametrize("keys", [NumberSet(), TextSet()])
def test_a_key_is_new_once(keys: KeySet) -> None:
    assert "356000000" not in keys
    assert keys.add("356000000")
    assert not keys.add("356000000")
    assert "356000000" in keys
    assert "356000018" not in keys


def test_numbers_with_and_without_dots_are_the_same() -> None:
    numbers = NumberSet()
    assert numbers.add("0872.480.059")
    assert "0872480059" in numbers
    assert not numbers.add("0872480059")


def test_neighbours_in_one_byte_are_kept_apart() -> None:
    numbers = NumberSet()
    assert all(numbers.add(f"{n:08d}0") for n in range(64))
    assert "999999999" not in numbers
