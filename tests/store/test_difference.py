from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vises.store.difference import ADD, DELETE, RESTART, net_effect

if TYPE_CHECKING:
    from pathlib import Path

LINES = st.sets(st.integers(0, 30).map(lambda n: b"%d\n" % n), max_size=20)


@given(LINES, st.lists(LINES, max_size=5), st.sampled_from([1, 4, 1000]))
def test_the_net_effect_is_what_the_states_differ_in(
    tmp_path_factory: pytest.TempPathFactory, start: set[bytes], steps: list[set[bytes]], most: int
) -> None:
    operations = []
    state = start
    for step in steps:
        once = [(DELETE, sorted(state - step)), (ADD, sorted(step - state))]
        operations += [*once, *once]
        state = step
    work = tmp_path_factory.mktemp("work")
    found = list(net_effect(operations, 2 * sum(map(len, steps)), work, most))
    assert set().union(*(d.removed for d in found)) == start - state
    assert set().union(*(d.added for d in found)) == state - start
    assert sum(len(d.removed) + len(d.added) for d in found) == len(start ^ state)
    assert not list(work.iterdir())


@given(LINES, LINES, LINES, st.sampled_from([1, 1000]))
def test_what_was_there_before_a_restart_is_compared(
    tmp_path_factory: pytest.TempPathFactory,
    earlier: set[bytes],
    old: set[bytes],
    new: set[bytes],
    most: int,
) -> None:
    work = tmp_path_factory.mktemp("work")
    passing = [(ADD, [b"gone again\n"]), (DELETE, [b"gone again\n"])]
    twice = [(ADD, sorted(new)), (ADD, sorted(new))]
    there = [(DELETE, sorted(earlier)), (ADD, sorted(old))]
    operations = [*there, *passing, (RESTART, ()), *twice]
    found = list(net_effect(operations, len(old) + len(new), work, most))
    assert set().union(*(d.removed for d in found)) == old - new
    assert set().union(*(d.added for d in found)) == new - old
    assert sum(d.before for d in found) == len(old)


def test_no_file_is_left_where_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vises.store.difference._read", full)
    with pytest.raises(OSError, match="No space"):
        list(net_effect([(ADD, [b"a\n"])], 5, tmp_path, most=1))
    assert not list(tmp_path.iterdir())
