"""The properties of a page, in groups and in order, and the values of each."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from vises.namespaces import PREFIXES, term
from vises.service.pages.labels import FICTITIOUS, TYPE, Name, main_language
from vises.service.pages.model import Group, Property, Value
from vises.service.pages.outline import LAST
from vises.store.about import MOST_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.graph import Term
    from vises.service.pages.description import Description
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.sources import Sources

MOST_LISTED = 300
"""How many characters of a text are shown where a thing stands in a list; its own page has all."""

_UNIT_PROPERTIES = (term("sdmx-attribute:unitMeasure"), term("vises:unit"))
_INDICATOR = term("vises:indicator")
_MEASURED = term("vises:value")
_MEASURE_TYPE = term("qb:measureType")
_IN_THE_VALUE = {_MEASURE_TYPE, term("sdmx-attribute:unitMeasure"), term("qb:dataSet")}
ELSEWHERE = {TYPE, FICTITIOUS}
"""The properties that a page tells in a place of their own."""


class Properties:
    """Turns statements of a description into the properties that a page shows."""

    def __init__(
        self, description: Description, speaker: Speaker, sources: Sources, *, cite: bool
    ) -> None:
        """Take the statements, who names things, and what numbers the sources of values."""
        self._d = description
        self._speaker = speaker
        self._sources = sources
        self._cite = cite
        self._parts = by_subject(description.parts)
        self._referring = by_subject(description.referring)
        self._opened: set[Term] = set()

    def place(self, prop: str, types: tuple[str, ...]) -> tuple[float, float, str]:
        """Return what properties are ordered by: group, place within the shape, name."""
        entry = self._speaker.outline.entry(types, prop)
        group = entry.group.order if entry and entry.group else LAST
        name = self._speaker.property(prop, types).name.text
        return group, entry.order if entry else LAST, name.casefold()

    def groups(self, statements: Sequence[Quad], types: tuple[str, ...]) -> tuple[Group, ...]:
        """Return properties under the headings of the shapes."""
        language = self._speaker.words.language
        grouped: dict[str | None, list[Property]] = {}
        for prop, quads in self._ordered(statements, types):
            entry = self._speaker.outline.entry(types, prop)
            heading = entry.group.name(language) if entry and entry.group else None
            grouped.setdefault(heading, []).append(self._property(prop, quads, types))
        return tuple(Group(heading, tuple(found)) for heading, found in grouped.items())

    def _ordered(
        self, statements: Sequence[Quad], types: tuple[str, ...]
    ) -> list[tuple[str, list[Quad]]]:
        by_property: dict[str, list[Quad]] = defaultdict(list)
        for quad in statements:
            by_property[quad.predicate.value].append(quad)
        return sorted(by_property.items(), key=lambda item: self.place(item[0], types))

    def listed(self, statements: Iterable[Quad], types: tuple[str, ...]) -> tuple[Property, ...]:
        """Return properties for a list without headings, in the order within the shape alone."""
        without = ELSEWHERE | _IN_THE_VALUE
        rest = [q for q in statements if q.object != self._d.iri and q.predicate not in without]
        pairs = self._ordered(rest, types)
        pairs.sort(key=lambda item: self.place(item[0], types)[1:])
        return tuple(self._property(prop, quads, types, MOST_LISTED) for prop, quads in pairs)

    def _property(
        self, prop: str, quads: Sequence[Quad], types: tuple[str, ...], most: int = sys.maxsize
    ) -> Property:
        """Return a property with its values, of whose texts `most` characters are shown."""
        by_value: dict[Term, list[Quad]] = defaultdict(list)
        for quad in quads:
            by_value[quad.object].append(quad)
        values = [(v, _shortened(self._value(v, found), most)) for v, found in by_value.items()]
        values.sort(key=lambda v: (v[1].mention.code or "", v[1].mention.name.text.casefold()))
        first, others = _by_language(values, self._speaker.words.language)
        entry = self._speaker.outline.entry(types, prop)
        unread = self._d.left_out.get(prop, 0) if quads[0].subject == self._d.iri else 0
        return Property(
            mention=self._speaker.property(prop, types),
            values=tuple(first[:MOST_VALUES]),
            other_languages=tuple(others[:MOST_VALUES]),
            left_out=max(0, len(first) - MOST_VALUES) + max(0, len(others) - MOST_VALUES) + unread,
            help=entry.help(self._speaker.words.language) if entry else None,
        )

    def _value(self, value: Term, quads: Sequence[Quad]) -> Value:
        subject, prop = quads[0].subject, quads[0].predicate
        unit = self._unit(subject, prop) if isinstance(value, Literal) else None
        parts = self._value_parts(value)
        mention = self._speaker.value(value, unit)
        if parts and isinstance(value, NamedNode) and not self._speaker.is_named(value.value):
            mention = replace(mention, name=Name(""))
        sources = {self._sources.number(q.graph_name) for q in quads if self._cite}
        return Value(mention, tuple(sorted(sources)), parts)

    def _value_parts(self, value: Term) -> tuple[Property, ...]:
        """Return what is said of a part of the resource; never of a part within itself."""
        if value not in self._parts or value in self._opened:
            return ()
        self._opened.add(value)
        about = self._parts[value]
        parts = self.listed(about, types_of(about))
        self._opened.discard(value)
        return parts

    def _unit(self, subject: Term, prop: NamedNode) -> str | None:
        """Return the unit of a measured value: of the statement's subject or of its indicator."""
        quads = self._d.own if subject == self._d.iri else self._referring.get(subject, [])
        measures = {q.object for q in quads if q.predicate == _MEASURE_TYPE}
        if prop != _MEASURED and prop not in measures:
            return None
        for quad in quads:
            if quad.predicate in _UNIT_PROPERTIES and isinstance(quad.object, NamedNode):
                return quad.object.value
            if quad.predicate == _INDICATOR and isinstance(quad.object, NamedNode):
                return self._speaker.labels.known(quad.object.value).unit
        return None


def _shortened(value: Value, most: int) -> Value:
    name = value.mention.name
    if len(name.text) <= most:
        return value
    short = Name(name.text[:most].rstrip() + "…", name.language)
    return replace(value, mention=replace(value.mention, name=short))


def by_subject(quads: Iterable[Quad]) -> dict[Term, list[Quad]]:
    """Return statements by their subjects."""
    found: dict[Term, list[Quad]] = defaultdict(list)
    for quad in quads:
        found[quad.subject].append(quad)
    return found


def types_of(quads: Iterable[Quad]) -> tuple[str, ...]:
    """Return the classes, those of our own vocabulary first."""
    found = {
        q.object.value for q in quads if q.predicate == TYPE and isinstance(q.object, NamedNode)
    }
    return tuple(sorted(found, key=lambda t: (not t.startswith(PREFIXES["vises"]), t)))


def _by_language(
    values: Sequence[tuple[Term, Value]], language: str
) -> tuple[list[Value], list[Value]]:
    """Part texts in the visitor's language from those in others, where there are both."""
    tagged = {main_language(t) for t, _ in values if isinstance(t, Literal)}
    if language not in tagged:
        return [v for _, v in values], []

    def foreign(term_: Term) -> bool:
        return isinstance(term_, Literal) and main_language(term_) not in {None, language}

    return [v for t, v in values if not foreign(t)], [v for t, v in values if foreign(t)]
