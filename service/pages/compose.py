"""Composing the page of a resource from its statements; no HTTP and no query in here."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from vises.namespaces import PREFIXES, term
from vises.service.iris import last_part
from vises.service.pages.labels import (
    FICTITIOUS,
    LABEL_PROPERTIES,
    TYPE,
    Name,
    best_label,
    is_true,
    main_language,
)
from vises.service.pages.model import (
    Group,
    Incoming,
    Item,
    Property,
    ResourcePage,
    Value,
)
from vises.service.pages.outline import LAST
from vises.service.pages.sources import Sources
from vises.store.about import MOST_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.graph import Term
    from vises.service.pages.description import Description
    from vises.service.pages.mentions import Speaker

MOST_TOLD, FEW_PROPERTIES = 20, 3
"""Of how many things without a name that refer to a resource all is told; of more, so much each."""

MOST_LISTED = 300
"""How many characters of a text are shown where a thing stands in a list; its own page has all."""

DEFINITIONS = (term("skos:definition"), term("dcterms:description"), term("rdfs:comment"))
_UNIT_PROPERTIES = (term("sdmx-attribute:unitMeasure"), term("vises:unit"))
_INDICATOR = term("vises:indicator")
_MEASURED = term("vises:value")
_POSITION = term("vises:position")
_MEASURE_TYPE = term("qb:measureType")
_IN_THE_VALUE = {_MEASURE_TYPE, term("sdmx-attribute:unitMeasure"), term("qb:dataSet")}
_ELSEWHERE = {TYPE, FICTITIOUS}


def compose(
    description: Description,
    speaker: Speaker,
    *,
    cite: bool = True,
    sources: Sources | None = None,
) -> ResourcePage:
    """Return the page of a resource.

    `cite` says whether each value names its sources. A page with parts of its own hands over the
    `sources` that these number as well.
    """
    return _Composer(description, speaker, sources or Sources(), cite=cite).page()


class _Composer:
    def __init__(
        self, description: Description, speaker: Speaker, sources: Sources, *, cite: bool
    ) -> None:
        self._cite = cite
        self._d = description
        self._speaker = speaker
        self._sources = sources
        self._parts = _by_subject(description.parts)
        self._referring = _by_subject(description.referring)
        self._opened: set[Term] = set()

    def page(self) -> ResourcePage:
        own = self._d.own
        types = _types(own)
        language = self._speaker.words.language
        definition = next((d for d in DEFINITIONS if any(q.predicate == d for q in own)), None)
        skipped = _ELSEWHERE | ({definition} if definition else set())
        groups = self._groups([q for q in own if q.predicate not in skipped], types)
        incoming = self._incoming()
        return ResourcePage(
            iri=self._d.iri.value,
            title=self._title(own, types),
            types=tuple(self._speaker.thing(t) for t in _telling(types)),
            definition=best_label(
                (
                    (LABEL_PROPERTIES[0], q.object)
                    for q in own
                    if q.predicate == definition and isinstance(q.object, Literal)
                ),
                language,
            ),
            fictitious=self._is_fictitious(own),
            groups=groups,
            incoming=incoming,
            incoming_cut=self._d.cut,
            sources=self._sources.mentions(self._speaker),
        )

    def _is_fictitious(self, own: Sequence[Quad]) -> bool:
        """Tell whether the resource, or a graph that describes it, is marked as made up."""
        said = any(q.predicate == FICTITIOUS and is_true(q.object) for q in own)
        graphs = {q.graph_name for q in own if isinstance(q.graph_name, NamedNode)}
        return said or any(self._speaker.labels.known(g.value).fictitious for g in graphs)

    def _title(self, statements: Sequence[Quad], types: tuple[str, ...]) -> Name:
        labels = [
            (q.predicate, q.object)
            for q in statements
            if q.predicate in LABEL_PROPERTIES and isinstance(q.object, Literal)
        ]
        found = best_label(labels, self._speaker.words.language)
        if found:
            return found
        first = self._first_thing(statements, types)
        named = [self._speaker.thing(types[0])] if types else []
        named += [self._speaker.value(first.object)] if first else []
        colon = self._speaker.words("value.colon")
        return Name(colon.join(m.name.text for m in named) or last_part(self._d.iri.value))

    def _first_thing(self, statements: Sequence[Quad], types: tuple[str, ...]) -> Quad | None:
        """Return the statement whose value best tells apart a thing that has no name.

        It is the first one, in the order of the shape, that leads to something with a name.
        """
        found = [
            q
            for q in statements
            if q.object != self._d.iri
            and q.predicate not in _ELSEWHERE
            and isinstance(q.object, NamedNode)
            and self._speaker.labels.label(q.object.value)
        ]
        return min(found, key=lambda q: self._place(q.predicate.value, types)[1:], default=None)

    def _place(self, prop: str, types: tuple[str, ...]) -> tuple[float, float, str]:
        entry = self._speaker.outline.entry(types, prop)
        group = entry.group.order if entry and entry.group else LAST
        name = self._speaker.property(prop, types).name.text
        return group, entry.order if entry else LAST, name.casefold()

    def _groups(self, statements: Sequence[Quad], types: tuple[str, ...]) -> tuple[Group, ...]:
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
        return sorted(by_property.items(), key=lambda item: self._place(item[0], types))

    def _listed(self, statements: Iterable[Quad], types: tuple[str, ...]) -> tuple[Property, ...]:
        """Return properties for a list without headings, in the order within the shape alone."""
        without = _ELSEWHERE | _IN_THE_VALUE
        rest = [q for q in statements if q.object != self._d.iri and q.predicate not in without]
        pairs = self._ordered(rest, types)
        pairs.sort(key=lambda item: self._place(item[0], types)[1:])
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
        parts = self._listed(about, _types(about))
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

    def _incoming(self) -> tuple[Incoming, ...]:
        grouped: dict[tuple[str, str], list[Item]] = defaultdict(list)
        for quad in self._d.incoming:
            if not isinstance(quad.subject, NamedNode):
                continue
            statements = self._referring.get(quad.subject, [])
            types = _types(statements)
            key = (types[0] if types else "", quad.predicate.value)
            grouped[key].append(self._item(quad.subject, statements, types))
        told = sum(bool(item.properties) for items in grouped.values() for item in items)
        most = None if told <= MOST_TOLD else FEW_PROPERTIES
        found = [
            Incoming(
                self._kind(kind),
                self._speaker.property(by, (kind,)),
                _sorted(replace(item, properties=item.properties[:most]) for item in items),
            )
            for (kind, by), items in grouped.items()
        ]
        return tuple(sorted(found, key=lambda i: (i.heading.text, i.by.name.text)))

    def _kind(self, type_iri: str) -> Name:
        words = self._speaker.words
        return self._speaker.thing(type_iri).name if type_iri else Name(words("resource.others"))

    def _item(self, subject: NamedNode, statements: Sequence[Quad], types: tuple[str, ...]) -> Item:
        mention = self._speaker.thing(subject.value)
        place = _position(statements)
        if self._speaker.labels.label(subject.value):
            return Item(mention, place)
        first = self._first_thing(statements, types)
        name = self._speaker.value(first.object).name if first else mention.name
        rest = [q for q in statements if q != first]
        return Item(replace(mention, name=name, code=None), place, self._listed(rest, types))


def _shortened(value: Value, most: int) -> Value:
    name = value.mention.name
    if len(name.text) <= most:
        return value
    short = Name(name.text[:most].rstrip() + "…", name.language)
    return replace(value, mention=replace(value.mention, name=short))


def _by_subject(quads: Iterable[Quad]) -> dict[Term, list[Quad]]:
    found: dict[Term, list[Quad]] = defaultdict(list)
    for quad in quads:
        found[quad.subject].append(quad)
    return found


def _types(quads: Iterable[Quad]) -> tuple[str, ...]:
    """Return the classes, those of our own vocabulary first."""
    found = {
        q.object.value for q in quads if q.predicate == TYPE and isinstance(q.object, NamedNode)
    }
    return tuple(sorted(found, key=lambda t: (not t.startswith(PREFIXES["vises"]), t)))


def _position(quads: Iterable[Quad]) -> float:
    """Return the place of a thing in its sequence (vises:position), the last for one without."""
    found = [
        float(q.object.value)
        for q in quads
        if q.predicate == _POSITION and isinstance(q.object, Literal) and q.object.value.isdecimal()
    ]
    return min(found, default=LAST)


def _telling(types: tuple[str, ...]) -> tuple[str, ...]:
    """Return the classes worth naming: our own where there are any."""
    return tuple(t for t in types if t.startswith(PREFIXES["vises"])) or types


def _sorted(items: Iterable[Item]) -> tuple[Item, ...]:
    def place(item: Item) -> tuple[float, str, str]:
        return item.position, item.mention.code or "", item.mention.name.text.casefold()

    return tuple(sorted(items, key=place))


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
