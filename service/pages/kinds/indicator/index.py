"""The list of all indicators, by theme, with a search by text."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pyoxigraph import Literal, NamedNode
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.service.cache import PerRelease
from vises.service.citation import page_citation
from vises.service.formats import HTML, content_type
from vises.service.headers import ANY_ORIGIN
from vises.service.pages.kinds.indicator import forms
from vises.service.pages.sources import Sources
from vises.service.pages.subject import Laid
from vises.service.pages.telling import Telling, unit_of
from vises.service.pages.things import described
from vises.service.pages.visit import answered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.graph import Graph
    from vises.service.pages.labels import Name
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.model import Mention
    from vises.service.pages.things import Thing
    from vises.service.pages.visit import Visit

PATH = "/indicators"
MOST_INDICATORS = 500
"""How many indicators the list has; it says where there are more."""

MOST_QUERY = 200
"""How many characters of a search are read."""


@dataclass(frozen=True)
class Line:
    """An indicator in the list; `enterprises` is how many report it."""

    mention: Mention
    definition: Name | None
    unit: str
    goals: tuple[Mention, ...]
    enterprises: int


@dataclass(frozen=True)
class Theme:
    """The indicators of a theme, None for those that have none."""

    anchor: str
    mention: Mention | None
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Known:
    """The indicators of a release, and how many enterprises report each."""

    things: Sequence[Thing]
    enterprises: Mapping[NamedNode, int]
    cut: bool


class Indicators:
    """Answers the requests for the list."""

    def __init__(self, maker: PageMaker) -> None:
        """Take what makes pages."""
        self._maker = maker
        self._known: PerRelease[Known] = PerRelease()

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = APIRouter()
        methods = ["GET", "HEAD"]
        routes.add_api_route(PATH, self.listed, methods=methods)
        for form in forms.ENDINGS:
            routes.add_api_route(f"{PATH}.{form}", self.form, methods=methods)
        return routes

    async def listed(self, request: Request) -> Response:
        """Return the list in the form that the request prefers, the page before all.

        Raises `NotAcceptable`.
        """
        media_type = forms.wanted(request.headers.get("accept"))
        return await (self.page(request) if media_type == HTML else self._data(request, media_type))

    async def form(self, request: Request) -> Response:
        """Return the whole list in the form that the ending of the address asks for."""
        ending = request.url.path.rpartition(".")[2]
        return await self._data(request, forms.ENDINGS[ending])

    async def _data(self, request: Request, media_type: str) -> Response:
        visit = await self._maker.visit(request)

        async def make(headers: dict[str, str]) -> Response:
            body = await forms.written(visit.graph, media_type)
            headers |= {"Content-Type": content_type(media_type), **ANY_ORIGIN}
            return Response(body, headers=headers)

        return await answered(visit, media_type, make)

    async def page(self, request: Request) -> Response:
        """Return the list, of those with the words of the parameter `q` where there is one."""
        asked = request.query_params.get("q", "")[:MOST_QUERY].strip()

        async def lay_out(visit: Visit) -> Laid:
            known = await self._known.get(visit.graph.key, lambda: _known(visit.graph))
            mentioned = {iri for thing in known.things for iri in thing.mentioned()}
            speaker = await self._maker.speaker(visit, mentioned)
            telling = Telling(speaker, Sources())
            matching = [t for t in known.things if _matches(t, asked, telling)]
            context = {
                "q": asked,
                "themes": _themes(matching, known.enterprises, telling),
                "found": len(matching),
                "all": len(known.things),
                "cut": known.cut,
                "forms": list(forms.ENDINGS),
                "cited": page_citation(visit, speaker.words("indicator.all"), PATH),
            }
            return Laid("indicators.html", context)

        return await self._maker.of_state(request, lay_out)


async def _known(graph: Graph) -> Known:
    rows = await graph.select("indicators")
    iris = [row["thing"] for row in rows if isinstance(row["thing"], NamedNode)]
    about = await described(graph, iris[:MOST_INDICATORS])
    counts = {
        row["indicator"]: int(row["enterprises"].value)
        for row in await graph.select("indicators-reported")
        if isinstance(row["indicator"], NamedNode) and isinstance(row["enterprises"], Literal)
    }
    return Known(list(about.values()), counts, cut=len(iris) > MOST_INDICATORS)


def _themes(
    things: Sequence[Thing], enterprises: Mapping[NamedNode, int], telling: Telling
) -> list[Theme]:
    """Return the themes by name, those without one last; an indicator of two stands in both."""
    by_theme: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        themes = [v.value for v in thing.values("vises:theme") if isinstance(v, NamedNode)]
        for theme in themes or [""]:
            by_theme[theme].append(thing)
    found = [
        Theme(
            anchor=f"theme-{place}",
            mention=telling.speaker.thing(iri) if iri else None,
            lines=_lines(about, enterprises, telling),
        )
        for place, (iri, about) in enumerate(sorted(by_theme.items()))
    ]
    found.sort(
        key=lambda t: (t.mention is None, t.mention.name.text.casefold() if t.mention else "")
    )
    return found


def _lines(
    things: Sequence[Thing], enterprises: Mapping[NamedNode, int], telling: Telling
) -> tuple[Line, ...]:
    found = [_line(thing, enterprises.get(thing.iri, 0), telling) for thing in things]
    return tuple(sorted(found, key=lambda line: line.mention.name.text.casefold()))


def _line(thing: Thing, enterprises: int, telling: Telling) -> Line:
    unit = unit_of(thing)
    return Line(
        mention=telling.speaker.thing(thing.iri.value),
        definition=telling.text(thing, "skos:definition"),
        unit=telling.speaker.unit(unit).strip() if unit else "",
        goals=telling.mentions(thing, "vises:goal"),
        enterprises=enterprises,
    )


def _matches(thing: Thing, asked: str, telling: Telling) -> bool:
    """Tell whether all words are in its names and definitions, in any language, or its theme."""
    texts = [
        value.value
        for name in ("skos:prefLabel", "skos:altLabel", "skos:definition")
        for value in thing.values(name)
        if isinstance(value, Literal)
    ]
    texts += [mention.name.text for mention in telling.mentions(thing, "vises:theme")]
    text = _folded(" ".join(texts))
    return all(word in text for word in _folded(asked).split())


def _folded(text: str) -> str:
    """Return a text without accents and capitals.

    >>> _folded("Équité")
    'equite'
    """
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))
