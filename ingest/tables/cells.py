"""Values of typed formats as the text that a cell of a CSV would have."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal


def as_text(value: object) -> str:  # noqa: PLR0911 (a case for each type)
    """Return a value as text: dates and times in ISO 8601, whole numbers without a point.

    >>> as_text(94.0), as_text(None), as_text(True), as_text(datetime(2026, 1, 31))
    ('94', '', 'true', '2026-01-31')
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case float() | Decimal():
            return f"{value:f}" if isinstance(value, Decimal) else repr(value)
        case datetime() if value.time() == time() and value.tzinfo is None:
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case bytes():
            return value.decode()
        case _:
            return str(value)
