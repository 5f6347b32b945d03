"""Datasets as a list shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.service.pages.labels import best_label
from vises.service.pages.model import Mention

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vises.service.pages.facts import Dataset
    from vises.service.pages.labels import Name
    from vises.service.pages.mentions import Speaker


@dataclass(frozen=True)
class DatasetLine:
    """A dataset in a list."""

    mention: Mention
    description: Name | None
    statements: int
    publisher: Mention | None
    licence: Mention | None
    fictitious: bool


def dataset_lines(datasets: Iterable[Dataset], speaker: Speaker) -> list[DatasetLine]:
    """Return the datasets as a list shows them."""
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


def named_by(datasets: Iterable[Dataset]) -> set[NamedNode]:
    """Return the IRIs that a list of datasets names."""
    return {NamedNode(d.publisher) for d in datasets if d.publisher}
