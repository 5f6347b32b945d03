"""Composing the page of a resource from its statements; no HTTP and no query in here."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from vises.namespaces import PREFIXES, term
from vises.service.iris import last_part
from vises.service.pages.labels import (
    FICTITIOUS,
    LABEL_PROPERTIES,
    Name,
    best_label,
    is_true,
)
from vises.service.pages.model import (
    Incoming,
    Item,
    ResourcePage,
)
from vises.service.pages.outline import LAST
from vises.service.pages.properties import ELSEWHERE, Properties, by_subject, types_of
from vises.service.pages.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.pages.description import Description
    from vises.service.pages.mentions import Speaker

MOST_TOLD, FEW_PROPERTIES = 20, 3
"""Of how many things without a name that refer to a resource all is told; of more, so much each."""

DEFINITIONS = (term("skos:definition"), term("dcterms:description"), term("rdfs:comment"))
_POSITION = term("vises:position")


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
        self._d = description
        self._speaker = speaker
        self._sources = sources
        self._properties = Properties(description, speaker, sources, cite=cite)
        self._referring = by_subject(description.referring)

    def page(self) -> ResourcePage:
        own = self._d.own
        types = types_of(own)
        language = self._speaker.words.language
        definition = next((d for d in DEFINITIONS if any(q.predicate == d for q in own)), None)
        skipped = ELSEWHERE | ({definition} if definition else set())
        groups = self._properties.groups([q for q in own if q.predicate not in skipped], types)
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
            and q.predicate not in ELSEWHERE
            and isinstance(q.object, NamedNode)
            and self._speaker.labels.label(q.object.value)
        ]
        return min(
            found, key=lambda q: self._properties.place(q.predicate.value, types)[1:], default=None
        )

    def _incoming(self) -> tuple[Incoming, ...]:
        grouped: dict[tuple[str, str], list[Item]] = defaultdict(list)
        for quad in self._d.incoming:
            if not isinstance(quad.subject, NamedNode):
                continue
            statements = self._referring.get(quad.subject, [])
            types = types_of(statements)
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
        return Item(
            replace(mention, name=name, code=None), place, self._properties.listed(rest, types)
        )


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
