"""The command that publishes files: ingest."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vises import console
from vises.cli.common import gate, who
from vises.cli.dry_run import dry_run as run_dry
from vises.cli.output import demand_folder, demand_form, write_report
from vises.errors import BadRequest
from vises.ingest.options import IngestOptions
from vises.ingest.parts import write_parts
from vises.ingest.pipeline import ingest as run_ingest
from vises.ingest.quarantine import parse_threshold
from vises.ingest.report import IngestReport
from vises.ingest.source import Source
from vises.ingest.sources import SOURCES
from vises.settings import Settings
from vises.store.releases import ReleaseStore
from vises.store.transaction import ChangeRefused
from vises.validation.reading import results_in
from vises.validation.report import Report


class Engine(StrEnum):
    """Who maps the rows of an ingest."""

    processes = "processes"
    dask = "dask"


Author = Annotated[
    str, typer.Option(help="Who publishes, as the release records it.", show_default="your login")
]


def ingest(
    source: Annotated[str, typer.Argument(help=f"One of: {', '.join(SOURCES)}.")],
    files: Annotated[list[Path], typer.Argument(help="Files, zips, or a folder.")],
    *,
    dataset: Annotated[
        str | None, typer.Option(help="Its graph is graph/DATASET.", show_default="the source")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day the extract describes.",
            show_default="what the files say",
        ),
    ] = None,
    max_refused: Annotated[
        str, typer.Option(help="Publish nothing if more rows are refused: a count or a share.")
    ] = "5%",
    fictitious: Annotated[bool, typer.Option(help="Mark everything as made up.")] = False,
    author: Author = "",
    processes: Annotated[
        int | None,
        typer.Option(
            min=1, help="How many processes map rows.", show_default="one per core, if useful"
        ),
    ] = None,
    engine: Annotated[
        Engine, typer.Option(help="Who maps rows: processes here, or a Dask cluster.")
    ] = Engine.processes,
    scheduler: Annotated[
        str | None, typer.Option(help="The Dask scheduler, such as tcp://10.0.0.1:8786.")
    ] = None,
    parts_only: Annotated[
        Path | None,
        typer.Option(help="Write N-Quads for another engine's loader here; publish nothing."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option(help="Show the first triples and what the shapes say; publish nothing.")
    ] = False,
    report_file: Annotated[
        Path | None,
        typer.Option("--report", help="What the shapes found: .html, .json, .ttl or .jsonld."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the report as JSON.")] = False,
) -> None:
    """Publish the rows of a register extract or a table as one dataset.

    Rows that break a rule of the contract are refused into the quarantine, with the file, line,
    column and reason; the others are mapped, judged by the shapes and published in one step, or
    not at all. The same files again change nothing; newer files replace what the dataset held.
    Tables may be Excel, or CSV (with commas, semicolons or tabs), Parquet or JSON Lines, these in
    a zip or with gzip too; shapes are GeoJSON or TopoJSON. A statistical table comes with a YAML
    description, which `vises template table` writes; tables with a mapping of your own come with
    one that says what their rows must keep. What a killed ingest had done is not done again.

    What the shapes find says the file, line and column of the rows that it comes from. `--report`
    writes that into a file, whether the data was refused or published; where nothing had to be
    done, there is none.

    **Examples**

        vises ingest sirene StockUniteLegale_utf8.zip StockEtablissement_utf8.zip
        vises ingest kbo KboOpenData_0147_2025_10_Full.zip KboOpenData_0148_2025_10_Update.zip
        vises ingest figures figures.csv --dataset figures-2026 --author "Observatoire ES"
        vises ingest table emplois.yml emplois.xlsx --dataset emplois
        vises ingest eurostat estat_nama_10r_2gdp.csv.gz --dataset nama-10r-2gdp
        vises ingest impact impact.xlsx --dry-run
        vises ingest ess-france entreprisesess.csv --as-of 2023-11-20
        vises ingest identity links.csv
        vises ingest mapped example.yml members.csv federations.csv --dataset memberships
        vises ingest impact impact.xlsx --max-refused 0 --report findings.html
        vises ingest sirene StockUniteLegale_utf8.parquet
        vises ingest geometry NUTS_RG_20M_2021_4326.geojson
        vises ingest sirene StockUniteLegale_utf8.csv --engine dask --scheduler tcp://10.0.0.1:8786
        vises ingest sirene StockUniteLegale_utf8.csv --parts-only /data/parts
    """
    settings = Settings.from_env(os.environ)
    if source not in SOURCES:
        raise BadRequest(
            f"There is no source {source!r}.",
            remedy=f"The sources are: {', '.join(sorted(SOURCES))}.",
        )
    if report_file:
        demand_form(report_file)
    options = IngestOptions(
        dataset=dataset or source,
        base_iri=settings.base_iri,
        author=who(author),
        as_of=as_of.date() if as_of else None,
        fictitious=fictitious,
        max_refused=parse_threshold(max_refused),
        data_folder=settings.data,
        processes=processes,
        scheduler=_scheduler(engine, scheduler, processes),
    )
    if parts_only and dry_run:
        raise BadRequest(
            "--parts-only and --dry-run publish nothing, each in its own way.",
            remedy="Give one of them.",
        )
    if dry_run:
        run_dry(SOURCES[source], files, options, report_file, as_json=as_json)
    elif parts_only:
        _write_parts(SOURCES[source], files, parts_only, options, as_json=as_json)
    else:
        _publish(SOURCES[source], files, options, report_file, as_json=as_json)


def _publish(
    source: Source,
    files: Sequence[Path],
    options: IngestOptions,
    report_file: Path | None,
    *,
    as_json: bool,
) -> None:
    releases = ReleaseStore(options.data_folder)
    try:
        with console.Steps() as steps:
            report = run_ingest(source, files, releases, gate(), options, steps)
    except ChangeRefused as refusal:
        if report_file and isinstance(refusal.verdict, Report):
            write_report(report_file, refusal.verdict)
        raise
    if report_file and report.release and not report.unchanged:
        write_report(report_file, Report(tuple(results_in(releases.report(report.release)))))
    if as_json:
        console.say(json.dumps(report.to_json(), indent=1))
    else:
        show_ingest(report)


def _write_parts(
    source: Source, files: Sequence[Path], folder: Path, options: IngestOptions, *, as_json: bool
) -> None:
    demand_folder(folder)
    with console.Steps() as steps:
        manifest = write_parts(source, files, folder, options, steps)
    if as_json:
        console.say(json.dumps(manifest, indent=1))
        return
    console.say(
        f"{manifest['quads']:,} quads of {manifest['dataset']} are in {folder}"
        f" (parts: {len(manifest['parts'])}); nothing was published."
    )
    if manifest["quarantine"]:
        console.say(f"Refused rows: vises quarantine show {manifest['dataset']}")


def _scheduler(engine: Engine, address: str | None, processes: int | None) -> str | None:
    """Return the address of the scheduler, which the engine `dask` alone has and needs."""
    if (engine is Engine.dask) != (address is not None) or (address and processes):
        raise BadRequest(
            "--engine dask and --scheduler belong together, and go without --processes.",
            remedy="Write --engine dask --scheduler ADDRESS, or neither.",
        )
    return address


def show_ingest(report: IngestReport) -> None:
    """Write a report for people."""
    if report.unchanged:
        console.say(
            f"Nothing to do: release {report.release} already holds {report.dataset} made from "
            "these files."
        )
        return
    header, *rows = report.table()
    console.table(header, rows)
    console.say(
        f"Release {report.release}: {report.dataset} has {report.triples:,} triples "
        f"({report.warnings:,} warnings of the shapes), in {report.seconds:.1f} s."
    )
    if report.quarantine:
        console.say(f"Refused rows: vises quarantine show {report.dataset}")
