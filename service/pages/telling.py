"""Saying what is said of things, with the numbers of the sources that say it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.service.pages.labels import LABEL_PROPERTIES, Name, best_label
from vises.service.pages.model import Mention, Value
from vises.service.pages.values import number, span, written

if TYPE_CHECKING:
    from vises.service.graph import Term
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.sources import Sources
    from vises.service.pages.things import Thing

MOST_TEXT = 1500
"""How many characters of a long text a page shows; the page of the thing itself has them all."""


@dataclass(frozen=True)
class Telling:
    """Who names things, and what numbers the sources of a page."""

    speaker: Speaker
    sources: Sources

    def mention(self, thing: Thing, name: str) -> Mention | None:
        """Return what to show of the first value of a property, None without one."""
        value = thing.value(name)
        return None if value is None else self.speaker.value(value)

    def mentions(self, thing: Thing, name: str) -> tuple[Mention, ...]:
        """Return what to show of all values of a property, in the order of their names."""
        found = [self.speaker.value(value) for value in thing.values(name)]
        return tuple(sorted(found, key=lambda m: m.name.text.casefold()))

    def text(self, thing: Thing, name: str) -> Name | None:
        """Return the text of a property in the language of the page where there is one."""
        literals = [v for v in thing.values(name) if isinstance(v, Literal)]
        found = best_label(
            ((LABEL_PROPERTIES[0], v) for v in literals), self.speaker.words.language
        )
        if found is None or len(found.text) <= MOST_TEXT:
            return found
        return Name(found.text[:MOST_TEXT].rstrip() + "…", found.language)

    def cited(self, thing: Thing, mention: Mention | None = None) -> Value:
        """Return a mention (None: that of the thing itself) with the sources that speak of it."""
        numbers = sorted(self.sources.number(graph) for graph in thing.graphs)
        return Value(mention or self.speaker.thing(thing.iri.value), tuple(numbers))

    def linked(self, thing: Thing, mention: Mention | None) -> Mention | None:
        """Return a mention that leads to the page of a thing."""
        if mention is None:
            return None
        return replace(mention, href=self.speaker.addresses.href(thing.iri.value), external=False)

    def measured(self, value: Term | None, unit: str | None) -> Mention | None:
        """Return a number with its unit, None without a number."""
        return None if value is None else self.speaker.value(value, unit)

    def count(self, n: int) -> str:
        """Return a number of things as the language writes it."""
        return number(str(n), self.speaker.words)

    def span(self, start: Term | None, end: Term | None) -> str:
        """Return a period: a year alone where it is one, else its first and last day."""
        return span(start, end, self.speaker.words)

    def day(self, value: Term | None) -> str:
        """Return a date as the language writes it; a year or a month as it stands."""
        return written(value, self.speaker.words)


def unit_of(thing: Thing, name: str = "vises:unit") -> str | None:
    """Return the IRI of the unit that a thing has, None without one."""
    unit = thing.value(name)
    return unit.value if isinstance(unit, NamedNode) else None
