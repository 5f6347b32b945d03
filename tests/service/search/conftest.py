"""Indexes of a few invented things, and releases to index."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from vises.namespaces import Iris
from vises.service.search.build import _add, _end
from vises.service.search.schema import create, opened
from vises.service.search.things import facts, subjects

if TYPE_CHECKING:
    from pathlib import Path

    from tantivy import Index

BASE = "https://data.example/"
PREFIXES = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix cv: <http://data.europa.eu/m8g/> .
@prefix family: <https://w3id.org/vises/code/family/> .
@prefix form: <https://w3id.org/vises/code/legal-form-fr/> .
@prefix legal: <http://www.w3.org/ns/legal#> .
@prefix locn: <http://www.w3.org/ns/locn#> .
@prefix nace: <https://w3id.org/vises/code/nace-rev2.1/> .
@prefix nuts: <https://w3id.org/vises/code/nuts/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix theme: <https://w3id.org/vises/code/theme/> .
@prefix vises: <https://w3id.org/vises/ontology#> .
"""


@dataclass(frozen=True)
class Enterprise:
    """An invented enterprise."""

    number: str
    names: tuple[str, ...]
    postcode: str = "59000"
    town: str = "Lille"
    region: str = "FRE11"

    @property
    def code(self) -> str:
        return f"{'be' if len(self.number) == 10 else 'fr'}-{self.number}"

    @property
    def iri(self) -> str:
        return f"{BASE}enterprise/{self.code}"

    def turtle(self) -> str:
        names = ", ".join(f'"{name}"' for name in self.names)
        return f"""
<enterprise/{self.code}> a vises:Enterprise ;
    legal:legalName {names} ;
    vises:region nuts:{self.region} ;
    adms:identifier <identifier/{self.number}> ;
    cv:registeredAddress <address/{self.code}> .
<identifier/{self.number}> a adms:Identifier ; skos:notation "{self.number}" .
<address/{self.code}> a locn:Address ;
    locn:postCode "{self.postcode}" ; locn:postName "{self.town}" .
"""


def filled(graphs: dict[str, str]) -> Store:
    """Return a store of graphs given as Turtle without its prefixes."""
    store = Store()
    for name, turtle in graphs.items():
        graph = NamedNode(Iris(BASE).graph(name).value)
        store.load(PREFIXES + turtle, RdfFormat.TURTLE, base_iri=BASE, to_graph=graph)
    return store


Indexed = Callable[[dict[str, str]], "Index"]


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Indexed:
    """Return what makes an index of graphs given as Turtle."""

    def make(graphs: dict[str, str]) -> Index:
        return index_of(filled(graphs), tmp_path_factory.mktemp("index"))

    return make


def index_of(store: Store, folder: Path, iris: Iterable[str] | None = None) -> Index:
    writer = create(folder).writer(15_000_000, 1)
    for iri in subjects(store) if iris is None else iris:
        _add(writer, iri, facts(store, iri))
    _end(writer)
    return opened(folder)


@pytest.fixture(scope="session")
def enterprise() -> type[Enterprise]:
    return Enterprise


@pytest.fixture(scope="session")
def fill() -> Callable[[dict[str, str]], Store]:
    return filled


@pytest.fixture(scope="session")
def turtle() -> Callable[[str], bytes]:
    """Return what puts the prefixes before Turtle."""

    def make(text: str) -> bytes:
        made = (PREFIXES + text).encode()
        assert list(parse(made, RdfFormat.TURTLE, base_iri=BASE))
        return made

    return make


@pytest.fixture(scope="session")
def graph() -> Callable[[str], str]:
    """Return what makes the IRI of a dataset's graph."""
    return lambda name: Iris(BASE).graph(name).value
