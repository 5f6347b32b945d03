"""Values of typed formats as the text that a cell of a CSV would have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING

from vises.ingest.checks import is_ambiguous

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.ingest.files import InputFile


@dataclass(frozen=True)
class Percentage:
    """A number that a sheet shows as so many hundredths: 0.112 as 11.2 %."""

    share: float

    @property
    def shown(self) -> Decimal:
        """The number before the sign."""
        return (Decimal(repr(self.share)) * 100).normalize()


def writer(file: InputFile) -> Callable[[object], str]:
    """Return what writes the values of a file as text."""
    return as_exact_text if file.exact else as_text


def as_exact_text(value: object) -> str:
    """Return what `as_text` does, but a number with three decimals has a fourth one.

    So it cannot be taken for one that people wrote with a sign between thousands. A percentage is
    what is shown, with its sign.

    >>> as_exact_text(12.345), as_exact_text("12.345"), as_exact_text(Percentage(0.112))
    ('12.3450', '12.345', '11.2%')
    """
    if isinstance(value, Percentage):
        return f"{exact(as_text(value.shown))}%"
    text = as_text(value)
    return exact(text) if isinstance(value, float | Decimal) else text


def exact(number: str) -> str:
    """Return a number of a format that has a point before decimals alone, as `as_exact_text`."""
    return f"{number}0" if is_ambiguous(number) else number


def as_text(value: object) -> str:  # noqa: PLR0911 (a case for each type)
    """Return a value as text: dates and times in ISO 8601, numbers without an exponent.

    Whole numbers have no point, and lists and objects are written as JSON.

    >>> as_text(94.0), as_text(None), as_text(True), as_text(datetime(2026, 1, 31)), as_text(1e-5)
    ('94', '', 'true', '2026-01-31', '0.00001')
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case float() if isfinite(value):
            return f"{Decimal(repr(value)):f}"
        case Decimal():
            return f"{value:f}"
        case datetime() if value.time() == time() and value.tzinfo is None:
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case bytes():
            return value.decode()
        case list() | dict():
            return json.dumps(value, ensure_ascii=False, default=as_text)
        case _:
            return str(value)
