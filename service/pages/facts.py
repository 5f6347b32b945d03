"""What the pages know of a whole release, computed once for each."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.cache import PerRelease
from vises.service.pages.labels import FICTITIOUS, LABEL_PROPERTIES, is_true
from vises.service.pages.outline import Outline

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from vises.service.dumps.endpoint import Dump, Dumps
    from vises.service.graph import Graph, Row, Term
    from vises.service.search.finder import EnterpriseNumbers, Finder
    from vises.service.site import Reading
    from vises.service.void.keeper import PartitionsKeeper
    from vises.store.partitions import Partitions

PUBLISHER = term("dcterms:publisher")
LICENCE = term("dcterms:license")
MODIFIED = term("dcterms:modified")
DESCRIPTIONS = term("dcterms:description")

PATIENCE = 0.05
"""For how many seconds a page waits for numbers that are still being counted."""


@dataclass
class Dataset:
    """A named graph: how much it holds, and what its description says."""

    iri: str
    statements: int
    titles: list[tuple[NamedNode, Literal]] = field(default_factory=list)
    descriptions: list[tuple[NamedNode, Literal]] = field(default_factory=list)
    publisher: str | None = None
    modified: Literal | None = None
    fictitious: bool = False
    licences: list[str] = field(default_factory=list)

    def add(self, prop: NamedNode, value: Term) -> None:
        """Take in one statement about the dataset."""
        if prop == FICTITIOUS:
            self.fictitious = is_true(value)
        elif isinstance(value, NamedNode):
            self._add_thing(prop, value)
        elif isinstance(value, Literal):
            self._add_text(prop, value)

    def _add_thing(self, prop: NamedNode, value: NamedNode) -> None:
        if prop == PUBLISHER:
            self.publisher = value.value
        elif prop == LICENCE:
            self.licences.append(value.value)

    def _add_text(self, prop: NamedNode, value: Literal) -> None:
        if prop in LABEL_PROPERTIES:
            self.titles.append((prop, value))
        elif prop == DESCRIPTIONS:
            self.descriptions.append((LABEL_PROPERTIES[0], value))
        elif prop == MODIFIED:
            self.modified = value


@dataclass(frozen=True)
class ClassCount:
    """How many things a class has, and how many of them are made up."""

    iri: str
    things: int
    fictitious: int


@dataclass(frozen=True)
class Facts:
    """The outline of the shapes, the datasets, and whether any of them is made up.

    `kept` holds what the pages of some kinds compute once for the release, by their own names.
    `partitions` counts the classes of each graph, which takes long once for each release; it raises
    `PartitionsUnready` meanwhile. `enterprises` counts those of each region, by family, waiting so
    many seconds for the index; it raises what `Finder.enterprises` does. `files` returns the dumps
    of a graph.
    """

    outline: Outline
    datasets: tuple[Dataset, ...]
    partitions: Callable[[], Awaitable[Mapping[str, Partitions]]]
    enterprises: Callable[[float], Awaitable[EnterpriseNumbers]]
    files: Callable[[str], Sequence[Dump]]
    kept: PerRelease[Any] = field(default_factory=PerRelease, compare=False)

    @property
    def fictitious(self) -> bool:
        """Whether the release holds anything made up."""
        return any(d.fictitious for d in self.datasets)


class FactsKeeper:
    """Answers for the facts of a release."""

    def __init__(self, partitions: PartitionsKeeper, finder: Finder, dumps: Dumps) -> None:
        """Take what counts the classes of graphs, and enterprises, and their files."""
        self._partitions = partitions
        self._finder = finder
        self._dumps = dumps
        self._facts: PerRelease[Facts] = PerRelease()
        self._classes: PerRelease[tuple[ClassCount, ...]] = PerRelease()

    async def facts(self, graph: Graph, reading: Reading) -> Facts:
        """Return the facts of a release, as far as a request may read it."""

        async def compute() -> Facts:
            outline = Outline.read(await graph.select("outline"))
            rows = await graph.select("datasets")
            count = partial(self._partitions.partitions, reading.release, PATIENCE)
            enterprises = partial(self._finder.enterprises, reading)
            files = partial(self._dumps.of, reading.release)
            datasets = _datasets(reading.counts, rows)
            return Facts(outline, datasets, count, enterprises, files)

        return await self._facts.get(graph.key, compute)

    async def classes(self, graph: Graph) -> tuple[ClassCount, ...]:
        """Return how much there is of the classes that the home page counts, the most first."""

        async def compute() -> tuple[ClassCount, ...]:
            rows = await graph.select("classes")
            return tuple(
                ClassCount(
                    row["class"].value, int(_text(row["things"])), int(_text(row["fictitious"]))
                )
                for row in rows
                if isinstance(row["class"], NamedNode)
            )

        return await self._classes.get(graph.key, compute)


def _datasets(counts: Mapping[str, int], rows: Iterable[Row]) -> tuple[Dataset, ...]:
    found = {iri: Dataset(iri, count) for iri, count in sorted(counts.items())}
    for row in rows:
        resource, prop, value = row["resource"], row["property"], row["value"]
        dataset = found.get(resource.value) if isinstance(resource, NamedNode) else None
        if dataset is not None and isinstance(prop, NamedNode):
            dataset.add(prop, value)
    return tuple(found.values())


def _text(value: object) -> str:
    assert isinstance(value, Literal)
    return value.value
