"""Literals as people write them: numbers, dates, yes and no, in each language."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import PREFIXES
from vises.service.charts.model import MOST_DIGITS

if TYPE_CHECKING:
    from vises.service.graph import Term
    from vises.service.texts import Texts

_XSD = PREFIXES["xsd"]
_INTEGERS = {
    _XSD + name
    for name in (
        "integer",
        "int",
        "long",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
        "negativeInteger",
        "nonPositiveInteger",
        "unsignedInt",
        "unsignedLong",
        "unsignedShort",
        "unsignedByte",
    )
}
NUMBERS = _INTEGERS | {_XSD + "decimal", _XSD + "double", _XSD + "float"}
UNSETTLED = {
    f"{PREFIXES['sdmx-code']}obsStatus-E": "estimated",
    f"{PREFIXES['sdmx-code']}obsStatus-P": "provisional",
}
_PLAIN_NUMBER = re.compile(r"([+-]?)(\d+)(?:\.(\d*))?")
_THOUSANDS = re.compile(r"(?<=\d)(?=(?:\d{3})+$)")


def unsettled(status: Term | None) -> str | None:
    """Return `estimated` or `provisional` where a status of SDMX says that a figure is.

    >>> unsettled(NamedNode("http://purl.org/linked-data/sdmx/2009/code#obsStatus-P"))
    'provisional'
    """
    return UNSETTLED.get(status.value) if isinstance(status, NamedNode) else None


def exact(value: Term) -> Decimal | None:
    """Return a value as an exact number, None where it is no finite one, or one beyond measure."""
    if not isinstance(value, Literal):
        return None
    try:
        found = Decimal(value.value)
    except InvalidOperation:
        return None
    return found if found.is_finite() and found.adjusted() < MOST_DIGITS else None


def shown(literal: Literal, words: Texts) -> str:
    """Return a literal as its reader writes it; the lexical form where we know no better.

    Numbers are grouped by thousands, dates are written out, booleans become words.
    """
    datatype = literal.datatype.value
    if datatype in NUMBERS:
        return number(literal.value, words)
    if datatype == _XSD + "boolean" and literal.value in {"true", "false", "1", "0"}:
        return words("value.yes" if literal.value in {"true", "1"} else "value.no")
    if datatype == _XSD + "date":
        return _day(literal.value, words) or literal.value
    if datatype == _XSD + "dateTime":
        return _moment(literal.value, words) or literal.value
    return literal.value


def number(lexical: str, words: Texts) -> str:
    """Return a number with the thousands and decimal separators of a language.

    The lexical form is kept digit by digit: nothing is rounded. Exponents stay as they are.
    """
    match = _PLAIN_NUMBER.fullmatch(lexical)
    if not match:
        return lexical
    sign, whole, decimals = match.groups()
    grouped = _THOUSANDS.sub(words("value.thousands"), whole)
    fraction = words("value.decimal") + decimals if decimals else ""
    return sign.replace("-", "\u2212") + grouped + fraction


def _day(lexical: str, words: Texts) -> str | None:
    try:
        return written_day(date.fromisoformat(lexical), words)
    except ValueError:
        return None


def written(value: Term | None, words: Texts) -> str:
    """Return a date as the language writes it; a year or a month as it stands."""
    day = _date(value)
    if day:
        return written_day(day, words)
    return value.value if isinstance(value, Literal) else ""


def span(start: Term | None, end: Term | None, words: Texts) -> str:
    """Return a period: a year alone where it is one, else its first and last day."""
    first, last = _date(start), _date(end)
    if first and last and (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        years = (str(first.year), str(last.year))
        return years[0] if years[0] == years[1] else "\u2013".join(years)
    ends = [written(each, words) for each in (start, end)]
    if ends[0] and ends[1]:
        return words("telling.between", start=ends[0], end=ends[1])
    if ends[0]:
        return words("telling.since", start=ends[0])
    return words("telling.until", end=ends[1]) if ends[1] else ""


def _date(value: Term | None) -> date | None:
    if not isinstance(value, Literal) or value.datatype.value != _XSD + "date":
        return None
    try:
        return date.fromisoformat(value.value)
    except ValueError:
        return None


def written_day(day: date, words: Texts) -> str:
    """Return a day such as `23 November 2026`."""
    number = words("value.first") if day.day == 1 else day.day
    return words("value.date", day=number, month=words(f"months.m{day.month}"), year=day.year)


def _moment(lexical: str, words: Texts) -> str | None:
    try:
        moment = datetime.fromisoformat(lexical)
    except ValueError:
        return None
    return written_moment(moment, words)


def written_moment(moment: datetime, words: Texts) -> str:
    """Return a moment such as `23 November 2026, 14:30 UTC`; without a zone where it has none."""
    if moment.tzinfo:
        moment = moment.astimezone(UTC)
    zone = " UTC" if moment.tzinfo else ""
    return f"{written_day(moment.date(), words)}, {moment:%H:%M}{zone}"
