"""The figures of a publication, beside those of others that say something else."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.namespaces import PREFIXES, term
from vises.service.pages.telling import unit_of
from vises.service.pages.values import unsettled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vises.service.graph import Row, Term
    from vises.service.pages.model import Mention, Value
    from vises.service.pages.telling import Telling
    from vises.service.pages.things import Thing

_WHOLE = NamedNode(PREFIXES["code"] + "family/total")
_POPULATION = term("vises:population")
_LIMITS = ("vises:family", "vises:sector")


@dataclass(frozen=True)
class Figure:
    """A figure: what of, where, when, under which rule, and its number.

    `parts` are the family and the sector that it is limited to; `value` is None for a suppressed
    cell; `unsettled` is `estimated`, `provisional` or None.
    """

    measure: Mention | None
    region: Mention | None
    year: str
    perimeter: Mention | None
    parts: tuple[Mention, ...]
    value: Value | None
    unsettled: str | None
    link: str | None
    publication: Mention | None
    fictitious: bool


@dataclass(frozen=True)
class Contradiction:
    """A figure of this publication and those of others for the same cell.

    Each of the others comes with how it stands to this one: `revises`, `revised`, `same` or
    `other`.
    """

    here: Figure
    elsewhere: tuple[tuple[Figure, str], ...]


def figure(thing: Thing, telling: Telling) -> Figure:
    """Return a figure as a page tells it."""
    measure = thing.thing("qb:measureType")
    if measure is None and _POPULATION.value in thing.said:
        measure = _POPULATION
    value = _number(thing, measure)
    shown = telling.measured(value, unit_of(thing, "sdmx-attribute:unitMeasure"))
    limits = [value for name in _LIMITS if (value := thing.value(name)) and value != _WHOLE]
    return Figure(
        measure=telling.speaker.value(measure) if measure else None,
        region=telling.mention(thing, "sdmx-dimension:refArea"),
        year=thing.text("sdmx-dimension:refPeriod"),
        perimeter=telling.mention(thing, "vises:perimeter"),
        parts=tuple(telling.speaker.value(limit) for limit in limits),
        value=telling.cited(thing, telling.linked(thing, shown)) if shown else None,
        unsettled=unsettled(thing.value("sdmx-attribute:obsStatus")),
        link=telling.speaker.addresses.href(thing.iri.value),
        publication=telling.mention(thing, "vises:publication"),
        fictitious=thing.fictitious,
    )


def contradictions(
    rows: Iterable[Row], about: Mapping[NamedNode, Thing], telling: Telling
) -> tuple[Contradiction, ...]:
    """Return the solutions of publication-contradictions.rq by figure, the latest first.

    Those of the same number are shown, for agreement is worth knowing too. `about` is what is said
    of all figures.
    """
    pairs: dict[NamedNode, dict[NamedNode, Thing]] = defaultdict(dict)
    known: dict[Term, Thing] = dict(about.items())
    for row in rows:
        here, other = known.get(row["figure"]), known.get(row["thing"])
        if here and other:
            pairs[here.iri][other.iri] = other
    return tuple(
        Contradiction(
            figure(about[iri], telling),
            tuple((figure(o, telling), _stands(about[iri], o)) for o in others.values()),
        )
        for iri, others in pairs.items()
    )


def _stands(here: Thing, other: Thing) -> str:
    if here.iri in other.values("prov:wasRevisionOf"):
        return "revises"
    if other.iri in here.values("prov:wasRevisionOf"):
        return "revised"
    measure = here.thing("qb:measureType")
    same = _number(here, measure) == _number(other, measure)
    return "same" if same else "other"


def _number(thing: Thing, measure: NamedNode | None) -> Term | None:
    said = thing.said.get(measure.value, ()) if measure else ()
    return next((value for value, _ in said), None)
