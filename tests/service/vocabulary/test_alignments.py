"""The alignments over HTTP: the list, all of one in each form, and the table in SSSOM."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from vises.ingest.alignments import SSSOM, alignment
from vises.namespaces import VOCABULARY_BASE, term
from vises.service.app import create_app
from vises.service.formats import GRAPH_TYPES
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vises.settings import Settings

FORMATS = (
    *(RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.N_QUADS),
    *(RdfFormat.TRIG, RdfFormat.RDF_XML, RdfFormat.JSON_LD),
)
EARLIER = b"""
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix sssom: <https://w3id.org/sssom/> .
<https://w3id.org/vises/alignments/cids> a sssom:MappingSet ;
    sssom:mappings <https://w3id.org/vises/alignments/cids#one> .
<https://w3id.org/vises/alignments/cids#one> a owl:Axiom ;
    owl:annotatedSource <https://w3id.org/vises/ontology#old> ;
    owl:annotatedProperty skos:closeMatch ;
    owl:annotatedTarget <https://nobody.example/terms#there> ;
    sssom:mapping_justification <https://w3id.org/semapv/vocab/Check> ; sssom:confidence 0.5 .
"""
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
    table, written = answer.text, alignment("cids").sssom()
    assert table == written.replace("\t1.0\t", "\t1\t"), "the store writes 1.0 as 1"
    known = {"If-None-Match": answer.headers["etag"]}
    assert client.get(str(answer.url), headers=known).status_code == 304
    assert client.get("/alignments/none.sssom.tsv").status_code == 404


def test_the_table_is_that_of_the_release_that_is_asked(
    tmp_path: Path,
    publish: Callable[..., None],
    settings: Settings,
    run_app: Callable[..., object],
) -> None:
    store = ReleaseStore(tmp_path / "data")
    publish(store, tmp_path, {"data": b"<urn:a> <urn:b> 1 ."})
    publish(store, tmp_path, {"alignments": EARLIER})
    publish(store, tmp_path, {"alignments": EARLIER.replace(b"old", b"new")})
    here = replace(settings, data=tmp_path / "data")
    engine = WorkerPool(ReleaseStore(here.data), size=1, query_seconds=20, mebibytes=2048)
    with run_app(create_app(here, ReleaseStore(here.data), engine)) as found:  # type: ignore[attr-defined]
        table = f"{found}/alignments/cids.sssom.tsv"
        answers = [httpx.get(table, params={"release": f"00000{n}"}) for n in (1, 2, 3)]
        assert [a.status_code for a in answers] == [404, 200, 200]
        assert answers[0].json()["type"].endswith("/silent-release")
        head, _, row = answers[1].text.partition("confidence\tcomment\n")
        assert row == "vises:old\tskos:closeMatch\tns1:there\tsemapv:Check\t0.5\t\n"
        assert '#   ns1: "https://nobody.example/terms#"' in head
        assert "vises:new" in answers[2].text
        assert httpx.get(table).text == answers[2].text


@pytest.mark.parametrize("form", GRAPH_TYPES)
def test_the_list_comes_in_every_form_of_rdf(client: httpx.Client, form: str) -> None:
    media_type = GRAPH_TYPES[form]
    by_ending = client.get(f"/alignments.{form}")
    negotiated = client.get("/alignments", headers={"Accept": media_type})
    assert by_ending.headers["content-type"].partition(";")[0] == media_type
    assert by_ending.content == negotiated.content
    assert "Accept" in negotiated.headers["vary"]
    (syntax,) = [f for f in FORMATS if f.media_type == media_type]
    said = {(q.subject.value, q.predicate.value) for q in parse(by_ending.content, format=syntax)}
    titled = {subject for subject, prop in said if prop == term("dcterms:title").value}
    assert titled == {f"{VOCABULARY_BASE}alignments/{path.stem}" for path in FILES}
    assert f"{SSSOM}mappings" not in {prop for _, prop in said}, "each document has its mappings"


def test_the_list_says_which_forms_there_are_to_who_takes_none(client: httpx.Client) -> None:
    gladly = {"Accept": "application/n-quads, application/trig;q=0.95, application/ld+json;q=0.9"}
    answer = client.get("/alignments", headers=gladly)
    assert answer.headers["content-type"] == "application/ld+json", "which has no named graphs"
    answer = client.get("/alignments", headers={"Accept": "text/csv"})
    assert answer.status_code == 406
    assert "text/turtle" in answer.text


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


def test_the_page_of_one_has_a_row_for_each_of_its_mappings_and_is_small(
    client: httpx.Client,
) -> None:
    answer = client.get("/alignments/cids.html?lang=fr")
    assert len(answer.content) < 80_000
    rows = re.findall(r"<tr><th scope=.row.>.*?</tr>", answer.text, re.DOTALL)
    expected = alignment("cids").correspondences
    assert len(rows) == len(expected)
    (row,) = [r for r in rows if "cids#SocialPurposeOrganization" in r and ">Enterprise<" in r]
    assert "est à peu près identique à" in row
    assert "skos:closeMatch" in row
    assert "0,7" in row
    assert "whether it is of the social economy is a claim." in row
    assert "Justification\u00a0: <a" in answer.text


def test_mappings_of_others_are_told_as_far_as_they_say(
    tmp_path: Path,
    publish: Callable[..., None],
    settings: Settings,
    run_app: Callable[..., object],
) -> None:
    bare = b"""
@prefix align: <https://w3id.org/vises/alignments/> .
align:cids sssom:mappings <https://w3id.org/vises/alignments/cids#two> .
<https://w3id.org/vises/alignments/cids#two> owl:annotatedProperty <https://nobody.example/like> .
"""
    publish(ReleaseStore(tmp_path / "data"), tmp_path, {"alignments": EARLIER + bare})
    here = replace(settings, data=tmp_path / "data")
    engine = WorkerPool(ReleaseStore(here.data), size=1, query_seconds=20, mebibytes=2048)
    with run_app(create_app(here, ReleaseStore(here.data), engine)) as found:  # type: ignore[attr-defined]
        page = httpx.get(f"{found}/alignments/cids.html?lang=en").text
    rows = [re.sub(r"<[^>]*>", " ", row).split() for row in re.findall(r"<tr>.*?</tr>", page)]
    assert rows[0][-1] == "Justification"
    two, one = (" ".join(row) for row in rows[1:])
    assert two == "two 1 nobody.example/like"
    assert one == (
        "old vises:old 1 is about the same as skos:closeMatch nobody.example/terms#there 0.5 "
        "w3id.org/semapv/vocab/Check"
    )
