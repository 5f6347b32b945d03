"""A service with a closed graph, and tokens for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.background import MOST_SECONDS
from tests.service.conftest import DATA, PROVENANCE, Publish, pool, running
from vises.service.access import granting
from vises.service.access.file import AccessFile
from vises.service.app import create_app
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from pathlib import Path

    from vises.settings import Settings

GRAPH = "https://data.example/graph/"
SECRET = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix legal: <http://www.w3.org/ns/legal#> .
@prefix vises: <https://w3id.org/vises/ontology#> .
<enterprise/draft-1> a vises:Enterprise , vises:Draft ; legal:legalName "Brouillon" .
<enterprise/fr-1> legal:legalName "Hidden name" ; vises:secretly <enterprise/draft-1> .
<graph/draft> a dcat:Dataset ; dcterms:title "The draft"@en ; vises:fictitious true .
"""

Grant = Callable[..., str]


def granted(data: Path, *graphs: str, read: bool = False, write: bool = False) -> str:
    """Return a new token."""
    grant = granting.Grant("Reader", graphs, read, write)
    return granting.create(AccessFile(data), grant, (), datetime.now(UTC))[1]


@dataclass(frozen=True)
class World:
    """A service, its data folder, a token that reads the closed graph, and one that does not."""

    address: str
    data: Path
    reader: str
    other: str

    def client(self, token: str | None = None, **headers: str) -> httpx.Client:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return httpx.Client(base_url=self.address, timeout=MOST_SECONDS, headers=headers)


@pytest.fixture(scope="session")
def world(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings, publish: Publish
) -> Iterator[World]:
    """Return a service with the graphs data, provenance and draft, of which draft is closed."""
    data = tmp_path_factory.mktemp("closed") / "data"
    graphs = {"data": DATA, "provenance": PROVENANCE, "draft": SECRET}
    turtle = {name: text.encode() for name, text in graphs.items()}
    publish(ReleaseStore(data), tmp_path_factory.mktemp("scratch"), turtle)
    granting.close(AccessFile(data), [GRAPH + "draft"])
    reader = granted(data, GRAPH + "dra*", read=True)
    other = granted(data, GRAPH + "else", read=True, write=True)
    here = replace(settings, data=data)
    with running(create_app(here, ReleaseStore(data), pool(here))) as address:
        yield World(address, data, reader, other)
