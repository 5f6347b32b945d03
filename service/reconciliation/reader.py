"""Reading JSON that a client sent: each value with its place, so that an error can name it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.api.errors import quoted
from vises.service.reconciliation.errors import ReconciliationInvalid, invalid, not_at_least
from vises.service.sentences import give_one_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from vises.errors import Sentence

MOST_CHARACTERS = 1000
"""How long a name, a value or an identifier may be."""


@dataclass(frozen=True)
class Node:
    """A value and its place. Every method raises `ReconciliationInvalid`."""

    value: object
    place: str

    def wrong(self, detail: Sentence, remedy: Sentence) -> ReconciliationInvalid:
        """Return the error for this value."""
        return invalid(self.place, detail, remedy)

    def members(
        self, needed: Collection[str] = (), allowed: Collection[str] | None = None
    ) -> dict[str, Node]:
        """Return the members of an object; `allowed` are all that it may have (None: any)."""
        if not isinstance(self.value, dict):
            raise self.wrong(
                sentence("no-object", "This is not a JSON object."),
                sentence("send-object", "Send an object, in curly brackets."),
            )
        for name in needed:
            if name not in self.value:
                raise self.wrong(
                    sentence("member-missing", "The object has no {name!r}.", name=name),
                    sentence("add-member", "Add the member {name!r}.", name=name),
                )
        found = {name: Node(v, f"{self.place}.{_short(name)}") for name, v in self.value.items()}
        for name, node in found.items():
            if allowed is not None and name not in allowed:
                known = ", ".join(sorted(allowed))
                raise node.wrong(
                    sentence("no-such-member", "There is no member {name}.", name=quoted(name)),
                    sentence("members-are", "Members are {known}.", known=known),
                )
        return found

    def items(self, most: int) -> Iterator[Node]:
        """Yield the items of a list of a bounded length."""
        if not isinstance(self.value, list):
            raise self.wrong(
                sentence("no-array", "This is not a JSON array."),
                sentence("send-array", "Send an array, in square brackets."),
            )
        if len(self.value) > most:
            count = sentence("items-are", "There are {count:,} items.", count=len(self.value))
            raise self.wrong(count, _most(most))
        for number, item in enumerate(self.value):
            yield Node(item, f"{self.place}[{number}]")

    def text(self) -> str:
        """Return a text of a bounded length."""
        if not isinstance(self.value, str):
            raise self.wrong(
                sentence("no-text", "This is not a text."),
                sentence("send-string", "Send a JSON string."),
            )
        if len(self.value) > MOST_CHARACTERS:
            length = sentence(
                "text-has", "The text has {length:,} characters.", length=len(self.value)
            )
            raise self.wrong(length, _most(MOST_CHARACTERS))
        return self.value

    def one_of(self, known: Collection[str]) -> str:
        """Return a text that is one of those known."""
        text = self.text()
        if text not in known:
            unknown = sentence("not-known", "{value} is not known here.", value=quoted(text))
            raise self.wrong(unknown, give_one_of(known))
        return text

    def number(self, most: int, least: int = 1) -> int:
        """Return a whole number of at least `least`; `most` where it is greater."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(
                sentence("no-number", "This is not a number."),
                sentence("send-number", "Send a whole number, such as 5."),
            )
        if value != int(value) or value < least:
            raise not_at_least(self.place, least)
        return min(most, int(value))

    def truth(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            raise self.wrong(
                sentence("no-truth", "This is neither true nor false."),
                sentence("send-truth", "Send true or false."),
            )
        return self.value


def parsed(text: str | bytes, place: str) -> Node:
    """Return JSON as what it holds. Raises `ReconciliationInvalid`."""
    try:
        return Node(json.loads(text, parse_constant=_refuse, parse_float=_finite), place)
    except json.JSONDecodeError as error:
        unread = sentence(
            "json-unread-after",
            "This cannot be read as JSON after line {line}, column {column}.",
            line=error.lineno,
            column=error.colno,
        )
    except (ValueError, RecursionError):
        unread = sentence("json-unread", "This cannot be read as JSON.")
    raise invalid(place, unread, sentence("send-json", "Send JSON in UTF-8 (RFC 8259)."))


def _most(most: int) -> Sentence:
    return sentence("send-most", "Send {most:,} at most.", most=most)


def _refuse(name: str) -> float:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    return number if abs(number) < float("inf") else _refuse(text)


def _short(name: str) -> str:
    return quoted(name)[1:-1]
