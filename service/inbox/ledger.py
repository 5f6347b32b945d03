"""What partners delivered: a record of each delivery in the data folder, with its report."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from vises.store.files import write_durably

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FOLDER = "inbox"
RECORD, REPORT = "record.json", "report"
_MOMENT = "%Y%m%dT%H%M%S%f"
MOST_KEPT = 200
"""How many deliveries of a partner are remembered."""

MOST_REPORTS = 10
"""How many of them keep their reports."""

PUBLISHED, KEPT, UNCHANGED, REFUSED = "published", "kept", "unchanged", "refused"
"""What becomes of a delivery: published in VISES terms, or in those of CIDS as it came, or not."""

TEXTS = {
    PUBLISHED: "inbox.published",
    KEPT: "inbox.kept",
    UNCHANGED: "inbox.unchanged",
    REFUSED: "inbox.refused",
}
"""What to call it, as keys of texts."""


@dataclass(frozen=True)
class Record:
    """A delivery: when (UTC), the SHA-256 of its body, what became of it and what it amounts to.

    `release` is the release that has it ("": refused), `state` the digest of the graph in it;
    `tiers` are the fields of `vises.ingest.cids.tiers.Tier`, `head` those of a report.
    """

    id: str
    received: str
    sha256: str
    outcome: str
    release: str
    state: str
    vocabulary: str
    tiers: tuple[dict[str, Any], ...]
    head: dict[str, Any]

    @property
    def taken(self) -> bool:
        """Whether the graph of the partner has been what it says."""
        return self.outcome != REFUSED


class Ledger:
    """The deliveries of one partner, which several server processes share."""

    def __init__(self, data: Path, partner: str) -> None:
        """Take the data folder and the name of the partner."""
        self._folder = data / FOLDER / partner

    def records(self) -> Sequence[Record]:
        """Return the deliveries, the latest first. Raises `OSError`."""
        return list(self.read())

    def read(self) -> Iterator[Record]:
        """Yield the deliveries, the latest first. Raises `OSError`."""
        for file in sorted(self._folder.glob(f"*/{RECORD}"), reverse=True):
            try:
                text = file.read_text("utf-8")
            except FileNotFoundError:  # it was the oldest, and another delivery came
                continue
            yield _record(json.loads(text))

    def new_id(self, now: datetime) -> str:
        """Return an id in whose order deliveries stand, though the clock may go back.

        Raises `OSError`.
        """
        newest = max((path.name for path in self._folder.glob("*")), default="")
        if newest:
            last = datetime.strptime(newest.partition("-")[0], _MOMENT).replace(tzinfo=UTC)
            now = max(now, last + timedelta(microseconds=1))
        return f"{now:{_MOMENT}}-{token_hex(4)}"

    def keep(self, record: Record, report: Path) -> None:
        """Remember a delivery with the folder of its report, which is moved. Raises `OSError`."""
        folder = self._folder / record.id
        folder.mkdir(parents=True)
        report.rename(folder / REPORT)
        write_durably(folder / RECORD, json.dumps(asdict(record)).encode())
        self._sweep()

    def report(self, name: str) -> Path | None:
        """Return the folder of the report of a delivery, None where it is not kept."""
        known = {record.id for record in self.records()}
        folder = self._folder / name / REPORT
        return folder if name in known and folder.is_dir() else None

    def _sweep(self) -> None:
        last = next((record for record in self.read() if record.taken), None)
        folders = sorted(self._folder.iterdir(), reverse=True)
        for number, folder in enumerate(folders[MOST_REPORTS:], MOST_REPORTS):
            if last is None or folder.name != last.id:
                gone = folder if number >= MOST_KEPT else folder / REPORT
                shutil.rmtree(gone, ignore_errors=True)


def _record(fields: dict[str, Any]) -> Record:
    return Record(**{**fields, "tiers": tuple(fields["tiers"])})
