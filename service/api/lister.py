"""Things of a list as JSON for programs, written as text.

What things point to is a few codes, so the text of each, with its name, is kept for the release. A
page of fifty enterprises is put together from some hundred of such texts in less than the time that
making them objects would take.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.service.api.cells import is_iri, terms
from vises.service.api.context import context
from vises.service.api.names import MOST_NAMES
from vises.service.api.things import NAMELESS
from vises.service.cache import PerRelease
from vises.service.pages.labels import LABEL_PROPERTIES, TYPE, best_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vises.service.api.call import Call
    from vises.service.api.cells import Listed
    from vises.service.api.names import NamesKeeper
    from vises.service.api.rows import Json, Writer
    from vises.service.graph import Term

_TYPE = str(TYPE)
_LABELS = [(prop, str(prop)) for prop in LABEL_PROPERTIES]
_text: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_TRUTHS = {"true", "false"}
"""What TSV and JSON write in the same way."""

_NAMING = {label for _, label in _LABELS}
_NAMELESS = {f"<{iri}>" for iri in NAMELESS}


class Lister:
    """Writes the things of lists."""

    def __init__(self, names: NamesKeeper) -> None:
        """Take what tells names; hold no text yet."""
        self._names = names
        self._texts: PerRelease[dict[str, str]] = PerRelease()

    async def written(
        self, call: Call, writer: Writer, listed: Listed, wanted: Sequence[NamedNode]
    ) -> list[str]:
        """Return each thing of a list as the text of an object, as `Teller.told` has it.

        `wanted` are the properties to tell (none: all).
        """

        async def nothing() -> dict[str, str]:
            return {}

        language = call.language()
        key = (call.graph.key, call.origin, call.reading.chosen, language)
        texts = await self._texts.get(key, nothing)
        shown = set(map(str, wanted))
        new = {
            cell
            for said in listed.things.values()
            for prop, cells in said.items()
            if not shown or prop in shown or prop in _NAMING
            for cell in cells
            if cell not in texts
        }
        known = terms(new)
        mentioned = _mentioned(listed, shown, known)
        if mentioned:
            labels = await self._names.labels(call.graph, language, mentioned)
            for iri in mentioned:
                thing, label = writer.thing(iri.value), labels.label(iri.value)
                texts[str(iri)] = _text(thing | ({"label": label.text} if label else {}))
        page = _Page(writer, language, texts, known, shown)
        written = [page.thing(item, said) for item, said in listed.things.items()]
        while len(texts) > MOST_NAMES:
            del texts[next(iter(texts))]
        return written


def _mentioned(listed: Listed, shown: set[str], known: Mapping[str, Term]) -> set[NamedNode]:
    """Return those new IRIs that are values and have names to show."""
    return {
        term
        for said in listed.things.values()
        for prop, cells in said.items()
        if prop not in _NAMELESS and (not shown or prop in shown)
        for cell in cells
        if is_iri(cell) and isinstance(term := known.get(cell), NamedNode)
    }


class _Page:
    """Writes the things of one page: `texts` of what has a name, `known` terms of the rest."""

    def __init__(
        self,
        writer: Writer,
        language: str,
        texts: Mapping[str, str],
        known: Mapping[str, Term],
        shown: set[str],
    ) -> None:
        self._writer = writer
        self._language = language
        self._texts = texts
        self._known = known
        self._shown = shown
        self._keys: dict[str, str] = {}

    def thing(self, item: str, said: Mapping[str, Sequence[str]]) -> str:
        parts = [f'"{name}": {_text(value)}' for name, value in self._head(item, said).items()]
        parts += [
            f"{self._key(prop)}: {self._values(prop, said[prop])}"
            for prop in sorted(said)
            if prop != _TYPE and (not self._shown or prop in self._shown)
        ]
        return f"{{{', '.join(parts)}}}"

    def _head(self, item: str, said: Mapping[str, Sequence[str]]) -> dict[str, Json]:
        head = self._writer.thing(item[1:-1])
        label = best_label(self._names(said), self._language)
        if label:
            head["label"] = label.text
        types = [context().name(cell[1:-1]).key for cell in said.get(_TYPE, ()) if is_iri(cell)]
        if types:
            head["type"] = types[0] if len(types) == 1 else [*types]
        return head

    def _names(self, said: Mapping[str, Sequence[str]]) -> Iterator[tuple[NamedNode, Literal]]:
        for prop, cell in _LABELS:
            for value in said.get(cell, ()):
                term = self._known.get(value)
                if isinstance(term, Literal):
                    yield prop, term

    def _key(self, prop: str) -> str:
        if prop not in self._keys:
            self._keys[prop] = _text(context().name(prop[1:-1]).key)
        return self._keys[prop]

    def _values(self, prop: str, cells: Sequence[str]) -> str:
        """Return texts in languages as an object by language, one value alone, others as a list."""
        if len(cells) == 1 and (cells[0] in _TRUTHS or cells[0] not in self._known):
            return self._value(prop, cells[0])
        tagged: dict[str, Json] = {
            term.language: term.value
            for term in map(self._known.get, cells)
            if isinstance(term, Literal) and term.language
        }
        if len(tagged) == len(cells):
            return _text(tagged)
        written = [self._value(prop, cell) for cell in cells]
        return written[0] if len(written) == 1 else f"[{', '.join(written)}]"

    def _value(self, prop: str, cell: str) -> str:
        if cell in _TRUTHS:
            return cell
        if not is_iri(cell):
            return _text(self._writer.value(self._known[cell]))
        if prop in _NAMELESS:
            return _text(self._writer.thing(cell[1:-1]))
        return self._texts[cell]
