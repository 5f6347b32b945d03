"""What the home page and the page of regional figures show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import VOCABULARY_BASE
from vises.service.pages.labels import Name, best_label, is_true
from vises.service.pages.model import Mention

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.graph import Row
    from vises.service.pages.facts import ClassCount, Dataset
    from vises.service.pages.mentions import Speaker

NAMED_IN_FIGURES = ("area", "measure", "perimeter", "family", "publication", "unit")
_ALL_FAMILIES = VOCABULARY_BASE + "code/family/total"


@dataclass(frozen=True)
class ClassLine:
    """A class with its number of things, and how many of them are made up."""

    mention: Mention
    things: int
    fictitious: int


@dataclass(frozen=True)
class DatasetLine:
    """A dataset as the home page lists it."""

    mention: Mention
    description: Name | None
    statements: int
    publisher: Mention | None
    licence: Mention | None
    fictitious: bool


@dataclass(frozen=True)
class Figure:
    """One regional figure in a table row."""

    measure: Mention
    period: str
    value: Mention
    perimeter: Mention
    family: Mention | None
    publication: Mention
    fictitious: bool


@dataclass(frozen=True)
class Area:
    """The figures of one region."""

    anchor: str
    mention: Mention
    figures: tuple[Figure, ...]


def class_lines(counts: Iterable[ClassCount], speaker: Speaker) -> list[ClassLine]:
    """Return the classes as the home page lists them."""
    return [ClassLine(speaker.thing(c.iri), c.things, c.fictitious) for c in counts]


def dataset_lines(datasets: Iterable[Dataset], speaker: Speaker) -> list[DatasetLine]:
    """Return the datasets as the home page lists them."""
    language = speaker.words.language

    def line(dataset: Dataset) -> DatasetLine:
        title = best_label(dataset.titles, language) or speaker.unnamed(dataset.iri)
        href = speaker.addresses.href(dataset.iri)
        return DatasetLine(
            mention=Mention(title, href),
            description=best_label(dataset.descriptions, language),
            statements=dataset.statements,
            publisher=speaker.thing(dataset.publisher) if dataset.publisher else None,
            licence=speaker.thing(dataset.licence) if dataset.licence else None,
            fictitious=dataset.fictitious,
        )

    return [line(d) for d in datasets]


def named_by(datasets: Iterable[Dataset], counts: Iterable[ClassCount]) -> set[NamedNode]:
    """Return the IRIs that the home page names."""
    iris = {c.iri for c in counts} | {d.publisher for d in datasets}
    return {NamedNode(iri) for iri in iris if iri}


def areas(rows: Sequence[Row], speaker: Speaker) -> list[Area]:
    """Return the figures of queries/pages/figures.rq by region, in the order of the rows."""
    found: dict[str, list[Figure]] = {}
    for row in rows:
        area = row["area"]
        if isinstance(area, NamedNode):
            found.setdefault(area.value, []).append(_figure(row, speaker))
    return [
        Area(iri.rpartition("/")[2], speaker.thing(iri), tuple(figures))
        for iri, figures in found.items()
    ]


def _figure(row: Row, speaker: Speaker) -> Figure:
    unit = row.get("unit")
    value = speaker.value(row["value"], unit.value if isinstance(unit, NamedNode) else None)
    figure, family, period = row["figure"], row.get("family"), row["period"]
    assert isinstance(period, Literal)
    href = speaker.addresses.href(figure.value) if isinstance(figure, NamedNode) else None
    whole = isinstance(family, NamedNode) and family.value == _ALL_FAMILIES
    return Figure(
        measure=speaker.value(row["measure"]),
        period=period.value,
        value=Mention(value.name, href),
        perimeter=speaker.value(row["perimeter"]),
        family=None if family is None or whole else speaker.value(family),
        publication=speaker.value(row["publication"]),
        fictitious="fictitious" in row and is_true(row["fictitious"]),
    )
