"""The dumps that are kept in the data folder.

::

    data/dumps/<key>/        the files of one dataset with one content, and manifest.json
    data/dumps/making-<key>/ those that are being made
    data/dumps/lock          held by the process that makes them

The key is made of the dataset and the digest of its content, so a dataset that did not change from
one release to the next has its files once.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING

from vises.namespaces import Iris
from vises.store.dumps.output import DumpFile
from vises.store.files import sync

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from vises.store.releases import Release, ReleaseStore

FORMAT = 3
"""The number that a change of the files raises; so does another version of the package."""

FOLDER = "dumps"
LOCK = "lock"
MANIFEST = "manifest.json"
MAKING = "making-"

_MOST_KNOWN = 1000
"""How many manifests are held in memory."""

_VERSION = version("vises")
_log = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class KeptDumps:
    """The dumps of the releases in a data folder, for the datasets under a base."""

    def __init__(self, data: Path, base: str) -> None:
        """Take the data folder, and the base of the IRIs of the data."""
        self.folder = data / FOLDER
        self._graphs = Iris(base).graph("").value
        self._known: dict[str, Sequence[DumpFile]] = {}

    def name(self, graph: str) -> str | None:
        """Return the name of a dataset in the addresses of its dumps; None: it has no dumps.

        That is a graph which is not under the base of the data, or whose name needs escapes.
        """
        name = graph.removeprefix(self._graphs)
        return name if name != graph and _NAME.fullmatch(name) else None

    def graph(self, name: str) -> str:
        """Return the IRI of the dataset that has a name."""
        return self._graphs + name

    def place(self, release: Release, graph: str) -> Path:
        """Return the folder for the files of a dataset in a release, which may not be there."""
        parts = (str(FORMAT), _VERSION, graph, release.digests[graph])
        return self.folder / hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def files(self, release: Release, graph: str) -> Sequence[DumpFile] | None:
        """Return the files of a dataset in a release, None where they are not made.

        A manifest that cannot be read is as if it were not there. Raises `OSError`.
        """
        place = self.place(release, graph)
        try:
            text = (place / MANIFEST).read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return None
        if text not in self._known:
            try:
                found = [DumpFile(**file) for file in json.loads(text)]
            except (ValueError, TypeError) as error:
                _log.warning("%s is not read and will be replaced: %s", place / MANIFEST, error)
                return None
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[text] = found
        return self._known[text]

    def publish(self, making: Path, place: Path, files: Sequence[DumpFile]) -> None:
        """Put finished files in their place; what cannot be read there goes. Raises `OSError`."""
        manifest = making / MANIFEST
        manifest.write_text(json.dumps([asdict(file) for file in files], indent=1), "utf-8")
        sync(manifest)
        sync(making)
        if place.exists():
            shutil.rmtree(place)
        making.rename(place)
        sync(self.folder)

    def sweep(self, releases: ReleaseStore, closed: Collection[str]) -> None:
        """Remove the files that no readable release has, those of closed graphs, and halves.

        Only the holder of the lock may. Raises `OSError`.
        """
        staying = {
            self.place(release, graph).name
            for release in releases.list()
            if not releases.is_pruned(release.id)
            for graph in release.counts
            if graph not in closed
        }
        for path in self.folder.iterdir():
            if path.is_dir() and path.name not in staying:
                shutil.rmtree(path)
