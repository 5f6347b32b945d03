"""Eurostat: dataflows as SDMX-CSV or JSON-stat, into the RDF Data Cube with their structure.

Flows of the population become population figures, which others are divided by.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.checks import INTEGER
from vises.ingest.contract import WHOLE_NUMBER, bounds
from vises.ingest.files import InputFile, Kind, Layout
from vises.ingest.finding import find
from vises.ingest.provenance import DatasetDescription
from vises.ingest.rules import Refusal
from vises.ingest.source import Divisible, OutOfScope, Part, Reading, Selector, Source, WrongFiles
from vises.ingest.sources.eurostat.cube import AREA, MOST_DIMENSIONS, PERIOD, Cube
from vises.ingest.sources.eurostat.flags import FREE, status_of
from vises.ingest.sources.eurostat.jsonstat import read_json_stat
from vises.ingest.sources.eurostat.layouts import (
    CODES,
    COMPONENTS,
    OBSERVATIONS,
    SDMX_CODES,
    CodesLayout,
    ObservationsLayout,
    StructureLayout,
)
from vises.ingest.sources.eurostat.periods import columns_of, misdated
from vises.ingest.sources.eurostat.sdmxcsv import is_sdmx_csv, read_sdmx_csv
from vises.ingest.tables import opened
from vises.ingest.tables.table import empty
from vises.namespaces import PREFIXES
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.ingest.contract import Row

HERE = Path(__file__).parent
POPULATION = {"DEMO_PJAN", "DEMO_R_D2JAN", "DEMO_R_PJANAGGR3", "DEMO_R_PJANGRP3"}
"""The dataflows of the inhabitants on 1 January, of countries and regions."""
WHOLE = {"freq": "A", "sex": "T", "age": "TOTAL", "unit": "NR"}
"""The codes of all inhabitants together."""
SDMX_DIMENSIONS = {"freq", "sex", "age"}

ELSEWHERE = OutOfScope("a region that the code list of NUTS does not have")
NOT_USED = OutOfScope("of no observation in scope")
NOT_WHOLE = OutOfScope("not the whole population")

COMPONENTS_PART = Part(
    "components",
    r"components",
    COMPONENTS,
    (
        *("flow", "dimension", "order", "name", "title"),
        *("property", "own", "measured", "flagProperty"),
    ),
    optional=True,
)
CODES_PART = Part(
    "codes", r"codes", CODES, ("list", "code", "label"), optional=True, may_be_empty=True
)
OBSERVATIONS_PART = Part(
    "observations",
    r".*",
    OBSERVATIONS,
    (
        *("flow", "key", "area", "year", "month", "day", "part"),
        *(f"property{n}" for n in range(1, MOST_DIMENSIONS + 1)),
        *(f"concept{n}" for n in range(1, MOST_DIMENSIONS + 1)),
        *("value", "unit", "status1", "status2", "status3"),
        *("confidentiality", "flag", "flagProperty"),
        *("structure", "publication", "publisher", "population"),
    ),
)


class EurostatSession(Divisible):
    """One reading of a dataflow."""

    as_of = None
    complete = True

    def __init__(self, cube: Cube, reading: Reading) -> None:
        """Need the code list of NUTS."""
        self._flow = cube.flow
        self._flag = cube.urn("DataAttribute", "OBS_FLAG")
        self._any = False
        self._used: set[tuple[str, str]] = set()
        self._properties = {
            name: _property(cube, name) for name in (*cube.dimensions, AREA, PERIOD)
        }
        self._regions = reading.codes.notations["nuts"]

    def selector(self, part: str) -> Selector:
        """Return what decides on the rows of a part."""
        return {
            COMPONENTS_PART.name: self._component,
            CODES_PART.name: _code,
            OBSERVATIONS_PART.name: self._observation,
        }[part]

    def noted(self) -> Sequence[str]:
        """Return the codes that observations in scope use."""
        return [*("any" for _ in range(self._any)), *map("/".join, sorted(self._used))]

    def take(self, noted: Sequence[str]) -> None:
        """Take those of another session."""
        self._any |= bool(noted)
        pairs = (each.partition("/") for each in noted if "/" in each)
        self._used.update((name, code) for name, _, code in pairs)

    def confirm(self, part: str, row: Row) -> Row | OutOfScope:
        """Let the structure and the codes pass that an observation in scope uses."""
        if part == COMPONENTS_PART.name and not self._any:
            return NOT_USED
        if part == CODES_PART.name and row[:2] not in self._used:
            return NOT_USED
        return row

    def _component(self, row: Row) -> Row:
        dimension, order, name, title = row
        measured = "UNIT_MEASURE" if dimension == "unit" else ""
        known = dimension in SDMX_DIMENSIONS or dimension in {AREA, PERIOD}
        of = self._properties[dimension]
        described = (name or dimension, title or self._flow, of, "" if known else of)
        return (self._flow, dimension, order, *described, measured, self._flag)

    def _observation(self, row: Row) -> Row | OutOfScope | Refusal:
        _, area, period, value, flag, confidentiality, *pairs = row
        if refusal := misdated(period):
            return refusal
        if area not in self._regions:
            return ELSEWHERE
        status = status_of(value, flag, confidentiality)
        if isinstance(status, Refusal | OutOfScope):
            return status
        given = [(name, code) for name, code in zip(pairs[::2], pairs[1::2], strict=True) if name]
        for number, (_, code) in enumerate(given, 1):
            if not code:
                return Refusal("required", f"code{number}", "", "")
        codes = dict(given)
        if self._flow in POPULATION:
            return self._inhabitants(area, period, value, codes, status)
        self._any = True
        self._used.update(given)
        nothing = [""] * (MOST_DIMENSIONS - len(given))
        return (
            self._flow,
            ".".join((*codes.values(), area, period)),
            area,
            *columns_of(period),
            *(self._properties[name] for name in codes),
            *nothing,
            *(_concept(name, code) for name, code in given),
            *nothing,
            value,
            codes.get("unit", ""),
            *status,
            FREE if confidentiality else "",
            flag,
            self._flag,
            f"eurostat/{self._flow}/structure",
            *_NO_POPULATION,
        )

    def _inhabitants(
        self, area: str, period: str, value: str, codes: Mapping[str, str], status: Row
    ) -> Row | OutOfScope | Refusal:
        """Return the row of a population figure, which no observation of the dataflow becomes."""
        if any(codes.get(name, whole) != whole for name, whole in WHOLE.items()):
            return NOT_WHOLE
        if not INTEGER.fullmatch(value):
            return Refusal("number", "value", value, WHOLE_NUMBER)
        if int(value) < 1:
            return Refusal("range", "value", value, bounds("1", ""))
        year, *rest = columns_of(period)
        if not year:
            return Refusal("year", "time", period, "2024")
        publication = "eurostat-" + self._flow.lower().replace("_", "-")
        slots = [""] * (2 * MOST_DIMENSIONS + 2)
        structure = PREFIXES["vises"] + "PopulationFigureStructure"
        about = (structure, publication, "eurostat", value)
        return (self._flow, "", area, year, *rest, *slots, *status, "", "", "", *about)


_NO_POPULATION = ("", "", "")


def _code(row: Row) -> Row:
    """Return a code with a label, which is the code itself where the file has none."""
    name, code, label = row
    return (name, code, label.strip() or code)


def _property(cube: Cube, dimension: str) -> str:
    """Return the IRI of the property for a dimension: that of SDMX's concept, else its URN."""
    if dimension == AREA:
        return PREFIXES["sdmx-dimension"] + "refArea"
    if dimension == PERIOD:
        return PREFIXES["sdmx-dimension"] + "refPeriod"
    if dimension in SDMX_DIMENSIONS:
        return PREFIXES["sdmx-dimension"] + dimension
    return cube.urn("Dimension", dimension)


