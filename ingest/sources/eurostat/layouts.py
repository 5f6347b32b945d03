"""What a file of Eurostat holds, each thing as a table: structure, codes, observations."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vises.ingest.contract import load_contract
from vises.ingest.rules import Refusal
from vises.ingest.sources.eurostat.cube import (
    AREA,
    CODE,
    MOST_DIMENSIONS,
    PERIOD,
    Cube,
    Observation,
)
from vises.ingest.tables.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.ingest.files import InputFile
    from vises.progress import Progress

HERE = Path(__file__).parent
COMPONENTS = load_contract(HERE / "components.schema.json")
CODES = load_contract(HERE / "codes.schema.json")
OBSERVATIONS = load_contract(HERE / "observations.schema.json")
SDMX_CODES = {
    "freq": frozenset(
        ["A", "A2", "A3", "A4", "A5", "A10", "B", "D", "H", "M", "M2", "N", "Q", "S", "W"]
    ),
    "sex": frozenset("FMNTU"),
}
"""The codes of SDMX code lists, by dimension; the ontology names them."""

_TITLES = {"value": "OBS_VALUE", "flag": "OBS_FLAG", "confidentiality": "CONF_STATUS"}
_TITLES |= {"action": "ACTION", "geo": AREA, "time": PERIOD}


@dataclass(frozen=True)
class _Layout:
    cube: Cube
    described_by = ()
    places_are_unique = True

    def title(self, column: str) -> str:
        """Return the name of a dimension for its code, else what SDMX calls a column.

        Of a dimension that the dataflow does not have there is none.
        """
        number = column.removeprefix("code")
        if number.isdecimal():
            return "".join(self.cube.dimensions[int(number) - 1 : int(number)])
        return _TITLES.get(column, column)


@dataclass(frozen=True)
class StructureLayout(_Layout):
    """The dimensions of the dataflow, one a row."""

    view = "structure"

    @contextmanager
    def open(self, file: InputFile, progress: Progress) -> Iterator[Table]:
        """Yield a row for each dimension; its place is its number."""
        cube = self.cube
        rows = [
            (number, [name, str(number), cube.names.get(name, ""), cube.title])
            for number, name in enumerate((*cube.dimensions, AREA, PERIOD), 1)
        ]
        yield Table(COMPONENTS.names, iter(rows))
        progress.advance(file.size)


@dataclass(frozen=True)
class CodesLayout(_Layout):
    """The codes that the observations use, one a row; those of SDMX have a list of their own."""

    view = "codes"
    places_are_unique = False

    @contextmanager
    def open(self, file: InputFile, progress: Progress) -> Iterator[Table]:
        """Yield a row for each code; its place is that of its first use.

        What cannot be a code is left to the check of the observations.
        """
        names = self.cube.dimensions
        found: dict[tuple[str, str], tuple[int, str]] = {}
        with self.cube.read(file, progress) as observations:
            sound = ((place, each) for place, each in observations if isinstance(each, Observation))
            for place, each in sound:
                for name, code, label in zip(names, each.codes, each.labels, strict=True):
                    if code not in SDMX_CODES.get(name, ()) and CODE.fullmatch(code):
                        found.setdefault((name, code), (place, label))
        yield Table(
            CODES.names,
            ((place, [name, code, label]) for (name, code), (place, label) in found.items()),
        )


@dataclass(frozen=True)
class ObservationsLayout(_Layout):
    """The observations."""

    view = ""

    @contextmanager
    def open(self, file: InputFile, progress: Progress) -> Iterator[Table]:
        """Yield the observations; the place is a line, or the number of a cell."""
        with self.cube.read(file, progress) as observations:
            yield Table(OBSERVATIONS.names, map(self._row, observations))

    def _row(self, found: tuple[int, Observation | Refusal]) -> tuple[int, list[str] | Refusal]:
        place, each = found
        if isinstance(each, Refusal):
            return place, each
        pairs = [
            cell for pair in zip(self.cube.dimensions, each.codes, strict=True) for cell in pair
        ]
        pairs += [""] * (2 * MOST_DIMENSIONS - len(pairs))
        known = (each.action, each.area, each.period)
        return place, [*known, each.value, each.flag, each.confidentiality, *pairs]
