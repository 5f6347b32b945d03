"""A page of the catalogue as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.catalogue.distributions import Offered, distributions
from vises.service.catalogue.terms import typed
from vises.service.pages.labels import LABEL_PROPERTIES, best_label
from vises.service.pages.model import Mention

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyoxigraph import NamedNode

    from vises.service.catalogue.description import Catalogue
    from vises.service.catalogue.distributions import Distribution
    from vises.service.catalogue.entries import Entry
    from vises.service.catalogue.frame import Frame
    from vises.service.dumps.endpoint import Dump
    from vises.service.pages.labels import Name
    from vises.service.pages.mentions import Speaker

_NAMED = ("dcterms:publisher", "dcterms:license")


@dataclass(frozen=True)
class Line:
    """A dataset as it is listed; `period` is the first and the last day that it is about."""

    mention: Mention
    description: Name | None
    publisher: Sequence[Mention]
    licence: Sequence[Mention]
    regions: Sequence[Mention]
    period: Sequence[Mention]
    version: str
    fictitious: bool
    ways: Sequence[Distribution]


def mentioned(page: Catalogue) -> Iterator[NamedNode]:
    """Yield every IRI that the page has to name."""
    for entry, _ in page.entries:
        for prop in _NAMED:
            yield from entry.things_of(prop)
        yield from entry.regions


def lines(page: Catalogue, speaker: Speaker) -> list[Line]:
    """Return the datasets of the page."""
    return [_line(entry, dumps, page.frame, speaker) for entry, dumps in page.entries]


def _line(entry: Entry, dumps: Sequence[Dump], frame: Frame, speaker: Speaker) -> Line:
    language = speaker.words.language
    titles = [(LABEL_PROPERTIES[0], title) for title in frame.titles(entry)]
    about = [(LABEL_PROPERTIES[0], text) for text in frame.descriptions(entry)]
    title = best_label(titles, language) or speaker.unnamed(entry.iri.value)
    offered = Offered(
        entry, frame.origin, frame.release, frame.release_id, dumps, frame.stream(entry)
    )
    return Line(
        mention=Mention(title, speaker.addresses.href(entry.iri.value)),
        description=best_label(about, language),
        publisher=_things(entry, "dcterms:publisher", speaker),
        licence=_things(entry, "dcterms:license", speaker),
        regions=[speaker.thing(iri.value) for iri in entry.regions],
        period=[speaker.value(typed(day, "date")) for day in entry.period or ()],
        version=entry.lived.version,
        fictitious=entry.fictitious,
        ways=distributions(offered),
    )


def _things(entry: Entry, prop: str, speaker: Speaker) -> list[Mention]:
    return [speaker.thing(iri.value) for iri in entry.things_of(prop)]
