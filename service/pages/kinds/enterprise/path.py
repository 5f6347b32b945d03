"""How far an enterprise has come with the method: its trials, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vises.namespaces import term
from vises.service.pages.labels import Name
from vises.service.pages.things import latest_first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.service.pages.kinds.enterprise.gathering import Gathered
    from vises.service.pages.model import Mention, Value
    from vises.service.pages.telling import Telling
    from vises.service.pages.things import Thing

_STAGE = term("vises:Stage")


@dataclass(frozen=True)
class StageOnTheWay:
    """A stage of the method; `state` is `done`, `begun`, `stopped` or `open`."""

    mention: Mention
    state: str
    period: str


@dataclass(frozen=True)
class Trial:
    """A trial: when, which version it follows, what it asks, who helps, and its stages in order.

    `stopped` says that it ended before every stage was completed.
    """

    cited: Value
    version: Mention | None
    questions: tuple[Mention, ...]
    helpers: tuple[Mention, ...]
    groups: tuple[Mention, ...]
    effects: tuple[Mention, ...]
    stages: tuple[StageOnTheWay, ...]
    stopped: bool


def trials_of(gathered: Gathered, telling: Telling) -> tuple[Trial, ...]:
    """Return the trials of the method by the enterprise."""
    trials = latest_first(gathered.trials.things, "schema:startDate")
    return tuple(_trial(trial, gathered.parts.things, telling) for trial in trials)


def _trial(trial: Thing, parts: Sequence[Thing], telling: Telling) -> Trial:
    period = telling.span(trial.value("schema:startDate"), trial.value("schema:endDate"))
    itself = telling.speaker.thing(trial.iri.value)
    asked = [p for p in parts if trial.iri in p.values("vises:chosenIn")]
    over = trial.value("schema:endDate") is not None
    stages = _stages(trial, parts, telling)
    return Trial(
        cited=telling.cited(trial, replace(itself, name=Name(period)) if period else itself),
        version=telling.mention(trial, "vises:follows"),
        questions=tuple(telling.speaker.thing(p.iri.value) for p in asked),
        helpers=telling.mentions(trial, "vises:accompaniedBy"),
        groups=telling.mentions(trial, "vises:inGroup"),
        effects=telling.mentions(trial, "vises:reportsEffect"),
        stages=stages,
        stopped=over and any(stage.state != "done" for stage in stages),
    )


def _stages(trial: Thing, parts: Sequence[Thing], telling: Telling) -> tuple[StageOnTheWay, ...]:
    version = trial.value("vises:follows")
    progress = {
        p.value("p-plan:correspondsToStep"): p
        for p in parts
        if trial.iri in p.values("vises:partOfTrial")
    }
    stages = [
        p
        for p in parts
        if _STAGE in p.values("rdf:type") and version in p.values("p-plan:isStepOfPlan")
    ]
    stages.sort(key=lambda stage: stage.text("vises:position").zfill(9))
    unfinished = "begun" if trial.value("schema:endDate") is None else "stopped"
    return tuple(_stage(stage, progress.get(stage.iri), unfinished, telling) for stage in stages)


def _stage(
    stage: Thing, progress: Thing | None, unfinished: str, telling: Telling
) -> StageOnTheWay:
    mention = telling.speaker.thing(stage.iri.value)
    if progress is None:
        return StageOnTheWay(mention, "open", "")
    start, end = progress.value("schema:startDate"), progress.value("schema:endDate")
    return StageOnTheWay(mention, "done" if end else unfinished, telling.span(start, end))
