"""What is remembered of a stream in the data folder: how far it was followed.

It is written after the transaction that it speaks of. Whatever moment a process dies at, the next
one repeats a release at most, which changes nothing, since a member is all that is said of a thing.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from vises.store.files import explained, make_durably, write_durably

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "replication"


@dataclass
class Followed:
    """How far the stream of a graph was read: a page, so many of its members, their digest.

    `page` is "" where nothing of it was published here yet; `digest` is that of the graph;
    `listed` says whether the stream still has it, which it has not while it is closed there.
    """

    page: str = ""
    members: int = 0
    seen: str = ""
    digest: str = ""
    listed: bool = True


@dataclass
class Progress:
    """How far a stream was followed: its last release here, and what is known of each graph."""

    address: str
    dataset: str
    release: str = "0"
    tag: str = ""
    graphs: dict[str, Followed] = field(default_factory=dict)


class StateFile:
    """The file for one stream. Every method raises `DataFolderError`."""

    def __init__(self, data: Path, address: str, dataset: str) -> None:
        """Take the data folder, the address, and the one dataset that is wanted ("": all)."""
        self.folder = data / FOLDER
        self._address, self._dataset = address, dataset
        key = sha256(f"{address}\0{dataset}".encode()).hexdigest()[:16]
        self._path = self.folder / f"{key}.json"

    def read(self) -> Progress:
        """Return what is remembered."""
        with explained(self._path):
            try:
                told = json.loads(self._path.read_text("utf-8"))
            except FileNotFoundError:
                return Progress(self._address, self._dataset)
        graphs = {graph: Followed(**one) for graph, one in told.pop("graphs").items()}
        return Progress(**told, graphs=graphs)

    def write(self, progress: Progress) -> None:
        """Remember."""
        with explained(self._path):
            make_durably(self.folder)
            write_durably(self._path, json.dumps(asdict(progress), indent=1).encode())
