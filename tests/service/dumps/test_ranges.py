"""RFC 9110, section 14: which part of a file is asked for."""

from __future__ import annotations

import pytest

from vises.service.dumps.ranges import Part, RangeUnsatisfiable, asked_part

TAG = '"abc"'


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-0", Part(0, 1)),
        ("bytes=0-499", Part(0, 100)),
        ("bytes=10-19", Part(10, 10)),
        ("bytes=95-", Part(95, 5)),
        ("bytes=-5", Part(95, 5)),
        ("bytes=-500", Part(0, 100)),
        ("BYTES= 1-2 ", Part(1, 2)),
    ],
)
def test_a_part(wanted: str, part: Part) -> None:
    assert asked_part("GET", {"range": wanted}, 100, TAG) == part


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-1,5-6",
        "bytes=-",
        "bytes=5-2",
        "bytes=a-b",
        "bytes=--1",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=\u0661-\u0662",
        "items=0-1",
        "bytes",
        "",
        "bytes=" + "9" * 40 + "-",
        "bytes=" + "0-1," * 5000 + "0-1",
    ],
)
def test_what_is_no_single_part_is_answered_with_the_whole(wanted: str) -> None:
    assert asked_part("GET", {"range": wanted}, 100, TAG) is None


@pytest.mark.parametrize("wanted", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_behind_the_end(wanted: str) -> None:
    with pytest.raises(RangeUnsatisfiable) as refused:
        asked_part("GET", {"range": wanted}, 100, TAG)
    assert refused.value.size == 100


@pytest.mark.parametrize(
    ("condition", "part"),
    [
        (TAG, Part(0, 10)),
        ('"other"', None),
        (f"W/{TAG}", None),
        ("Thu, 01 Jan 2026 12:00:00 GMT", None),
    ],
)
def test_the_part_is_sent_only_of_the_same_state(condition: str, part: Part | None) -> None:
    assert asked_part("GET", {"range": "bytes=0-9", "if-range": condition}, 100, TAG) == part
