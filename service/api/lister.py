"""Things of a list as JSON for programs, written as text.

What things point to is a few codes, so the text of each part of a row that names codes is kept for
the release. A page of fifty enterprises is put together from some hundred of such texts in less
than the time that making them objects would take.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from vises.service.api.cells import is_iri, terms
from vises.service.api.context import context
from vises.service.api.names import MOST_NAMES
from vises.service.api.rows import to_json
from vises.service.api.things import NAMELESS
from vises.service.cache import PerRelease
from vises.service.pages.labels import LABEL_PROPERTIES, TYPE, best_label
from vises.service.search.cells import read_part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vises.service.api.call import Call
    from vises.service.api.cells import Listed
    from vises.service.api.names import NamesKeeper
    from vises.service.api.rows import Json, Writer
    from vises.service.graph import Term
    from vises.service.pages.labels import Labels

_TYPE = str(TYPE)
_TYPE_KEY = to_json("type")

_SAME = re.compile(r'("[^"\\\x00-\x1f]*")(?:@([A-Za-z0-9-]+))?')
"""A text, perhaps in a language, that TSV and JSON write in the same way."""

_NAMING = {str(prop): prop for prop in LABEL_PROPERTIES}
_NAMELESS = {f"<{iri}>" for iri in NAMELESS}


class _Told(NamedTuple):
    """What a part of a row becomes: its property, a member of an object, the best name in it."""

    prop: str
    member: str
    label: str | None = None


class Lister:
    """Writes the things of lists."""

    def __init__(self, names: NamesKeeper) -> None:
        """Take what tells names; hold no text yet."""
        self._names = names
        self._kept: PerRelease[dict[str, _Told]] = PerRelease()

    async def written(
        self, call: Call, writer: Writer, listed: Listed, wanted: Sequence[NamedNode]
    ) -> list[str]:
        """Return each thing of a list as the text of an object, as `Teller.told` has it.

        `wanted` are the properties to tell (none: all).
        """

        async def nothing() -> dict[str, _Told]:
            return {}

        language = call.language()
        key = (call.graph.key, call.origin, call.reading.chosen, language)
        kept = await self._kept.get(key, nothing)
        new = {part for parts in listed.things.values() for part in parts if part not in kept}
        fresh = await self._told(call, _Parts(writer, language), new)
        page = _Page(writer, language, kept, fresh, set(map(str, wanted)))
        written = [page.thing(item, parts) for item, parts in listed.things.items()]
        kept |= {part: told for part, told in fresh.items() if '"' not in part}
        while len(kept) > MOST_NAMES:
            del kept[next(iter(kept))]
        return written

    async def _told(self, call: Call, written: _Parts, new: Iterable[str]) -> dict[str, _Told]:
        """Return what some parts of rows become."""
        found: dict[str, _Told] = {}
        read = {}
        for part in new:
            prop, cells = read_part(part)
            same = _SAME.fullmatch(cells[0]) if len(cells) == 1 else None
            if same is None:
                read[part] = prop, cells
            else:
                found[part] = written.same(prop, same[1], same[2])
        known = terms(cell for _, cells in read.values() for cell in cells)
        labels = await self._names.labels(call.graph, written.language, _mentioned(read, known))
        for part, (prop, cells) in read.items():
            found[part] = written.told(prop, cells, known, labels)
        return found


def _mentioned(
    read: Mapping[str, tuple[str, Sequence[str]]], known: Mapping[str, Term]
) -> set[NamedNode]:
    """Return those IRIs that are values and have names to show."""
    values = (known[c] for prop, cells in read.values() if prop not in _NAMELESS for c in cells)
    return {value for value in values if isinstance(value, NamedNode)}


class _Parts:
    """Writes parts of rows in one language."""

    def __init__(self, writer: Writer, language: str) -> None:
        self.language = language
        self._writer = writer

    def same(self, prop: str, text: str, tag: str | None) -> _Told:
        """Return a part with one text as JSON has it, in a language or none."""
        value = f'{{"{tag.lower()}": {text}}}' if tag else text
        names = prop in _NAMING and text[1:-1].strip()
        return _Told(prop, f"{_key(prop)}: {value}", text if names else None)

    def told(
        self, prop: str, cells: Sequence[str], known: Mapping[str, Term], labels: Labels
    ) -> _Told:
        """Return any part."""
        if prop == _TYPE:
            types = [context().name(cell[1:-1]).key for cell in cells if is_iri(cell)]
            told = f"{_TYPE_KEY}: {to_json(types[0] if len(types) == 1 else types)}"
            return _Told(prop, told if types else "")
        values = self._values(prop, cells, known, labels)
        label = best_label(_names(prop, (known[c] for c in cells)), self.language)
        return _Told(prop, f"{_key(prop)}: {values}", to_json(label.text) if label else None)

    def _values(
        self, prop: str, cells: Sequence[str], known: Mapping[str, Term], labels: Labels
    ) -> str:
        """Return texts in languages as an object by language, one value alone, others as a list."""
        found = [known[cell] for cell in cells]
        tagged: dict[str, Json] = {
            v.language: v.value for v in found if isinstance(v, Literal) and v.language
        }
        if len(tagged) == len(cells):
            return to_json(tagged)
        shown = [self._value(prop, value, labels) for value in found]
        return to_json(shown[0] if len(shown) == 1 else shown)

    def _value(self, prop: str, value: Term, labels: Labels) -> Json:
        if not isinstance(value, NamedNode):
            return self._writer.value(value)
        thing = self._writer.thing(value.value)
        label = None if prop in _NAMELESS else labels.label(value.value)
        return thing | {"label": label.text} if label else thing


class _Page:
    """Writes the things of one page from what their parts become."""

    def __init__(
        self,
        writer: Writer,
        language: str,
        kept: Mapping[str, _Told],
        fresh: Mapping[str, _Told],
        shown: set[str],
    ) -> None:
        self._writer = writer
        self._language = language
        self._kept = kept
        self._fresh = fresh
        self._shown = shown

    def thing(self, item: str, parts: Sequence[str]) -> str:
        head = [self._writer.members(item[1:-1])]
        kind, label, members, names = "", None, [], 0
        for part in parts:
            told = self._kept.get(part) or self._fresh[part]
            if told.label is not None:
                label = told.label
                names += 1
            if told.prop == _TYPE:
                kind = told.member
            elif not self._shown or told.prop in self._shown:
                members.append(told.member)
        if names > 1:
            label = self._best(parts)
        if label is not None:
            head.append(f'"label": {label}')
        if kind:
            head.append(kind)
        return f"{{{', '.join(head + members)}}}"

    def _best(self, parts: Sequence[str]) -> str:
        """Return the best of names by several properties."""
        read = dict(map(read_part, parts))
        cells = {prop: cells for prop, cells in read.items() if prop in _NAMING}
        known = terms(cell for found in cells.values() for cell in found)
        names = (
            n for prop, found in cells.items() for n in _names(prop, (known[c] for c in found))
        )
        label = best_label(names, self._language)
        assert label is not None
        return to_json(label.text)


def _names(prop: str, values: Iterable[Term]) -> Iterator[tuple[NamedNode, Literal]]:
    if prop in _NAMING:
        yield from ((_NAMING[prop], value) for value in values if isinstance(value, Literal))


@cache
def _key(prop: str) -> str:
    return to_json(context().name(prop[1:-1]).key)
