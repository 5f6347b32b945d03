"""The ontology and the code lists, parsed once."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Quad, RdfFormat, parse

FOLDER = Path(__file__).parents[2] / "ontology"
FILES = sorted([*FOLDER.glob("*.ttl"), *FOLDER.glob("codes/*.ttl")])


def triples(path: Path) -> frozenset[Quad]:
    return frozenset(parse(path=path, format=RdfFormat.TURTLE))


@pytest.fixture(scope="session")
def ontology() -> frozenset[Quad]:
    return frozenset().union(*(triples(path) for path in FILES if path.parent == FOLDER))


@pytest.fixture(scope="session")
def codes() -> frozenset[Quad]:
    return frozenset().union(*(triples(path) for path in FILES if path.parent != FOLDER))


@pytest.fixture(scope="session")
def everything(ontology: frozenset[Quad], codes: frozenset[Quad]) -> frozenset[Quad]:
    return ontology | codes


@pytest.fixture(params=FILES, ids=lambda path: path.name, scope="session")
def turtle(request: pytest.FixtureRequest) -> Path:
    """Return each Turtle file of the folder in turn."""
    path: Path = request.param
    return path
