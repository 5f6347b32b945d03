"""What the process that judges a delivery is given, and what it leaves behind."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from vises.validation.findings import findings
from vises.validation.summary import summary

if TYPE_CHECKING:
    from vises.validation.report import Report

TRIPLES, AS_CIDS, TOLD = "triples.nt", "cids.nt", "told.json"
"""Files of the folder: the graph in VISES terms, as it came, and what is said of both."""

TAKEN, REFUSED = "taken", "refused"
"""The folders of the reports in it: what to say where the graph is published, and where not."""


@dataclass(frozen=True)
class InboxWork:
    """A document of a media type, for a graph (IRI), on a day (ISO 8601).

    `shapes` is the folder with the official shapes of CIDS, `folder` where the outcome is written.
    """

    path: str
    media_type: str
    graph: str
    base_iri: str
    day: str
    shapes: str
    folder: str

    def to_json(self) -> bytes:
        """Write it for the process."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> InboxWork:
        """Read what `to_json` wrote."""
        return cls(**json.loads(data))


def summary_of(report: Report) -> str:
    """Return what a page shows of the report on a delivery (`vises.validation.summary`)."""
    about = {"documents": ["body"], "shapes": [], "profile": "core"}
    return summary(report.head(), findings(report.results), "", about)
