from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vises.service.conditional import (
    coded_tag,
    etag,
    is_fresh,
    last_modified,
    states,
    tags,
    unchanged,
    weak,
    without_coding,
)


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


@pytest.mark.parametrize(
    ("since", "held"),
    [
        ("Thu, 26 Nov 2026 10:00:00 GMT", True),
        ("Thu, 26 Nov 2026 10:00:01 GMT", False),
        ("Thursday, 26-Nov-26 10:00:00 GMT", True),
        ("Thu Nov 26 10:00:00 2026", True),
        ("Thu, 26 Nov 2026 09:59:59 GMT", False),
        ("yesterday", False),
        ("", False),
        ("1 Jan 999999999999999999999999 00:00:00 GMT", False),
        ("\udcff", False),
    ],
)
def test_if_modified_since(since: str, *, held: bool) -> None:
    """Only the very date of the answer: clocks are set back, and older releases served again."""
    answer = {"ETag": '"abc"', "Last-Modified": "Thu, 26 Nov 2026 10:00:00 GMT"}
    assert unchanged({"if-modified-since": since}, answer) is held
    assert not unchanged({"if-modified-since": since}, {"ETag": '"abc"'})
    assert unchanged({"if-modified-since": since, "if-none-match": '"abc"'}, answer)
    assert not unchanged({"if-modified-since": since, "if-none-match": '"old"'}, answer)


def test_a_date_is_told_once_its_second_is_over() -> None:
    made = datetime(2026, 11, 26, 10, tzinfo=UTC)
    assert last_modified(made, closes=False) == {"Last-Modified": "Thu, 26 Nov 2026 10:00:00 GMT"}
    assert last_modified(made, closes=True) == {}, "what may be read has no date"
    now = datetime.now(UTC)
    assert last_modified(now, closes=False) == {}, "another release may be made in the same second"
    assert last_modified(now + timedelta(days=1), closes=False) == {}, "the clock was set back"
