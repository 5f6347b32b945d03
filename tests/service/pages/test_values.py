from __future__ import annotations

from decimal import Decimal

import pytest
from pyoxigraph import Literal, NamedNode

from vises.service.pages.values import exact, number, shown
from vises.service.texts import texts

XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("lexical", "en", "fr", "nl"),
    [
        ("0", "0", "0", "0"),
        ("999", "999", "999", "999"),
        ("1234", "1,234", "1\u202f234", "1.234"),
        ("210800", "210,800", "210\u202f800", "210.800"),
        ("1234567.891", "1,234,567.891", "1\u202f234\u202f567,891", "1.234.567,891"),
        ("-12345.50", "\u221212,345.50", "\u221212\u202f345,50", "\u221212.345,50"),
        ("1e6", "1e6", "1e6", "1e6"),
        ("NaN", "NaN", "NaN", "NaN"),
    ],
)
def test_numbers(lexical: str, en: str, fr: str, nl: str) -> None:
    assert [number(lexical, texts(lang)) for lang in ("en", "fr", "nl")] == [en, fr, nl]


@pytest.mark.parametrize(
    ("lexical", "datatype", "expected"),
    [
        ("2025-01-31", "date", "31 janvier 2025"),
        ("2017-06-01", "date", "1er juin 2017"),
        ("2025-13-31", "date", "2025-13-31"),
        ("2024", "gYear", "2024"),
        ("true", "boolean", "oui"),
        ("0", "boolean", "non"),
        ("2026-11-23T22:38:00+01:00", "dateTime", "23 novembre 2026, 21:38 UTC"),
        ("soon", "dateTime", "soon"),
        ("10000", "string", "10000"),
        ("10000", "integer", "10\u202f000"),
    ],
)
def test_literals_in_french(lexical: str, datatype: str, expected: str) -> None:
    literal = Literal(lexical, datatype=NamedNode(XSD + datatype))
    assert shown(literal, texts("fr")) == expected


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("12.50", Decimal("12.50")),
        ("9" * 100, Decimal("9" * 100)),
        ("9" * 400, None),
        ("-1" + "0" * 400, None),
        ("0." + "0" * 400 + "1", Decimal("1e-401")),
        ("INF", None),
        ("many", None),
    ],
)
def test_a_number_beyond_measure_is_not_reckoned_with(value: str, number: Decimal | None) -> None:
    """As a double it is infinite, and the page with its picture was an internal error."""
    assert exact(Literal(value)) == number
