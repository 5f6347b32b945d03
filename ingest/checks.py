"""Checks of one cell: dates that exist, check digits, numbers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache

DATE_LENGTH = 10
INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
TIME = re.compile(r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?")
YEAR = re.compile(r"[0-9]{4}")
YEARS = ("1900", "2100")
"""The first and the last year that a figure can be of; what is beyond them is a slip of the pen."""
GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
"""What may be a number with three decimals, or thousands: in Belgium 210.800 is 210800."""
KBO_NUMBER = re.compile(r"[0-9]{4}\.[0-9]{3}\.[0-9]{3}|[0-9]\.[0-9]{3}\.[0-9]{3}\.[0-9]{3}")


def _luhn_sums(first: int) -> dict[str, int]:
    """Return the Luhn sum of every three digits, the doubling starting at the digit `first`."""
    doubled = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
    return {
        f"{n:03d}": sum(
            doubled[int(c)] if i % 2 == first else int(c) for i, c in enumerate(f"{n:03d}")
        )
        for n in range(1000)
    }


_OUTER, _MIDDLE = _luhn_sums(1), _luhn_sums(0)


def is_siren(text: str) -> bool:
    """Tell whether `text` is nine digits with a right Luhn sum (ISO/IEC 7812-1, annex B).

    Three look-ups of three digits each; python-stdnum, which a test compares it with, takes
    seventeen times as long, and a register has tens of millions of rows.

    >>> is_siren("356000000"), is_siren("356000001"), is_siren("35600000")
    (True, False, False)
    """
    try:
        total = _OUTER[text[:3]] + _MIDDLE[text[3:6]] + _OUTER[text[6:]]
    except KeyError:
        return False
    return total % 10 == 0


def is_kbo_number(text: str) -> bool:
    """Tell whether `text` is an enterprise or establishment number with its dots, modulo 97.

    >>> is_kbo_number("0872.480.059"), is_kbo_number("0872.480.060"), is_kbo_number("0872480059")
    (True, False, False)
    """
    return bool(KBO_NUMBER.fullmatch(text)) and is_kbo_digits(text.replace(".", ""))


def is_kbo_digits(digits: str) -> bool:
    """Tell whether ten digits end in the check digits of the first eight, modulo 97."""
    return 97 - int(digits[:8]) % 97 == int(digits[8:])


@lru_cache(maxsize=1 << 16)
def is_date(text: str) -> bool:
    """Tell whether `text` is a day that exists, written YYYY-MM-DD (not any other ISO 8601 form).

    >>> is_date("2012-02-29"), is_date("2014-12-35"), is_date("20141231")
    (True, False, False)
    """
    if len(text) != DATE_LENGTH or text[4] != "-" or text[7] != "-":
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1 << 16)
def is_day_first_date(text: str) -> bool:
    """Tell whether `text` is a day that exists, written DD-MM-YYYY."""
    return len(text) == DATE_LENGTH and is_date(iso_date(text))


def iso_date(text: str) -> str:
    """Turn DD-MM-YYYY into YYYY-MM-DD.

    >>> iso_date("14-03-2005")
    '2005-03-14'
    """
    return f"{text[6:]}-{text[3:5]}-{text[:2]}" if text[2:6:3] == "--" else ""


def is_ambiguous(text: str) -> bool:
    """Tell whether a number may be one of thousands, if nothing says what its sign means.

    >>> [is_ambiguous(each) for each in ("210.800", "210.80", "0.125", "2100.800")]
    [True, False, False, False]
    """
    return bool(GROUPED.fullmatch(text))


def is_datetime(text: str) -> bool:
    """Tell whether `text` is YYYY-MM-DD, alone or with a time that exists (xsd:dateTime).

    >>> is_datetime("2024-02-29T10:30:00Z"), is_datetime("2024-02-29 10:30")
    (True, False)
    """
    if len(text) <= DATE_LENGTH:
        return is_date(text)
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return is_date(text[:DATE_LENGTH]) and bool(TIME.fullmatch(text, DATE_LENGTH))


def moment(text: str) -> datetime:
    """Return the moment that a right datetime says, to be compared with others.

    A day alone begins at midnight, and what names no zone is in UTC.

    >>> moment("2026-01-01T00:00:00+02:00") < moment("2025-12-31T23:00:00Z") < moment("2026-01-01")
    True
    """
    said = datetime.fromisoformat(text)
    return said if said.tzinfo else said.replace(tzinfo=UTC)
