"""The commands that judge: validate, cids, check."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vises import console
from vises.cli.common import Language, named, read_file
from vises.cli.output import writable
from vises.errors import BadRequest
from vises.ingest.cids.exchange import from_cids
from vises.service.judging.alone import alone
from vises.service.judging.written import in_form
from vises.settings import Settings
from vises.store.releases import ReleaseStore
from vises.validation.files import read_shapes, validate_alone, validate_files
from vises.validation.quality import check_package, check_release, failed
from vises.validation.report import Report
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes, profiles
from vises.validation.syntax import n_triples
from vises.validation.table import report_table
from vises.validation.validator import Validator


class ReportFormat(StrEnum):
    """How a validation report is written."""

    table = "table"
    turtle = "turtle"
    json = "json"
    jsonld = "jsonld"
    html = "html"


class EngineName(StrEnum):
    """The SHACL engines."""

    shacl = "shacl"
    pyshacl = "pyshacl"


def validate(
    files: Annotated[list[Path], typer.Argument(help="RDF: .ttl .nt .nq .trig .rdf .jsonld")],
    *,
    language: Annotated[Language, typer.Option(help="Of the messages.")] = Language.en,
    report_format: Annotated[ReportFormat, typer.Option("--format")] = ReportFormat.table,
    engine: Annotated[EngineName, typer.Option(help="The SHACL engine.")] = EngineName.shacl,
    profile: Annotated[
        str | None,
        typer.Option(help=f"{', '.join(profiles())}.", show_default="what all data must meet"),
    ] = None,
    shapes: Annotated[
        list[Path] | None, typer.Option(help="Shapes of your own, in place of those of VISES.")
    ] = None,
) -> None:
    """Judge RDF files by the shapes, as a transaction would, without publishing anything.

    Ends with 0 if the data would be published (warnings included) and with 1 if it would be
    refused. A profile is stricter: `exchange` for data between partners, `publication` for what
    goes out, `catalogue` for what portals harvest, `statistics` for figures to compare,
    `personal-data` for what partners wrote by hand. With `--shapes`, your shapes take the place
    of those of VISES, and judge the files alone.

    **Examples**

        vises validate enterprises.ttl
        vises validate enterprises.ttl --profile exchange
        vises validate *.jsonld --language fr
        vises validate data.nt --format turtle > report.ttl
        vises validate data.nt --shapes mine.ttl --format html > report.html
    """
    base_iri = Settings.from_env(os.environ).base_iri
    make = _made_by(engine)
    if shapes and profile:
        raise BadRequest(
            "Shapes of your own and a profile are named.",
            place="--profile",
            remedy="Leave one of them out.",
        )
    if shapes:
        own = read_shapes(shapes, base_iri)
        report = validate_alone(files, make(own), base_iri)
    else:
        report = validate_files(files, make(package_shapes(profile)), base_iri)
    _show_report(report, report_format, language)


def _made_by(engine: EngineName) -> Callable[[bytes], Validator]:
    if engine is EngineName.shacl:
        return shacl_validator
    from vises.validation.reference import pyshacl_validator  # noqa: PLC0415 (0.2 s to import)

    return pyshacl_validator


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
    received = from_cids(read_file(file), str(file), settings.base_iri)
    if write is not None:
        with writable(write) as target:
            target.write(n_triples(received.graph))
    _show_report(received.report, report_format, language)


def _show_report(report: Report, report_format: ReportFormat, language: Language) -> None:
    """Write a report, and end with 1 where it refuses the data."""
    out = console.output()
    if report_format is ReportFormat.turtle:
        sys.stdout.buffer.writelines(report.turtle())
    elif report_format is ReportFormat.json:
        sys.stdout.writelines(report.json())
        sys.stdout.write("\n")
    elif report_format is ReportFormat.jsonld:
        sys.stdout.buffer.writelines(in_form(report.turtle(), "application/ld+json"))
    elif report_format is ReportFormat.html:
        sys.stdout.write(alone(report, language))
    elif out.is_terminal:
        out.print(report_table(report, language))
        console.say(report.summary())
    else:
        console.table(
            ("severity", "focus", "path", "value", "message", "place"), _lines(report, language)
        )
    if not report.accepted:
        raise typer.Exit(1)


def _lines(report: Report, language: str) -> list[tuple[str, ...]]:
    return [
        (r.severity, r.focus, r.path or "", r.value or "", r.message(language), str(r.place or ""))
        for r in report.results
    ]


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
        with store.open(named(store, settings, release).id) as opened:
            findings = check_release(opened)
    console.table(
        ("level", "check", "entity", "property", "value", "exception"),
        [(f.level, f.check, f.entity, f.property, f.value, f.reason or "") for f in findings],
    )
    if failed(findings):
        raise typer.Exit(1)
