"""The command `vises`: what an observatory, a researcher and an operator do from a terminal."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vises import console
from vises.demo.build import build
from vises.errors import BadInput, BadRequest, NotFound, VisesError
from vises.ingest.cids.exchange import from_cids
from vises.ingest.options import IngestOptions
from vises.ingest.pipeline import ingest as run_ingest
from vises.ingest.quarantine import parse_threshold
from vises.ingest.report import IngestReport
from vises.ingest.sources import SOURCES
from vises.service.questions import questions
from vises.service.server import serve as run_service
from vises.settings import Settings
from vises.store.comparison import compare
from vises.store.engine import QueryRequest
from vises.store.releases import Release, ReleaseStore
from vises.store.transaction import ChangeRefused
from vises.store.workers import WorkerPool
from vises.validation.files import validate_files
from vises.validation.gate import ShaclGate
from vises.validation.quality import check_package, check_release, failed
from vises.validation.reference import pyshacl_validator
from vises.validation.report import Report
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes
from vises.validation.syntax import n_triples
from vises.validation.table import report_table

EXIT_CODES = (
    "Exit codes: 0 done (or nothing to change), 1 the data was refused, 2 a wrong call, "
    "3 a file that cannot be read, 4 not found, 5 not possible now, 130 interrupted."
)
GRAPH_TYPES = {
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdfxml": "application/rdf+xml",
}
RESULT_TYPES = {
    "table": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
}

app = typer.Typer(
    name="vises",
    help="Publish and ask a knowledge graph of the social impact of the social economy.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)
releases_app = typer.Typer(invoke_without_command=True, rich_markup_mode="markdown")
app.add_typer(releases_app, name="releases")

Author = Annotated[
    str, typer.Option(help="Who publishes, as the release records it.", show_default="your login")
]


class Language(StrEnum):
    """The languages of messages and reports."""

    en = "en"
    fr = "fr"
    nl = "nl"


class ReportFormat(StrEnum):
    """How a validation report is written."""

    table = "table"
    turtle = "turtle"
    json = "json"


class EngineName(StrEnum):
    """The SHACL engines."""

    shacl = "shacl"
    pyshacl = "pyshacl"


class QueryFormat(StrEnum):
    """How the answer to a query is written."""

    table = "table"
    csv = "csv"
    tsv = "tsv"
    json = "json"
    xml = "xml"
    turtle = "turtle"
    ntriples = "ntriples"
    jsonld = "jsonld"
    rdfxml = "rdfxml"


def main() -> None:
    """Run the command; a `VisesError` becomes a message on standard error and its exit code."""
    try:
        app()
    except ChangeRefused as refusal:
        if isinstance(refusal.verdict, Report):
            console.errors().print(report_table(refusal.verdict))
        console.report(refusal)
        sys.exit(refusal.exit_code)
    except VisesError as error:
        console.report(error)
        sys.exit(error.exit_code)


@app.command()
def demo() -> None:
    """Build the demonstration graph in the data folder.

    It holds the VISES method and the official regional figures as their sources tell them, and a
    few thousand fictitious enterprises in the formats of the French and Belgian registers, with
    fictitious results and stories. Building it again changes nothing.

    **Examples**

        vises demo
        VISES_DATA=try vises demo
    """
    settings = Settings.from_env(os.environ)
    releases = ReleaseStore(settings.data)
    with console.Steps() as steps:
        built = build(releases, _gate(), settings.base_iri, settings.data, steps)
    release = releases.current()
    assert release is not None
    count = sum(release.counts.values())
    verb = "built" if built else "already there"
    console.output().print(
        f"Demonstration graph {verb}: release {release.id}, {count:,} statements."
    )


@app.command()
def ingest(
    source: Annotated[str, typer.Argument(help="sirene, kbo, figures or impact.")],
    files: Annotated[list[Path], typer.Argument(help="Files, zips, or for kbo a folder.")],
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
    as_json: Annotated[bool, typer.Option("--json", help="Write the report as JSON.")] = False,
) -> None:
    """Publish the rows of a register extract or a table as one dataset.

    Rows that break a rule of the contract are refused into the quarantine, with the file, line,
    column and reason; the others are mapped, judged by the shapes and published in one step, or
    not at all. The same files again change nothing; newer files replace what the dataset held.

    **Examples**

        vises ingest sirene StockUniteLegale_utf8.zip StockEtablissement_utf8.zip
        vises ingest kbo KboOpenData_0147_2025_10_Full.zip --as-of 2025-10-11
        vises ingest figures figures.csv --dataset figures-2026 --author "Observatoire ES"
        vises ingest impact results.csv accounts.csv --max-refused 0
    """
    settings = Settings.from_env(os.environ)
    if source not in SOURCES:
        raise BadRequest(
            f"There is no source {source!r}.",
            remedy=f"The sources are: {', '.join(sorted(SOURCES))}.",
        )
    options = IngestOptions(
        dataset=dataset or source,
        base_iri=settings.base_iri,
        author=author or getpass.getuser(),
        as_of=as_of.date() if as_of else None,
        fictitious=fictitious,
        max_refused=parse_threshold(max_refused),
        data_folder=settings.data,
    )
    with console.Steps() as steps:
        report = run_ingest(
            SOURCES[source], files, ReleaseStore(settings.data), _gate(), options, steps
        )
    if as_json:
        console.output().print(json.dumps(report.to_json(), indent=1), markup=False)
    else:
        _show_ingest(report)


def _show_ingest(report: IngestReport) -> None:
    out = console.output()
    if report.unchanged:
        out.print(
            f"Nothing to do: release {report.release} already holds {report.dataset} made from "
            "these files.",
            markup=False,
        )
        return
    header, *rows = report.table()
    console.table(header, rows)
    out.print(
        f"Release {report.release}: {report.dataset} has {report.triples:,} triples "
        f"({report.warnings:,} warnings of the shapes), in {report.seconds:.1f} s.",
        markup=False,
    )
    if report.quarantine:
        out.print(f"Refused rows and their reasons: {report.quarantine}", markup=False)


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="RDF: .ttl .nt .nq .trig .rdf .jsonld")],
    *,
    language: Annotated[Language, typer.Option(help="Of the messages.")] = Language.en,
    report_format: Annotated[ReportFormat, typer.Option("--format")] = ReportFormat.table,
    engine: Annotated[EngineName, typer.Option(help="The SHACL engine.")] = EngineName.shacl,
    profile: Annotated[
        str | None,
        typer.Option(help="exchange or publication.", show_default="what all data must meet"),
    ] = None,
) -> None:
    """Judge RDF files by the shapes, as a transaction would, without publishing anything.

    Ends with 0 if the data would be published (warnings included) and with 1 if it would be
    refused. A profile is stricter: `exchange` for data between partners, `publication` for what
    goes out.

    **Examples**

        vises validate enterprises.ttl
        vises validate enterprises.ttl --profile exchange
        vises validate *.jsonld --language fr
        vises validate data.nt --format turtle > report.ttl
    """
    settings = Settings.from_env(os.environ)
    make = shacl_validator if engine is EngineName.shacl else pyshacl_validator
    _show_report(
        validate_files(files, make(package_shapes(profile)), settings.base_iri),
        report_format,
        language,
    )


@app.command()
def cids(
    file: Annotated[Path, typer.Argument(help="JSON-LD of the Common Impact Data Standard.")],
    *,
    write: Annotated[
        Path | None, typer.Option(help="Write what was read, in VISES terms, as N-Triples.")
    ] = None,
    language: Annotated[Language, typer.Option(help="Of the messages.")] = Language.en,
    report_format: Annotated[ReportFormat, typer.Option("--format")] = ReportFormat.table,
) -> None:
    """Read a document of the Common Impact Data Standard (CIDS 3.2) and judge it.

    The report names the defects of the document, what the Basic tier of CIDS asks for, and what
    the shapes of VISES find. Nothing is published, and no context is fetched.

    **Examples**

        vises cids impact.jsonld
        vises cids impact.jsonld --write impact.nt --language fr
    """
    settings = Settings.from_env(os.environ)
    try:
        received = from_cids(file.read_bytes(), str(file), settings.base_iri)
        if write is not None:
            write.write_bytes(n_triples(received.graph))
    except OSError as error:
        raise BadInput(
            f"{error.strerror}.", place=str(error.filename), remedy="Name a file you may use."
        ) from None
    _show_report(received.report, report_format, language)


def _show_report(report: Report, report_format: ReportFormat, language: Language) -> None:
    """Write a report, and end with 1 where it refuses the data."""
    out = console.output()
    if report_format is ReportFormat.turtle:
        sys.stdout.buffer.write(report.turtle())
    elif report_format is ReportFormat.json:
        sys.stdout.write(report.to_json() + "\n")
    elif out.is_terminal:
        out.print(report_table(report, language))
        out.print(report.summary(), markup=False)
    else:
        console.table(("severity", "focus", "path", "value", "message"), _lines(report, language))
    if not report.accepted:
        raise typer.Exit(1)


def _lines(report: Report, language: str) -> list[tuple[str, ...]]:
    return [
        (r.severity, r.focus, r.path or "", r.value or "", r.message(language))
        for r in report.results
    ]


@app.command()
def check(
    release: Annotated[
        str | None,
        typer.Option(help="A release, or current.", show_default="the package's vocabulary"),
    ] = None,
) -> None:
    """Run the quality checks: published checklists of ontologies, code lists and data cubes.

    Without an option they judge the ontology, code lists, alignments and shapes of the package;
    with `--release` a release of the data folder, data included. Ends with 1 if there is an error
    that is no known exception.

    **Examples**

        vises check
        vises check --release current
    """
    if release is None:
        findings = check_package()
    else:
        settings = Settings.from_env(os.environ)
        store = ReleaseStore(settings.data)
        chosen = _current(store, settings).id if release == "current" else release
        findings = check_release(store.open(chosen))
    console.table(
        ("level", "check", "entity", "property", "value", "exception"),
        [(f.level, f.check, f.entity, f.property, f.value, f.reason or "") for f in findings],
    )
    if failed(findings):
        raise typer.Exit(1)


@app.command()
def query(
    text: Annotated[str | None, typer.Argument(help="SPARQL, or - for standard input.")] = None,
    *,
    file: Annotated[Path | None, typer.Option(help="A file that holds the query.")] = None,
    question: Annotated[str | None, typer.Option(help="A competency question, such as E1.")] = None,
    release: Annotated[
        str | None, typer.Option(help="The release to ask.", show_default="the current one")
    ] = None,
    compared_with: Annotated[
        str | None, typer.Option(help="An earlier release: show what was removed and added.")
    ] = None,
    answer_format: Annotated[QueryFormat | None, typer.Option("--format")] = None,
) -> None:
    """Ask the data folder a SPARQL 1.1 query, without a server.

    SELECT and ASK answer as table, csv, tsv, json or xml; CONSTRUCT and DESCRIBE as turtle,
    ntriples, jsonld or rdfxml. The default graph is the union of all datasets.

    **Examples**

        vises query --question M1
        vises query "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        vises query --file mine.rq --format csv --release 000003 > answer.csv
        vises query --question E7 --release 000009 --compared-with 000008
    """
    settings = Settings.from_env(os.environ)
    sparql = _query_text(text, file, question)
    store = ReleaseStore(settings.data)
    asked = store.get(release) if release else _current(store, settings)
    shown = answer_format or (QueryFormat.table if sys.stdout.isatty() else QueryFormat.tsv)
    request = QueryRequest(
        query=sparql,
        results_type=RESULT_TYPES.get(shown),
        graph_type=GRAPH_TYPES.get(answer_format or QueryFormat.turtle),
    )
    pool = WorkerPool(
        store, size=1, query_seconds=settings.query_seconds, mebibytes=settings.worker_mebibytes
    )
    if compared_with is None:
        asyncio.run(_write_answer(pool, request, asked, as_table=shown is QueryFormat.table))
    else:
        before = store.get(compared_with).id
        asyncio.run(_write_comparison(pool, sparql, before, asked.id))


async def _write_answer(
    pool: WorkerPool, request: QueryRequest, release: Release, *, as_table: bool
) -> None:
    await pool.start()
    try:
        answer = await pool.answer(request, release.id)
        if as_table and answer.media_type == RESULT_TYPES["table"]:
            console.solutions(b"".join([chunk async for chunk in answer.chunks]))
            return
        async for chunk in answer.chunks:
            sys.stdout.buffer.write(chunk)
    finally:
        await pool.close()


async def _write_comparison(pool: WorkerPool, sparql: str, before: str, after: str) -> None:
    await pool.start()
    try:
        head, *lines = await compare(pool, sparql, before, after)
    finally:
        await pool.close()
    console.table(head.split("\t"), [line.split("\t") for line in lines])


def _query_text(text: str | None, file: Path | None, question: str | None) -> str:
    given = [g for g in (text, file, question) if g is not None]
    if len(given) != 1:
        raise BadRequest(
            f"{len(given)} queries are given.",
            remedy="Give one: the text, --file FILE, --question ID, or - for standard input.",
        )
    if question is not None:
        found = questions().get(question.upper())
        if found is None:
            raise NotFound(
                f"There is no question {question!r}.",
                remedy=f"The questions are: {', '.join(sorted(questions()))}.",
            )
        return found.sparql
    if text is not None and text != "-":
        return text
    try:
        return file.read_text("utf-8") if file else sys.stdin.read()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"The query cannot be read: {error}.",
            place=str(file or "standard input"),
            remedy="Name a UTF-8 text file.",
        ) from None


@releases_app.callback()
def releases(context: typer.Context) -> None:
    """Show what was published, when and by whom.

    **Examples**

        vises releases
        vises releases show 000003
    """
    if context.invoked_subcommand is None:
        list_releases()


@releases_app.command("list")
def list_releases() -> None:
    """List the releases, the newest first; the published one is marked."""
    store = ReleaseStore(Settings.from_env(os.environ).data)
    current = store.current()
    console.table(
        ("id", "", "created (UTC)", "statements", "added", "removed", "by whom, why"),
        [
            (
                r.id,
                "→" if current and r.id == current.id else "",
                f"{r.created:%Y-%m-%d %H:%M:%S}",
                *(f"{n:,}" for n in (sum(r.counts.values()), r.added, r.removed)),
                f"{r.author}: {r.message}",
            )
            for r in store.list()
        ],
    )


@releases_app.command("show")
def show_release(release_id: Annotated[str, typer.Argument(help="Such as 000003.")]) -> None:
    """Show one release: its record, and the statements of each dataset."""
    release = ReleaseStore(Settings.from_env(os.environ).data).get(release_id)
    out = console.output()
    out.print(
        f"release {release.id}, parent {release.parent or 'none'}, "
        f"{release.created:%Y-%m-%d %H:%M:%S} UTC\nby {release.author}: {release.message}\n"
        f"{release.added:,} statements added, {release.removed:,} removed, "
        f"{release.warnings:,} warnings of the shapes",
        markup=False,
    )
    console.table(
        ("dataset", "statements", "digest of the content"),
        [(graph, f"{count:,}", release.digests[graph]) for graph, count in release.counts.items()],
    )


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(show_default="VISES_HOST or 127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(show_default="VISES_PORT or 8000")] = None,
) -> None:
    """Serve the data folder: the SPARQL endpoint, pages and RDF of every resource.

    Ctrl-C ends it. Releases published while it runs are served at once.

    **Examples**

        vises serve
        vises serve --port 8080
        VISES_DATA=/srv/vises VISES_HOST=0.0.0.0 vises serve
    """
    environ = dict(os.environ)
    if host is not None:
        environ["VISES_HOST"] = host
    if port is not None:
        environ["VISES_PORT"] = str(port)
    run_service(Settings.from_env(environ), ready=_addresses)


def _addresses(addresses: Sequence[tuple[str, str]]) -> None:
    out = console.output()
    for what, address in addresses:
        out.print(f"{what:<14} {address}", markup=False)
    out.print("Ctrl-C ends the service.")


def _gate() -> ShaclGate:
    return ShaclGate(shacl_validator(package_shapes()))


def _current(store: ReleaseStore, settings: Settings) -> Release:
    current = store.current()
    if current is None:
        raise NotFound(
            "Nothing is published yet.",
            place=str(settings.data),
            remedy="Run `vises demo` or `vises ingest` first, or set VISES_DATA.",
        )
    return current
