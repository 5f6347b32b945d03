from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from vises.store import repeats as module
from vises.store.digest import Tally
from vises.store.repeats import Repeats

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def line(number: int) -> bytes:
    return b"%d\n" % number


@given(
    st.lists(st.lists(st.integers(0, 99), max_size=9), max_size=9),
    st.integers(0, 1000),
    st.integers(1, 5),
)
def test_each_line_is_given_back_once(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[int]], expected: int, most: int
) -> None:
    path = tmp_path_factory.mktemp("repeats") / "hashes"
    wanted = {line(number) for group in groups for number in group}
    with Repeats(path, expected, most) as repeats:
        given_back = [x for group in groups for x in repeats.first([line(n) for n in group])]
        given_back += [x for lines in repeats.rest() for x in lines]
        assert sorted(given_back) == sorted(wanted)
        assert repeats.tally == Tally().plus(sorted(wanted))
    assert list(path.parent.iterdir()) == []


def test_a_filter_that_is_too_small_puts_aside_more_and_loses_nothing(tmp_path: Path) -> None:
    lines = [line(number) for number in range(200_000)]
    with Repeats(tmp_path / "hashes", 1, most=100) as repeats:
        first = [x for at in range(0, 200_000, 5000) for x in repeats.first(lines[at : at + 5000])]
        assert len(first) < 150_000
        rest = [x for some in repeats.rest() for x in some]
        assert sorted(first + rest) == sorted(lines)


def test_sixteen_bytes_of_a_hash_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines of which the hashes begin with the same eight bytes are told apart."""
    hashes = {
        b"a\n": bytes(32),
        b"b\n": bytes(8) + b"x" + bytes(23),
        b"c\n": bytes(31) + b"x",
    }
    monkeypatch.setattr(module, "hashes", lambda lines: [hashes[x] for x in lines])
    with Repeats(tmp_path / "hashes", 3) as repeats:
        assert repeats.first([b"a\n", b"b\n", b"c\n"]) == [b"a\n"]
        assert list(repeats.rest()) == [[b"b\n"]]
