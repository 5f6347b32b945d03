"""The profiles that a description comes in (W3C Content Negotiation by Profile)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.alignments import alignment
from vises.namespaces import VOCABULARY_BASE, term
from vises.service.formats import GRAPH_TYPES, HTML
from vises.service.negotiation import preferences
from vises.store.engine import NotAcceptable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARAMETER = "_profile"
"""The query string argument that names profiles (section 7.2, the QSA Functional Profile)."""

_ITEM = re.compile(r"<([^<>]*)>|([^\s,<>]+)")
_MOST_ITEMS = 100
_KEPT = 1024
"""Of how many combinations of classes it is remembered which profiles they have."""

_BUSINESS = {
    term(name).value
    for name in (
        "vises:Enterprise",
        "legal:LegalEntity",
        "org:Organization",
        "org:FormalOrganization",
        "adms:Identifier",
        "locn:Address",
    )
}


@dataclass(frozen=True)
class Profile:
    """A profile: the token that names it here, its IRI, and the media types that it comes in.

    `query` is the query of queries/profiles that makes it, None where it is made otherwise.
    """

    token: str
    iri: str
    query: str | None = None
    page: bool = False

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types in which there is something of this profile, the preferred one first."""
        return (HTML, *GRAPH_TYPES.values()) if self.page else tuple(GRAPH_TYPES.values())

    @property
    def content_profile(self) -> str:
        """The value of the header Content-Profile (section 7.1)."""
        return f"<{self.iri}>"


VISES = Profile("vises", VOCABULARY_BASE + "shapes", page=True)
CIDS = Profile("cids", "https://ontology.commonapproach.org/cids")
CORE_BUSINESS = Profile(
    "core-business",
    "https://semiceu.github.io/Core-Business-Vocabulary/releases/2.3.0",
    "core-business",
)
SCHEMA = Profile("schema", "https://schema.org/", "schema")
LABELS = Profile("labels", VOCABULARY_BASE + "profiles#labels", "labels")
ALTERNATES = Profile("alt", "http://www.w3.org/ns/dx/connegp/altr", page=True)

PROFILES = (VISES, CIDS, CORE_BUSINESS, SCHEMA, LABELS, ALTERNATES)
"""All profiles; the first one is the default."""

_NAMES = {
    **{profile.token: profile for profile in PROFILES},
    **{profile.iri.lower(): profile for profile in PROFILES},
    "all": ALTERNATES,
    "schema.org": SCHEMA,
    "http://schema.org/": SCHEMA,
}
"""What a request may call them, in lower case; `all` is what the standard calls the list."""


class UnknownProfile(NotAcceptable):
    """There is nothing in a profile of this name."""

    kind = "unknown-profile"
    title = "No such profile"


def profile_of_parameter(value: str) -> Profile:
    """Return the first profile of a list that there is. Raises `UnknownProfile` (section 7.2.3)."""
    found = next((_NAMES[name] for name in _names(value) if name in _NAMES), None)
    if found is None:
        raise unknown_profile(value, PROFILES)
    return found


def profiles_of_header(value: str) -> Iterator[Profile]:
    """Yield the profiles that an Accept-Profile header wants, the most wanted first.

    Those that there are not are left out: a server gives its default then (section 6.3.2).
    """
    wanted = [p for p in preferences(value) if p.quality > 0]
    for preference in sorted(wanted, key=lambda p: -p.quality):
        for name in _names(preference.wanted):
            if name in _NAMES:
                yield _NAMES[name]


@lru_cache(_KEPT)
def offered(types: tuple[str, ...]) -> tuple[Profile, ...]:
    """Return the profiles that there are of a thing of some classes."""
    kinds = set(types)
    left_out = set()
    if not kinds & _translated():
        left_out.add(CIDS)
    if not kinds & _BUSINESS:
        left_out.add(CORE_BUSINESS)
    return tuple(profile for profile in PROFILES if profile not in left_out)


def unknown_profile(asked: str, there: Iterable[Profile]) -> UnknownProfile:
    """Return the error for a profile that there is not, with the list of those there are."""
    return UnknownProfile(
        sentence(
            "no-such-profile",
            "There is nothing here in the profile {profile}.",
            profile=repr(asked[:200]),
        ),
        place=f"parameter {PARAMETER}",
        remedy=sentence(
            "profiles-are",
            "The profiles here are {profiles}; {alternates} lists what there is of each.",
            profiles=", ".join(f"{profile.token} <{profile.iri}>" for profile in there),
            alternates=f"{PARAMETER}={ALTERNATES.token}",
        ),
    )


def _names(value: str) -> list[str]:
    """Return the tokens and IRIs of a list."""
    return [iri or token for iri, token in _ITEM.findall(value.lower())[:_MOST_ITEMS]]


@cache
def _translated() -> frozenset[str]:
    """Return the classes of ours that the Common Impact Data Standard has a term for."""
    exact = {term("skos:exactMatch").value, term("skos:broadMatch").value}
    return frozenset(c.subject for c in alignment("cids").correspondences if c.predicate in exact)
