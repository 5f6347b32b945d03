"""The record of a release: what stands in ``release.json``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 2
"""The number that a change of the data folder's layout raises."""


class OtherFormatError(ValueError):
    """The record is of another version of the data folder."""


@dataclass(frozen=True)
class Release:
    """The record of a release.

    `started` is when its transaction began, `created` when it was published. `counts` and `digests`
    give, for each graph's IRI, the number of its quads and a digest of its content
    (`vises.store.digest`); `canonical` has, for small graphs, the SHA-256 of their canonical
    N-Quads (RDFC-1.0, the graph taken as the default graph), which any implementation can compare.
    `changes` gives, for each graph that changed, how many quads were removed and how many were
    added against the parent; `violations` and `warnings` are what validation found.
    """

    id: str
    parent: str | None
    started: datetime
    created: datetime
    author: str
    message: str
    counts: Mapping[str, int]
    digests: Mapping[str, str]
    canonical: Mapping[str, str]
    changes: Mapping[str, tuple[int, int]]
    violations: int
    warnings: int

    @property
    def removed(self) -> int:
        """How many quads were removed against the parent."""
        return sum(removed for removed, _ in self.changes.values())

    @property
    def added(self) -> int:
        """How many quads were added against the parent."""
        return sum(added for _, added in self.changes.values())

    @property
    def size(self) -> int:
        """How many quads the release has."""
        return sum(self.counts.values())

    def to_json(self) -> str:
        """Return the record as it is kept."""
        record = {
            "format": FORMAT,
            **asdict(self),
            "started": self.started.isoformat(),
            "created": self.created.isoformat(),
        }
        return json.dumps(record, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Release:
        """Read a record.

        Raises `OtherFormatError` where another version wrote it, `ValueError`, `KeyError`,
        `TypeError` or `AttributeError` where it is no record. The first format had no number.
        """
        record = json.loads(text)
        written = record["format"] if "format" in record or "id" not in record else 1
        if written != FORMAT:
            raise OtherFormatError(written)
        counts = {str(graph): int(count) for graph, count in record["counts"].items()}
        digests = {
            str(graph): f"{int(digest, 16):064x}" for graph, digest in record["digests"].items()
        }
        if counts.keys() != digests.keys():
            raise ValueError(record)
        changes = {
            str(graph): (int(gone), int(come)) for graph, (gone, come) in record["changes"].items()
        }
        return cls(
            id=str(record["id"]),
            parent=record["parent"],
            started=datetime.fromisoformat(record["started"]),
            created=datetime.fromisoformat(record["created"]),
            author=str(record["author"]),
            message=str(record["message"]),
            counts=counts,
            digests=digests,
            canonical={str(graph): str(value) for graph, value in record["canonical"].items()},
            changes=changes,
            violations=int(record["violations"]),
            warnings=int(record["warnings"]),
        )