def _concept(dimension: str, code: str) -> str:
    """Return the IRI of a code: that of SDMX's code lists for frequencies and sexes they have."""
    if code in SDMX_CODES.get(dimension, ()):
        return f"{PREFIXES['sdmx-code']}{dimension}-{code}"
    return f"eurostat/code/{dimension}/{code}"


def _cube(paths: Sequence[Path]) -> tuple[Cube, InputFile]:
    """Return what the one file holds. Raises `WrongFiles`, and what reading it raises."""
    files = find(paths)
    place = ", ".join(map(str, paths))
    if len(files) != 1:
        raise WrongFiles(
            sentence(
                "one-dataflow",
                "There are {count} files, and a dataset has one dataflow.",
                count=len(files),
            ),
            place=place,
            remedy=sentence("dataset-each", "Ingest each as a dataset of its own."),
        )
    (file,) = files
    if file.kind is Kind.OBJECTS:
        return read_json_stat(file), file
    names = _names(file)
    if not any(names):
        raise empty(file.place)
    if file.kind is not Kind.DELIMITED or not is_sdmx_csv(names):
        raise WrongFiles(
            sentence("no-sdmx-csv", "It is neither SDMX-CSV nor JSON-stat."),
            place=place,
            remedy=sentence(
                "download-statistics",
                "Download it with format=SDMX-CSV, or as JSON (JSON-stat 2.0).",
            ),
        )
    return read_sdmx_csv(file), file


def _names(file: InputFile) -> Sequence[str]:
    with opened(file, SILENCE) as table:
        return table.names


def _find(paths: Sequence[Path]) -> list[InputFile]:
    """Find the observations, and what describes them where they are no population."""
    cube, file = _cube(paths)
    layouts: list[Layout] = [ObservationsLayout(cube)]
    if cube.flow not in POPULATION:
        layouts = [StructureLayout(cube), CodesLayout(cube), *layouts]
    return [replace(file, layout=layout) for layout in layouts]


def _specialise(source: Source, paths: Sequence[Path]) -> Source:
    """Return the source for the dataflow of the file."""
    cube, _ = _cube(paths)
    named = {lang: f"{text}, {cube.flow}" for lang, text in source.description.title.items()}
    return replace(
        source,
        description=replace(source.description, title=named),
        begin=partial(EurostatSession, cube),
    )


def _undescribed(reading: Reading) -> EurostatSession:
    raise AssertionError(reading)  # the file describes the dataflow, see `_specialise`


EUROSTAT = Source(
    name="eurostat",
    description=DatasetDescription(
        title={"fr": "Eurostat", "nl": "Eurostat", "en": "Eurostat"},
        description={
            "fr": "Statistiques régionales d'Eurostat, avec leurs signes.",
            "nl": "Regionale statistieken van Eurostat, met hun tekens.",
            "en": "Regional statistics of Eurostat, with their flags.",
        },
        publisher="organisation/eurostat",
        licence="https://creativecommons.org/licenses/by/4.0/",
        spatial=("FR", "BE"),
        themes=("ECON", "REGI", "SOCI"),
    ),
    parts=(COMPONENTS_PART, CODES_PART, OBSERVATIONS_PART),
    mapping=HERE / "mapping.ttl",
    begin=_undescribed,
    find=_find,
    specialise=_specialise,
)
