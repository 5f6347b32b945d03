"""`vises ingest --dry-run`: what an ingest would come to, told without publishing anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from vises import console
from vises.cli.common import gate
from vises.cli.output import write_report
from vises.ingest.rehearsal import rehearse
from vises.store.releases import ReleaseStore
from vises.validation.report import Report
from vises.validation.table import report_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vises.ingest.options import IngestOptions
    from vises.ingest.rehearsal import Rehearsal
    from vises.ingest.source import Source
    from vises.store.transaction import Verdict

REFUSED = 1
"""The exit code of data that would be refused."""


def dry_run(
    source: Source,
    files: Sequence[Path],
    options: IngestOptions,
    report_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Rehearse an ingest and tell its counts, first triples and validation report.

    The last one is written to `report_file` too, if that is given. Ends with 1 where the shapes
    would refuse the ingest. Raises what `rehearse` does.
    """
    with console.Steps() as steps:
        found = rehearse(source, files, ReleaseStore(options.data_folder), gate(), options, steps)
    if report_file and isinstance(found.verdict, Report):
        write_report(report_file, found.verdict)
    if as_json:
        told = {
            **found.report.to_json(),
            "dry_run": True,
            "accepted": found.verdict.accepted if found.verdict else None,
            "preview": found.preview.decode(),
        }
        console.say(json.dumps(told, indent=1, ensure_ascii=False))
    elif found.verdict is None:
        console.say(
            f"Nothing would change: release {found.report.release} already holds "
            f"{found.report.dataset} made from these files."
        )
    else:
        _show(found, found.verdict)
    if found.verdict and not found.verdict.accepted:
        raise typer.Exit(REFUSED)


def _show(found: Rehearsal, verdict: Verdict) -> None:
    report, out = found.report, console.output()
    header, *rows = report.table()
    console.table(header, rows)
    out.print(found.preview.decode(), markup=False, highlight=False, soft_wrap=True)
    if isinstance(verdict, Report) and verdict.results:
        out.print(report_table(verdict))
    would = "would be published" if verdict.accepted else "would be refused by the shapes"
    console.say(
        f"Dry run: {report.dataset} with {report.triples:,} triples {would} "
        f"({report.violations:,} violations, {report.warnings:,} warnings); nothing was published."
    )
    if report.quarantine:
        console.say(f"Refused rows: vises quarantine show {report.dataset}")
