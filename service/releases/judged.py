"""What validation said of a release, from the summary that its gate kept or from its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.judging.work import JSON
from vises.service.judging.written import convert
from vises.validation.findings import findings
from vises.validation.reading import results_in
from vises.validation.report import Report, in_chunks, json_pieces
from vises.validation.summary import SUMMARY, summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vises.store.releases import Release, ReleaseStore

MOST_BYTES = 8 << 20
"""How long a report may be that a page reads whole, where no summary of it was kept."""

_CHUNK = 1 << 18


def summary_of(store: ReleaseStore, release: Release) -> str | None:
    """Return the summary (`vises.validation.summary`) of the report on a release.

    None where none was kept and the report is too long to read it for a page. Raises `OSError`
    and `SyntaxError`.
    """
    kept = store.judgement(release.id) / SUMMARY
    if kept.is_file():
        return kept.read_text("utf-8")
    report = store.report(release.id)
    if report.stat().st_size > MOST_BYTES:
        return None
    told = Report(tuple(results_in(report)))
    return summary(_head(told, release), findings(told.results))


def report_pieces(
    store: ReleaseStore, release: Release, media_type: str, place: Path
) -> Iterator[bytes]:
    """Yield the report on a release in a form, in bounded memory; `place` is a folder to work in.

    Raises `OSError` and `SyntaxError`.
    """
    report = store.report(release.id)
    if media_type == JSON:
        yield from in_chunks(json_pieces(_head(Report(), release), results_in(report)))
        return
    target = report
    if media_type != "text/turtle":
        target = place / "report"
        with report.open("rb") as source, target.open("wb") as other:
            convert(source, media_type, other)
    with target.open("rb") as file:
        yield from iter(lambda: file.read(_CHUNK), b"")


def _head(report: Report, release: Release) -> dict[str, object]:
    """Return the head of the report on a release, which counts what the release has."""
    clean = not release.violations and not release.warnings
    counts = {"violations": release.violations, "warnings": release.warnings}
    return report.head() | counts | {"conforms": report.conforms and clean, "accepted": True}
