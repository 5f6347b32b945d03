"""Which things a change is about, read from its lines of N-Quads in bounded work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.store.difference import ADD, graph_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from vises.store.difference import Difference, Operation

MOST_LINES = 100_000
"""How many lines of a change a page reads: some tenths of a second."""

MOST_ENTITIES = 100
"""How many things a page lists."""


@dataclass(frozen=True)
class Changed:
    """What a change is about: how many statements were removed and added, by IRI.

    `entities` are things, the first `MOST_ENTITIES` of them, and `more` counts the others;
    `datasets` are graphs; `whole` says whether every line was read.
    """

    entities: Mapping[str, tuple[int, int]]
    datasets: Mapping[str, tuple[int, int]]
    more: int
    whole: bool


def changed(operations: Iterable[Operation], hidden: Collection[str]) -> Changed:
    """Return what operations are about, without the graphs that a request may not read.

    Blank nodes are parts of things and are not listed. Raises what the operations do.
    """
    entities: dict[str, list[int]] = {}
    datasets: dict[str, list[int]] = {}
    read = 0
    for kind, lines in operations:
        column = int(kind == ADD)
        for line in lines[: MOST_LINES - read]:
            graph = graph_of(line)
            if graph in hidden:
                continue
            datasets.setdefault(graph, [0, 0])[column] += 1
            subject = line.partition(b"> ")[0]
            if subject.startswith(b"<"):
                entities.setdefault(subject[1:].decode(), [0, 0])[column] += 1
        read += len(lines)
        if read > MOST_LINES:
            break
    return Changed(
        {iri: (gone, come) for iri, (gone, come) in sorted(entities.items())[:MOST_ENTITIES]},
        {iri: (gone, come) for iri, (gone, come) in sorted(datasets.items())},
        max(0, len(entities) - MOST_ENTITIES),
        read <= MOST_LINES,
    )


def operations_of(differences: Iterable[Difference]) -> Iterator[Operation]:
    """Yield differences as operations, the lines in order."""
    for difference in differences:
        yield b"D", sorted(difference.removed)
        yield ADD, sorted(difference.added)


def patch_lines(
    operations: Iterable[Operation], names: Mapping[str, str | None], hidden: Collection[str]
) -> Iterator[bytes]:
    """Yield an RDF Patch (https://afs.github.io/rdf-patch/) in pieces.

    `names` are its headers. Lines of graphs that a request may not read are left out.
    """
    header = "".join(f'H {name} "{value}" .\n' for name, value in names.items() if value)
    yield f"{header}TX .\n".encode()
    for kind, lines in operations:
        kept = [line for line in lines if graph_of(line) not in hidden] if hidden else lines
        if kept:
            yield b"".join(kind + b" " + line for line in kept)
    yield b"TC .\n"
