"""How a dataset came to be: its ingests, with their files and what became of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.ingest.provenance import is_content
from vises.service.pages.things import described, found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.service.graph import Graph
    from vises.service.pages.model import Mention, Value
    from vises.service.pages.telling import Telling
    from vises.service.pages.things import Found, Thing

MOST_BATCHES = 10
MOST_FILES = 50
_ROWS = ("vises:rowsIn", "vises:rowsPublished", "vises:rowsQuarantined", "vises:rowsOutOfScope")


@dataclass(frozen=True)
class File:
    """A source file and its digest."""

    name: str
    digest: str


@dataclass(frozen=True)
class Batch:
    """One ingest: when, by whom, from which files, and its rows.

    `rows` are those read, published, quarantined and out of scope; `current` says that the dataset
    holds what this one made.
    """

    cited: Value
    moment: Mention | None
    author: str
    files: tuple[File, ...]
    files_left_out: int
    rows: tuple[Mention | None, ...]
    current: bool


@dataclass(frozen=True)
class Gathered:
    """The ingests of a dataset and what is said of their files."""

    activities: Found
    files: Mapping[NamedNode, Thing]


async def gather(graph: Graph, iri: NamedNode) -> Gathered:
    """Return the ingests of a dataset, the latest first. Raises what `Graph.select` does."""
    activities = await found(graph, "dataset-activities", [iri], MOST_BATCHES)
    used = [file for thing in activities.things for file in _files(thing)[:MOST_FILES]]
    return Gathered(activities, await described(graph, used))


def batches_of(gathered: Gathered, own: Thing | None, telling: Telling) -> tuple[Batch, ...]:
    """Return the ingests as the page tells them; `own` is what is said of the dataset."""
    made_by = own.values("prov:wasGeneratedBy") if own else []
    return tuple(
        _batch(thing, gathered.files, telling, current=thing.iri in made_by)
        for thing in gathered.activities.things
    )


def _batch(
    thing: Thing, about: Mapping[NamedNode, Thing], telling: Telling, *, current: bool
) -> Batch:
    files = _files(thing)
    names = [_file(about[iri]) for iri in files[:MOST_FILES] if iri in about]
    return Batch(
        cited=telling.cited(thing),
        moment=telling.linked(thing, telling.mention(thing, "prov:startedAtTime")),
        author=thing.text("dcterms:creator"),
        files=tuple(sorted(names, key=lambda file: file.name)),
        files_left_out=max(0, len(files) - MOST_FILES),
        rows=tuple(telling.mention(thing, name) for name in _ROWS),
        current=current,
    )


def _files(thing: Thing) -> list[NamedNode]:
    return [
        value
        for value in thing.values("prov:used")
        if isinstance(value, NamedNode) and is_content(value)
    ]


def _file(thing: Thing) -> File:
    return File(thing.text("dcterms:title"), thing.text("dcterms:identifier"))
