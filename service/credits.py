"""Whom a citation credits: who made a thing, or published the data about it, and its source.

FORCE11, Joint Declaration of Data Citation Principles, 2 (credit and attribution); the licences of
open data ask for the name of the source too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Quad

    from vises.service.pages.facts import Dataset
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.subject import Subject

_CREATOR = term("dcterms:creator")
_PUBLISHER = term("dcterms:publisher")
_LICENCE = term("dcterms:license")
_ISSUED = term("dcterms:issued")
_SOURCE = term("vises:publication")
_PUBLICATION = term("vises:Publication").value
_YEAR = re.compile(r"[0-9]{4}(?![0-9])")


class Credit(NamedTuple):
    """The names of who is credited, the year of a publication, its source, and the licences."""

    names: tuple[str, ...] = ()
    year: str | None = None
    source: str | None = None
    licences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Credits:
    """What a citation credits, by IRIs, each in the order of its first mention.

    The makers of a thing are its creators, else its publishers, else the publishers of the
    datasets that describe it; its licences are its own, else those of these datasets.
    """

    makers: Sequence[NamedNode]
    sources: Sequence[NamedNode]
    licences: Sequence[NamedNode]
    year: str | None

    @classmethod
    def of(cls, subject: Subject) -> Credits:
        """Return the credits of a thing."""
        datasets = _datasets(subject)
        makers = (
            _things(subject, _CREATOR)
            or _things(subject, _PUBLISHER)
            or _distinct(dataset.publisher for dataset in datasets)
        )
        licences = _things(subject, _LICENCE) or _distinct(
            licence for d in datasets for licence in d.licences
        )
        issued = next((q.object for q in _said(subject, _ISSUED)), None)
        year = None
        if _PUBLICATION in subject.types and isinstance(issued, Literal):
            year = found[0] if (found := _YEAR.match(issued.value)) else None
        return cls(makers, _things(subject, _SOURCE), licences, year)

    def mentioned(self) -> Iterator[NamedNode]:
        """Yield what has to be named."""
        yield from self.makers
        yield from self.sources

    def named(self, speaker: Speaker) -> Credit:
        """Return the credits by names; `speaker` knows those of what is `mentioned`."""
        return Credit(
            tuple(speaker.thing(maker.value).name.text for maker in self.makers),
            self.year,
            next((speaker.thing(source.value).name.text for source in self.sources), None),
            tuple(licence.value for licence in self.licences),
        )


def _datasets(subject: Subject) -> list[Dataset]:
    graphs = {
        q.graph_name.value
        for q in subject.quads
        if q.subject == subject.iri and isinstance(q.graph_name, NamedNode)
    }
    return [d for d in subject.visit.facts.datasets if d.iri in graphs]


def _said(subject: Subject, prop: NamedNode) -> Iterator[Quad]:
    return (q for q in subject.quads if q.subject == subject.iri and q.predicate == prop)


def _things(subject: Subject, prop: NamedNode) -> list[NamedNode]:
    found = (q.object for q in _said(subject, prop))
    return list(dict.fromkeys(node for node in found if isinstance(node, NamedNode)))


def _distinct(iris: Iterable[str | None]) -> list[NamedNode]:
    return [NamedNode(iri) for iri in dict.fromkeys(iris) if iri]
