"""The alignments over HTTP: the list, all of one in each form, and the table in SSSOM."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from vises.ingest.alignments import alignment
from vises.namespaces import VOCABULARY_BASE
from vises.service.app import create_app
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vises.settings import Settings

FILES = sorted((Path(str(files("vises"))) / "ontology" / "alignments").glob("*.ttl"))


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory,
    publish: Callable[..., None],
    settings: Settings,
    run_app: Callable[..., object],
) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("alignments")
    turtle = b"\n".join(path.read_bytes() for path in FILES)
    publish(ReleaseStore(folder / "data"), folder, {"alignments": turtle})
    here = replace(settings, data=folder / "data")
    engine = WorkerPool(ReleaseStore(here.data), size=1, query_seconds=20, mebibytes=2048)
    with (
        run_app(create_app(here, ReleaseStore(here.data), engine)) as address,  # type: ignore[attr-defined]
        httpx.Client(base_url=address, timeout=20) as found,
    ):
        yield found


def statements(body: bytes, syntax: RdfFormat) -> set[str]:
    """Return the statements of a document; the store writes the decimal 1.0 as 1."""
    return {str(q.triple).replace('"1.0"', '"1"') for q in parse(body, format=syntax)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_document_of_an_alignment_holds_all_of_its_statements(
    client: httpx.Client, path: Path
) -> None:
    written = statements(path.read_bytes(), RdfFormat.TURTLE)
    for address in (f"/alignments/{path.stem}", f"/alignments/{path.stem}.nt"):
        answer = client.get(address, headers={"Accept": "application/n-triples"})
        assert answer.status_code == 200
        assert statements(answer.content, RdfFormat.N_TRIPLES) == written


def test_the_page_of_an_alignment_is_there(client: httpx.Client) -> None:
    page = client.get("/alignments/cids", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert page.status_code == 200
    assert "Alignment with the Common Impact Data Standard" in page.text


@pytest.mark.parametrize("accept", ["*/*", "text/tab-separated-values", "text/html"])
def test_an_alignment_comes_as_a_table(client: httpx.Client, accept: str) -> None:
    answer = client.get("/alignments/cids.sssom.tsv", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/tab-separated-values; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.text == alignment("cids").sssom()
    known = {"If-None-Match": answer.headers["etag"]}
    assert client.get(str(answer.url), headers=known).status_code == 304
    assert client.get("/alignments/none.sssom.tsv").status_code == 404


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Alignment with ORG"), ("fr", "ORG"), ("nl", "ORG")]
)
def test_the_list_leads_to_each_page_file_and_table(
    client: httpx.Client, language: str, title: str
) -> None:
    page = client.get("/alignments", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert title in page.text
    for path in FILES:
        stem = f"/alignments/{path.stem}"
        for ending in (".html", ".ttl", ".sssom.tsv"):
            assert f'href="{stem}{ending}' in page.text
            assert client.get(stem + ending).status_code == 200


def test_the_iri_of_a_mapping_leads_to_its_alignment(client: httpx.Client) -> None:
    iri = alignment("cids").correspondences[0].iri
    document = iri.removeprefix(VOCABULARY_BASE).partition("#")[0]
    assert f"<{iri}>" in client.get(f"/{document}.nt").text
