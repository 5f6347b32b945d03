"""SDMX-CSV data messages, versions 1.0 and 2.0, in the variants that Eurostat and others give.

The columns are those of the field guides of sdmx-twg/sdmx-csv: a message begins with DATAFLOW (1.0)
or with STRUCTURE, STRUCTURE_ID and perhaps ACTION (2.0); the dimensions come in any order. With
labels, a cell is `CODE: label` and so is a name, or a column of labels follows each column.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.contract import columns_missing
from vises.ingest.rules import Refusal
from vises.ingest.sources.eurostat.cube import (
    AREA,
    MOST_DIMENSIONS,
    PERIOD,
    Cube,
    Observation,
    Observations,
)
from vises.ingest.tables.delimited import open_delimited
from vises.ingest.tables.table import BadTable
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from vises.ingest.files import InputFile
    from vises.progress import Progress

FLOW_COLUMNS = ("DATAFLOW", "STRUCTURE_ID")
_DOWNLOAD = sentence("download-sdmx-csv", "Download it again as SDMX-CSV.")
VALUE, FLAGS = "OBS_VALUE", ("OBS_FLAG", "OBS_STATUS")
CONFIDENTIALITY, ACTION = "CONF_STATUS", "ACTION"
LABELS = "STRUCTURE_NAME"
NO_DIMENSIONS = {*FLOW_COLUMNS, *FLAGS, PERIOD, VALUE, CONFIDENTIALITY, ACTION, AREA}
NO_DIMENSIONS |= {"STRUCTURE", LABELS, "LAST UPDATE", "LAST_UPDATE"}
FLOW = re.compile(
    r"(?:(?P<agency>[A-Za-z][A-Za-z0-9_.-]*):)?(?P<flow>[A-Za-z][A-Za-z0-9_$-]*)"
    r"(?:\((?P<version>[0-9]+(?:\.[0-9]+)*)\))?(?:\s*:(?P<title>.*))?"
)
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}")


def is_sdmx_csv(names: Sequence[str]) -> bool:
    """Tell whether a header is one of SDMX-CSV."""
    return bool({*FLOW_COLUMNS} & {name.strip() for name in names[:2]})


def read_sdmx_csv(file: InputFile) -> Cube:
    """Return the dataflow of a message. Raises `BadTable` where its header or first row is none."""
    with open_delimited(file, SILENCE) as table:
        names = list(table.names)
        first = next((cells for _, cells in table.rows if not isinstance(cells, Refusal)), None)
    columns = _columns(file, names)
    if first is None:
        raise BadTable(
            sentence("names-alone", "It has the names of the columns, and no row."),
            place=file.place,
            remedy=sentence(
                "download-with-observations",
                "Download it again, with a selection that has observations.",
            ),
        )
    flow_at = next(columns[name] for name in FLOW_COLUMNS if name in columns)
    found = FLOW.fullmatch(first[flow_at].strip()) if len(first) == len(names) else None
    if not found:
        raise BadTable(
            sentence(
                "no-dataflow", "The first row names no dataflow, such as ESTAT:NAMA_10R_2GDP(1.0)."
            ),
            place=f"{file.place}, line 2",
            remedy=_DOWNLOAD,
        )
    dimensions = _dimensions(file, columns)
    read = partial(_opened, columns, flow_at, dimensions)
    title = first[columns[LABELS]] if LABELS in columns else found["title"]
    return Cube(
        flow=found["flow"].upper(),
        dimensions=dimensions,
        read=read,
        title=(title or "").strip(),
        names={name: _label(names, columns, name) for name in (*dimensions, AREA, PERIOD)},
        agency=found["agency"] or "ESTAT",
        version=found["version"] or "1.0",
    )


def _dimensions(file: InputFile, columns: Collection[str]) -> tuple[str, ...]:
    """Return the dimensions among the columns. Raises `BadTable` for more than are taken."""
    dimensions = tuple(sorted(name for name in columns if name not in NO_DIMENSIONS))
    if len(dimensions) > MOST_DIMENSIONS:
        raise BadTable(
            sentence(
                "many-dimensions",
                "It has {count} dimensions: {names}.",
                count=len(dimensions),
                names=", ".join(dimensions),
            ),
            place=f"{file.place}, line 1",
            remedy=sentence(
                "most-dimensions",
                "At most {most} beside region and period are taken.",
                most=MOST_DIMENSIONS,
            ),
        )
    return dimensions


def _columns(file: InputFile, names: Sequence[str]) -> dict[str, int]:
    """Return the position of each column by its id, without columns of labels."""
    ids = [name.partition(":")[0].strip() for name in names]
    step = 2 if LABELS in ids else 1
    start = ids.index(LABELS) + 1 if LABELS in ids else 0
    if step > 1 and ACTION in ids[start : start + 1]:
        start += 1
    columns = {name: position for position, name in enumerate(ids[:start]) if name}
    for position in range(start, len(ids), step):
        columns[ids[position]] = position
    lower = {name.lower(): name for name in columns}
    for wanted in (AREA, PERIOD, VALUE):
        if wanted not in columns and wanted.lower() in lower:
            columns[wanted] = columns.pop(lower[wanted.lower()])
        if wanted not in columns:
            raise BadTable(
                columns_missing([wanted], names),
                place=f"{file.place}, line 1",
                remedy=sentence(
                    "download-with-regions", "Download it as SDMX-CSV, of a dataflow with regions."
                ),
            )
    for name in columns:
        if name not in NO_DIMENSIONS and not NAME.fullmatch(name):
            raise BadTable(
                sentence(
                    "no-dimension-name", "{name!r} cannot be the name of a dimension.", name=name
                ),
                place=f"{file.place}, line 1",
                remedy=_DOWNLOAD,
            )
    return columns


def _label(cells: Sequence[str], columns: Mapping[str, int], name: str) -> str:
    """Return what a row, or the header, has beside the code in a column, empty if nothing."""
    position = columns[name]
    if LABELS in columns:
        return "".join(cells[position + 1 : position + 2]).strip()
    return cells[position].partition(":")[2].strip()


@contextmanager
def _opened(
    columns: dict[str, int],
    flow_at: int,
    dimensions: Sequence[str],
    file: InputFile,
    progress: Progress,
) -> Iterator[Observations]:
    with open_delimited(file, progress) as table:
        width = len(table.names)
        yield _rows(table.rows, width, columns, flow_at, dimensions)


def _rows(
    rows: Iterator[tuple[int, list[str] | Refusal]],
    width: int,
    columns: dict[str, int],
    flow_at: int,
    dimensions: Sequence[str],
) -> Observations:
    expected = ""
    flag_at = next((columns[name] for name in FLAGS if name in columns), None)

    def code(cells: Sequence[str], position: int | None) -> str:
        return "" if position is None else cells[position].partition(":")[0].strip()

    for place, cells in rows:
        if isinstance(cells, Refusal):
            yield place, cells
            continue
        if len(cells) != width:
            yield place, Refusal("cells", "", str(len(cells)), str(width))
            continue
        expected = expected or cells[flow_at]
        if cells[flow_at] != expected:
            yield place, Refusal("dataflow", "DATAFLOW", cells[flow_at], expected)
            continue
        yield (
            place,
            Observation(
                codes=[code(cells, columns[name]) for name in dimensions],
                labels=[_label(cells, columns, name) for name in dimensions],
                area=code(cells, columns[AREA]),
                period=code(cells, columns[PERIOD]),
                value=cells[columns[VALUE]].strip(),
                flag=code(cells, flag_at),
                confidentiality=code(cells, columns.get(CONFIDENTIALITY)),
                action=code(cells, columns.get(ACTION)),
            ),
        )
