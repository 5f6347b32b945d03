"""What a page shows of a report, small however large the report is, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vises.validation.findings import findings
from vises.validation.report import members

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from vises.validation.findings import Finding
    from vises.validation.report import Report, Result

SUMMARY = "summary.json"
"""Its file, beside the report."""

MOST_SHOWN = 1000
"""How many characters of a term or a text it has."""

MOST_FINDINGS = 500
"""How many things to fix; shapes that were sent may have more messages than anybody reads."""


def summary(
    head: Mapping[str, object],
    found: Sequence[Finding],
    labels: str = "",
    about: Mapping[str, object] | None = None,
) -> str:
    """Return the summary: the head of the report, what to fix, names in N-Triples, and more."""
    shown = found[:MOST_FINDINGS]
    told = {
        "head": head,
        "findings": [_told(finding) for finding in shown],
        "more": len(found) - len(shown),
        "labels": labels,
        "about": about or {},
    }
    return json.dumps(told, ensure_ascii=False)


def keep_summary(report: Report, folder: Path) -> None:
    """Write the summary of a report into a folder. Raises `OSError`."""
    text = summary(report.head(), findings(report.results))
    (folder / SUMMARY).write_text(text, encoding="utf-8")


def named(found: Sequence[Finding]) -> set[str]:
    """Return the IRIs that the samples mention, as N-Triples writes them."""
    samples = [sample for finding in found[:MOST_FINDINGS] for sample in finding.samples]
    terms = (term for s in samples for term in (s.focus, s.value or ""))
    return {term for term in terms if term.startswith("<") and len(term) < MOST_SHOWN}


def _told(finding: Finding) -> dict[str, object]:
    return {"count": finding.count, "samples": [_shortened(s) for s in finding.samples]}


def _shortened(result: Result) -> dict[str, object]:
    told = members(result)
    for name in ("focus", "path", "value", "shape"):
        text = told[name]
        if isinstance(text, str) and len(text) > MOST_SHOWN:
            told[name] = f"{text[:MOST_SHOWN]}…"
    told["messages"] = {tag: text[:MOST_SHOWN] for tag, text in result.messages.items()}
    return told
