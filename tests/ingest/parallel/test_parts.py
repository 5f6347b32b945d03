"""Parts for the loader of another engine: all of them, described, or none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from vises.compressed import zstd
from vises.errors import Refused
from vises.ingest.parts import write_parts
from vises.ingest.quarantine import Threshold
from vises.ingest.sources import SOURCES
from vises.progress import Silence
from vises.store.remote.bulk import FolderNotEmpty

if TYPE_CHECKING:
    from vises.ingest.options import IngestOptions

House = Any
Write = Callable[[str, str], Path]

CUT = {"piece_bytes": 15_000, "max_refused": Threshold(share=1), "processes": 1}


class Stop(Silence):
    """Somebody who stops when something is published."""

    def count(self, *rows: int) -> None:
        if rows[1]:
            raise KeyboardInterrupt


def parts(
    sirene: Path, folder: Path, options: IngestOptions, progress: Silence | None = None
) -> dict[str, Any]:
    return write_parts(SOURCES["sirene"], [sirene], folder, options, progress or Silence())


def test_the_parts_are_what_a_release_would_hold(
    house: House, sirene: Path, tmp_path: Path
) -> None:
    report = house.ingest("sirene", sirene, **CUT)
    folder = tmp_path / "parts"
    manifest = parts(sirene, folder, house.options("sirene", **CUT))
    assert json.loads((folder / "manifest.json").read_text("utf-8")) == manifest
    assert len(manifest["parts"]) > 3
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json",
        *(part["name"] for part in manifest["parts"]),
    }
    store = Store()
    lines = 0
    for part in manifest["parts"]:
        packed = (folder / part["name"]).read_bytes()
        assert hashlib.sha256(packed).hexdigest() == part["sha256"]
        text = zstd.decompress(packed)
        assert text.count(b"\n") == part["quads"]
        lines += part["quads"]
        store.bulk_load(text, RdfFormat.N_QUADS)
    assert manifest["quads"] == lines
    (graph,) = manifest["graphs"]
    assert list(store.named_graphs()) == [NamedNode(graph)]
    assert len(store) == report.triples
    release = house.releases.current()
    with house.releases.open(release.id) as published:
        held = set(published.quads_for_pattern(None, None, None, NamedNode(graph)))
    assert held == set(store)


def test_nothing_is_published(house: House, sirene: Path, tmp_path: Path) -> None:
    parts(sirene, tmp_path / "parts", house.options("sirene", **CUT))
    assert not house.published
    assert not list((house.data / "incoming").glob("*-*"))


def test_a_folder_that_holds_something(house: House, sirene: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    (folder / "x").touch()
    with pytest.raises(FolderNotEmpty):
        parts(sirene, folder, house.options("sirene", **CUT))
    assert [path.name for path in folder.iterdir()] == ["x"]


def test_parts_that_were_broken_off_have_no_manifest_and_are_gone_on_with(
    house: House, sirene: Path, tmp_path: Path
) -> None:
    folder, options = tmp_path / "parts", house.options("sirene", **CUT)
    with pytest.raises(KeyboardInterrupt):
        parts(sirene, folder, options, Stop())
    (first,) = folder.glob("*.nq.zst")
    written = first.stat().st_mtime_ns
    assert not (folder / "manifest.json").exists()
    manifest = parts(sirene, folder, options)
    assert first.stat().st_mtime_ns == written
    whole = parts(sirene, tmp_path / "whole", options)
    assert manifest == whole


def test_too_many_refused_rows_leave_no_manifest(
    house: House, sirene: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "parts"
    with pytest.raises(Refused, match=r"more than 0\."):
        parts(sirene, folder, house.options("sirene", max_refused=Threshold(rows=0)))
    assert not (folder / "manifest.json").exists()
