"""Memento without HTTP: moments, the state at a moment, links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from vises.service.memento import (
    AcceptDatetimeMalformed,
    Mementos,
    asked_moment,
    http_date,
    state_at,
)

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """What matters here of a release."""

    id: str
    created: datetime


def release(number: int, created: datetime) -> Made:
    return Made(f"{number:06d}", created)


FIVE = [release(n, START + timedelta(days=n)) for n in range(1, 6)]
HERE = Mementos("https://data.example", "/enterprise/fr-1")


def asking(*values: str) -> Request:
    headers = [(b"accept-datetime", v.encode("latin-1")) for v in values]
    return Request({"type": "http", "headers": headers})


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001
def test_every_moment_is_read_as_it_is_written(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    assert asked_moment(asking(http_date(whole))) == whole


def test_moments_are_written_in_utc() -> None:
    brussels = timezone(timedelta(hours=2))
    assert http_date(datetime(2026, 7, 1, 1, 30, tzinfo=brussels)) == (
        "Tue, 30 Jun 2026 23:30:00 GMT"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-03-01T12:00:00Z",
        "Sun, 01 Mar 2026 12:00:00",
        "Sun, 01 Mar 2026 12:00:00 CET",
        "Sun, 1 Mar 2026 12:00:00 GMT",
        "Sun, 01 Mrz 2026 12:00:00 GMT",
        "Sun, 31 Feb 2026 12:00:00 GMT",
        "Sun, 01 Mar 0000 12:00:00 GMT",
        "Sun, 01 Mar 2026 25:00:00 GMT",
        "sun, 01 mar 2026 12:00:00 gmt",
        "Sun, 01 Mar 2026 12:00:00 GMT, Mon, 02 Mar 2026 12:00:00 GMT",
        "Sun, \xb2\xb2 Mar 2026 12:00:00 GMT",
        "1" * 100_000,
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(AcceptDatetimeMalformed) as caught:
        asked_moment(asking(text))
    assert len(caught.value.detail) < 120
    assert "GMT" in (caught.value.remedy or "")


def test_two_moments_are_refused() -> None:
    moment = http_date(START)
    with pytest.raises(AcceptDatetimeMalformed):
        asked_moment(asking(moment, moment))
    assert asked_moment(asking()) is None


@pytest.mark.parametrize(
    ("after_the_start", "number"),
    [
        (timedelta(days=-9), 1),
        (timedelta(days=1), 1),
        (timedelta(days=2, seconds=-1), 1),
        (timedelta(days=2), 2),
        (timedelta(days=4, hours=5), 4),
        (timedelta(days=500), 5),
    ],
)
def test_the_state_at_a_moment(after_the_start: timedelta, number: int) -> None:
    assert state_at(FIVE, START + after_the_start).id == f"{number:06d}"


def test_the_date_of_a_memento_leads_to_it() -> None:
    made = release(1, START), release(2, START + timedelta(milliseconds=999_900))
    stated = asked_moment(asking(http_date(made[1].created)))
    assert stated is not None
    assert state_at(made, stated).id == "000002"


def test_a_clock_that_jumped_back_hides_no_release() -> None:
    jumped = [*FIVE, release(6, START)]
    assert state_at(jumped, START + timedelta(days=3)).id == "000006"
    assert state_at(jumped, START - timedelta(days=1)).id == "000001"


def relations(links: list[str]) -> dict[str, str]:
    """Return what each release is called."""
    pairs = (link.split("; ")[:2] for link in links)
    return {a.rpartition("=")[2].strip("<>"): r.removeprefix("rel=").strip('"') for a, r in pairs}


def test_the_links_around_a_memento() -> None:
    assert relations(HERE.around(FIVE[2], FIVE)) == {
        "000001": "first memento",
        "000002": "prev memento",
        "000003": "memento",
        "000004": "next memento",
        "000005": "last memento",
    }
    assert relations(HERE.around(FIVE[1], FIVE[:2])) == {
        "000001": "first prev memento",
        "000002": "last memento",
    }
    assert relations(HERE.around(FIVE[0], FIVE[:1])) == {"000001": "first last memento"}
    [only] = HERE.around(FIVE[0], FIVE[:1])
    assert only.endswith(f'; datetime="{http_date(FIVE[0].created)}"')


def test_what_is_kept_for_long_names_no_last_memento() -> None:
    assert relations(HERE.around(FIVE[4], FIVE, lasting=True)) == {
        "000001": "first memento",
        "000004": "prev memento",
        "000005": "memento",
    }


def test_a_memento_that_was_pruned_meanwhile_still_has_neighbours() -> None:
    assert relations(HERE.around(FIVE[2], [*FIVE[:2], *FIVE[3:]]))["000003"] == "memento"


def test_the_timemap_lists_every_memento_once() -> None:
    original, itself, *listed = HERE.listed(FIVE).rstrip().split(",\n")
    assert original == '<https://data.example/enterprise/fr-1>; rel="original timegate"'
    assert itself == (
        '<https://data.example/timemap/enterprise/fr-1>; rel="self"; type="application/link-format"'
        '; from="Mon, 02 Mar 2026 12:00:00 GMT"; until="Fri, 06 Mar 2026 12:00:00 GMT"'
    )
    assert list(relations(listed)) == [r.id for r in FIVE]
    assert list(relations(listed).values()) == [
        "first memento",
        *["memento"] * 3,
        "last memento",
    ]


def test_addresses_are_quoted() -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": '/a b>"é?#%',
        "query_string": b"",
        "headers": [(b"host", b'evil>;"x:1')],
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "root_path": "",
        "app_root_path": "",
    }
    found = Mementos.of(Request(scope), '/a b>"é?#%')
    assert found.path == "/a%20b%3E%22%C3%A9%3F%23%25"
    assert not {">", '"', " "} & set(found.original + found.timemap)
