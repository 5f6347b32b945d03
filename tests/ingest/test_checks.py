"""Cells are judged as their register does."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.be import vat

from vises.ingest import checks

if TYPE_CHECKING:
    from datetime import date

DIGITS = st.text("0123456789", min_size=9, max_size=9)


@given(DIGITS)
def test_siren_agrees_with_stdnum(text: str) -> None:
    assert checks.is_siren(text) == luhn.is_valid(text)


def test_the_right_check_digit_is_one_of_ten() -> None:
    for base in ("00000001", "35600000", "99999999"):
        assert sum(checks.is_siren(f"{base}{digit}") for digit in range(10)) == 1


@pytest.mark.parametrize(
    "text", ["", "35600000", "3560000000", "35600000x", "356 00000", "٣٥٦٠٠٠٠٠٠"]
)
def test_not_a_siren(text: str) -> None:
    assert not checks.is_siren(text)


def test_kbo_agrees_with_stdnum() -> None:
    draw = random.Random(1)
    for _ in range(2000):
        base = draw.randrange(1, 2 * 10**7)
        digits = f"{base:08d}{97 - base % 97:02d}"
        wrong = f"{base:08d}{draw.randrange(100):02d}"
        assert checks.is_kbo_digits(digits)
        assert vat.is_valid(digits)
        assert checks.is_kbo_digits(wrong) == vat.is_valid(wrong)


@pytest.mark.parametrize("text", ["0872.480.060", "0872480059", "872.480.059", "", "0872.480.05x"])
def test_not_a_kbo_number(text: str) -> None:
    assert not checks.is_kbo_number(text)


def test_establishment_numbers_have_their_own_form() -> None:
    assert checks.is_kbo_number("2.000.000.339") == (97 - 20000003 % 97 == 39)


@given(st.dates())
def test_every_day_is_a_date_in_both_forms(day: date) -> None:
    assert checks.is_date(day.isoformat())
    day_first = f"{day.day:02d}-{day.month:02d}-{day.year:04d}"
    assert checks.is_day_first_date(day_first)
    assert checks.iso_date(day_first) == day.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "2014-12-35",
        "2019-02-29",
        "20141231",
        "2014-W01-1",
        "14-01-01",
        "2014-1-1",
        "31-12-2014",
        " ",
    ],
)
def test_not_a_date(text: str) -> None:
    assert not checks.is_date(text)


@pytest.mark.parametrize("text", ["31-02-2001", "2001-02-28", "1-2-2001", "01/02/2001", ""])
def test_not_a_day_first_date(text: str) -> None:
    assert not checks.is_day_first_date(text)


def test_times() -> None:
    assert checks.is_datetime("2025-03-12T08:12:11.123")
    assert checks.is_datetime("2025-03-12")
    assert not checks.is_datetime("1999-12-03T05:04:95")
    assert not checks.is_datetime("2025-02-30T08:12:11")
    for time in ("x08:12:11", " 08:12:11", "T08", "T0812", "+01:00", "T08:12:11,5"):
        assert not checks.is_datetime(f"2025-02-28{time}"), time
    assert checks.is_datetime("2025-02-28T08:12:11.123456789+01:00")
