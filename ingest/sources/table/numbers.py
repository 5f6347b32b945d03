"""Numbers as people write them: decimal commas, groups of thousands, signs beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from vises.ingest.checks import is_ambiguous
from vises.ingest.rules import Refusal
from vises.ingest.sources.table.description import DISCLOSURE_RULES, STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping


PER_CENT = 100
_ALIKE = (" \u00a0\u2009\u202f", "'\u2019")
"""Signs between thousands that look alike, so that one stands for the others."""


@dataclass(frozen=True)
class Read:
    """A cell that was read: its number as XML Schema writes decimals, or the rule that hides it.

    One with neither is marked as missing.
    """

    value: str = ""
    status: str = ""
    rule: str = ""


class NumberFormat:
    """How the numbers of a table are written."""

    def __init__(
        self,
        decimal: str,
        thousands: str,
        missing: frozenset[str],
        flags: Mapping[str, str],
        *,
        declares_signs: bool = True,
    ) -> None:
        """Compile the form; see `TableDescription`."""
        self._declares_signs = declares_signs
        self._decimal = decimal
        self._example = f"1{thousands}234{decimal}5"
        self._missing, self._flags = missing, flags
        alike = next((signs for signs in _ALIKE if thousands and thousands in signs), thousands)
        point, group = re.escape(decimal), f"[{re.escape(alike)}]"
        whole = rf"[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+" if thousands else "[0-9]+"
        self._between = dict.fromkeys(map(ord, alike))
        self._number = re.compile(rf"[+-]?(?:{whole})(?:{point}[0-9]+)?")
        self._signs = sorted(flags, key=len, reverse=True)

    def read(self, text: str, factor: int) -> Read | Refusal:
        """Return what a cell says, its number times `factor`.

        A cell of a disclosure rule has no value, whatever stands there. What is neither a number,
        nor marked as missing, nor suppressed is refused; so is what may be thousands, where nothing
        says what its sign means. A number with `%` is no share of 1, which a factor of 100 is for.
        """
        text = text.strip()
        if text in self._missing:
            return Read()
        if factor == PER_CENT and text.endswith("%"):
            text, factor = text[:-1].rstrip(), 1
        rest, meanings = self._without_signs(text)
        rules = [each for each in meanings if each in DISCLOSURE_RULES]
        if rules:
            return Read(rule=rules[0])
        if not rest:
            return Refusal("required", "", "", "")
        if not self._declares_signs and is_ambiguous(rest):
            return Refusal("grouped-number", "", text, "")
        if not self._number.fullmatch(rest):
            return Refusal("written-number", "", text, self._example)
        rest = rest.translate(self._between)
        told = [STATUSES[each] for each in meanings if each != "normal"]
        value = _times(rest.replace(self._decimal, "."), factor)
        return Read(value, told[0] if told else "")

    def _without_signs(self, text: str) -> tuple[str, list[str]]:
        """Return the number, and what the signs behind and before it mean."""
        meanings = []
        rest = text
        while sign := next((s for s in self._signs if rest.endswith(s) or rest.startswith(s)), ""):
            rest = rest.removesuffix(sign) if rest.endswith(sign) else rest.removeprefix(sign)
            rest = rest.strip()
            meanings.append(self._flags[sign])
        return rest, meanings


def _times(number: str, factor: int) -> str:
    """Return a decimal number times a whole one, exactly.

    >>> _times("210.80", 1000), _times("10.7", 1)
    ('210800', '10.7')
    """
    if factor == 1:
        return number
    product = f"{Decimal(number) * factor:f}"
    return product.rstrip("0").rstrip(".") if "." in product else product
