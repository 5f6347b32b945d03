"""What the tests of the store share."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from vises.store.releases import ReleaseStore
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pyoxigraph import Store

    from vises.store.transaction import Candidate, Transaction


@dataclass
class Verdict:
    """A verdict as a gate gives one."""

    accepted: bool = True
    violations: int = 0
    warnings: int = 0

    def summary(self) -> str:
        return f"{self.violations} violations."

    def turtle(self) -> list[bytes]:
        return [b"# a report\n"]


@dataclass
class Gate:
    """A gate that answers with its verdict and remembers what it was shown."""

    verdict: Verdict = field(default_factory=Verdict)
    incoming: list[tuple[NamedNode, bytes | None]] = field(default_factory=list)
    candidate: Candidate | None = None
    calls: int = 0

    def __call__(self, candidate: Candidate) -> Verdict:
        self.calls += 1
        self.incoming = [
            (graph, path.read_bytes() if path else None)
            for graph, path in candidate.incoming.items()
        ]
        self.candidate = replace(candidate, store=None)  # which would stay open
        return self.verdict


@dataclass
class World:
    """A data folder, a gate, and short ways to make what goes in."""

    folder: Path
    gate: Gate = field(default_factory=Gate)
    files: int = 0
    held: ExitStack = field(default_factory=ExitStack)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def releases(self) -> ReleaseStore:
        return ReleaseStore(self.data)

    def begin(self, wait_seconds: float = 10) -> AbstractContextManager[Transaction]:
        return self.releases.transaction(
            author="a tester", message="a test", gate=self.gate, wait_seconds=wait_seconds
        )

    def publish(self, *quads: Quad) -> str:
        """Add quads and return the id of the release."""
        with self.begin() as transaction:
            transaction.apply(Change(frozenset(), frozenset(quads)))
        return transaction.release.id

    def opened(self, release_id: str) -> Store:
        """Open a release until the test ends."""
        return self.held.enter_context(self.releases.open(release_id))

    def written(self, triples: bytes) -> Path:
        """Put N-Triples in a file of their own."""
        self.files += 1
        path = self.folder / f"{self.files}.nt"
        path.write_bytes(triples)
        return path

    def lines(self, names: Iterable[object]) -> bytes:
        """Make N-Triples, one for each name."""
        return "".join(
            f'<https://example.org/{name}> <https://example.org/p> "v" .\n' for name in names
        ).encode()

    def quad(self, name: object, value: str = "v", graph: str = "a") -> Quad:
        return Quad(
            NamedNode(f"https://example.org/{name}"),
            NamedNode("https://example.org/p"),
            Literal(value),
            NamedNode(f"https://example.org/graph/{graph}"),
        )

    def everything(self) -> set[str]:
        """Return the names of all files and folders in the data folder."""
        return {str(path.relative_to(self.data)) for path in self.data.rglob("*")}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    with world.held:
        yield world
