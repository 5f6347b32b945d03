"""Laying out the page of an indicator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Triple

from vises.namespaces import term
from vises.service.citation import citation
from vises.service.pages.compose import compose
from vises.service.pages.kinds.indicator.alignments import RELATIONS, alignments_of, targets
from vises.service.pages.kinds.indicator.spread import LEAST, reported
from vises.service.pages.labels import UNIT
from vises.service.pages.others import others, referring
from vises.service.pages.resource import named_in
from vises.service.pages.rest import rest
from vises.service.pages.sources import Sources
from vises.service.pages.subject import Laid
from vises.service.pages.sums import sums_of
from vises.service.pages.telling import Telling
from vises.service.pages.things import described, found, latest_first

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Quad

    from vises.service.pages.model import Mention, Value
    from vises.service.pages.subject import Subject
    from vises.service.pages.things import Thing

MOST_RESULTS = 40
MOST_VALUES = 20
_CLASS = term("vises:Indicator")


@dataclass(frozen=True)
class Report:
    """What one enterprise reports over one period."""

    enterprise: Mention | None
    period: str
    value: Value
    status: Mention | None
    fictitious: bool


async def indicator(subject: Subject) -> Laid:
    """Return the page of an indicator. Raises what `Graph.select` does."""
    graph, iri = subject.visit.graph, subject.iri
    results = await found(graph, "indicator-results", [iri], MOST_RESULTS)
    sums = await sums_of(subject.visit, "indicator-sums", [iri.value])
    values = await graph.select("indicator-values", resources=[iri])
    annotations = await graph.select("indicator-alignments", resources=[iri])
    class_annotations = await graph.select("indicator-alignments", resources=[_CLASS])
    own = subject.portrait(MOST_VALUES, without=RELATIONS)
    sections = {
        "vises:IndicatorResult": results,
        "vises:AggregateResult": sums.cells(),
        "vises:AggregateSuppression": sums.cells(),
    }
    shown = [thing.iri for section in sections.values() for thing in section.things]
    around = await described(graph, referring(subject, shown))
    rest_of = others(subject, sections, around)
    about = [q for q in subject.quads if q.subject == iri]
    speaker = await subject.speaker(
        {
            *own.mentioned(),
            *rest_of.mentioned(),
            *results.mentioned(),
            *sums.mentioned(),
            *named_in(about),
            *targets(class_annotations),
        }
    )
    sources = Sources()
    page = compose(own, speaker, sources=sources)
    telling = Telling(speaker, sources)
    unit = _unit(about)
    incoming = compose(rest_of, speaker, sources=sources)
    context: dict[str, object] = {
        "page": page,
        "alignments": alignments_of(about, annotations, telling)
        + alignments_of((), class_annotations, telling, of_class=True),
        "reported": reported(values, unit, page.title.text, telling),
        "least": LEAST,
        "reports": [
            _report(thing, unit, telling)
            for thing in latest_first(results.things, "vises:periodEnd")
        ],
        "reports_cut": results.cut,
        "more_link": rest("indicator-results", iri),
        "sums": sums.by_period(speaker),
        "sums_cut": sums.cut,
        "sums_origins": sums.origins.told(speaker),
        "incoming": incoming.incoming,
        "incoming_cut": incoming.incoming_cut,
        "cited": citation(subject, speaker),
        "section": "/indicators",
    }
    return Laid("indicator.html", context | {"sources": sources.mentions(speaker)})


def _unit(about: Iterable[Quad]) -> str | None:
    units = (quad.object for quad in about if quad.predicate == UNIT)
    return next((unit.value for unit in units if not isinstance(unit, Triple)), None)


def _report(thing: Thing, unit: str | None, telling: Telling) -> Report:
    shown = telling.linked(thing, telling.measured(thing.value("vises:value"), unit))
    return Report(
        enterprise=telling.mention(thing, "vises:about"),
        period=telling.span(thing.value("vises:periodStart"), thing.value("vises:periodEnd")),
        value=telling.cited(thing, shown),
        status=telling.mention(thing, "vises:reportStatus"),
        fictitious=thing.fictitious,
    )
