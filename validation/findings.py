"""What to fix: results that have the same cause, counted, each with a few of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vises.validation.report import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vises.validation.report import Result

SAMPLES = 5


@dataclass
class Finding:
    """The results of one constraint of one shape on one path: the first of them, and how many."""

    samples: list[Result] = field(default_factory=list)
    count: int = 0

    @property
    def first(self) -> Result:
        """The first result, which speaks for the others."""
        return self.samples[0]

    @property
    def others(self) -> int:
        """How many results are not among the samples."""
        return self.count - len(self.samples)


def findings(results: Iterable[Result], samples: int = SAMPLES) -> list[Finding]:
    """Return what to fix: by severity, then by how many results it stands for.

    Memory is that of the samples, however many results there are.
    """
    found: dict[tuple[str, str, str, str | None], Finding] = {}
    for result in results:
        key = result.severity, result.shape, result.component, result.path
        finding = found.get(key)
        if finding is None:
            finding = found[key] = Finding()
        finding.count += 1
        if len(finding.samples) < samples:
            finding.samples.append(result)
    return sorted(found.values(), key=_rank)


def _rank(finding: Finding) -> tuple[int, int]:
    severity = finding.first.severity
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1, -finding.count
