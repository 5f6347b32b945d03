"""Reading JSON that a client sent: each value with its place, so that an error can name it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.api.errors import quoted
from vises.service.reconciliation.errors import ReconciliationInvalid, invalid

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

MOST_CHARACTERS = 1000
"""How long a name, a value or an identifier may be."""


@dataclass(frozen=True)
class Node:
    """A value and its place. Every method raises `ReconciliationInvalid`."""

    value: object
    place: str

    def wrong(self, detail: str, remedy: str) -> ReconciliationInvalid:
        """Return the error for this value."""
        return invalid(self.place, detail, remedy)

    def members(
        self, needed: Collection[str] = (), allowed: Collection[str] | None = None
    ) -> dict[str, Node]:
        """Return the members of an object; `allowed` are all that it may have (None: any)."""
        if not isinstance(self.value, dict):
            raise self.wrong("This is not a JSON object.", "Send an object, in curly brackets.")
        for name in needed:
            if name not in self.value:
                raise self.wrong(f"The object has no {name!r}.", f"Add the member {name!r}.")
        found = {name: Node(v, f"{self.place}.{_short(name)}") for name, v in self.value.items()}
        for name, node in found.items():
            if allowed is not None and name not in allowed:
                known = ", ".join(sorted(allowed))
                raise node.wrong(f"There is no member {quoted(name)}.", f"Members are {known}.")
        return found

    def items(self, most: int) -> Iterator[Node]:
        """Yield the items of a list of a bounded length."""
        if not isinstance(self.value, list):
            raise self.wrong("This is not a JSON array.", "Send an array, in square brackets.")
        if len(self.value) > most:
            raise self.wrong(f"There are {len(self.value)} items.", f"Send {most} at most.")
        for number, item in enumerate(self.value):
            yield Node(item, f"{self.place}[{number}]")

    def text(self) -> str:
        """Return a text of a bounded length."""
        if not isinstance(self.value, str):
            raise self.wrong("This is not a text.", "Send a JSON string.")
        if len(self.value) > MOST_CHARACTERS:
            remedy = f"Send {MOST_CHARACTERS} at most."
            raise self.wrong(f"The text has {len(self.value):,} characters.", remedy)
        return self.value

    def one_of(self, known: Collection[str]) -> str:
        """Return a text that is one of those known."""
        text = self.text()
        if text not in known:
            raise self.wrong(
                f"{quoted(text)} is not known here.", f"Give one of {', '.join(known)}."
            )
        return text

    def number(self, most: int, least: int = 1) -> int:
        """Return a whole number of at least `least`; `most` where it is greater."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong("This is not a number.", "Send a whole number, such as 5.")
        if value != int(value) or value < least:
            wanted = f"This is not a whole number of {least} or more."
            raise self.wrong(wanted, "Send one, such as 5.")
        return min(most, int(value))

    def truth(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("This is neither true nor false.", "Send true or false.")
        return self.value


def parsed(text: str | bytes, place: str) -> Node:
    """Return JSON as what it holds. Raises `ReconciliationInvalid`."""
    try:
        return Node(json.loads(text, parse_constant=_refuse, parse_float=_finite), place)
    except json.JSONDecodeError as error:
        where = f" after line {error.lineno}, column {error.colno}"
    except (ValueError, RecursionError):
        where = ""
    raise invalid(place, f"This cannot be read as JSON{where}.", "Send JSON in UTF-8 (RFC 8259).")


def _refuse(name: str) -> float:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    return number if abs(number) < float("inf") else _refuse(text)


def _short(name: str) -> str:
    return quoted(name)[1:-1]
