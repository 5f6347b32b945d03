"""What the tests of ingest share."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vises.ingest.exporting import WRITERS
from vises.ingest.ledger import Ledger
from vises.ingest.options import IngestOptions
from vises.ingest.pipeline import ingest
from vises.ingest.retrying import retry
from vises.ingest.sources import SOURCES
from vises.namespaces import VOCABULARY_BASE
from vises.progress import Silence
from vises.store.releases import ReleaseStore
from vises.validation.gate import package_gate

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.ingest.quarantine import Threshold
    from vises.ingest.report import IngestReport
    from vises.store.transaction import Candidate, Gate


@dataclass(frozen=True)
class Accepted:
    accepted: bool = True
    violations: int = 0
    warnings: int = 0

    def summary(self) -> str:
        return "accepted"

    def turtle(self) -> list[bytes]:
        return []


def open_gate(candidate: Candidate) -> Accepted:  # noqa: ARG001 (a gate that lets all pass)
    return Accepted()


@dataclass(frozen=True)
class House:
    """A data folder, and how to ingest into it."""

    data: Path
    gate: Gate = open_gate

    @property
    def releases(self) -> ReleaseStore:
        return ReleaseStore(self.data)

    @property
    def published(self) -> list[str]:
        """The ids of the releases after that of the vocabularies."""
        return [release_id for release_id in self.releases.ids() if release_id != "000001"]

    def options(self, dataset: str, **more: object) -> IngestOptions:
        options = IngestOptions(dataset, VOCABULARY_BASE, "a test", self.data)
        return replace(options, **more)  # type: ignore[arg-type]

    def ingest(self, source: str, *files: Path, **more: object) -> IngestReport:
        progress = more.pop("progress", Silence())
        options = self.options(str(more.pop("dataset", source)), **more)
        return ingest(SOURCES[source], files, self.releases, self.gate, options, progress)  # type: ignore[arg-type]

    def export(self, dataset: str, batch: str, path: Path, language: str = "en") -> Path:
        """Write the refused rows of a batch in the form that the ending of `path` says."""
        kept = Ledger(self.data).quarantine(dataset, batch)
        assert kept is not None
        with path.open("wb") as output:
            WRITERS[path.suffix[1:]](kept, f"{dataset}/{batch}", language, output)
        return path

    def retry(
        self, export: Path, *files: Path, max_refused: Threshold | None = None
    ) -> IngestReport:
        return retry(
            export,
            files,
            releases=self.releases,
            gate=self.gate,
            data_folder=self.data,
            base_iri=VOCABULARY_BASE,
            author="an officer",
            max_refused=max_refused,
            progress=Silence(),
        )

    def ask(self, query: str) -> list[tuple[str, ...]]:
        release = self.releases.current()
        assert release is not None
        prefixes = """PREFIX vises: <https://w3id.org/vises/ontology#>
            PREFIX code: <https://w3id.org/vises/code/> PREFIX legal: <http://www.w3.org/ns/legal#>
            PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX prov: <http://www.w3.org/ns/prov#>
            PREFIX dcterms: <http://purl.org/dc/terms/> PREFIX cv: <http://data.europa.eu/m8g/>
            PREFIX locn: <http://www.w3.org/ns/locn#> PREFIX schema: <https://schema.org/>
            PREFIX adms: <http://www.w3.org/ns/adms#> PREFIX dcat: <http://www.w3.org/ns/dcat#>
            PREFIX id: <https://w3id.org/vises/>"""
        with self.releases.open(release.id) as store:
            rows = store.query(prefixes + query, use_default_graph_as_union=True)
            return sorted(tuple(term.value if term else "" for term in row) for row in rows)


@pytest.fixture
def house(tmp_path: Path, vocabularies: Path) -> House:
    """Return a house where the vocabularies are published already."""
    return House(Path(shutil.copytree(vocabularies, tmp_path / "data")))


@pytest.fixture
def empty_house(tmp_path: Path) -> House:
    """Return a house in which nothing was ever published."""
    return House(tmp_path / "data")


@pytest.fixture(scope="session")
def house_in(shacl_gate: Gate) -> Callable[[Path], House]:
    """Make a house, with the real gate, in a folder that outlives a test."""
    return lambda folder: House(folder / "data", shacl_gate)


@pytest.fixture(scope="session")
def shacl_gate() -> Gate:
    return package_gate()


@pytest.fixture
def strict_house(tmp_path: Path, vocabularies: Path, shacl_gate: Gate) -> House:
    """Return a house with the real gate, where the vocabularies are published already."""
    return House(Path(shutil.copytree(vocabularies, tmp_path / "data")), shacl_gate)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a text file and return its path."""

    def writer(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return writer
