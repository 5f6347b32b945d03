"""What the tests of the store share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from vises.store.transaction import Candidate


@dataclass
class Verdict:
    """A verdict as a gate gives one."""

    accepted: bool = True
    violations: int = 0
    warnings: int = 0

    def summary(self) -> str:
        return f"{self.violations} violations."

    def turtle(self) -> bytes:
        return b"# a report\n"


class Judge:
    """A gate that answers with its verdict and remembers what it was shown."""

    def __init__(self, verdict: Verdict | None = None) -> None:
        self.verdict = verdict or Verdict()
        self.incoming: list[tuple[NamedNode, bytes]] = []
        self.untyped: frozenset[object] = frozenset()
        self.quads: set[Quad] = set()
        self.calls = 0

    def __call__(self, candidate: Candidate) -> Verdict:
        self.calls += 1
        self.incoming = [(i.graph, i.triples.read_bytes()) for i in candidate.incoming]
        self.untyped = candidate.untyped
        self.quads = set(candidate.store)
        return self.verdict


@pytest.fixture
def gate() -> Judge:
    """Return a gate that accepts everything; set `gate.verdict` to have it refuse."""
    return Judge()


@pytest.fixture
def quad() -> Callable[..., Quad]:
    """Return a function that makes a quad of a subject's name, a value and a graph."""

    def make(name: object, value: str = "v", graph: str = "a") -> Quad:
        return Quad(
            NamedNode(f"https://example.org/{name}"),
            NamedNode("https://example.org/p"),
            Literal(value),
            NamedNode(f"https://example.org/graph/{graph}"),
        )

    return make


@pytest.fixture
def lines() -> Callable[..., bytes]:
    """Return a function that makes N-Triples of subjects' names and a value."""

    def make(names: Iterable[object], value: str = "v") -> bytes:
        return "".join(
            f'<https://example.org/{n}> <https://example.org/p> "{value}" .\n' for n in names
        ).encode()

    return make


@pytest.fixture
def releases(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "data")


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes], Path]:
    """Return a function that puts N-Triples in a file of their own."""
    count = 0

    def write(triples: bytes) -> Path:
        nonlocal count
        count += 1
        path = tmp_path / f"{count}.nt"
        path.write_bytes(triples)
        return path

    return write
