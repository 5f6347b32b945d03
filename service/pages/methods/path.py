"""The stages of a method version as a path, with their steps, tools and trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.pages.model import Mention

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.pages.labels import Name
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.methods.book import Book, Thing
    from vises.service.pages.visit import Visit

_OF_PLAN = term("p-plan:isStepOfPlan")
_STEP_OF = term("vises:stepOf")
_TOOL_OF = term("vises:toolOf")
_NOTE = term("skos:note")

COMPLETED, UNDER_WAY, STOPPED, AHEAD = "completed", "under-way", "stopped", "ahead"


@dataclass(frozen=True)
class Counts:
    """How many trials began a part of a method, and how many completed it."""

    begun: int = 0
    completed: int = 0


async def trial_counts(visit: Visit) -> Mapping[str, Counts]:
    """Return the numbers of trials by stage, version and effect, counted once for a release."""

    async def count() -> Mapping[str, Counts]:
        rows = await visit.graph.select("trial-counts")
        return {
            part.value: Counts(_number(row["begun"]), _number(row["completed"]))
            for row in rows
            if isinstance(part := row.get("part"), NamedNode)
        }

    found: Mapping[str, Counts] = await visit.facts.kept.get("trial-counts", count)
    return found


def _number(value: object) -> int:
    return int(value.value) if isinstance(value, Literal) else 0


@dataclass(frozen=True)
class StepView:
    """A step of a stage, with its tools."""

    mention: Mention
    tools: Sequence[Mention]


@dataclass(frozen=True)
class StageView:
    """A stage: its place, its steps and tools, and how many trials went through it.

    `state` is how far a trial came, None where the path is not that of one; `since` and `until` are
    when.
    """

    place: int
    mention: Mention
    note: Name | None
    steps: Sequence[StepView]
    tools: Sequence[Mention]
    counts: Counts
    here: bool
    state: str | None
    since: Mention | None
    until: Mention | None


@dataclass(frozen=True)
class PathView:
    """The stages of a version in their order."""

    version: Mention
    note: Name | None
    stages: Sequence[StageView]
    trials: int


@dataclass(frozen=True)
class Passage:
    """When a trial began a stage, and when it completed it; `over` says that the trial ended."""

    start: Literal | None
    end: Literal | None
    over: bool


@dataclass(frozen=True)
class Guide:
    """Draws paths for one visitor; `here` are the things that the page is about."""

    book: Book
    speaker: Speaker
    counts: Mapping[str, Counts]
    here: frozenset[str] = frozenset()
    passages: Mapping[str, Passage] | None = None

    def mention(self, thing: Thing) -> Mention:
        """Return the mention of a part of a method."""
        found = self.speaker.thing(thing.iri)
        return Mention(found.name, found.href, fictitious=thing.fictitious)

    def path(self, version: Thing) -> PathView:
        """Return the path of a version."""
        stages = self.book.of("Stage", _OF_PLAN, version.iri)
        return PathView(
            self.mention(version),
            version.text(_NOTE, self.speaker.words.language),
            [self._stage(place, stage) for place, stage in enumerate(stages, 1)],
            self.counts.get(version.iri, Counts()).begun,
        )

    def _stage(self, place: int, stage: Thing) -> StageView:
        passage = self.passages.get(stage.iri) if self.passages is not None else None
        tell = self.speaker.value
        return StageView(
            place=place,
            mention=self.mention(stage),
            note=stage.text(_NOTE, self.speaker.words.language),
            steps=[self._step(step) for step in self.book.of("Step", _STEP_OF, stage.iri)],
            tools=self._tools(stage),
            counts=self.counts.get(stage.iri, Counts()),
            here=stage.iri in self.here,
            state=None if self.passages is None else _state(passage),
            since=tell(passage.start) if passage and passage.start else None,
            until=tell(passage.end) if passage and passage.end else None,
        )

    def _step(self, step: Thing) -> StepView:
        return StepView(self.mention(step), self._tools(step))

    def _tools(self, part: Thing) -> list[Mention]:
        return [self.mention(tool) for tool in self.book.of("Tool", _TOOL_OF, part.iri)]


def _state(passage: Passage | None) -> str:
    if passage is None:
        return AHEAD
    if passage.end:
        return COMPLETED
    return STOPPED if passage.over else UNDER_WAY


def version_of(thing: Thing, book: Book) -> Thing | None:
    """Return the version that a stage, a step or a tool belongs to, the first of several."""
    for plan in thing.iris(_OF_PLAN):
        if plan in book.things:
            return book.things[plan]
    for used_in in thing.iris(_TOOL_OF):
        if used_in in book.things:
            return version_of(book.things[used_in], book)
    return None
