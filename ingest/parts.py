"""An input as files for the bulk loader of another engine, without a release."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vises.ingest.batch import Input, MappedInput, identify, map_input
from vises.ingest.workspace import resumable
from vises.store.files import explained, write_durably
from vises.store.remote.bulk import FolderNotEmpty

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vises.ingest.options import IngestOptions
    from vises.ingest.source import Source
    from vises.progress import Progress

MANIFEST = "manifest.json"
_UNFINISHED = ".batch"


def write_parts(
    source: Source,
    paths: Sequence[Path],
    folder: Path,
    options: IngestOptions,
    progress: Progress,
) -> dict[str, Any]:
    """Write ``*.nq.zst`` into a folder of their own, and ``manifest.json`` last.

    They are N-Quads in the graph of the dataset, compressed with Zstandard; a quad may stand in
    them twice. The shapes have not judged them. Returns the manifest: batch, dataset, day, number
    of lines in each graph, the name, lines and SHA-256 of each file, and the counts of rows. A
    folder that a killed process left is gone on with. Raises what `identify` and `map_input` raise,
    `FolderNotEmpty`, and `DataFolderError`.
    """
    given = identify(source.of(paths), paths, options, progress)
    _begin(folder, given.batch)
    with resumable(options.data_folder, given.batch) as work:
        mapped = map_input(given, work, options, progress, parts=folder)
    manifest = _manifest(given, mapped, options)
    with explained(folder):
        text = json.dumps(manifest, indent=1, ensure_ascii=False)
        write_durably(folder / MANIFEST, text.encode())
        (folder / _UNFINISHED).unlink()
    return manifest


def _begin(folder: Path, batch: str) -> None:
    """Make the folder, and note what will be in it."""
    note = folder / _UNFINISHED
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        ours = note.exists() and note.read_text("utf-8") == batch
        if any(folder.iterdir()) and not ours:
            raise FolderNotEmpty(
                "The parts go into a folder of their own.",
                place=str(folder),
                remedy="Name a folder that is empty or not there yet.",
            )
        note.write_text(batch, encoding="utf-8")


def _manifest(given: Input, mapped: MappedInput, options: IngestOptions) -> dict[str, Any]:
    quads = sum(each.statements for each in mapped.made)
    return {
        "batch": given.batch,
        "dataset": options.dataset,
        "asOf": mapped.as_of.isoformat(),
        "complete": mapped.complete,
        "quads": quads,
        "graphs": {mapped.graph: quads},
        "parts": [
            {"name": each.path.name, "quads": each.statements, "sha256": each.sha256}
            for each in mapped.made
            if each.statements
        ],
        "sources": [asdict(file) for file in given.files],
        "rows": [asdict(file) for file in mapped.files],
        "quarantine": str(mapped.quarantine) if mapped.quarantine else None,
    }
