"""What a graph holds, as a count and a digest that do not depend on the order."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import IO, TYPE_CHECKING, cast

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

if TYPE_CHECKING:
    from collections.abc import Iterable

_MODULUS = 1 << 256


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

    def plus(self, quads: Iterable[Quad]) -> Tally:
        """Return the tally after adding quads that were not there."""
        hashes = [_hash(f"{quad} .\n".encode()) for quad in quads]
        return Tally(self.count + len(hashes), (self.total + sum(hashes)) % _MODULUS)

    def minus(self, quads: Iterable[Quad]) -> Tally:
        """Return the tally after removing quads that were there."""
        gone = Tally().plus(quads)
        return Tally(self.count - gone.count, (self.total - gone.total) % _MODULUS)

    @property
    def digest(self) -> str:
        """The sum as 64 hexadecimal digits."""
        return f"{self.total:064x}"

    @classmethod
    def recorded(cls, count: int, digest: str) -> Tally:
        """Return a tally from what a release's record says. Raises `ValueError`."""
        return cls(count, int(digest, 16))

    @classmethod
    def of_graph(cls, store: Store, graph: NamedNode) -> Tally:
        """Read the whole graph, in constant memory. Raises `OSError` where the store does."""
        lines = _Lines(f"{graph} .\n".encode())
        store.dump(cast("IO[bytes]", lines), RdfFormat.N_TRIPLES, from_graph=graph)
        return cls(lines.count, lines.total % _MODULUS)


class _Lines:
    """A binary file that counts and hashes the N-Triples lines written to it, as N-Quads."""

    def __init__(self, ending: bytes) -> None:
        self.count = 0
        self.total = 0
        self._ending = ending
        self._rest = b""

    def write(self, data: bytes) -> int:
        *lines, self._rest = (self._rest + data).split(b"\n")
        ending = self._ending
        self.count += len(lines)
        self.total += sum([_hash(line[:-1] + ending) for line in lines])
        return len(data)

    def flush(self) -> None:
        """Do nothing: every line is counted as it comes."""


def _hash(line: bytes) -> int:
    return int.from_bytes(sha256(line).digest(), "big")
