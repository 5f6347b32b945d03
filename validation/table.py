"""The report on the terminal: what to fix, how often, and where to look."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from vises.namespaces import compact
from vises.validation.findings import findings

if TYPE_CHECKING:
    from vises.validation.report import Report, Result

SAMPLES = 3
LONGEST = 80
_MOST = 10_000
_IRI = re.compile(r"<([^<>]*)>")
STYLES = {"Violation": "bold red", "Warning": "yellow", "Info": "cyan"}


@dataclass(frozen=True)
class _Words:
    """The words of the table in one language."""

    fix: str
    count: str
    samples: str
    nothing: str
    severities: dict[str, str]


WORDS = {
    "en": _Words(
        "What to fix",
        "How many",
        "For example",
        "Nothing to fix.",
        {"Violation": "Violation", "Warning": "Warning", "Info": "Remark"},
    ),
    "fr": _Words(
        "À corriger",
        "Combien",
        "Par exemple",
        "Rien à corriger.",
        {"Violation": "Violation", "Warning": "Avertissement", "Info": "Remarque"},
    ),
    "nl": _Words(
        "Te verbeteren",
        "Hoeveel",
        "Bijvoorbeeld",
        "Niets te verbeteren.",
        {"Violation": "Fout", "Warning": "Waarschuwing", "Info": "Opmerking"},
    ),
}


def report_table(report: Report, language: str = "en") -> Table:
    """Lay out a report for a person, one row for each thing to fix.

    `language` is en, fr or nl; another one gives English. The rows come by severity, then by how
    many results they stand for, each with up to three samples and where the data says them. Text
    from the data is shown without control characters, and shortened.
    """
    words = WORDS.get(language, WORDS["en"])
    table = Table(show_lines=True)
    table.add_column("")
    table.add_column(words.fix, ratio=2, overflow="fold")
    table.add_column(words.count, justify="right")
    table.add_column(words.samples, ratio=3, overflow="fold")
    for finding in findings(report.results, SAMPLES):
        first = finding.first
        severity = words.severities.get(first.severity, first.severity)
        table.add_row(
            Text(severity, style=STYLES.get(first.severity, "")),
            Text(_shown(first.message(language), 4 * LONGEST)).append(
                f"\n{_short(f'<{first.shape}>')}", style="dim"
            ),
            str(finding.count),
            Text("\n").join(_sample(result) for result in finding.samples),
        )
    if not report.results:
        table.add_row("", words.nothing, "0", "")
    return table


def _sample(result: Result) -> Text:
    text = Text(_shown(_short(result.focus), LONGEST))
    if result.path is not None:
        text.append(f" {_shown(_short(result.path), LONGEST)}", style="dim")
    if result.value is not None and result.value != result.focus:
        text.append(f" {_shown(_short(result.value), LONGEST)}")
    if result.place is not None:
        text.append(f" ({_shown(str(result.place), LONGEST)})", style="dim")
    return text


def _short(text: str) -> str:
    """Write the IRIs of a term or a path with the prefixes of the project, or without brackets."""
    return _IRI.sub(lambda match: compact(match[1]), text[:_MOST])


def _shown(text: str, longest: int) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text[: longest + 1])
    return clean if len(clean) <= longest else f"{clean[: longest - 1]}…"
