"""Listing the things of a kind with filters, and telling of one: `/api/v1/enterprises` etc."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pyoxigraph import NamedNode

from vises.errors import sentence
from vises.service.api.call import V1, Call, json_response
from vises.service.api.cells import Listed
from vises.service.api.errors import (
    SORTS,
    NoSuchEntity,
    ParameterInvalid,
    meant,
    nearest,
    not_sorted,
    quoted,
)
from vises.service.api.fields import FIELDS, cut, fields_of
from vises.service.api.forms import ENTITY_FORMS, JSON_LD, form_of
from vises.service.api.geometry import GEO_JSON, collection, feature, shapes_of
from vises.service.api.indexed import IndexedList, read_part
from vises.service.api.kinds import AFTER, CONCEPTS, KINDS, LISTS, SORT, Found
from vises.service.api.lister import Lister
from vises.service.api.names import NamesKeeper
from vises.service.api.paging import PAGING, link, read_page
from vises.service.api.queries import filtered, told
from vises.service.api.rows import Writer
from vises.service.api.things import Teller, grouped, json_ld, mentioned
from vises.service.iris import in_release
from vises.service.pages.labels import LABEL_PROPERTIES, TYPE
from vises.service.sentences import given_twice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from vises.errors import Sentence
    from vises.service.api.codes import CodesKeeper
    from vises.service.api.kinds import Kind
    from vises.service.api.paging import Page
    from vises.service.api.parameters import Parameter, Value
    from vises.service.api.rows import Json
    from vises.service.api.things import Statements
    from vises.service.graph import Graph, Term
    from vises.service.search.finder import Finder
    from vises.service.site import Site

SIZE = 50
_NO_SORT = sentence("give-no-sort", "Give no sort.")


class EntitiesApi:
    """Answers the requests for lists and things."""

    def __init__(self, site: Site, keeper: CodesKeeper, finder: Finder) -> None:
        """Take the site, what keeps the code lists of its releases, and what asks its indexes."""
        self._site = site
        self._keeper = keeper
        self._names = NamesKeeper()
        self._lister = Lister(self._names)
        self._indexed = IndexedList(finder)

    async def listed(self, request: Request, name: str) -> Response:
        """Return a page of the things of a kind. Raises `ParameterInvalid`, `NoSuchEntity`."""
        name, media_type, _ = form_of(request, name, ENTITY_FORMS)
        return await self._list(Call.of(request, self._site), _kind(name), name, media_type)

    async def codes(self, request: Request, name: str) -> Response:
        """Return a page of the codes of a list; of the lists where the name is empty."""
        name, media_type, _ = form_of(request, name, ENTITY_FORMS)
        call = Call.of(request, self._site)
        if not name:
            return await self._list(call, LISTS, "codes", media_type)
        lists = (await self._keeper.codes(call.graph)).lists
        if name not in lists:
            missing = sentence(
                "no-such-code-list", "There is no code list {name}.", name=quoted(name)
            )
            raise _unknown(missing, nearest(name, lists))
        fixed: dict[str, list[Value]] = {"list": [NamedNode(lists[name])]}
        return await self._list(call, CONCEPTS, f"codes/{name}", media_type, fixed)

    async def one(self, request: Request, kind_name: str, name: str) -> Response:
        """Return what the release says of a thing. Raises `NoSuchEntity`."""
        name, media_type, _ = form_of(request, name, ENTITY_FORMS)
        kind = _kind(kind_name)
        call = Call.of(request, self._site)
        call.demand_known((FIELDS,))
        wanted, language = fields_of(call), call.language()
        iri, things = await self._described(call, kind, name)
        own = things[iri]
        call.links.append(("canonical", f"{call.origin}{V1}/{kind.name}/{name}"))
        if address := self._site.addresses(call.reading).href(iri.value):
            call.links.append(("describes", call.origin + address))
        headers = call.headers(media_type, name, language, *map(str, wanted))
        if unchanged := call.unchanged(headers):
            return unchanged
        parts = _parts(own, things)
        if media_type == JSON_LD:
            return json_response(json_ld({**parts, iri: cut(own, wanted)}, [iri]), headers)
        names = mentioned([own, *parts.values()])
        labels = await self._names.labels(call.graph, language, names)
        teller = Teller(self._writer(call), labels, parts)
        thing = teller.told(iri, own, {prop.value for prop in wanted})
        if media_type == GEO_JSON:
            shapes = await shapes_of(call.graph, [iri])
            return json_response(feature(thing, shapes[iri.value]), headers)
        links = _lists_about(call, kind.name.removesuffix("s"), name)
        return json_response(thing | {"release": call.reading.release.id, "links": links}, headers)

    async def _described(
        self, call: Call, kind: Kind, name: str
    ) -> tuple[NamedNode, dict[Term, Statements]]:
        """Return the IRI of a thing, and what the release says. Raises `NoSuchEntity`."""
        iri = kind.iri(self._site.settings.base_iri, name)
        quads = await call.graph.about(iri) if iri else []
        things = grouped((q.subject, q.predicate, q.object) for q in quads)
        if iri is None or kind.type not in things.get(iri, {}).get(TYPE.value, ()):
            missing = sentence(
                "no-such", "There is no {name} ({kind}).", name=quoted(name), kind=kind.name
            )
            raise _unknown(missing, [])
        return iri, things

    async def _list(
        self,
        call: Call,
        kind: Kind,
        path: str,
        media_type: str,
        fixed: dict[str, list[Value]] | None = None,
    ) -> Response:
        fixed = fixed or {}
        filters = {n: p for n, p in kind.filters.items() if n not in fixed}
        walks = (AFTER,) if kind.indexed else ()
        call.demand_known([*filters, SORT, FIELDS, *PAGING, *walks])
        if len(call.given.get(SORT, ())) > 1:
            raise given_twice(ParameterInvalid, SORT)
        values = await self._values(call, kind, filters)
        page = read_page(call.given, SIZE)
        assert page is not None
        part = read_part(call.given, page) if kind.indexed else None
        asked = f"{part} {values}" if part else _ordered(kind, call, {**fixed, **values}, page)
        wanted, language = fields_of(call, kind.main), call.language()
        call.links.append(("canonical", f"{call.origin}{V1}/{path}"))
        headers = call.headers(media_type, asked, language, *map(str, wanted))
        if unchanged := call.unchanged(headers):
            return unchanged
        if part is not None:
            found = await self._indexed.found(call, kind, values, part, wanted)
        else:
            found = await _stored(call, asked, page, wanted)
        listed, links = found.listed, self._links(call, found.pages)
        headers["Link"] = call.link_header()
        if media_type == JSON_LD:
            shown = {i: cut(s, wanted) for i, s in listed.statements().items()}
            return json_response(json_ld(shown, listed.items), headers)
        written = await self._lister.written(call, self._writer(call), listed, wanted)
        if media_type == GEO_JSON:
            return json_response(await _features(call.graph, listed, written), headers)
        document: dict[str, Json] = {
            "release": call.reading.release.id,
            "filters": {n: [filters[n].written(v) for v in vs] for n, vs in values.items()},
            "offset": page.offset if AFTER not in call.given else None,
            "total": found.total,
            "links": links,
        }
        return json_response(document, headers, items=written)

    async def _values(
        self, call: Call, kind: Kind, filters: Mapping[str, Parameter]
    ) -> dict[str, list[Value]]:
        """Return the values of the filters, with those that they imply."""
        codes = await self._keeper.codes(call.graph)
        values: dict[str, list[Value]] = {
            name: filters[name].read(texts, codes)
            for name, texts in call.given.items()
            if name in filters
        }
        for name, (other, value) in kind.implies.items():
            if name in values:
                values.setdefault(other, [value])
        return values

    def _links(self, call: Call, pages: Mapping[str, Mapping[str, str]]) -> dict[str, Json]:
        """Return the addresses of other pages by relation; they name the release."""
        here = f"{call.origin}{call.request.scope['path']}"
        pairs = [(n, v) for n, v in call.pairs if n not in {"release", AFTER}]
        pairs.append(("release", call.reading.release.id))
        links = {relation: link(here, pairs, named) for relation, named in pages.items()}
        call.links.extend(links.items())
        return dict(links)

    def _writer(self, call: Call) -> Writer:
        return Writer(call.origin, self._site.addresses(call.reading))


async def _features(graph: Graph, listed: Listed, written: Iterable[str]) -> Mapping[str, Json]:
    """Return things that are written in JSON as GeoJSON, each with its shape."""
    shapes = await shapes_of(graph, listed.items)
    things = map(json.loads, written)
    return collection([feature(thing, shapes.get(str(thing["id"]))) for thing in things])


def _lists_about(call: Call, parameter: str, name: str) -> dict[str, Json]:
    """Return the addresses of the lists that can be limited to one thing, by their names."""
    return {
        listed: in_release(
            f"{call.origin}{V1}/{listed}?{urlencode({parameter: name})}", call.reading.chosen
        )
        for listed, kind in KINDS.items()
        if parameter in kind.filters
    }


async def _stored(call: Call, query: str, page: Page, wanted: Sequence[NamedNode]) -> Found:
    """Return a page of a list that a query selects, with one thing more than the page has."""
    said = [*wanted, TYPE, *LABEL_PROPERTIES] if wanted else []
    found = Listed.read(await call.graph.table(told(query, said)))
    listed, more = found.first(page.size), len(found.things) > page.size
    number = len(listed.things)
    pages = page.neighbours(number, more=more)
    return Found(listed, pages, page.total(number, more=more))


def _ordered(kind: Kind, call: Call, values: dict[str, list[Value]], page: Page) -> str:
    """Return the query of a page and one thing more, in the order that the request asks for.

    Raises `ParameterInvalid`.
    """
    sort = call.given.get(SORT, [""])[-1]
    if sort not in {"", "name", "-name"} or (sort and not kind.sorted):
        raise not_sorted(sort, SORTS if kind.sorted else _NO_SORT)
    limits = f"LIMIT {page.size + 1} OFFSET {page.offset}\n"
    if not kind.sorted:
        return filtered(kind.query, values) + limits
    query = filtered(kind.query, {**values, SORT: []})
    direction = "DESC" if sort.startswith("-") else "ASC"
    query = query.replace("SELECT DISTINCT ?item", "SELECT ?item (MIN(STR(?key)) AS ?by)")
    return f"{query}GROUP BY ?item\nORDER BY {direction}(?by) STR(?item)\n{limits}"


def _parts(own: Statements, things: dict[Term, Statements]) -> dict[Term, Statements]:
    """Return what a thing points to and what is described with it."""
    values = {value for values in own.values() for value in values}
    return {node: statements for node, statements in things.items() if node in values}


def _kind(name: str) -> Kind:
    kind = KINDS.get(name)
    if kind is None:
        missing = sentence("no-such-list", "There is no list {name}.", name=quoted(name))
        raise _unknown(missing, nearest(name, [*KINDS, "codes", "questions"]))
    return kind


def _unknown(missing: Sentence, near: Sequence[str]) -> NoSuchEntity:
    """Return the error for what is missing, with what may be meant."""
    return NoSuchEntity(missing, place="address", remedy=meant(near, "/api/openapi.json"))
