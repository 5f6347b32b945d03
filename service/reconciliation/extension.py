"""Data extension: what the release says of things that were reconciled (0.2, section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.service.numbers import whole_number
from vises.service.reconciliation.manifest import IRI, LITERAL, MOST_VALUES
from vises.service.reconciliation.terms import FETCHED, identifier_of, iri_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.api.names import NamesKeeper
    from vises.service.api.rows import Json
    from vises.service.graph import Graph, Term
    from vises.service.pages.labels import Labels
    from vises.service.reconciliation.reader import Node
    from vises.service.texts import Texts

MOST_IDS = 200


@dataclass(frozen=True)
class Wanted:
    """A property to fetch: how many values at most, and whether IRIs are given as such."""

    name: str
    limit: int
    as_iri: bool


@dataclass(frozen=True)
class Extension:
    """A data extension query: identifiers of things, and the properties to fetch."""

    ids: Sequence[str]
    properties: Sequence[Wanted]


def read_extension(sent: Node) -> Extension:
    """Return a data extension query, the same in both versions. Raises `ReconciliationInvalid`."""
    members = sent.members(["ids", "properties"], ["ids", "properties"])
    ids = [item.text() for item in members["ids"].items(MOST_IDS)]
    wanted = [_wanted(item) for item in members["properties"].items(2 * len(FETCHED))]
    return Extension(list(dict.fromkeys(ids)), wanted)


def _wanted(node: Node) -> Wanted:
    members = node.members(["id"], ["id", "settings"])
    name = members["id"].one_of(FETCHED)
    settings = (
        members["settings"].members((), ["limit", "content"]) if "settings" in members else {}
    )
    limit, content = MOST_VALUES, LITERAL
    if "limit" in settings:
        limit = _number(settings["limit"])
    if "content" in settings:
        content = settings["content"].one_of([LITERAL, IRI])
    return Wanted(name, limit, as_iri=content == IRI)


def _number(node: Node) -> int:
    """Return a limit; OpenRefine sends what people typed as a text, and 0 for no limit."""
    value = node.value
    typed = whole_number(value) if isinstance(value, str) else None
    value = value if typed is None else typed
    return type(node)(value, node.place).number(MOST_VALUES, least=0) or MOST_VALUES


class Extender:
    """Fetches values. Every method raises what `Graph.select` does."""

    def __init__(self, base: str, names: NamesKeeper) -> None:
        """Take the base of the IRIs of our data, and what knows the names of things."""
        self._base = base
        self._names = names

    async def values(
        self, graph: Graph, ids: Sequence[str]
    ) -> dict[str, dict[NamedNode, list[Term]]]:
        """Return what the release says of things by identifier and property; of unknown ones {}."""
        iris = {name: iri for name in ids if (iri := iri_of(name, self._base)) is not None}
        wanted = set(iris.values())
        rows = await graph.select("reconcile", resources=wanted) if wanted else []
        said: dict[Term, dict[NamedNode, set[Term]]] = {}
        for row in rows:
            prop = row["property"]
            assert isinstance(prop, NamedNode)
            said.setdefault(row["resource"], {}).setdefault(prop, set()).add(row["value"])
        return {
            name: {p: sorted(v, key=str) for p, v in said.get(iris.get(name), {}).items()}  # type: ignore[arg-type]
            for name in ids
        }

    async def rows(
        self, graph: Graph, extension: Extension, language: str
    ) -> dict[str, dict[str, list[Json]]]:
        """Return the values of a query by identifier and property, as both versions write them."""
        said = await self.values(graph, extension.ids)
        mentioned = {
            value
            for found in said.values()
            for wanted in extension.properties
            for value in found.get(FETCHED[wanted.name].iri, ())
            if isinstance(value, NamedNode)
        }
        labels = await self._names.labels(graph, language, mentioned)
        return {
            name: {
                wanted.name: self._cells(wanted, found, labels) for wanted in extension.properties
            }
            for name, found in said.items()
        }

    async def labels(
        self, graph: Graph, language: str, said: Mapping[NamedNode, Sequence[Term]]
    ) -> Labels:
        """Return the names of the things that are values of what is said of one."""
        iris = {v for values in said.values() for v in values if isinstance(v, NamedNode)}
        return await self._names.labels(graph, language, iris)

    def _cells(
        self, wanted: Wanted, said: Mapping[NamedNode, Sequence[Term]], labels: Labels
    ) -> list[Json]:
        prop = FETCHED[wanted.name]
        cells: list[Json] = []
        for value in said.get(prop.iri, ()):
            if isinstance(value, Literal):
                cells.append({"str": value.value})
            elif isinstance(value, NamedNode):
                cells.append(self._thing(value, wanted, labels))
        return cells[: wanted.limit]

    def _thing(self, value: NamedNode, wanted: Wanted, labels: Labels) -> Json:
        if FETCHED[wanted.name].of_entities and not wanted.as_iri:
            return {
                "id": identifier_of(value.value, self._base),
                "name": labels.name(value.value).text,
            }
        label = labels.label(value.value)
        return {"str": value.value if wanted.as_iri or label is None else label.text}


def meta(extension: Extension, words: Texts) -> list[Json]:
    """Return what the columns are; of entities also their type."""
    return [
        {
            "id": wanted.name,
            "name": words(FETCHED[wanted.name].text),
            **(
                {"type": {"id": "Region", "name": words("search.region")}}
                if FETCHED[wanted.name].of_entities and not wanted.as_iri
                else {}
            ),
        }
        for wanted in extension.properties
    ]
