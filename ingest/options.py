"""What whoever starts an ingest decides."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vises.errors import BadRequest, sentence
from vises.ingest.parallel.pieces import PIECE_BYTES
from vises.ingest.provenance import PROVENANCE
from vises.ingest.quarantine import Threshold
from vises.ingest.vocabulary import DESCRIPTIONS

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from vises.ingest.corrections import Corrections

DATASET = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_DATASET = 100
"""How many characters the name of a dataset may have; it is that of folders and files, too."""

OWN_GRAPHS = {*DESCRIPTIONS, PROVENANCE, "replica"}
"""The graphs that the system writes itself; `replica` in a remote engine."""


@dataclass(frozen=True)
class IngestOptions:
    """The choices of one ingest.

    `dataset` names the graph that is replaced (`graph/{dataset}`); `as_of` is the day that the data
    describes (None: what the files say, or else the day on which the first was last changed);
    `fictitious` marks everything as invented; `max_refused` is how many rows may be refused;
    `data_folder` is where the quarantine and the work in progress go; `corrections` take the place
    of cells in the files. `processes` is how many map rows (None: as many as the machine has cores,
    for large files), in pieces of about `piece_bytes` of a file; where `scheduler` is the address
    of a Dask scheduler, its workers do it instead. Raises `BadRequest` for a dataset name that
    cannot be part of an IRI and of a path, or is the package's own.
    """

    dataset: str
    base_iri: str
    author: str
    data_folder: Path
    as_of: date | None = None
    fictitious: bool = False
    max_refused: Threshold = field(default_factory=Threshold)
    corrections: Corrections | None = None
    processes: int | None = None
    scheduler: str | None = None
    piece_bytes: int = PIECE_BYTES

    def __post_init__(self) -> None:
        """Refuse names of datasets that cannot be."""
        if (
            not DATASET.fullmatch(self.dataset)
            or len(self.dataset) > LONGEST_DATASET
            or self.dataset in OWN_GRAPHS
        ):
            raise BadRequest(
                sentence(
                    "no-dataset-name",
                    "{name!r} cannot be the name of a dataset.",
                    name=self.dataset[: LONGEST_DATASET + 1],
                ),
                place="parameter dataset",
                remedy=sentence(
                    "dataset-names",
                    "Use small letters, digits and hyphens, such as sirene-2026, at most {most},"
                    " and none of {taken}.",
                    most=LONGEST_DATASET,
                    taken=", ".join(sorted(OWN_GRAPHS)),
                ),
            )
