from __future__ import annotations

import pytest

from vises.service.conditional import coded_tag, etag, is_fresh, states, tags, weak, without_coding


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


@pytest.mark.parametrize("coding", ["identity", "gzip", "br", "zstd"])
def test_a_coding_is_put_to_a_tag_and_taken_from_it(coding: str) -> None:
    assert without_coding(coded_tag('"abc"', coding)) == ('"abc"', coding)
    assert without_coding(weak(coded_tag('"abc"', coding))) == ('"abc"', coding)


def test_the_tags_of_headers() -> None:
    assert tags('"a-gzip" , W/"b","c') == ['"a-gzip"', 'W/"b"']
    assert states('"a-gzip", W/"b-br", "c-deflate", *') == '"a", W/"b", "c-deflate", *'
