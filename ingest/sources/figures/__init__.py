"""Regional figures: a CSV of observations, each attributed to a publication."""

from __future__ import annotations

from pathlib import Path

from vises.ingest.checks import INTEGER
from vises.ingest.contract import Row, load_contract
from vises.ingest.provenance import LICENCE, OURS, DatasetDescription
from vises.ingest.rules import Refusal
from vises.ingest.source import Part, Reading, Selector, Source

HERE = Path(__file__).parent
SHARES = {"shareOfSalariedEmployment", "shareOfSseEmployment"}
DECIMAL_MEASURES = {"fullTimeEquivalents", "jobsPerHundredThousand", *SHARES}

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
        "publication",
        "integer",
        "decimal",
        "unit",
        "status",
        "note",
        "revision_of",
    ),
)
MEASURE = FIGURES_TABLE.columns.index("measure")


class FiguresSession:
    """One reading of a table of figures; each row stands on its own."""

    as_of = None
    complete = True

    def __init__(self, reading: Reading) -> None:
        """Need nothing of the reading."""

    def selector(self, part: str) -> Selector:  # noqa: ARG002 (there is one part)
        """Return what decides on the rows."""
        return _figure

    def confirm(self, part: str, row: Row) -> Row:  # noqa: ARG002 (no part waits for another)
        """Let every selected row pass."""
        return row


def _figure(row: Row) -> Row | Refusal:
    """Put the value into the column of its datatype."""
    *dimensions, value, unit, status, note, revision_of = row
    measure = dimensions[MEASURE]
    wanted = "PERCENT" if measure in SHARES else "NUM"
    if unit != wanted:
        return Refusal("enum", "unit", unit, wanted)
    if measure in DECIMAL_MEASURES:
        values = ("", value)
    elif INTEGER.fullmatch(value):
        values = (value, "")
    else:
        return Refusal("number", "value", value, "integer")
    return (*dimensions, *values, unit, status, note.strip(), revision_of)


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
    parts=(FIGURES_TABLE,),
    mapping=HERE / "mapping.ttl",
    begin=FiguresSession,
)
