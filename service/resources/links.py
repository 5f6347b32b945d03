"""The Link header of what is said of a thing (RFC 8288): its IRI, other forms, other parts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from vises.service.formats import GRAPH_TYPES, HTML
from vises.service.iris import PAGE, in_release
from vises.service.public import PATH_SAFE
from vises.service.resources.asked import FORMS, PART
from vises.service.resources.profiles import ALTERNATES, PARAMETER, VISES, offered
from vises.service.wellknown.signposts import LINKSET, MEDIA_TYPE, Signpost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vises.service.resources.asked import Asked
    from vises.service.resources.profiles import Profile
    from vises.store.engine import Described

IRI_SAFE = PATH_SAFE + "#%?"
_PATH = "\0"
_KEPT = 64
_LONG = 300
"""A path longer than this is not repeated for each form: proxies take headers of 4 to 8 KiB."""

_SOME = ("ttl", "jsonld")
"""The forms that a page names as what describes its thing."""

_ONE = FORMS["ttl"]
"""The form that the header names of each profile but the first; `_profile=alt` has the others."""


class Links:
    """The links of one description, in the release that was named (None: the current one)."""

    def __init__(
        self,
        asked: Asked,
        described: Described,
        release: str | None,
        language: str | None = None,
    ) -> None:
        """Take what was asked for, and what was found; addresses of pages stay in a language."""
        self._asked = asked
        self._described = described
        self._release = release
        self._language = language
        self._here = asked.here

    def listed(self) -> list[str]:
        """Return the links of every answer: the IRI, the forms of each profile, their tokens."""
        iri = quote(self._described.iri, safe=IRI_SAFE)
        links = [f'<{iri}>; rel="canonical"; profile="{VISES.iri}"']
        links += [f'<{self._asked.profile.iri}>; rel="profile"']
        links += self._forms()
        links += self._parts()
        return links

    def signposts(self, others: Iterable[tuple[str, str]]) -> list[Signpost]:
        """Return what leads programs on from a page (FAIR Signposting).

        `others` are relations with IRIs: licences, authors, items.
        """
        found = [Signpost("cite-as", quote(self._described.iri, safe=IRI_SAFE))]
        kinds = ("https://schema.org/AboutPage", *self._types())
        found += [Signpost("type", quote(kind, safe=IRI_SAFE)) for kind in kinds]
        found += [Signpost("describedby", self.address(f), GRAPH_TYPES[f]) for f in _SOME]
        found += [Signpost(word, quote(iri, safe=IRI_SAFE)) for word, iri in others]
        return found

    def back(self) -> list[Signpost]:
        """Return what leads from a description to the page and its link set (FAIR Signposting)."""
        links = self.linkset()
        return [Signpost("describes", self.address(PAGE), HTML), *links] if links else []

    def linkset(self) -> list[Signpost]:
        """Return the way to all signposts as one document; none of a path that is too long."""
        if len(self._here) > _LONG:
            return []
        return [Signpost("linkset", in_release(LINKSET + self._here, self._release), MEDIA_TYPE)]

    def address(self, form: str, profile: Profile = VISES) -> str:
        """Return the address of a form of a profile."""
        token = "" if profile == VISES else f"?{PARAMETER}={profile.token}"
        language = self._language if form == PAGE else None
        return in_release(f"{self._here}.{form}{token}", self._release, language)

    def forms(self) -> Iterator[tuple[Profile, str, str]]:
        """Yield each form of each profile that there is: profile, media type, address."""
        for profile in offered(self._described.types):
            for form, media_type in FORMS.items():
                if media_type in profile.media_types:
                    yield profile, media_type, self.address(form, profile)

    def _types(self) -> Sequence[str]:
        return self._described.types[:5]

    def _forms(self) -> list[str]:
        if len(self._here) > _LONG:
            address = self.address(PAGE, ALTERNATES)
            return [f'<{address}>; rel="alternate"; type="{HTML}"']
        template = _form_links(offered(self._described.types), self._release)
        return [template.replace(_PATH, self._here)]

    def _parts(self) -> Iterator[str]:
        """Yield where the neighbours of this part are, and the first."""
        part = self._asked.part
        if part > 1 or self._described.more:
            neighbours = {"first": 1, "prev": part - 1, "next": part + 1}
            if not self._described.more:
                del neighbours["next"]
            for relation, number in neighbours.items():
                if number:
                    yield f'<{self.numbered(number)}>; rel="{relation}"'

    def numbered(self, number: int) -> str:
        """Return the address of another part of this form."""
        address = self.address(self._asked.form, self._asked.profile)
        if number == 1:
            return address
        return f"{address}{'&' if '?' in address else '?'}{PART}={number}"


@lru_cache(_KEPT)
def _form_links(profiles: tuple[Profile, ...], release: str | None) -> str:
    """Return the links to the forms of some profiles, with `_PATH` for the path of each."""
    links = []
    for profile in profiles:
        token = "" if profile == VISES else f"?{PARAMETER}={profile.token}"
        for form, media_type in FORMS.items():
            if media_type in profile.media_types and (profile == VISES or media_type == _ONE):
                address = in_release(f"{_PATH}.{form}{token}", release)
                kind = f'type="{media_type}"; profile="{profile.iri}"'
                links.append(f'<{address}>; rel="alternate"; {kind}')
    links += [
        '<http://www.w3.org/ns/dx/prof/Profile>; rel="type"; '
        f'token="{profile.token}"; anchor="{profile.iri}"'
        for profile in profiles
    ]
    return ", ".join(links)
