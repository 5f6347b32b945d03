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
    """The ingests of a dataset, what is said of their uses of files, and of the files."""

    activities: Found
    uses: Mapping[NamedNode, Thing]
    files: Mapping[NamedNode, Thing]


async def gather(graph: Graph, iri: NamedNode) -> Gathered:
    """Return the ingests of a dataset, the latest first. Raises what `Graph.select` does."""
    activities = await found(graph, "dataset-activities", [iri], MOST_BATCHES)
    uses = await described(
        graph, [use for thing in activities.things for use in _uses(thing)[:MOST_FILES]]
    )
    files = await described(graph, [_content(use) for use in uses.values()])
    return Gathered(activities, uses, files)


def batches_of(gathered: Gathered, own: Thing | None, telling: Telling) -> tuple[Batch, ...]:
    """Return the ingests as the page tells them; `own` is what is said of the dataset."""
    made_by = own.values("prov:wasGeneratedBy") if own else []
    return tuple(
        _batch(thing, gathered, telling, current=thing.iri in made_by)
        for thing in gathered.activities.things
    )


def _batch(thing: Thing, gathered: Gathered, telling: Telling, *, current: bool) -> Batch:
    uses = _uses(thing)
    told = [gathered.uses[iri] for iri in uses[:MOST_FILES] if iri in gathered.uses]
    pairs = [(use, gathered.files.get(_content(use))) for use in told]
    names = [_file(use, content) for use, content in pairs if content]
    return Batch(
        cited=telling.cited(thing),
        moment=telling.linked(thing, telling.mention(thing, "prov:startedAtTime")),
        author=thing.text("dcterms:creator"),
        files=tuple(sorted(names, key=lambda file: file.name)),
        files_left_out=max(0, len(uses) - MOST_FILES),
        rows=tuple(telling.mention(thing, name) for name in _ROWS),
        current=current,
    )


def _uses(thing: Thing) -> list[NamedNode]:
    """Return the uses of files by an ingest.

    An ingest of a release from before uses were told has none: its files tell their names.
    """
    uses = [use for use in thing.values("prov:qualifiedUsage") if isinstance(use, NamedNode)]
    used = [value for value in thing.values("prov:used") if isinstance(value, NamedNode)]
    return uses or [file for file in used if is_content(file)]


def _content(use: Thing) -> NamedNode:
    return use.thing("prov:entity") or use.iri


def _file(use: Thing, content: Thing) -> File:
    return File(use.text("dcterms:title"), content.text("dcterms:identifier"))
