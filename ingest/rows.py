"""Rows on their way: judged and put aside in a spool, then mapped from there to triples.

Two steps, because what is said of every row (the day that the data describes) is known only when
the last row was read.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from vises.ingest.report import Tally
from vises.ingest.rml import DataError
from vises.ingest.rules import Refusal
from vises.ingest.source import OutOfScope
from vises.ingest.tables import rows
from vises.ingest.tables.table import BadTable
from vises.progress import Silence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vises.ingest.contract import Check, Row
    from vises.ingest.quarantine import Quarantine
    from vises.ingest.rml import RowMapper
    from vises.ingest.source import Layer, Part, Selector
    from vises.progress import Progress

NO_STATEMENT = OutOfScope("nothing that the mapping states")
WITHDRAWN = OutOfScope("withdrawn by a later update")


@dataclass(frozen=True)
class Selection:
    """The rows of a part that are to be published: a CSV of line numbers and prepared cells."""

    part: Part
    spool: Path
    tally: Tally


def select(  # noqa: PLR0913 (the tools of one pass, each by its name)
    part: Part,
    layer: Layer,
    *,
    check: Check,
    selector: Selector,
    quarantine: Quarantine,
    spool: Path,
    progress: Progress,
) -> Selection:
    """Read a file once: every row ends in the spool, in the quarantine, or out of scope."""
    file, withdrawn = layer.file, _listed(layer, part)
    tally = Tally(file.name)
    with spool.open("w", encoding="utf-8", newline="") as stream:
        keep = csv.writer(stream).writerow
        for line, cells in rows(file, part.contract.names, progress):
            tally.rows_in += 1
            if withdrawn and not isinstance(cells, Refusal) and cells[0] in withdrawn:
                tally.out_of_scope[WITHDRAWN.reason] += 1
                continue
            outcome = _judge(cells, check, selector)
            if isinstance(outcome, Refusal):
                tally.quarantined += 1
                quarantine.add(file.name, line, _as_the_file_says(outcome, layer))
            elif isinstance(outcome, OutOfScope):
                tally.out_of_scope[outcome.reason] += 1
            else:
                keep((line, *outcome))
    return Selection(part, spool, tally)


def _listed(layer: Layer, part: Part) -> frozenset[str]:
    """Return the keys that later files list. Raises `BadTable` where a line lists none."""
    keys: set[str] = set()
    for file in layer.withdrawn:
        for line, cells in rows(file, part.contract.names[:1], Silence()):
            if isinstance(cells, Refusal) or not cells[0]:
                raise BadTable(
                    "The line lists no key, so it is not known what to withdraw.",
                    place=f"{file.place}, line {line}",
                    remedy="Download the update again.",
                )
            keys.add(cells[0])
    return frozenset(keys)


def _judge(cells: Row | Refusal, check: Check, selector: Selector) -> Row | OutOfScope | Refusal:
    if isinstance(cells, Refusal):
        return cells
    return check(cells) or selector(cells)


def _as_the_file_says(refusal: Refusal, layer: Layer) -> Refusal:
    """Name the column as the file does, where its layout is not that of the contract."""
    layout = layer.file.layout
    return refusal._replace(column=layout.title(refusal.column)) if layout else refusal


def map_rows(  # noqa: PLR0913 (the tools of one pass, each by its name)
    selection: Selection,
    confirm: Selector,
    mapper: RowMapper,
    *,
    constant: Row,
    quarantine: Quarantine,
    target: BinaryIO,
) -> None:
    """Write the triples of the selected rows as N-Triples.

    `confirm` looks at each row again; `constant` are the cells that every row of the batch has. A
    row of which no RDF term can be made goes to the quarantine.
    """
    tally = selection.tally
    for line, cells in _spooled(selection.spool):
        outcome = _map(mapper, confirm(cells), constant)
        if isinstance(outcome, Refusal):
            tally.quarantined += 1
            quarantine.add(tally.file, line, outcome)
        elif isinstance(outcome, OutOfScope):
            tally.out_of_scope[outcome.reason] += 1
        else:
            tally.published += 1
            target.write(outcome)


def _map(
    mapper: RowMapper, row: Row | OutOfScope | Refusal, constant: Row
) -> bytes | OutOfScope | Refusal:
    if isinstance(row, Refusal | OutOfScope):
        return row
    try:
        text = mapper((*row, *constant))
    except DataError as error:
        return Refusal("term", error.column, "", error.reason)
    return text.encode() or NO_STATEMENT


def _spooled(spool: Path) -> Iterator[tuple[int, Row]]:
    with spool.open(encoding="utf-8", newline="") as stream:
        for line, *cells in csv.reader(stream):
            yield int(line), tuple(cells)
