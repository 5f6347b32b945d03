"""How long another service asks to wait before the same is asked again."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_DIGITS = 9


def seconds_asked(retry_after: str) -> float | None:
    """Return what the value of Retry-After comes to in seconds (RFC 9110, section 10.2.3).

    None where it says nothing that can be read.

    >>> seconds_asked("5"), seconds_asked(""), seconds_asked("soon")
    (5.0, None, None)
    """
    text = retry_after.strip()
    if text.isdecimal():
        return float(text[:_DIGITS])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the offset of a zone may have any number of digits
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
