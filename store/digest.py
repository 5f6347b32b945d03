"""What a graph holds, as a count and a digest that do not depend on the order."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import Dataset, Quad

from vises.store.canonicalization import canonicalized_at_once

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pyoxigraph import NamedNode, Store

HASH_BYTES = 32
"""The length of a SHA-256."""

_MODULUS = 1 << 256
_BATCH = 10_000

MOST_CANONICAL = 1000
"""Up to how many quads a graph is small: canonicalizing it takes some milliseconds."""


@dataclass(frozen=True)
class Tally:
    """The number of quads of a graph, and the sum of their hashes modulo 2^256.

    A hash is the SHA-256 of the quad's line in canonical N-Quads, as the store gives it back
    (literals in the store's canonical form, blank nodes with their stored labels: see
    `vises.store.blanks` for why these are stable). A sum does not depend on the order, and a
    change moves it by the hashes of what was added and removed: no graph is read again for it.
    """

    count: int = 0
    total: int = 0

    def plus(self, lines: Collection[bytes]) -> Tally:
        """Return the tally after adding quads that were not there, as lines of N-Quads."""
        total = sum([int.from_bytes(value, "big") for value in hashes(lines)])
        return Tally(self.count + len(lines), (self.total + total) % _MODULUS)

    def minus(self, lines: Collection[bytes]) -> Tally:
        """Return the tally after removing quads that were there, as lines of N-Quads."""
        gone = Tally().plus(lines)
        return Tally(self.count - gone.count, (self.total - gone.total) % _MODULUS)

    @property
    def digest(self) -> str:
        """The sum as 64 hexadecimal digits."""
        return f"{self.total:064x}"

    @classmethod
    def of_sum(cls, count: int, total: int) -> Tally:
        """Return the tally of so many quads from the sum of their hashes."""
        return cls(count, total % _MODULUS)

    @classmethod
    def recorded(cls, count: int, digest: str) -> Tally:
        """Return a tally from what a release's record says. Raises `ValueError`."""
        return cls(count, int(digest, 16))

    @classmethod
    def of_graph(cls, store: Store, graph: NamedNode) -> Tally:
        """Read the whole graph, in constant memory. Raises `OSError` where the store does."""
        tally = cls()
        for lines in graph_lines(store, graph):
            tally = tally.plus(lines)
        return tally


def canonical_hash(store: Store, graph: NamedNode) -> str:
    """Return the SHA-256 of a graph's canonical N-Quads (RDFC-1.0), as hexadecimal digits.

    The graph is taken as the default graph. It is held in memory. Empty where so many blank nodes
    look alike that this may take long. Raises `OSError`.
    """
    dataset = Dataset(
        Quad(q.subject, q.predicate, q.object)
        for q in store.quads_for_pattern(None, None, None, graph)
    )
    if not canonicalized_at_once(dataset):
        return ""
    return sha256("".join(sorted(f"{quad} .\n" for quad in dataset)).encode()).hexdigest()


def graph_lines(store: Store, graph: NamedNode) -> Iterator[list[bytes]]:
    """Yield a graph as lines of canonical N-Quads, many at a time. Raises `OSError`."""
    quads = store.quads_for_pattern(None, None, None, graph)
    while batch := [f"{quad} .\n".encode() for quad in islice(quads, _BATCH)]:
        yield batch


def hashes(lines: Iterable[bytes]) -> list[bytes]:
    """Return the SHA-256 of each line."""
    return [sha256(line).digest() for line in lines]
