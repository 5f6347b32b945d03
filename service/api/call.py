"""One request to the API: the release that answers it, its parameters, and the headers to give."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.responses import Response

from vises.errors import sentence
from vises.languages import LANGUAGES
from vises.service.api.errors import (
    ParameterInvalid,
    give,
    nearest,
    no_language,
    quoted,
    wrong,
)
from vises.service.conditional import etag, last_modified, unchanged, weak
from vises.service.formats import UNSTEADY, content_type
from vises.service.graph import Graph
from vises.service.headers import ANY_ORIGIN
from vises.service.negotiation import best_language
from vises.service.public import origin_of
from vises.service.repeats import note_state
from vises.service.sentences import given_twice
from vises.service.site import RELEASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from starlette.requests import Request

    from vises.errors import Sentence
    from vises.service.api.rows import Json
    from vises.service.site import Reading, Site

V1 = "/api/v1"
LANG = "lang"
MOST_PARAMETERS = 500


@dataclass
class Call:
    """A request. `links` go into the Link header (RFC 8288), by relation.

    `repeatable` says that the same request has the same answer while the release is the same.
    """

    request: Request
    reading: Reading
    graph: Graph
    given: Mapping[str, Sequence[str]]
    pairs: Sequence[tuple[str, str]]
    links: list[tuple[str, str]] = field(default_factory=list)
    repeatable: bool = True

    @classmethod
    def of(cls, request: Request, site: Site) -> Call:
        """Read a request.

        Raises `ParameterInvalid`, and what naming a release does.
        """
        pairs = _pairs(request)
        given: dict[str, list[str]] = {}
        for name, value in pairs:
            given.setdefault(name, []).append(value)
        for once in (RELEASE, LANG):
            if len(given.get(once, ())) > 1:
                raise given_twice(ParameterInvalid, once)
        release = given[RELEASE][0] if RELEASE in given else None
        reading = site.reading(release, site.access.of(request.scope))
        return cls(request, reading, Graph.of(site, reading), given, pairs)

    @property
    def origin(self) -> str:
        """The address of the service."""
        return origin_of(self.request)

    def language(self) -> str:
        """Return the language of the answer: by `lang`, else by Accept-Language, else English.

        Raises `ParameterInvalid`.
        """
        if LANG not in self.given:
            return best_language(self.request.headers.get("accept-language"), LANGUAGES) or "en"
        text = self.given[LANG][0]
        primary = text.strip().partition("-")[0].lower()
        if primary not in LANGUAGES:
            raise wrong(LANG, no_language(text), give("lang=fr"))
        return primary

    def demand_known(self, names: Iterable[str]) -> None:
        """Raise `ParameterInvalid` for a parameter with another name."""
        demand_known(self.given, [*names, RELEASE, LANG])

    def headers(self, media_type: str, *parts: str) -> dict[str, str]:
        """Return the headers of an answer that the release and `parts` decide the bytes of."""
        reading = self.reading
        vary = ["Accept"] if LANG in self.given else ["Accept", "Accept-Language"]
        deciding = (reading.release.id, reading.chosen or "", self.origin, media_type, *parts)
        headers = {
            **ANY_ORIGIN,
            "Content-Type": content_type(media_type),
            "Cache-Control": reading.cache_control,
            "Vary": reading.rights.vary(", ".join(vary)),
            "X-Release": reading.release.id,
        }
        if self.repeatable:
            tag = etag(*deciding, *reading.rights.etag_parts)
            headers["ETag"] = weak(tag) if media_type in UNSTEADY else tag
            headers |= last_modified(reading.release.created, closes=reading.rights.closes)
            note_state(self.request.scope, self.reading)
        else:
            headers["Cache-Control"] = "no-store"
        if links := self.link_header():
            headers["Link"] = links
        return headers

    def link_header(self) -> str:
        """Return the links so far as a Link header."""
        return ", ".join(f'<{address}>; rel="{relation}"' for relation, address in self.links)

    def unchanged(self, headers: Mapping[str, str]) -> Response | None:
        """Return the answer 304 for a client that has the answer already, else None."""
        if unchanged(self.request.headers, headers):
            return Response(status_code=304, headers=dict(headers))
        return None


def demand_known(given: Iterable[str], known: Sequence[str]) -> None:
    """Raise `ParameterInvalid` for a parameter that is not known: it may be a slip."""
    for name in given:
        if name not in known:
            raise wrong(
                quoted(name)[1:-1],
                sentence(
                    "no-such-parameter", "There is no parameter {name} here.", name=quoted(name)
                ),
                _known(sorted(known), nearest(name, known)),
            )


def _known(names: Sequence[str], near: Sequence[str]) -> Sentence:
    """Return the remedy that names the parameters there are, and those that may be meant."""
    known = ", ".join(names)
    if not near:
        return sentence("parameters-are", "The parameters are {known}.", known=known)
    return sentence(
        "parameters-are-meant",
        "The parameters are {known}. Is {near} meant?",
        known=known,
        near=", ".join(near),
    )


def json_response(
    document: Mapping[str, Json],
    headers: Mapping[str, str],
    items: Sequence[str] | None = None,
) -> Response:
    """Return a document as the body of an answer; `items` are written already, and come last."""
    body = json.dumps(document, ensure_ascii=False, allow_nan=False)
    if items is not None:
        body = f'{body[:-1]}, "items": [{", ".join(items)}]}}'
    return Response(body.encode("utf-8", "backslashreplace"), headers=dict(headers))


def _pairs(request: Request) -> list[tuple[str, str]]:
    try:
        text = request.scope["query_string"].decode("ascii")
        return parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except UnicodeDecodeError:
        raise wrong(
            "(all)",
            sentence("parameters-not-utf-8", "The parameters are not UTF-8."),
            sentence("write-utf-8", "Write them in UTF-8, percent-encoded."),
        ) from None
    except ValueError:
        raise wrong(
            "(all)",
            sentence(
                "too-many-parameters",
                "There are more than {most} parameters.",
                most=MOST_PARAMETERS,
            ),
            sentence("give-fewer", "Give fewer."),
        ) from None
