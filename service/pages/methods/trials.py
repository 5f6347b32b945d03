"""Trials of a method: which enterprise, how far it came, and who went with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.pages.labels import FICTITIOUS, is_true
from vises.service.pages.methods.path import COMPLETED, Passage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.graph import Term
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.methods.path import Guide, PathView
    from vises.service.pages.model import Mention
    from vises.service.pages.visit import Visit

MOST_TRIALS = 30
"""How many trials a page lists; queries/pages asks for one more."""

_ABOUT = term("vises:about")
_FOLLOWS = term("vises:follows")
_GROUP = term("vises:inGroup")
_HELPER = term("vises:accompaniedBy")
_EFFECT = term("vises:reportsEffect")
_START = term("schema:startDate")
_END = term("schema:endDate")


@dataclass(frozen=True)
class Trial:
    """What is said of a trial, and when it passed through which stage."""

    iri: str
    said: Mapping[NamedNode, Sequence[Term]]
    passages: Mapping[str, Passage]

    def iris(self, prop: NamedNode) -> list[str]:
        """Return the things that a property leads to."""
        return sorted(v.value for v in self.said.get(prop, ()) if isinstance(v, NamedNode))

    def mentioned(self) -> set[NamedNode]:
        """Return the IRIs that a line about the trial names."""
        names = {v for p in (_ABOUT, _GROUP, _HELPER, _EFFECT) for v in self.said.get(p, ())}
        return {n for n in names if isinstance(n, NamedNode)}

    @property
    def version(self) -> str | None:
        """The version that the enterprise follows."""
        return next(iter(self.iris(_FOLLOWS)), None)

    @property
    def effects(self) -> list[str]:
        """The effects that the enterprise reports."""
        return self.iris(_EFFECT)


@dataclass(frozen=True)
class TrialLine:
    """A trial in a list: `path` has the stages with how far the enterprise came."""

    trial: Mention
    enterprises: Sequence[Mention]
    groups: Sequence[Mention]
    helpers: Sequence[Mention]
    path: PathView | None
    start: Mention | None
    end: Mention | None
    fictitious: bool

    @property
    def stopped(self) -> bool:
        """Whether the trial ended before it had completed every stage."""
        stages = self.path.stages if self.path else ()
        return self.end is not None and any(s.state != COMPLETED for s in stages)


async def trials_of(visit: Visit, versions: Iterable[str]) -> tuple[list[Trial], bool]:
    """Return the latest trials of versions, and whether there are more."""
    named = [NamedNode(v) for v in versions]
    rows = await visit.graph.select("method-trials", resources=named) if named else []
    found = [t for row in rows if isinstance(t := row["trial"], NamedNode)]
    return await read_trials(visit, found[:MOST_TRIALS]), len(found) > MOST_TRIALS


async def read_trials(visit: Visit, found: Sequence[NamedNode]) -> list[Trial]:
    """Return what is said of trials, in the order given."""
    if not found:
        return []
    statements = await visit.graph.select("statements", resources=found)
    progress = await visit.graph.select("trial-progress", resources=found)
    said: dict[str, dict[NamedNode, list[Term]]] = {t.value: {} for t in found}
    for row in statements:
        trial, prop = row["resource"], row["property"]
        if isinstance(trial, NamedNode) and isinstance(prop, NamedNode):
            values = said[trial.value].setdefault(prop, [])
            if row["value"] not in values:
                values.append(row["value"])
    passages: dict[str, dict[str, Passage]] = {t.value: {} for t in found}
    for row in progress:
        trial, stage = row["resource"], row["stage"]
        if isinstance(trial, NamedNode) and isinstance(stage, NamedNode):
            over = bool(said[trial.value].get(_END))
            passage = Passage(_literal(row.get("start")), _literal(row.get("end")), over)
            passages[trial.value].setdefault(stage.value, passage)
    return [Trial(t.value, said[t.value], passages[t.value]) for t in found]


def _literal(value: Term | None) -> Literal | None:
    return value if isinstance(value, Literal) else None


def trial_line(trial: Trial, guide: Guide) -> TrialLine:
    """Return a trial as a list shows it; `guide` is told how far it came."""
    speaker = guide.speaker
    version = guide.book.things.get(trial.version or "")
    dates = [_date(trial, prop, speaker) for prop in (_START, _END)]
    return TrialLine(
        trial=speaker.thing(trial.iri),
        enterprises=[speaker.thing(e) for e in trial.iris(_ABOUT)],
        groups=[speaker.thing(g) for g in trial.iris(_GROUP)],
        helpers=[speaker.thing(h) for h in trial.iris(_HELPER)],
        path=guide.path(version) if version else None,
        start=dates[0],
        end=dates[1],
        fictitious=any(is_true(v) for v in trial.said.get(FICTITIOUS, ())),
    )


def _date(trial: Trial, prop: NamedNode, speaker: Speaker) -> Mention | None:
    value = next((v for v in trial.said.get(prop, ()) if isinstance(v, Literal)), None)
    return speaker.value(value) if value else None
