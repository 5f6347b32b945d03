"""What an enterprise reports in numbers and what is told of it in words, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.service.pages.things import latest_first

if TYPE_CHECKING:
    from vises.service.pages.kinds.enterprise.gathering import Gathered
    from vises.service.pages.labels import Name
    from vises.service.pages.model import Mention, Value
    from vises.service.pages.telling import Telling
    from vises.service.pages.things import Found, Thing


@dataclass(frozen=True)
class Support:
    """What something rests on: documents, kinds of evidence, how it was found, who checked it."""

    documents: tuple[Mention, ...]
    kinds: tuple[Mention, ...]
    method: Name | None
    checked_by: tuple[Mention, ...]

    def __bool__(self) -> bool:
        """Tell whether it rests on anything."""
        return bool(self.documents or self.kinds or self.method or self.checked_by)


@dataclass(frozen=True)
class Result:
    """The value of an indicator over a period."""

    period: str
    value: Value
    status: Mention | None
    support: Support
    changes: tuple[Mention, ...]
    fictitious: bool


@dataclass(frozen=True)
class Indicator:
    """An indicator and what the enterprise reports for it, the latest period first."""

    mention: Mention
    results: tuple[Result, ...]


@dataclass(frozen=True)
class Story:
    """An account in words: who tells it (a group, never a person), when, and of what."""

    text: Name | None
    teller: Mention | None
    day: str
    themes: tuple[Mention, ...]
    support: Support
    changes: tuple[Mention, ...]
    cited: Value
    fictitious: bool


@dataclass(frozen=True)
class Impact:
    """Numbers and words; `results_cut` and `stories_cut` say that there are more of them."""

    indicators: tuple[Indicator, ...]
    stories: tuple[Story, ...]
    results_cut: bool
    stories_cut: bool


def impact_of(gathered: Gathered, telling: Telling) -> Impact:
    """Return what the enterprise reports and what is told of it."""
    return Impact(
        indicators=_indicators(gathered.results, telling),
        stories=tuple(
            _story(thing, telling)
            for thing in latest_first(gathered.accounts.things, "dcterms:created")
        ),
        results_cut=gathered.results.cut,
        stories_cut=gathered.accounts.cut,
    )


def _indicators(results: Found, telling: Telling) -> tuple[Indicator, ...]:
    grouped: dict[str, list[Thing]] = {}
    for thing in latest_first(results.things, "vises:periodEnd"):
        indicator = thing.thing("vises:indicator")
        grouped.setdefault(indicator.value if indicator else "", []).append(thing)
    found = [
        Indicator(
            mention=telling.speaker.thing(iri),
            results=tuple(_result(thing, iri, telling) for thing in things),
        )
        for iri, things in grouped.items()
    ]
    return tuple(sorted(found, key=lambda i: i.mention.name.text.casefold()))


def _result(thing: Thing, indicator: str, telling: Telling) -> Result:
    unit = telling.speaker.labels.known(indicator).unit
    shown = telling.linked(thing, telling.measured(thing.value("vises:value"), unit))
    return Result(
        period=telling.span(thing.value("vises:periodStart"), thing.value("vises:periodEnd")),
        value=telling.cited(thing, shown),
        status=telling.mention(thing, "vises:reportStatus"),
        support=_support(thing, telling),
        changes=telling.mentions(thing, "vises:documents"),
        fictitious=thing.fictitious,
    )


def _story(thing: Thing, telling: Telling) -> Story:
    return Story(
        text=telling.text(thing, "vises:text"),
        teller=telling.mention(thing, "vises:tellerGroup"),
        day=telling.day(thing.value("dcterms:created")),
        themes=telling.mentions(thing, "vises:theme"),
        support=_support(thing, telling),
        changes=telling.mentions(thing, "vises:documents"),
        cited=telling.cited(thing, telling.speaker.thing(thing.iri.value)),
        fictitious=thing.fictitious,
    )


def _support(thing: Thing, telling: Telling) -> Support:
    documents = [v for v in thing.values("vises:evidence") if isinstance(v, NamedNode)]
    return Support(
        documents=tuple(telling.speaker.thing(iri.value) for iri in documents),
        kinds=telling.mentions(thing, "vises:evidenceKind"),
        method=telling.text(thing, "vises:collectionMethod"),
        checked_by=telling.mentions(thing, "vises:attestedBy"),
    )
