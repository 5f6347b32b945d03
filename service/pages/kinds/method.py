"""The pages of a method, of its versions, and of its parts and trials."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.namespaces import term
from vises.service.citation import citation
from vises.service.pages import resource
from vises.service.pages.alone import alone
from vises.service.pages.compose import compose
from vises.service.pages.labels import Name
from vises.service.pages.methods.book import Thing, book
from vises.service.pages.methods.history import History, informants, named_in
from vises.service.pages.methods.path import Counts, Guide, trial_counts, version_of
from vises.service.pages.methods.trials import MOST_TRIALS, read_trials, trial_line, trials_of
from vises.service.pages.subject import Laid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.service.pages.methods.book import Book
    from vises.service.pages.methods.trials import Trial
    from vises.service.pages.model import Mention
    from vises.service.pages.subject import Subject

_VERSION_OF = term("vises:versionOf")
_PRINCIPLE_OF = term("vises:principleOf")
_STEP_OF = term("vises:stepOf")
_TOOL_OF = term("vises:toolOf")
_EFFECT_OF = term("vises:effectOf")


@dataclass(frozen=True)
class EffectLine:
    """An effect, and how many trials report it."""

    mention: Mention
    trials: int


async def lay_out(subject: Subject) -> Laid:
    """Return the page of a method or of a version. Raises what `Graph.select` does."""
    visit, held = subject.visit, await book(subject.visit)
    own = held.things.get(subject.iri.value) or Thing(subject.iri.value)
    method = next(iter(own.iris(_VERSION_OF)), own.iri)
    versions = _versions(own, held)
    names = [v.iri for v in versions]
    (trials, cut), counts = await asyncio.gather(trials_of(visit, names), trial_counts(visit))
    known = {t.iri for t in trials}
    others = [NamedNode(iri) for iri in sorted(informants(held, names) - known)]
    informing = [*trials, *await read_trials(visit, others[:MOST_TRIALS])]
    described = alone(subject)
    speaker = await subject.speaker(
        described.mentioned() | named_in(held) | {n for t in informing for n in t.mentioned()}
    )
    guide = Guide(held, speaker, counts)
    history = History(held, speaker, {t.iri: _title(t, guide) for t in informing if t.version})
    whole = own.iri == method
    return Laid(
        "method.html",
        {
            "page": compose(described, speaker),
            "cited": citation(subject, speaker),
            "method": None if whole else speaker.thing(method),
            "stages_of": [guide.path(v) for v in _most_telling_first(versions, guide)],
            "principles": [
                guide.mention(p) for p in held.of("KeyPrinciple", _PRINCIPLE_OF, method)
            ],
            "effects": [
                EffectLine(guide.mention(e), counts.get(e.iri, Counts()).begun)
                for e in held.of("ValorisationEffect", _EFFECT_OF, method)
            ],
            "trials": [_line(t, guide) for t in trials],
            "trials_cut": cut,
            "refinements": history.refinements(names),
            "meetings": history.meetings() if whole else [],
            "trainings": history.trainings([*names, own.iri]),
            "projects": history.projects(method) if whole else [],
        },
    )


def _versions(own: Thing, held: Book) -> Sequence[Thing]:
    """Return the versions that a page shows: all of a method, or the one that it is about."""
    if own.is_a("MethodVersion"):
        return [own]
    return held.of("MethodVersion", _VERSION_OF, own.iri)


def _most_telling_first(versions: Sequence[Thing], guide: Guide) -> Sequence[Thing]:
    """Return versions so that the one whose steps are known best comes first; made-up ones last."""

    def rank(version: Thing) -> tuple[bool, int]:
        stages = guide.path(version).stages
        return version.fictitious, -sum(len(s.steps) + len(s.tools) for s in stages)

    return sorted(versions, key=rank)


def _line(trial: Trial, guide: Guide) -> object:
    return trial_line(trial, replace(guide, passages=trial.passages))


async def lay_out_part(subject: Subject) -> Laid:
    """Return the page of a stage, a step, a tool or a trial: its place in the path, then all else.

    Raises what `Graph.select` does.
    """
    visit, held = subject.visit, await book(subject.visit)
    found = await resource.description(visit.graph, subject.iri, subject.quads)
    own = held.things.get(subject.iri.value)
    trials = [] if own else await read_trials(visit, [subject.iri])
    version = version_of(own, held) if own else held.things.get(trials[0].version or "")
    counts = await trial_counts(visit)
    speaker = await subject.speaker(
        found.mentioned() | named_in(held) | {n for t in trials for n in t.mentioned()}
    )
    here = frozenset(_around(own, held) if own else ())
    passages = trials[0].passages if trials else None
    guide = Guide(held, speaker, counts, here, passages)
    page = compose(found, speaker)
    if trials:
        page = replace(page, title=_title(trials[0], guide))
    return Laid(
        "method_part.html",
        {
            "page": page,
            "cited": citation(subject, speaker),
            "path": guide.path(version) if version else None,
            "followed": speaker.thing(version.iri) if version else None,
            "stopped": any(trial_line(t, guide).stopped for t in trials),
        },
    )


def _around(own: Thing, held: Book) -> set[str]:
    """Return a part and the stages that it is in: a step's, a tool's, or those of its steps."""
    wholes = {*own.iris(_STEP_OF), *own.iris(_TOOL_OF)}
    above = (held.things[whole] for whole in wholes if whole in held.things)
    return {own.iri, *wholes, *(stage for t in above for stage in t.iris(_STEP_OF))}


def _title(trial: Trial, guide: Guide) -> Name:
    """Return what to call a trial: the enterprise, and the method that it tried."""
    line, colon = trial_line(trial, guide), guide.speaker.words("value.colon")
    names = [m.name.text for m in line.enterprises[:1]]
    return Name(colon.join([*names, *([line.path.version.name.text] if line.path else [])]))


METHOD_KINDS = {
    term("vises:Method").value: lay_out,
    term("vises:MethodVersion").value: lay_out,
    **{term(f"vises:{name}").value: lay_out_part for name in ("Stage", "Step", "Tool", "Trial")},
}
"""The kinds of this module, by class."""
