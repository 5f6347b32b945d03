"""Figures in series: one for each measure and perimeter, never joined across either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.namespaces import term
from vises.service.charts.model import Bar, Break, Chart, Line, LineChart, Point
from vises.service.charts.model import Value as ChartValue

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from vises.service.pages.mentions import Speaker
    from vises.service.pages.regions.breaks import SeriesBreak
    from vises.service.pages.regions.figures import Figure

ORDER = tuple(
    term(f"vises:{name}").value
    for name in (
        "shareOfSalariedEmployment",
        "jobCount",
        "employeeCount",
        "fullTimeEquivalents",
        "jobsPerHundredThousand",
        "enterpriseCount",
        "establishmentCount",
    )
)
"""The measures in the order in which pages show them; others come after."""

_YEARS_OF_A_LINE = 2
_PARTS_OF_A_WHOLE = 2


@dataclass(frozen=True)
class Series:
    """The figures of one measure and perimeter, of all families and sectors, latest first."""

    measure: str
    perimeter: str
    figures: Sequence[Figure]

    @property
    def years(self) -> set[int]:
        """The years that have a figure which stands."""
        return {f.year for f in self.figures if f.standing and f.year is not None}


def all_series(figures: Iterable[Figure]) -> list[Series]:
    """Return the series of figures in the order of measures; of one, published before counted."""
    found: dict[tuple[str, str], list[Figure]] = {}
    for f in figures:
        if not f.parts:
            found.setdefault((f.measure, f.perimeter), []).append(f)
    series = [
        Series(measure, perimeter, sorted(held, key=lambda f: f.period, reverse=True))
        for (measure, perimeter), held in found.items()
    ]
    return sorted(series, key=_place)


def _place(series: Series) -> tuple[int, bool]:
    place = ORDER.index(series.measure) if series.measure in ORDER else len(ORDER)
    return place, all(f.derived for f in series.figures)


def line_chart(
    series: Series, breaks: Sequence[SeriesBreak], title: str, speaker: Speaker
) -> LineChart | None:
    """Return the picture of a series, None where it has too few years.

    Each publication is a line of its own, in parts between the breaks.
    """
    if len(series.years) < _YEARS_OF_A_LINE:
        return None
    own = [b for b in breaks if b.is_of(series.perimeter, series.measure)]
    parting = [b.year for b in own if b.parts_series and b.year is not None]
    by_publication: dict[str, list[Figure]] = {}
    for f in reversed(series.figures):
        if f.standing and f.year is not None:
            by_publication.setdefault(f.publication, []).append(f)
    lines = [
        Line(speaker.thing(publication).name.text, _parts(held, parting, speaker))
        for publication, held in by_publication.items()
    ]
    drawn = [f for held in by_publication.values() for f in held]
    title = speaker.marked(title, invented=any(f.fictitious for f in drawn))
    return LineChart(
        title, speaker.thing(series.measure).name.text, lines, [_mark(b, speaker) for b in own]
    )


def _parts(
    figures: Sequence[Figure], parting: Sequence[int], speaker: Speaker
) -> list[list[Point]]:
    parts: list[list[Point]] = []
    before: int | None = None
    for f in figures:
        assert f.year is not None
        parted = before is None or any(before < year <= f.year for year in parting)
        if parted:
            parts.append([])
        parts[-1].append(Point(f.year, chart_value(f, speaker)))
        before = f.year
    return parts


def chart_value(figure: Figure, speaker: Speaker) -> ChartValue:
    """Return a figure for a picture and its table, with its unit and the way to its page.

    The table says as well that it is estimated or provisional.
    """
    shown = speaker.value(figure.literal, figure.unit).name.text
    note = speaker.words(f"region.{figure.unsettled}") if figure.unsettled else ""
    return ChartValue(float(figure.value), shown, speaker.addresses.href(figure.iri), note)


def _mark(b: SeriesBreak, speaker: Speaker) -> Break:
    assert b.year is not None
    reason = speaker.thing(b.reason).name.text if b.reason else ""
    return Break(b.year, reason, speaker.addresses.href(b.iri))


def parts_charts(
    figures: Iterable[Figure], above: Mapping[str, Collection[str]], speaker: Speaker
) -> list[Chart]:
    """Return bars of families or sectors, for the latest year of each publication and measure.

    Families, sectors, and the sectors of each family are pictures of their own. `above` are the
    sectors that a sector is a part of: a bar whose number is in that of another bar says so.
    """
    found: dict[tuple[str, str, str, str, bool], list[Figure]] = {}
    for f in figures:
        if f.parts and f.standing:
            family = f.family if f.family and f.sector else ""
            cells = (f.measure, f.perimeter, f.publication, family, f.sector is None)
            found.setdefault(cells, []).append(f)
    charts = []
    for (measure, perimeter, publication, family, _), held in found.items():
        last = [f for f in held if f.period == held[0].period]
        if len(last) >= _PARTS_OF_A_WHOLE:
            whole = [speaker.thing(iri).name.text for iri in (perimeter, family) if iri]
            title = ", ".join([*whole, held[0].period])
            unit = f"{speaker.thing(measure).name.text} · {speaker.thing(publication).name.text}"
            invented = any(f.fictitious for f in last)
            charts.append(
                Chart(speaker.marked(title, invented=invented), unit, _bars(last, above, speaker))
            )
    return charts


def _bars(
    figures: Sequence[Figure], above: Mapping[str, Collection[str]], speaker: Speaker
) -> list[Bar]:
    ordered = sorted(figures, key=lambda f: f.value, reverse=True)
    drawn = {f.sector for f in figures if f.sector}
    bars = []
    for f in ordered:
        value = chart_value(f, speaker)
        name = speaker.thing(f.sector or f.family or "").name.text
        if wholes := sorted(drawn.intersection(above.get(f.sector or "", ()))):
            nearest = max(wholes, key=lambda whole: len(above.get(whole, ())))
            whole = speaker.thing(nearest).name.text
            name = speaker.words("region.part-of", part=name, whole=whole)
        bars.append(Bar(name, value.value, value.shown, href=value.href, note=value.note))
    return bars
