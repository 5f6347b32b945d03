"""Refused rows again: a corrected export of the quarantine, put over the files of its batch.

The whole batch is judged again with the corrected cells, by the same rules, because a row may
depend on others: an establishment on its enterprise, a double on the row before. What is published
changes only by what the corrections change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vises.errors import BadRequest, Refused
from vises.ingest.batches import State, batches
from vises.ingest.corrections import Corrections
from vises.ingest.exporting import BATCH, FILE, LINE, OURS, entries, unsafe_cell
from vises.ingest.finding import find
from vises.ingest.ledger import Ledger, UnknownBatch
from vises.ingest.options import IngestOptions
from vises.ingest.pipeline import ingest
from vises.ingest.quarantine import Threshold
from vises.ingest.rules import Refusal
from vises.ingest.sources import SOURCES
from vises.ingest.tables import header, rows
from vises.ingest.tables.objects import as_cell, json_lines
from vises.ingest.tables.table import BadTable
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vises.ingest.ledger import Given
    from vises.ingest.report import IngestReport
    from vises.progress import Progress
    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Gate

_LINE_END = re.compile(r"\r\n?")
_NUMBER = re.compile(r"0+([0-9]+)")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MOST_LINE_DIGITS = 12


class NothingCorrected(BadRequest):
    """An export says what the quarantine says."""

    kind = "nothing-corrected"
    title = "No row was corrected"


class Overtaken(Refused):
    """The dataset holds something newer than the batch whose rows were corrected."""

    kind = "batch-overtaken"
    title = "The dataset holds a newer batch"
    status = 409


class BatchWithdrawn(Refused):
    """The batch whose rows were corrected was withdrawn: its corrections are not to come back."""

    kind = "batch-withdrawn"
    title = "The batch was withdrawn"
    status = 409


@dataclass(frozen=True)
class Export:
    """What a corrected export says: its batch, and the cells of each row by file and line."""

    dataset: str
    batch: str
    rows: Mapping[tuple[str, int], Mapping[str, str]]


def retry(  # noqa: PLR0913 (what an ingest needs)
    export: Path,
    files: Sequence[Path],
    *,
    releases: ReleaseStore,
    gate: Gate,
    data_folder: Path,
    base_iri: str,
    author: str,
    max_refused: Threshold | None,
    progress: Progress,
) -> IngestReport:
    """Ingest the batch of an export again, with the cells that were corrected in it.

    `files` are those of the batch, as they were; none: where they lay then. `max_refused` is None
    for that of the batch. What stands in an export as it was written counts as not corrected, and
    its row stays refused. Raises `BadTable` for a file that is no export, `UnknownBatch`,
    `NothingCorrected`, `SourceChanged`, `NotCorrectable`, `Overtaken`, `BatchWithdrawn`, and what
    `ingest` raises.
    """
    read = read_export(export)
    ledger = Ledger(data_folder)
    given = ledger.read(read.dataset, read.batch)
    changed = corrected(read, ledger)
    if not changed:
        raise NothingCorrected(
            "Every row of the export is as it was written.",
            place=str(export),
            remedy="Correct cells of the columns of the file, save, and try again.",
        )
    now = _corrected_by_now(releases, ledger, given, base_iri)
    cells = {file: dict(lines) for file, lines in now.corrections.items()}
    for (file, line), row in changed.items():
        lines = cells.setdefault(file, {})
        lines[line] = {**lines.get(line, {}), **row}
    options = IngestOptions(
        dataset=given.dataset,
        base_iri=base_iri,
        author=author,
        data_folder=data_folder,
        as_of=date.fromisoformat(given.as_of) if given.as_of else None,
        fictitious=given.fictitious,
        max_refused=max_refused or Threshold(given.rows, given.share),
        corrections=Corrections(given.batch, cells, given.digests),
    )
    paths = files or [Path(path) for path in given.paths]
    return ingest(SOURCES[given.source], paths, releases, gate, options, progress)


def corrected(export: Export, ledger: Ledger) -> dict[tuple[str, int], dict[str, str]]:
    """Return the cells that differ from what was exported, by file and line, then column.

    A row that was not exported of this batch raises `BadTable`.
    """
    kept = ledger.quarantine(export.dataset, export.batch)
    exported = {(e["file"], e["line"]): e["row"] or {} for e in (entries(kept) if kept else ())}
    changed = {}
    for place, row in export.rows.items():
        if place not in exported:
            raise BadTable(
                f"Line {place[1]} of {place[0][:200]} was not refused in this batch.",
                place=f"{export.dataset}/{export.batch}",
                remedy="Correct rows of the export; do not add any.",
            )
        before = exported[place]
        names = {name.lower(): name for name in before}
        now = {names.get(name.lower(), name): cell for name, cell in row.items()}
        cells = {name: cell for name, cell in now.items() if not _same(before.get(name, ""), cell)}
        if cells:
            changed[place] = cells
    return changed


def read_export(path: Path) -> Export:
    """Read an export in any of its formats. Raises `BadTable`, `UnknownBatch`, `InputMissing`."""
    found: dict[tuple[str, str, int], dict[str, str]] = {}
    for place, row in _json_rows(path) if path.suffix == ".jsonl" else _table_rows(path):
        if found.setdefault(place, row) != row:
            raise _no_export(path, f"Line {place[2]} of {place[1][:200]} is in it with two values.")
    batches = {name for name, _, _ in found}
    if len(batches) != 1:
        raise _no_export(path, "It names no batch, or more than one.")
    dataset, slash, batch = batches.pop().partition("/")
    if not slash:
        raise UnknownBatch(
            "It names no batch.", place=str(path), remedy="Leave the column _batch as it is."
        )
    return Export(dataset, batch, {(file, line): row for (_, file, line), row in found.items()})


_Placed = tuple[tuple[str, str, int], dict[str, str]]


def _table_rows(path: Path) -> Iterator[_Placed]:
    (file,) = find([path])[:1]
    written = header(file)
    names = [unsafe_cell(name) for name in written]
    if missing := [name for name in (BATCH, FILE, LINE) if name not in names]:
        raise _no_export(path, f"It has no column {missing[0]}.")
    for number, cells in rows(file, written, SILENCE):
        if isinstance(cells, Refusal):
            raise _no_export(path, f"Its line {number} has not the cells of the first line.")
        row = {name: unsafe_cell(cell) for name, cell in zip(names, cells, strict=True)}
        yield _placed(path, row[BATCH], row[FILE], row[LINE], row)


def _json_rows(path: Path) -> Iterator[_Placed]:
    (file,) = find([path])[:1]
    for number, entry in json_lines(file):
        if isinstance(entry, Refusal):
            raise _no_export(path, f"Its line {number} is not one of an export.")
        try:
            row = {name: as_cell(value) for name, value in (entry["row"] or {}).items()}
            batch, name, line = (as_cell(entry[each]) for each in ("batch", "file", "line"))
        except (KeyError, TypeError, AttributeError):
            raise _no_export(path, f"Its line {number} is not one of an export.") from None
        yield _placed(path, batch, name, line, row)


def _placed(path: Path, batch: str, file: str, line: str, row: Mapping[str, str]) -> _Placed:
    if not (line.isascii() and line.isdecimal() and len(line) <= _MOST_LINE_DIGITS):
        raise _no_export(path, f"{line[:40]!r} is not the number of a line.")
    return (batch, file, int(line)), {n: cell for n, cell in row.items() if n not in OURS}


def _no_export(path: Path, what: str) -> BadTable:
    return BadTable(
        what,
        place=str(path),
        remedy="Give the file that `vises quarantine export` wrote, with corrected cells only.",
    )


def _same(exported: str, now: str) -> bool:
    """Tell whether a cell is what was exported, or what a spreadsheet makes of that by itself.

    That is numbers without the zeros before them, days as they are written in the country, and
    other ends of lines. Spaces are no such thing: they may be what was wrong.

    >>> _same("0123", "123"), _same("2026-01-31", "31/01/2026"), _same(" a", "a")
    (True, True, False)
    """
    before, after = (_LINE_END.sub("\n", cell) for cell in (exported, now))
    if before == after or ((found := _NUMBER.fullmatch(before)) and found[1] == after):
        return True
    day = _DAY.fullmatch(before)
    return day is not None and after in {f"{day[3]}{s}{day[2]}{s}{day[1]}" for s in "/-."}


def _corrected_by_now(releases: ReleaseStore, ledger: Ledger, given: Given, base_iri: str) -> Given:
    """Return what the dataset was made of, which is the given batch or one that corrects it.

    The given one where an earlier batch is published, or none. Raises `BatchWithdrawn`, and
    `Overtaken` where the dataset was made from a later batch that has nothing to do with it.
    """
    told = {t.batch: t for t in batches(releases, ledger, base_iri) if t.dataset == given.dataset}
    if given.batch in told and told[given.batch].state is State.withdrawn:
        raise BatchWithdrawn(
            "What it corrected would be published again.",
            place=f"{given.dataset}/{given.batch}",
            remedy=f"Correct what the present one refused: `vises quarantine export"
            f" {given.dataset}`.",
        )
    current = next((t for t in told.values() if t.state is State.current), None)
    line = current
    while line and line.batch != given.batch:
        line = told.get(line.corrects) if line.corrects else None
    if current and line:
        return ledger.read(current.dataset, current.batch)
    if current and current.started >= datetime.fromisoformat(given.started):
        raise Overtaken(
            f"{given.dataset} was made anew since, by the batch {current.batch}.",
            place=f"{given.dataset}/{given.batch}",
            remedy=f"Correct what that one refused: `vises quarantine export {given.dataset}`.",
        )
    return given
