"""A release as files for the bulk loader of another engine, with the commands that load them."""

from __future__ import annotations

import gzip
import json
import uuid
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, serialize

from vises.errors import BadRequest
from vises.store.files import explained
from vises.store.remote.replica import Replica, content_of, replica_quads
from vises.store.sums import digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyoxigraph import Quad, Store

    from vises.progress import Progress
    from vises.store.releases import Release

QUADS_PER_PART = 1_000_000
_QUADS_PER_WRITE = 10_000
_REPLICA = "replica.nq"


class FolderNotEmpty(BadRequest):
    """The folder for the files holds something already."""

    kind = "folder-not-empty"
    title = "The folder is not empty"


def write_files(  # noqa: PLR0913 (named)
    release: Release,
    store: Store,
    folder: Path,
    *,
    base_iri: str,
    progress: Progress,
    quads_per_part: int = QUADS_PER_PART,
) -> dict[str, object]:
    """Write ``part-0001.nq.gz`` and so on, ``replica.nq``, and ``manifest.json``, last.

    ``replica.nq`` lets the engine say that it holds the release, so it is to be loaded after the
    parts. Returns the manifest: the release, its digest, and the name, count and SHA-256 of each
    file. Raises `FolderNotEmpty` and `DataFolderError`.
    """
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FolderNotEmpty(
                "The files of a release go into a folder of their own.",
                place=str(folder),
                remedy="Name a folder that is empty or not there yet.",
            )
        progress.start("quads", sum(release.counts.values()))
        quads = _in_order(release, store)
        parts: list[dict[str, object]] = []
        while part := _write_part(folder, len(parts) + 1, islice(quads, quads_per_part), progress):
            parts.append(part)
        replica = Replica(release.id, content_of(release), str(uuid.uuid4()), release.digests)
        (folder / _REPLICA).write_bytes(_n_quads(replica_quads(base_iri, replica)))
        manifest: dict[str, object] = {
            "release": release.id,
            "content": content_of(release),
            "quads": sum(release.counts.values()),
            "graphs": dict(release.counts),
            "parts": parts,
            "last": _REPLICA,
        }
        text = json.dumps(manifest, indent=1, ensure_ascii=False)
        (folder / "manifest.json").write_text(text, encoding="utf-8")
    return manifest


def _in_order(release: Release, store: Store) -> Iterator[Quad]:
    for graph in sorted(release.counts):
        yield from store.quads_for_pattern(None, None, None, NamedNode(graph))


def _write_part(
    folder: Path, number: int, quads: Iterator[Quad], progress: Progress
) -> dict[str, object] | None:
    first = list(islice(quads, _QUADS_PER_WRITE))
    if not first:
        return None
    path, count = folder / f"part-{number:04d}.nq.gz", 0
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        batch = first
        while batch:
            file.write(_n_quads(iter(batch)))
            count += len(batch)
            progress.advance(len(batch))
            batch = list(islice(quads, _QUADS_PER_WRITE))
    return {"name": path.name, "quads": count, "sha256": digest(path)}


def _n_quads(quads: Iterator[Quad]) -> bytes:
    document = serialize(quads, format=RdfFormat.N_QUADS)
    assert document is not None
    return document
