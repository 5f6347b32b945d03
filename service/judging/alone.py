"""The page of a report as a file by itself, without a service behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.assets import STATIC
from vises.service.judging.page import fixes_of
from vises.service.pages.values import number
from vises.service.render import environment
from vises.service.texts import texts
from vises.validation.findings import findings

if TYPE_CHECKING:
    from vises.validation.report import Report


def alone(report: Report, language: str) -> str:
    """Return a report as a page of HTML with its style in it."""
    words = texts(language)
    found = [(f.count, f.samples) for f in findings(report.results)]
    return (
        environment()
        .get_template("report_alone.html")
        .render(
            head=report.head(),
            fixes=fixes_of(found, words),
            t=words,
            lang=language,
            number=lambda n: number(str(n), words),
            style=(STATIC / "style.css").read_text("utf-8"),
        )
    )
