"""What was given to each ingest, kept in the data folder so that it can be done again.

It is `batches/DATASET/BATCH.json`, written before any row is read. What is published of a batch is
not told by it but by graph/provenance of the release.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from vises.errors import NotFound, Unavailable
from vises.store.files import explained, make_durably, write_durably

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vises.ingest.corrections import Cells

FOLDER = "batches"
QUARANTINE = "quarantine"

_KINDS = {
    **dict.fromkeys(("dataset", "batch", "source", "author", "started"), str),
    **dict.fromkeys(("as_of", "corrects"), str | None),
    "fictitious": bool,
    "rows": int | None,
    "share": int | float,
    "paths": list,
}
"""The types of what a record says, but of its mappings."""


class LedgerDamaged(Unavailable):
    """What a batch was made of cannot be read."""

    kind = "ledger-damaged"
    title = "The record of a batch cannot be read"


class UnknownBatch(NotFound):
    """There is no such batch."""

    kind = "unknown-batch"
    title = "There is no such batch"


@dataclass(frozen=True)
class Given:
    """What one batch was made of.

    `paths` are the files as they were named, `digests` the SHA-256 of each file that was read by
    its name; `started` is a moment in ISO 8601. `rows` and `share` are the threshold for refused
    rows. `corrects` is the batch whose refused rows were corrected, `corrections` their cells.
    """

    dataset: str
    batch: str
    source: str
    author: str
    started: str
    as_of: str | None
    fictitious: bool
    rows: int | None
    share: float
    paths: tuple[str, ...]
    digests: Mapping[str, str]
    corrects: str | None
    corrections: Cells


class Ledger:
    """The batches that a data folder was given."""

    def __init__(self, data: Path) -> None:
        """Take the data folder; nothing is opened yet."""
        self._data = data

    def write(self, given: Given) -> None:
        """Keep what a batch was made of. Raises `DataFolderError`."""
        folder = self._data / FOLDER / given.dataset
        with explained(folder):
            make_durably(folder)
            text = json.dumps(asdict(given), indent=1, ensure_ascii=False)
            write_durably(folder / f"{given.batch}.json", text.encode(), private=True)

    def read(self, dataset: str, batch: str) -> Given:
        """Return what a batch was made of. Raises `UnknownBatch`, and as `all` does."""
        given = next((g for g in self.all(dataset) if g.batch == batch), None)
        if given is None:
            raise UnknownBatch(
                f"The data folder was given no batch {batch[:40]!r} of {dataset[:80]!r}.",
                place=str(self._data / FOLDER),
                remedy="`vises batches list` shows all of them.",
            )
        return given

    def all(self, dataset: str | None = None) -> list[Given]:
        """Return every batch, those of one dataset if it is named, the oldest first.

        Raises `LedgerDamaged` where any record is none, and `DataFolderError`.
        """
        with explained(self._data):
            found = (self._data / FOLDER).glob("*/*.json")
            kept = [_read(path) for path in found]
        wanted = [g for g in kept if dataset in {None, g.dataset}]
        return sorted(wanted, key=lambda g: (g.started, g.batch))

    def quarantine(self, dataset: str, batch: str) -> Path | None:
        """Return the refused rows of a batch (JSON Lines), None where there are none."""
        path = self._data / QUARANTINE / dataset / f"{batch}.jsonl"
        return path if path.is_file() else None


def _read(path: Path) -> Given:
    """Return what a record says. Raises `OSError`, `LedgerDamaged`."""
    try:
        return _given(json.loads(path.read_text("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LedgerDamaged(
            "This is not the record of a batch.",
            place=str(path),
            remedy="Put the file back from a backup, or move it away: what is published stays as it"
            " is, and the refused rows of the batch can no longer be corrected.",
        ) from error


def _given(record: Mapping[str, Any]) -> Given:
    """Return a record as what it says; what is raised where it is none, `_read` tells."""
    lines = record["corrections"].items()
    cells = {file: {int(n): row for n, row in rows.items()} for file, rows in lines}
    texts = [*record["paths"], *record["digests"].values()]
    texts += [cell for rows in cells.values() for row in rows.values() for cell in row.values()]
    if not all(isinstance(record[name], kind) for name, kind in _KINDS.items()) or not all(
        isinstance(text, str) for text in texts
    ):
        raise TypeError
    if datetime.fromisoformat(record["started"]).tzinfo is None:
        raise ValueError
    if record["as_of"]:
        date.fromisoformat(record["as_of"])
    return Given(**{**record, "paths": tuple(record["paths"]), "corrections": cells})
