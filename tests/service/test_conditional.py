from __future__ import annotations

import pytest

from vises.service.conditional import etag, is_fresh


def test_every_part_counts() -> None:
    tags = {etag("1", "a"), etag("1", "b"), etag("2", "a"), etag("1a"), etag("1", "a", "")}
    assert len(tags) == 5
    assert etag("1", "a") == etag("1", "a")


@pytest.mark.parametrize(
    ("header", "fresh"),
    [
        (None, False),
        ("", False),
        ("*", False),
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", "abc"', True),
        ('"abcd"', False),
        ("abc", False),
    ],
)
def test_if_none_match(header: str | None, *, fresh: bool) -> None:
    assert is_fresh(header, '"abc"') is fresh
