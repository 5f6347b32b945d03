"""The published figures of regions, as the queries of the pages give them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import VOCABULARY_BASE
from vises.service.pages.labels import LABEL_PROPERTIES, Name, best_label, is_true
from vises.service.pages.values import exact, unsettled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from vises.service.graph import Row, Term

ALL_FAMILIES = VOCABULARY_BASE + "code/family/total"
MOST_FIGURES = 2_000
"""How many solutions are read of the figures of a region; queries/pages asks for one more."""


@dataclass(frozen=True)
class Figure:
    """A number that a publication gives of an area, a year, a perimeter and a measure.

    `family` and `sector` are what it is limited to, None for all; `literal` is the number as it is
    written; `unsettled` is `estimated`, `provisional` or None; `revises` and `revision` are other
    figures.
    """

    iri: str
    area: str
    period: str
    measure: str
    perimeter: str
    publication: str
    family: str | None
    sector: str | None
    value: Decimal
    literal: Literal
    unit: str | None
    unsettled: str | None
    notes: Sequence[Literal]
    derived: bool
    revises: str | None
    revision: str | None
    fictitious: bool

    @property
    def year(self) -> int | None:
        """The year of the period, None where it begins with none."""
        digits = self.period[:4]
        return int(digits) if len(digits) == 4 and digits.isdecimal() else None  # noqa: PLR2004

    @property
    def parts(self) -> Sequence[str]:
        """The family and the sector that it is limited to; none where it is of the whole."""
        return [part for part in (self.family, self.sector) if part]

    @property
    def standing(self) -> bool:
        """Whether no revision has taken its place."""
        return self.revision is None

    def note(self, language: str) -> Name | None:
        """Return what one should know of it, in a language as far as it is said there."""
        return best_label(((LABEL_PROPERTIES[0], note) for note in self.notes), language)


def read_figures(rows: Iterable[Row], notes: Iterable[Row] = ()) -> list[Figure]:
    """Return the figures of queries/pages/figures-of-regions.rq, each once, in their order.

    `notes` are the solutions of queries/pages/notes-of-figures.rq. A value that is no number, or is
    infinite, is left out.
    """
    noted = defaultdict(list)
    for row in notes:
        if isinstance(note := row["note"], Literal):
            noted[row["figure"]].append(note)
    found: dict[str, Figure] = {}
    for row in rows:
        figure = _figure(row, noted.get(row["figure"], ()))
        if figure:
            found.setdefault(figure.iri, figure)
    return list(found.values())


def _figure(row: Row, notes: Sequence[Literal]) -> Figure | None:
    value, period = row["value"], row["period"]
    number = exact(value)
    places = [_iri(row, key) for key in ("figure", "resource", "measure", "perimeter")]
    publication = _iri(row, "publication")
    if number is None or None in places or publication is None or not isinstance(period, Literal):
        return None
    iri, area, measure, perimeter = (place or "" for place in places)
    family = _iri(row, "family")
    assert isinstance(value, Literal)
    return Figure(
        iri=iri,
        area=area,
        period=period.value,
        measure=measure,
        perimeter=perimeter,
        publication=publication,
        family=None if family == ALL_FAMILIES else family,
        sector=_iri(row, "sector"),
        value=number,
        literal=value,
        unit=_iri(row, "unit"),
        unsettled=unsettled(row.get("status")),
        notes=notes,
        derived="register" in row,
        revises=_iri(row, "revises"),
        revision=_iri(row, "revision"),
        fictitious="fictitious" in row and is_true(row["fictitious"]),
    )


@dataclass(frozen=True)
class People:
    """The inhabitants of an area on 1 January of a year; `unsettled` is as that of a figure."""

    iri: str
    area: str
    period: str
    number: int
    publication: str
    unsettled: str | None


def read_people(rows: Iterable[Row]) -> list[People]:
    """Return the solutions of queries/pages/region-people.rq, each number once, in their order.

    Of several statuses, the one that says that a number is not settled counts.
    """
    found: dict[str, People] = {}
    for people in _people(rows):
        if people.iri not in found or people.unsettled:
            found[people.iri] = people
    return list(found.values())


def _people(rows: Iterable[Row]) -> Iterator[People]:
    for row in rows:
        iri, area = _iri(row, "figure"), _iri(row, "resource")
        period, number = row["period"], exact(row["population"])
        publication = _iri(row, "publication")
        if iri and area and publication and number and isinstance(period, Literal):
            status = unsettled(row.get("status"))
            yield People(iri, area, period.value, int(number), publication, status)


def mentioned(figures: Iterable[Figure], people: Iterable[People] = ()) -> set[NamedNode]:
    """Return the IRIs that a table of figures names."""
    iris = {p.publication for p in people}
    for f in figures:
        iris |= {f.measure, f.perimeter, f.publication, *f.parts, *([f.unit] if f.unit else [])}
    return {NamedNode(iri) for iri in iris}


def latest(figures: Iterable[Figure]) -> Sequence[Figure]:
    """Return those of the latest period among figures."""
    held = list(figures)
    last = max((f.period for f in held), default="")
    return [f for f in held if f.period == last]


def _iri(row: Row, key: str) -> str | None:
    value: Term | None = row.get(key)
    return value.value if isinstance(value, NamedNode) else None
