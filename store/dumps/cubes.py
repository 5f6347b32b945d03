"""The observations of a dataset as CSV with its description (CSVW), and as SDMX-CSV 1.0.

A row is a value of an observation, in the order of their IRIs. The columns are the dimensions, the
value, and the attributes of the structure that the dataset names. Where several measures are
possible, the measure is a column: that of a dimension (RDF Data Cube, section 6.5.3), or, where
each observation has all of them (6.5.1), one of the file, in which it has a row for each. A code is
written by its last part; where the codes of a column are from several lists, as a whole IRI.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import PREFIXES
from vises.store.dumps.columns import text_of
from vises.store.dumps.labels import local_name, meanings, titles
from vises.store.dumps.output import described
from vises.store.dumps.structure import (
    DATA_SET,
    MEASURE_TYPE,
    REVISION,
    STRUCTURE,
    sdmx_name,
    structure,
)
from vises.store.dumps.tables import things

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from vises.store.canonical import Term
    from vises.store.dumps.columns import Key
    from vises.store.dumps.output import DumpFile
    from vises.store.dumps.structure import Structure

CSV, CSVW, SDMX = "csv", "csv-metadata.json", "sdmx.csv"
"""The forms; the second is where a reader of the first looks for its description."""

CSVW_STANDARD = "http://www.w3.org/TR/tabular-metadata/"
SDMX_TYPE = "application/vnd.sdmx.data+csv"
OBSERVATION, VALUE = "observation", "OBS_VALUE"
SEPARATOR = "\n"
"""What stands between the values of a cell that has several, such as two notes of one line each."""

_AGENCY, _VERSION = "VISES", "1.0"
_HYPHENS = re.compile("-+")
_VALUES: Key = (VALUE, "")
_KINDS = {"gYear", "gYearMonth", "date", "dateTime", "string", "integer", "decimal", "boolean"}


@dataclass(frozen=True)
class _Column:
    """A component as a column; of an attribute in words, for one language ("": none)."""

    component: NamedNode
    language: str = ""

    @property
    def key(self) -> Key:
        return self.component.value, self.language

    def named(self, name: str, mark: str) -> str:
        return f"{name}_{mark}" if mark else name

    @property
    def name(self) -> str:
        return self.named(local_name(self.component.value), self.language.replace("-", "_"))

    @property
    def sdmx(self) -> str:
        return self.named(sdmx_name(self.component), self.language.upper().replace("-", "_"))


_MEASURE = _Column(MEASURE_TYPE)


@dataclass(frozen=True)
class _Observation:
    """One value of an observation: its IRI, what it says of each component, and the value."""

    iri: str
    components: Mapping[Key, Sequence[Term]]
    value: Literal


@dataclass
class _Texts:
    """The literals of a column: whether one has line breaks, how many hyphens stand together."""

    broken: bool = False
    hyphens: int = 2

    def look_at(self, text: str) -> None:
        self.broken |= SEPARATOR in text
        self.hyphens = max([self.hyphens, *map(len, _HYPHENS.findall(text))])


@dataclass(frozen=True)
class _Cube:
    """The structure of a dataset and its columns, as the observations need them.

    `starts` has what the IRIs of a column begin with, "" where they differ; `kinds` the datatype of
    the columns whose values all have the same; `separators` what stands between the values of a
    cell, of the columns where one has several.
    """

    structure: Structure
    attributes: Sequence[_Column]
    starts: Mapping[Key, str]
    kinds: Mapping[Key, str]
    separators: Mapping[Key, str]

    @property
    def dimensions(self) -> Sequence[_Column]:
        """What tells a row from all others, the measure last where no dimension names it."""
        own = [_Column(component) for component in self.structure.dimensions]
        return [*own, _MEASURE] if self.structure.several else own

    def cell(self, found: _Observation, column: _Column) -> str:
        start = self.starts.get(column.key, "")
        values = found.components.get(column.key, ())
        texts = [text_of(value).removeprefix(start) for value in values]
        return self.separators.get(column.key, SEPARATOR).join(texts)

    def row(self, found: _Observation) -> list[str]:
        """Return the cells of an observation: dimensions, value, attributes."""
        dimensions = [self.cell(found, column) for column in self.dimensions]
        return [*dimensions, found.value.value, *(self.cell(found, c) for c in self.attributes)]


def write_cube(dataset: str, lines: Path, folder: Path) -> Iterator[DumpFile]:
    """Write the cube of a graph, where it is one, and yield what is said of each file.

    `lines` is the graph as sorted N-Quads, which is read several times. Raises `OSError`.
    """
    found = _structure_of(lines)
    if found is None:
        return
    cube = _cube(found, lines)
    names = [c.name for c in cube.dimensions], [c.name for c in cube.attributes]
    with (folder / CSV).open("w", encoding="utf-8", newline="") as file:
        rows = ([o.iri, *cube.row(o)] for o in _observations(found, lines))
        _write(file, [OBSERVATION, *names[0], VALUE, *names[1]], rows)
    yield described(folder / CSV, "text/csv", conforms_to=CSVW_STANDARD)
    said = json.dumps(_metadata(dataset, cube), ensure_ascii=False, indent=1)
    (folder / CSVW).write_text(said + "\n", "utf-8")
    yield described(folder / CSVW, "application/csvm+json", conforms_to=CSVW_STANDARD)
    flow = f"{_AGENCY}:{sdmx_name(found.iri).upper()}({_VERSION})"
    names = [c.sdmx for c in cube.dimensions], [c.sdmx for c in cube.attributes]
    with (folder / SDMX).open("w", encoding="utf-8", newline="") as file:
        rows = ([flow, *cube.row(o)] for o in _observations(found, lines))
        _write(file, ["DATAFLOW", *names[0], VALUE, *names[1]], rows)
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
    wanted = {component.value for component in (*cube.dimensions, *cube.attributes)}
    for node, thing in things(lines):
        if (DATA_SET.value, "") not in thing:
            continue
        components = {key: values for key, values in thing.items() if key[0] in wanted}
        for measure in cube.measures:
            for value in thing.get((measure.value, ""), ())[:1]:
                if isinstance(value, Literal):
                    components[_MEASURE.key] = [measure]
                    yield _Observation(text_of(node), dict(components), value)


def _cube(found: Structure, lines: Path) -> _Cube:
    """Read the observations once for what is the same in the whole of a column."""
    starts: dict[Key, set[str]] = defaultdict(set)
    kinds: dict[Key, set[str]] = defaultdict(set)
    lists: set[Key] = set()
    texts: dict[Key, _Texts] = defaultdict(_Texts)
    for observation in _observations(found, lines):
        kinds[_VALUES].add(observation.value.datatype.value)
        for key, values in observation.components.items():
            if len(values) > 1:
                lists.add(key)
            for value in values:
                if isinstance(value, NamedNode):
                    starts[key].add(_start(key, value.value))
                elif isinstance(value, Literal):
                    kinds[key].add(value.datatype.value)
                    texts[key].look_at(value.value)
    return _Cube(
        found,
        list(_attributes(found, {*starts, *kinds})),
        {key: next(iter(many)) if len(many) == 1 else "" for key, many in starts.items()},
        {key: next(iter(many)) for key, many in kinds.items() if len(many) == 1},
        {key: _separator(texts[key]) for key in lists},
    )


def _separator(texts: _Texts) -> str:
    """Return what cannot be taken for a part of one of the texts of a column.

    Where one has line breaks, it is a line with more hyphens than stand together in any of them.
    """
    return f"{SEPARATOR}{'-' * (texts.hyphens + 1)}{SEPARATOR}" if texts.broken else SEPARATOR


def _attributes(found: Structure, keys: Collection[Key]) -> Iterator[_Column]:
    """Yield a column for each attribute, and one more for each language that it is said in."""
    for component in found.attributes:
        yield _Column(component)
        for language in sorted(tag for name, tag in keys if tag and name == component.value):
            yield _Column(component, language)


def _start(key: Key, iri: str) -> str:
    """Return what is left off an IRI; nothing where it names an observation, or ends in no code."""
    code = _code(iri)
    return "" if key[0] == REVISION.value or not iri.endswith(code) else iri.removesuffix(code)


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


def _metadata(dataset: str, cube: _Cube) -> dict[str, object]:
    """Return the description of the CSV (Metadata Vocabulary for Tabular Data)."""
    first: dict[str, object] = {
        "name": OBSERVATION,
        "titles": OBSERVATION,
        "datatype": "anyURI",
        "required": True,
        "suppressOutput": True,
    }
    dimensions = [_column(cube, column) for column in cube.dimensions]
    attributes = [_column(cube, column) for column in cube.attributes]
    several = cube.structure.several
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": f"{dataset}.{CSV}",
        "dcterms:conformsTo": {"@id": cube.structure.iri.value},
        "tableSchema": {
            "columns": [first, *dimensions, _value(cube), *attributes],
            "primaryKey": [OBSERVATION, _MEASURE.name] if several else OBSERVATION,
            "rowTitles": [column.name for column in cube.dimensions],
            "aboutUrl": f"{{+{OBSERVATION}}}",
        },
    }


def _column(cube: _Cube, column: _Column) -> dict[str, object]:
    iri = column.component.value
    said: dict[str, object] = {"name": column.name, "titles": [column.name], "propertyUrl": iri}
    for member, found in (("title", titles), ("description", meanings)):
        if texts := found(iri):
            said[f"dcterms:{member}"] = _said(texts)
    if column == _MEASURE and cube.structure.several:
        said["suppressOutput"] = True
    if column.key in cube.separators:
        said["separator"] = cube.separators[column.key]
    if column.key in cube.starts:
        said["valueUrl"] = f"{cube.starts[column.key]}{{+{column.name}}}"
    elif column.language:
        said["lang"], _, direction = column.language.partition("--")
        if direction:
            said |= {"textDirection": direction, "suppressOutput": True}
    elif kind := _kind(cube, column.key):
        said["datatype"] = kind
    return said


def _kind(cube: _Cube, key: Key) -> str | None:
    kind = cube.kinds.get(key, "").removeprefix(PREFIXES["xsd"])
    return kind if kind in _KINDS else None


def _value(cube: _Cube) -> dict[str, object]:
    """Return the column of values: its property is the measure of the row."""
    measures = cube.structure.measures
    template = f"{cube.starts.get(_MEASURE.key, '')}{{+{_MEASURE.name}}}"
    return {
        "name": VALUE,
        "titles": [VALUE],
        "datatype": _kind(cube, _VALUES) or "decimal",
        "required": True,
        "propertyUrl": measures[0].value if len(measures) == 1 else template,
    }


def _said(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": language} for language, text in texts.items()]
