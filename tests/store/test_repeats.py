from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from vises.store.digest import Tally, hashes
from vises.store.repeats import Repeats

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


@given(st.lists(st.lists(st.integers(0, 99), max_size=9), max_size=9), st.integers(1, 100))
def test_a_repeat_is_found_wherever_it_comes(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[int]], most: int
) -> None:
    path = tmp_path_factory.mktemp("repeats") / "hashes"
    lines = [number for group in groups for number in group]
    with Repeats(path, most) as repeats:
        for group in groups:
            repeats.add(hashes(b"%d" % number for number in group))
        assert repeats.found() == (len(set(lines)) < len(lines))
        assert path.stat().st_size == 8 * len(lines)
        assert repeats.tally == Tally().plus([b"%d" % number for number in lines])
    assert not path.exists()


def test_only_the_beginnings_of_hashes_are_compared(tmp_path: Path) -> None:
    with Repeats(tmp_path / "hashes") as repeats:
        repeats.add([bytes(32), bytes(31) + b"x"])
        assert repeats.found()
