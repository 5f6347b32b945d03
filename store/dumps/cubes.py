"""The observations of a dataset as CSV with its description (CSVW), and as SDMX-CSV 1.0.

A row is an observation, in the order of their IRIs. The columns are the dimensions, the value, and
the attributes of the structure that the dataset names; where several measures are possible, the
measure is a dimension (RDF Data Cube, section 6.5.3). A code is written by its last part; where the
codes of a column are from several lists, as a whole IRI.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import PREFIXES
from vises.store.dumps.columns import text_of
from vises.store.dumps.labels import local_name, meanings, titles
from vises.store.dumps.output import described
from vises.store.dumps.structure import DATA_SET, MEASURE_TYPE, STRUCTURE, sdmx_name, structure
from vises.store.dumps.tables import things

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from vises.store.dumps.columns import Key, Term
    from vises.store.dumps.output import DumpFile
    from vises.store.dumps.structure import Structure

CSV, CSVW, SDMX = "csv", "csv-metadata.json", "sdmx.csv"
"""The forms; the second is where a reader of the first looks for its description."""

CSVW_STANDARD = "http://www.w3.org/TR/tabular-metadata/"
SDMX_TYPE = "application/vnd.sdmx.data+csv"
OBSERVATION, VALUE = "observation", "OBS_VALUE"
_AGENCY, _VERSION = "VISES", "1.0"
_KINDS = {"gYear", "gYearMonth", "date", "dateTime", "string", "integer", "decimal", "boolean"}


@dataclass(frozen=True)
class _Observation:
    """An observation: its IRI, the value of each component, and that of its measure."""

    iri: str
    components: Mapping[NamedNode, Term]
    value: str


@dataclass(frozen=True)
class _Cube:
    """The structure of a dataset, and what the codes of each of its columns begin with.

    `kinds` has the datatype of the columns whose values all have the same.
    """

    structure: Structure
    starts: Mapping[NamedNode, str]
    kinds: Mapping[NamedNode, str]

    @property
    def dimensions(self) -> Sequence[NamedNode]:
        return self.structure.dimensions

    def cell(self, component: NamedNode, value: Term | None) -> str:
        if value is None:
            return ""
        return text_of(value).removeprefix(self.starts.get(component, ""))

    def row(self, found: _Observation) -> list[str]:
        """Return the cells of an observation: dimensions, value, attributes."""
        dimensions = [self.cell(c, found.components.get(c)) for c in self.dimensions]
        attributes = [self.cell(c, found.components.get(c)) for c in self.structure.attributes]
        return [*dimensions, found.value, *attributes]


def write_cube(dataset: str, lines: Path, folder: Path) -> Iterator[DumpFile]:
    """Write the cube of a graph, where it is one, and yield what is said of each file.

    `lines` is the graph as sorted N-Quads, which is read several times. Raises `OSError`.
    """
    found = _structure_of(lines)
    if found is None:
        return
    cube = _cube(found, lines)
    names = [local_name(c.value) for c in cube.dimensions]
    header = [OBSERVATION, *names, VALUE, *(local_name(c.value) for c in found.attributes)]
    with (folder / CSV).open("w", encoding="utf-8", newline="") as file:
        rows = ([o.iri, *cube.row(o)] for o in _observations(found, lines))
        _write(file, header, rows)
    yield described(folder / CSV, "text/csv", conforms_to=CSVW_STANDARD)
    said = json.dumps(_metadata(dataset, cube, header), ensure_ascii=False, indent=1)
    (folder / CSVW).write_text(said + "\n", "utf-8")
    yield described(folder / CSVW, "application/csvm+json", conforms_to=CSVW_STANDARD)
    flow = f"{_AGENCY}:{sdmx_name(found.iri).upper()}({_VERSION})"
    sdmx = [sdmx_name(c) for c in (*cube.dimensions, *found.attributes)]
    sdmx.insert(len(cube.dimensions), VALUE)
    with (folder / SDMX).open("w", encoding="utf-8", newline="") as file:
        rows = ([flow, *cube.row(o)] for o in _observations(found, lines))
        _write(file, ["DATAFLOW", *sdmx], rows)
    yield described(folder / SDMX, SDMX_TYPE, conforms_to="https://sdmx.org/")


def _structure_of(lines: Path) -> Structure | None:
    """Return the structure that the dataset of a graph names, None where it is no cube of ours."""
    for _, thing in things(lines):
        for value in thing.get((STRUCTURE.value, ""), ()):
            if isinstance(value, NamedNode) and (found := structure(value)):
                return found
    return None


def _observations(cube: Structure, lines: Path) -> Iterator[_Observation]:
    """Yield the observations that have a value of a measure; one for each measure they have."""
    for node, thing in things(lines):
        if (DATA_SET.value, "") not in thing:
            continue
        parts = {c: _first(thing, c) for c in (*cube.dimensions, *cube.attributes)}
        components = {c: value for c, value in parts.items() if value is not None}
        for measure in cube.measures:
            value = _first(thing, measure)
            if isinstance(value, Literal):
                components[MEASURE_TYPE] = measure
                yield _Observation(text_of(node), dict(components), value.value)


def _first(thing: Mapping[Key, Sequence[Term]], component: NamedNode) -> Term | None:
    values = thing.get((component.value, ""), ())
    return values[0] if values else None


def _cube(found: Structure, lines: Path) -> _Cube:
    """Read the observations once for what is the same in the whole of a column."""
    starts: dict[NamedNode, set[str]] = defaultdict(set)
    kinds: dict[NamedNode, set[str]] = defaultdict(set)
    for observation in _observations(found, lines):
        for component, value in observation.components.items():
            if isinstance(value, NamedNode):
                starts[component].add(value.value.removesuffix(_code(value.value)))
            elif isinstance(value, Literal):
                kinds[component].add(value.datatype.value)
    return _Cube(
        found,
        {c: next(iter(many)) for c, many in starts.items() if len(many) == 1},
        {c: next(iter(many)) for c, many in kinds.items() if len(many) == 1 and c not in starts},
    )


def _code(iri: str) -> str:
    """Return the code in an IRI; SDMX puts the name of its list before it.

    >>> _code("http://purl.org/linked-data/sdmx/2009/code#obsStatus-A")
    'A'
    """
    name = local_name(iri)
    return name.partition("-")[2] or name if iri.startswith(PREFIXES["sdmx-code"]) else name


def _write(file: IO[str], header: Sequence[str], rows: Iterator[list[str]]) -> None:
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)


def _metadata(dataset: str, cube: _Cube, header: Sequence[str]) -> dict[str, object]:
    """Return the description of the CSV (Metadata Vocabulary for Tabular Data)."""
    components = [*cube.dimensions, None, *cube.structure.attributes]
    first: dict[str, object] = {
        "name": OBSERVATION,
        "titles": OBSERVATION,
        "datatype": "anyURI",
        "required": True,
        "suppressOutput": True,
    }
    columns = [first]
    for name, component in zip(header[1:], components, strict=True):
        columns.append(_value(cube, name) if component is None else _column(cube, name, component))
    keys = [local_name(c.value) for c in cube.dimensions]
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": f"{dataset}.{CSV}",
        "dcterms:conformsTo": {"@id": cube.structure.iri.value},
        "tableSchema": {
            "columns": columns,
            "primaryKey": OBSERVATION,
            "rowTitles": keys,
            "aboutUrl": f"{{+{OBSERVATION}}}",
        },
    }


def _column(cube: _Cube, name: str, component: NamedNode) -> dict[str, object]:
    said: dict[str, object] = {
        "name": name,
        "titles": [name],
        "propertyUrl": component.value,
    }
    for member, found in (("title", titles), ("description", meanings)):
        if texts := found(component.value):
            said[f"dcterms:{member}"] = _said(texts)
    kind = cube.kinds.get(component, "").removeprefix(PREFIXES["xsd"])
    if component in cube.starts:
        said["valueUrl"] = f"{cube.starts[component]}{{+{name}}}"
    elif kind in _KINDS:
        said["datatype"] = kind
    return said


def _value(cube: _Cube, name: str) -> dict[str, object]:
    """Return the column of values: its property is the measure of the row."""
    measures = cube.structure.measures
    one = measures[0].value if len(measures) == 1 else None
    start = cube.starts.get(MEASURE_TYPE, "")
    template = f"{start}{{+{local_name(MEASURE_TYPE.value)}}}"
    return {
        "name": name,
        "titles": [name],
        "datatype": "decimal",
        "required": True,
        "propertyUrl": one or template,
    }


def _said(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": language} for language, text in texts.items()]
