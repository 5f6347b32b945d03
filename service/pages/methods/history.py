"""Where a method comes from and where it went: projects, refinements, trainings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.namespaces import term
from vises.service.pages.methods.book import start

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.pages.labels import Name
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.methods.book import Book, Thing
    from vises.service.pages.model import Mention

_USED = term("prov:used")
_GENERATED = term("prov:generated")
_INFORMED = term("prov:wasInformedBy")
_DESCRIPTION = term("dcterms:description")
_DEFINITION = term("skos:definition")
_NOTE = term("skos:note")
_TEACHES = term("vises:teaches")
_AUDIENCE = term("vises:audience")
_LOCATION = term("schema:location")
_ORGANISER = term("schema:organizer")
_START = term("schema:startDate")
_END = term("schema:endDate")
_DEVELOPED = term("vises:developed")
_GREW_FROM = term("vises:grewFrom")
_PHASE_OF = term("vises:phaseOf")
_MEMBER = term("org:member")
_ORGANISATION = term("org:organization")
_ROLE = term("vises:role")

MOST = 40
"""How many of each a page lists."""


@dataclass(frozen=True)
class Happening:
    """A meeting, a training or a phase: what, when and where."""

    mention: Mention
    start: Mention | None
    end: Mention | None
    places: Name | None
    audience: Name | None
    organisers: Sequence[Mention]
    note: Name | None
    fictitious: bool


@dataclass(frozen=True)
class RefinementView:
    """A passage from one version to the next, and what informed it."""

    mention: Mention
    before: Sequence[Mention]
    after: Sequence[Mention]
    change: Name | None
    note: Name | None
    informed_by: Sequence[Mention]
    fictitious: bool


@dataclass(frozen=True)
class ProjectView:
    """A project: what it was, its phases, what it grew from, and who took part, by role."""

    mention: Mention
    definition: Name | None
    start: Mention | None
    end: Mention | None
    phases: Sequence[Happening]
    members: Sequence[tuple[Mention, Sequence[Mention]]]


@dataclass(frozen=True)
class History:
    """Tells what happened, for one visitor; `called` has names of things that have none."""

    book: Book
    speaker: Speaker
    called: Mapping[str, Name]

    def refinements(self, versions: Iterable[str]) -> list[RefinementView]:
        """Return the passages from or to versions."""
        found = _refinements(self.book, versions)
        return [self._refinement(t) for t in sorted(found, key=self._first_meeting)[:MOST]]

    def _first_meeting(self, refinement: Thing) -> tuple[str, str]:
        held = (self.book.things.get(m) for m in refinement.iris(_INFORMED))
        return min((start(m) for m in held if m), default=""), refinement.iri

    def _refinement(self, t: Thing) -> RefinementView:
        thing, language = self.speaker.thing, self.speaker.words.language
        return RefinementView(
            thing(t.iri),
            [thing(v) for v in t.iris(_USED)],
            [thing(v) for v in t.iris(_GENERATED)],
            t.text(_DESCRIPTION, language),
            t.text(_NOTE, language),
            [self._informant(m) for m in t.iris(_INFORMED)],
            t.fictitious,
        )

    def _informant(self, iri: str) -> Mention:
        found = self.speaker.thing(iri)
        return replace(found, name=self.called.get(iri, found.name))

    def meetings(self) -> list[Happening]:
        """Return the meetings that refined methods, by date."""
        found = [t for t in self.book.things.values() if t.is_a("RefinementMeeting")]
        return [self.happening(t) for t in sorted(found, key=lambda t: (start(t), t.iri))[:MOST]]

    def trainings(self, taught: Iterable[str]) -> list[Happening]:
        """Return the trainings that teach a method or a version of it, by date."""
        return [self.happening(t) for t in self.book.dated("Training", _TEACHES, taught)[:MOST]]

    def projects(self, method: str) -> list[ProjectView]:
        """Return the project that a method comes from, then those that this one grew from."""
        waiting = [t.iri for t in self.book.of("Project", _DEVELOPED, method)]
        found: dict[str, Thing] = {}
        while waiting and len(found) < MOST:
            iri = waiting.pop(0)
            project = self.book.things.get(iri)
            if project and iri not in found:
                found[iri] = project
                waiting += project.iris(_GREW_FROM)
        return [self._project(p) for p in found.values()]

    def _project(self, project: Thing) -> ProjectView:
        roles: dict[str, list[Mention]] = {}
        for t in self.book.of("Participation", _ORGANISATION, project.iri):
            for role in t.iris(_ROLE) or [""]:
                roles.setdefault(role, []).extend(self.speaker.thing(m) for m in t.iris(_MEMBER))
        return ProjectView(
            self.speaker.thing(project.iri),
            project.text(_DEFINITION, self.speaker.words.language),
            *self._dates(project),
            phases=[
                self.happening(t) for t in self.book.of("ProjectPhase", _PHASE_OF, project.iri)
            ],
            members=[(self.speaker.thing(r), held) for r, held in roles.items() if r],
        )

    def _dates(self, thing: Thing) -> tuple[Mention | None, Mention | None]:
        begun, ended = thing.literal(_START), thing.literal(_END)
        tell = self.speaker.value
        return tell(begun) if begun else None, tell(ended) if ended else None

    def happening(self, t: Thing) -> Happening:
        """Return a thing that has dates."""
        language = self.speaker.words.language
        begun, ended = self._dates(t)
        return Happening(
            self.speaker.thing(t.iri),
            begun,
            ended,
            t.text(_LOCATION, language),
            t.text(_AUDIENCE, language),
            [self.speaker.thing(o) for o in t.iris(_ORGANISER)],
            t.text(_NOTE, language),
            t.fictitious,
        )


def _refinements(book: Book, versions: Iterable[str]) -> list[Thing]:
    """Return the passages from or to versions."""
    held = set(versions)
    return [
        t
        for t in book.things.values()
        if t.is_a("Refinement") and not held.isdisjoint(t.iris(_USED) + t.iris(_GENERATED))
    ]


def informants(book: Book, versions: Iterable[str]) -> set[str]:
    """Return what informed the passages from or to versions and is not in the book: trials."""
    found = {iri for t in _refinements(book, versions) for iri in t.iris(_INFORMED)}
    return found - book.things.keys()


def named_in(book: Book) -> set[NamedNode]:
    """Return what the pages of methods may name: the things of the book and their partners."""
    found = {NamedNode(iri) for iri in book.things}
    for t in book.things.values():
        for prop in (_INFORMED, _ORGANISER, _MEMBER, _ROLE, _USED, _GENERATED):
            found |= {NamedNode(iri) for iri in t.iris(prop)}
    return found
