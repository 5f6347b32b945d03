"""What whoever starts an ingest decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from vises.ingest.quarantine import Threshold


@dataclass(frozen=True)
class IngestOptions:
    """The choices of one ingest.

    `dataset` names the graph that is replaced (`graph/{dataset}`); `as_of` is the day that the data
    describes (None: what the files say, or else the day on which the first was last changed);
    `fictitious` marks everything as invented; `max_refused` is how many rows may be refused;
    `data_folder` is where the quarantine and the work in progress go.
    """

    dataset: str
    base_iri: str
    author: str
    data_folder: Path
    as_of: date | None = None
    fictitious: bool = False
    max_refused: Threshold = Threshold()
