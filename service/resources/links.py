"""The Link header of what is said of a thing (RFC 8288): its IRI, other forms, other parts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from vises.service.formats import GRAPH_TYPES, HTML
from vises.service.iris import PAGE, in_release
from vises.service.memento import PATH_SAFE
from vises.service.resources.asked import FORMS, PART
from vises.service.resources.profiles import ALTERNATES, PARAMETER, VISES, offered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vises.service.resources.asked import Asked
    from vises.service.resources.profiles import Profile
    from vises.store.engine import Described

_IRI_SAFE = PATH_SAFE + "#%?"
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
        self._here = quote(f"/{asked.path}", safe=PATH_SAFE + "%")

    def listed(self) -> list[str]:
        """Return the links of every answer: the IRI, the forms of each profile, their tokens."""
        iri = quote(self._described.iri, safe=_IRI_SAFE)
        links = [f'<{iri}>; rel="canonical"; profile="{VISES.iri}"']
        links += [f'<{self._asked.profile.iri}>; rel="profile"']
        links += self._forms()
        links += self._parts()
        return links

    def signposts(self, licences: Iterable[str]) -> list[str]:
        """Return what leads programs on from a page (FAIR Signposting, level 1)."""
        iri = quote(self._described.iri, safe=_IRI_SAFE)
        links = [f'<{iri}>; rel="cite-as"', '<https://schema.org/AboutPage>; rel="type"']
        links += [f'<{quote(kind, safe=_IRI_SAFE)}>; rel="type"' for kind in self._types()]
        links += [
            f'<{self.address(form)}>; rel="describedby"; type="{GRAPH_TYPES[form]}"'
            for form in _SOME
        ]
        links += [f'<{quote(licence, safe=_IRI_SAFE)}>; rel="license"' for licence in licences]
        return links

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

    def _forms(self) -> Iterator[str]:
        if len(self._here) > _LONG:
            yield f'<{self.address("html", ALTERNATES)}>; rel="alternate"; type="{HTML}"'
            return
        for profile, media_type, address in self.forms():
            if profile == VISES or media_type == _ONE:
                yield (
                    f'<{address}>; rel="alternate"; type="{media_type}"; profile="{profile.iri}"'
                )
        for profile in offered(self._described.types):
            yield (
                '<http://www.w3.org/ns/dx/prof/Profile>; rel="type"; '
                f'token="{profile.token}"; anchor="{profile.iri}"'
            )

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
