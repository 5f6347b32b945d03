"""The lexical forms of numbers and days, as XSD 1.1 has them, and the tags of literals.

Python reads more than these: `1_000`, digits of other scripts, `20240101`. A literal with such a
form is ill-typed (RDF 1.1 Concepts, section 3.3), and a text to whoever shows its value.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyoxigraph import Literal

NUMBER = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN", re.ASCII
)
"""A number of any type (part 2, sections 3.3.3 to 3.3.5)."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def day_of(lexical: str) -> date | None:
    """Return a date (section 3.3.9) without a time zone, of a year from 1 to 9999; None otherwise.

    >>> day_of("2024-02-29")
    datetime.date(2024, 2, 29)
    >>> day_of("20240229"), day_of("2023-02-29")
    (None, None)
    """
    try:
        return date.fromisoformat(lexical) if _DAY.fullmatch(lexical) else None
    except ValueError:
        return None


def tag_of(literal: Literal) -> str | None:
    """Return a literal's language tag, with its base direction as RDF 1.2 writes it; None: no tag.

    >>> from pyoxigraph import BaseDirection, Literal
    >>> tag_of(Literal("x", language="ar", direction=BaseDirection.RTL))
    'ar--rtl'
    """
    direction = literal.direction
    return literal.language if direction is None else f"{literal.language}--{direction.value}"
