"""RDF Dataset Canonicalization (RDFC-1.0), within a bound.

Blank nodes that look alike are told apart by trying the ways in which they may be ordered (section
4.8), which takes for ever for some small graphs, and the engine does it by recursion. So where more
than a few look alike it is done by ``python -m vises.store.canonicalization MEBIBYTES PARENT``, a
process that can be ended, and whose end ends nothing else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, RdfFormat, Triple, parse

from vises.errors import BadInput, sentence
from vises.store.sealing import seal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Quad

    from vises.errors import Sentence

MOST_ALIKE = 6
"""So many blank nodes that look alike can be ordered in 720 ways, which is soon done."""

_SECONDS = 20
_MEBIBYTES = 2048

Entry = tuple[str, ...]


class BlankNodesAlike(BadInput):
    """The blank nodes of a graph cannot be told apart in the time that there is."""

    kind = "blank-nodes-alike"
    title = "The blank nodes cannot be told apart"


def canonicalized(dataset: Dataset, seconds: float = _SECONDS) -> Dataset:
    """Return a dataset whose blank nodes have canonical labels; the one given may be changed.

    Raises `BlankNodesAlike` where that takes longer, or more memory than there is for it.
    """
    if canonicalized_at_once(dataset):
        return dataset
    command = [sys.executable, "-P", "-m", __spec__.name, str(_MEBIBYTES), str(os.getpid())]
    given = "".join(f"{quad} .\n" for quad in dataset).encode()
    try:
        done = subprocess.run(  # noqa: S603 (our own module)
            command, input=given, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise _refused(
            sentence(
                "blanks-alike-in",
                "{count:,} blank nodes look alike, and could not be told apart in {seconds:g} s.",
                count=alike(dataset),
                seconds=seconds,
            )
        ) from None
    if done.returncode != 0:
        raise _refused(
            sentence(
                "blanks-alike",
                "{count:,} blank nodes look alike, and could not be told apart with the memory that"
                " there is for it.",
                count=alike(dataset),
            )
        )
    return Dataset(parse(done.stdout, RdfFormat.N_QUADS))


def canonicalized_at_once(dataset: Dataset) -> bool:
    """Give blank nodes canonical labels, where few look alike; tell whether that was done."""
    if alike(dataset) > MOST_ALIKE:
        return False
    _canonicalize(dataset)
    return True


def alike(quads: Iterable[Quad]) -> int:
    """Return how many blank nodes are said what another one is, but for other blank nodes."""
    said: defaultdict[str, list[Entry]] = defaultdict(list)
    for quad in quads:
        terms = quad.subject, quad.predicate, quad.object, quad.graph_name
        nodes = [(str(place), node) for place, term in enumerate(terms) for node in _blanks(term)]
        without = tuple(map(_without, terms)) if nodes else ()
        for place, node in nodes:
            said[node].append((place, *without))
    kinds = Counter(tuple(sorted(entries)) for entries in said.values())
    return sum(count for count in kinds.values() if count > 1)


def _canonicalize(dataset: Dataset) -> None:
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)


def _blanks(term: object) -> Iterator[str]:
    if isinstance(term, BlankNode):
        yield term.value
    elif isinstance(term, Triple):
        for part in term:
            yield from _blanks(part)


def _without(term: object) -> str:
    """Return a term without what tells blank nodes apart."""
    if isinstance(term, BlankNode):
        return "_:"
    if isinstance(term, Triple):
        return " ".join(map(_without, term))
    return str(term)


def _refused(why: Sentence) -> BlankNodesAlike:
    return BlankNodesAlike(
        why,
        remedy=sentence("tell-apart", "Give these nodes IRIs, or a value that others do not have."),
    )


def main(mebibytes: int, parent: int) -> None:
    """Canonicalize the N-Quads of standard input."""
    seal(mebibytes, parent)
    dataset = Dataset(parse(sys.stdin.buffer.read(), RdfFormat.N_QUADS))
    _canonicalize(dataset)
    sys.stdout.buffer.write("".join(f"{quad} .\n" for quad in dataset).encode())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
