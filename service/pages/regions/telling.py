"""How figures, breaks and empty cells are told: plain values that templates lay out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.pages.labels import Name
from vises.service.pages.model import Mention
from vises.service.pages.regions.comparison import per_head
from vises.service.pages.values import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.pages.mentions import Speaker
    from vises.service.pages.regions.atlas import Atlas
    from vises.service.pages.regions.breaks import SeriesBreak
    from vises.service.pages.regions.figures import Figure, People
    from vises.service.pages.regions.gathering import Suppressed


@dataclass(frozen=True)
class Cell:
    """A figure in a table: its value leads to its own page.

    `code` is the code of the area where it is another one than that of the page.
    """

    period: str
    value: Mention
    perimeter: Mention
    source: Mention
    code: str | None
    note: Name | None
    unsettled: str | None
    derived: bool
    revision: str | None
    revises: str | None

    @property
    def remarked(self) -> bool:
        """Whether there is more to say than the number and where it is from."""
        said = (self.code, self.note, self.unsettled, self.revision, self.revises)
        return self.derived or any(said)


@dataclass(frozen=True)
class BreakLine:
    """A break in series: from which year on, why, of which perimeters, and who says so."""

    year: int
    reason: Mention
    description: Name | None
    perimeters: Sequence[Mention]
    sources: Sequence[Mention]
    parting: bool


@dataclass(frozen=True)
class PeopleLine:
    """The inhabitants of a year."""

    period: str
    number: Mention
    source: Mention
    unsettled: str | None


@dataclass(frozen=True)
class PerHeadCell:
    """Jobs for 100 000 inhabitants, and what they are computed from."""

    value: str
    measure: Mention
    figure: Cell
    people: PeopleLine


@dataclass(frozen=True)
class EmptyCell:
    """A cell that a publication leaves empty."""

    period: str
    measure: Mention
    family: Mention
    perimeter: Mention
    source: Mention
    rule: Mention
    sector: Mention | None
    fictitious: bool


@dataclass(frozen=True)
class Teller:
    """Tells what is published of one area, for one visitor."""

    speaker: Speaker
    atlas: Atlas
    area: str

    def cell(self, f: Figure) -> Cell:
        """Return a figure as a table shows it."""
        speaker = self.speaker
        value = speaker.value(f.literal, f.unit)
        href = speaker.addresses.href
        elsewhere = f.area != self.area and f.area in self.atlas.regions
        return Cell(
            period=f.period,
            value=Mention(value.name, href(f.iri), fictitious=f.fictitious),
            perimeter=speaker.thing(f.perimeter),
            source=speaker.thing(f.publication),
            code=self.atlas.regions[f.area].code if elsewhere else None,
            note=f.note(speaker.words.language),
            unsettled=f.unsettled,
            derived=f.derived,
            revision=href(f.revision) if f.revision else None,
            revises=href(f.revises) if f.revises else None,
        )

    def region(self, iri: str) -> Mention:
        """Return the mention of a region."""
        return self.atlas.mention(iri, self.speaker.words.language, self.speaker.addresses)

    def break_(self, b: SeriesBreak) -> BreakLine:
        """Return a break as a list shows it."""
        assert b.year is not None
        reason = self.speaker.thing(b.reason).name if b.reason else Name(str(b.year))
        return BreakLine(
            b.year,
            Mention(reason, self.speaker.addresses.href(b.iri)),
            b.description(self.speaker.words.language),
            [self.speaker.thing(p) for p in sorted(b.perimeters)],
            [self.speaker.thing(s) for s in sorted(b.sources)],
            b.parts_series,
        )

    def people(self, p: People) -> PeopleLine:
        """Return the inhabitants of a year."""
        shown = Name(number(str(p.number), self.speaker.words))
        href = self.speaker.addresses.href(p.iri)
        source = self.speaker.thing(p.publication)
        return PeopleLine(p.period, Mention(shown, href), source, p.unsettled)

    def per_head(self, figures: Iterable[Figure], people: Iterable[People]) -> list[PerHeadCell]:
        """Return the jobs for 100 000 inhabitants that can be computed."""
        return [
            PerHeadCell(
                number(str(h.value), self.speaker.words),
                self.speaker.thing(h.figure.measure),
                self.cell(h.figure),
                self.people(h.people),
            )
            for h in per_head(figures, people)
        ]

    def empty(self, cell: Suppressed) -> EmptyCell:
        """Return an empty cell."""
        thing = self.speaker.thing
        return EmptyCell(
            cell.period,
            thing(cell.measure),
            thing(cell.family),
            thing(cell.perimeter),
            thing(cell.publication),
            thing(cell.rule),
            thing(cell.sector) if cell.sector else None,
            cell.fictitious,
        )
