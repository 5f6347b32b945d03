"""Codes hang together as the data say, whatever the data say."""

from __future__ import annotations

import pytest

from vises.service.search.codes import Codes


@pytest.mark.parametrize("ring", [1, 2, 3, 20])
@pytest.mark.parametrize("way", [0, 1, 20])
def test_a_hierarchy_in_a_circle_is_left(way: int, ring: int) -> None:
    """One at the end of a long way was climbed for ever."""
    codes = Codes(above={str(n): str(n + 1) for n in range(way + ring - 1)})
    codes.above[str(way + ring - 1)] = str(way)
    path = codes.path("0")
    assert path[-1] == "0"
    assert len(path) == len(set(path)) == min(way + ring, 13)
    assert codes.totals({"0": 2}) == dict.fromkeys(path, 2)
