"""What a request asks for of a thing: its path, a form, a profile, a part.

An address ends in what asks for a form (`.ttl`), or has no such ending; then `_mediatype` decides,
and without it the header Accept. `_profile` decides on the profile, and without it the header
Accept-Profile: a query string goes before headers (Content Negotiation by Profile, section 6.5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from vises.errors import BadRequest, sentence
from vises.service.formats import (
    GRAPH_ALIASES,
    GRAPH_TYPES,
    HTML,
    HTML_ALIASES,
    WORTH_OF_FORMS,
)
from vises.service.iris import PAGE, raw_path
from vises.service.negotiation import best_media_type, unacceptable
from vises.service.numbers import whole_number
from vises.service.public import PATH_SAFE
from vises.service.resources.profiles import (
    PARAMETER,
    VISES,
    Profile,
    offered,
    profile_of_parameter,
    profiles_of_header,
    unknown_profile,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from vises.store.engine import NotAcceptable

MEDIA_TYPE = "_mediatype"
PART = "page"
"""The parameter that names a part of what refers to a thing, counted from 1."""

FORMS = {PAGE: HTML, **GRAPH_TYPES}
"""The media types by the endings that ask for them."""

_ALIASES = {**GRAPH_ALIASES, **HTML_ALIASES}
_ENDINGS = {media_type: ending for ending, media_type in FORMS.items()}
_MOST_PART = 1_000_000
_MOST_HEADERS = 64


class NoSuchPart(BadRequest):
    """The parameter that numbers a part is no number of one."""

    kind = "no-such-part"
    title = "There is no such part"


@dataclass(frozen=True)
class Asked:
    """What a request asks for.

    `path` is as it was sent, without the ending; `ending` is "" where there was none. `insists`
    says that the profile was named in the address, so that nothing else will do.
    """

    path: str
    ending: str
    media_type: str
    profile: Profile = VISES
    insists: bool = False
    part: int = 1

    @property
    def wants_page(self) -> bool:
        """Whether a page for people is asked for."""
        return self.media_type == HTML

    @cached_property
    def here(self) -> str:
        """The path with its slash, and with every character escaped that no address may hold.

        One that begins with a slash more is none of another host (RFC 3986, section 4.2).
        """
        start = "/./" if self.path.startswith("/") else "/"
        return quote(f"{start}{self.path}", safe=f"{PATH_SAFE}%")

    @property
    def form(self) -> str:
        """The ending of the address of exactly this form."""
        return self.ending or _ENDINGS[self.media_type]

    def settled(self, types: tuple[str, ...]) -> Asked:
        """Return what a thing of some classes gives, which may be the default profile.

        Raises `UnknownProfile` where another one was insisted on.
        """
        there = offered(types)
        if self.profile in there:
            return self
        if self.insists:
            raise unknown_profile(self.profile.token, there)
        return replace(self, profile=VISES)

    def location(self, query: Iterable[tuple[str, str]]) -> str:
        """Return the address of exactly this, with the parameters of the request.

        Those that are decided by now are left out, and the profile is named.
        """
        decided = {PARAMETER, MEDIA_TYPE}
        parameters = [(name, value) for name, value in query if name not in decided]
        if self.profile != VISES:
            parameters.append((PARAMETER, self.profile.token))
        address = f"{self.here}.{self.form}"
        return f"{address}?{urlencode(parameters)}" if parameters else address


def read_asked(request: Request) -> Asked:
    """Return what a request asks for.

    Raises `NotAcceptable`, `UnknownProfile` and `NoSuchPart`.
    """
    path = raw_path(request.scope).removeprefix("./")
    stem, dot, ending = path.rpartition(".")
    if dot and ending in FORMS:
        path = stem
    else:
        ending = ""
    parameters = request.query_params if request.scope["query_string"] else {}
    headers = request.headers
    media_type, profile, insists = _negotiated(
        ending,
        parameters.get(MEDIA_TYPE),
        ",".join(headers.getlist("accept")),
        parameters.get(PARAMETER),
        ",".join(headers.getlist("accept-profile")),
    )
    part = _part(parameters[PART]) if PART in parameters else 1
    return Asked(path, ending, media_type, profile, insists, part)


@lru_cache(_MOST_HEADERS)
def _negotiated(
    ending: str, wanted: str | None, accept: str, named: str | None, accept_profile: str
) -> tuple[str, Profile, bool]:
    """Return the media type, the profile, and whether the address named it."""
    fixed = FORMS.get(ending)
    accept = wanted or accept
    if named:
        profile = profile_of_parameter(named)
        media_type = _media_type(profile, fixed, accept)
        if media_type is None:
            raise _not_acceptable(profile)
        return media_type, profile, True
    for profile in profiles_of_header(accept_profile) if accept_profile.strip() else ():
        media_type = _media_type(profile, fixed, accept)
        if media_type is not None:
            return media_type, profile, False
    media_type = _media_type(VISES, fixed, accept)
    if media_type is None:
        raise _not_acceptable(VISES)
    return media_type, VISES, False


def _media_type(profile: Profile, fixed: str | None, accept: str) -> str | None:
    """Return the media type of a profile that an ending fixes or a header prefers."""
    if fixed is not None:
        return fixed if fixed in profile.media_types else None
    aliases = [alias for alias, known in _ALIASES.items() if known in profile.media_types]
    found = best_media_type(accept, [*profile.media_types, *aliases], WORTH_OF_FORMS)
    return _ALIASES.get(found, found) if found else None


def _not_acceptable(profile: Profile) -> NotAcceptable:
    return unacceptable(profile.media_types)


def _part(text: str) -> int:
    number = whole_number(text)
    if not number or number > _MOST_PART:
        raise NoSuchPart(
            sentence("no-part-number", "{text} is not the number of a part.", text=repr(text[:40])),
            place=f"parameter {PART}",
            remedy=sentence("parts-from-1", "Parts are numbered from 1."),
        )
    return number
