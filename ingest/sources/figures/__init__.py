"""Regional figures: a CSV of observations, each attributed to a publication."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vises.ingest.checks import INTEGER, YEARS, is_date
from vises.ingest.contract import WHOLE_NUMBER, Row, bounds, load_contract
from vises.ingest.finding import find
from vises.ingest.provenance import LICENCE, OURS, DatasetDescription
from vises.ingest.rules import Refusal
from vises.ingest.sessions import RowByRow
from vises.ingest.source import Part, Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.ingest.files import InputFile
    from vises.ingest.source import Selector

HERE = Path(__file__).parent
MAPPING = HERE / "mapping.ttl"
SHARES = {"shareOfSalariedEmployment", "shareOfSseEmployment"}
RATIOS = {"jobsPerHundredThousand"}
DECIMAL_MEASURES = {"fullTimeEquivalents", *RATIOS, *SHARES}
LANGUAGES = ("fr", "nl", "de", "en")
NOTES = tuple(f"note_{language}" for language in LANGUAGES)
"""The columns of notes whose language is known."""

YEAR_LENGTH, MONTH_LENGTH, DAY_LENGTH = 4, 7, 10

FIGURES_TABLE = Part(
    "figures",
    r"figures",
    load_contract(HERE / "figures.schema.json"),
    (
        "area",
        "period",
        "measure",
        "perimeter",
        "family",
        "sector",
        "cell",
        "figure",
        "suppression",
        "rule",
        "integer",
        "decimal",
        "unit",
        "status",
        "note",
        *NOTES,
        "revision_of",
        "structure",
    ),
)
PUBLICATIONS = Part(
    "publications",
    r"publications",
    load_contract(HERE / "publications.schema.json"),
    (
        "id",
        *(f"title_{language}" for language in LANGUAGES),
        "publisher",
        "named",
        *(f"name_{language}" for language in LANGUAGES),
        "issuedYear",
        "issuedMonth",
        "issuedDay",
        "page",
    ),
    optional=True,
)


def unit_of(measure: str) -> str:
    """Return the unit that a measure has."""
    if measure in SHARES:
        return "PERCENT"
    return "UNITLESS" if measure in RATIOS else "NUM"


def misfit(measure: str, value: str) -> Refusal | None:
    """Return why a number cannot be the value of a measure, None if it can.

    What is counted has no decimals, nothing is below zero, and no share above 100, as the shapes
    say too: they would refuse the whole change for one row.
    """
    if measure not in DECIMAL_MEASURES and not INTEGER.fullmatch(value):
        return Refusal("number", "value", value, WHOLE_NUMBER)
    most = "100" if measure in SHARES else ""
    if Decimal(value) < 0 or (most and Decimal(value) > Decimal(most)):
        return Refusal("range", "value", value, bounds("0", most))
    return None


def _figure(row: Row) -> Row | Refusal:
    """Put the value into the column of its datatype, or name the cell as one without a value."""
    area, period, measure, perimeter, family, publication, value, unit, status, note, *rest = row
    revision_of, sector, suppressed, language, *own = rest
    if unit != unit_of(measure):
        return Refusal("enum", "unit", unit, unit_of(measure))
    if suppressed:
        value = ""
    elif not value:
        return Refusal("required", "value", "", "")
    if value and (refusal := misfit(measure, value)):
        return refusal
    notes = {"": ""} | dict(zip(LANGUAGES, map(str.strip, own), strict=True))
    if note := note.strip():
        if notes[language]:
            return Refusal("said-twice", f"note_{language}", notes[language], "note")
        notes[language] = note
    values = ("", value) if measure in DECIMAL_MEASURES else (value, "")
    dimensions = (area, period, measure, perimeter, family, sector)
    cell = (area, period, perimeter, family, measure, sector)
    return (
        *dimensions,
        "-".join(filter(None, cell)),
        "" if suppressed else publication,
        publication if suppressed else "",
        suppressed,
        *values,
        unit,
        status,
        *notes.values(),
        revision_of,
        "SectorFigureStructure" if sector else "RegionalFigureStructure",
    )


def _publication(row: Row) -> Row | Refusal:
    """Put the date into the column of its datatype."""
    identifier, title, language, publisher, name, issued, page = row
    if issued and not YEARS[0] <= issued[:YEAR_LENGTH] <= YEARS[1]:
        return Refusal("range", "issued", issued, bounds(*YEARS))
    if len(issued) == DAY_LENGTH and not is_date(issued):
        return Refusal("date", "issued", issued, "2005-03-14")
    dates = [
        issued if len(issued) == length else ""
        for length in (YEAR_LENGTH, MONTH_LENGTH, DAY_LENGTH)
    ]
    named = publisher if name.strip() else ""
    return (
        identifier,
        *(title.strip() if language == each else "" for each in LANGUAGES),
        publisher,
        named,
        *(name.strip() if language == each else "" for each in LANGUAGES),
        *dates,
        page,
    )


SELECTORS: Mapping[str, Selector] = {FIGURES_TABLE.name: _figure, PUBLICATIONS.name: _publication}
"""What decides on the rows of each part, by its name."""


def _find(paths: Sequence[Path]) -> list[InputFile]:
    """Find tables as `find` does, whose numbers are read with those that people write."""
    return [replace(file, exact=True) for file in find(paths)]


FIGURES = Source(
    name="figures",
    description=DatasetDescription(
        title={
            "fr": "Chiffres régionaux de l'économie sociale et solidaire",
            "nl": "Regionale cijfers over de sociale en solidaire economie",
            "en": "Regional figures on the social and solidarity economy",
        },
        description={
            "fr": "Chiffres repris de publications, chacun avec son périmètre et sa source.",
            "nl": "Cijfers overgenomen uit publicaties, elk met zijn afbakening en zijn bron.",
            "en": "Figures taken from publications, each with its perimeter and its source.",
        },
        publisher=OURS,
        licence=LICENCE,
        spatial=("FR", "BE"),
        themes=("ECON", "REGI", "SOCI"),
    ),
    parts=(PUBLICATIONS, FIGURES_TABLE),
    mapping=MAPPING,
    begin=partial(RowByRow, SELECTORS),
    find=_find,
)
