"""Data that is sent is judged: what may be sent, and the forms of the report."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING

import httpx
import pytest
from jsonschema import Draft202012Validator
from pyoxigraph import RdfFormat, parse, serialize

from vises.service.app import create_app
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from vises.settings import Settings

SH = "http://www.w3.org/ns/shacl#"
TURTLE = """@prefix legal: <http://www.w3.org/ns/legal#> .
@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix code: <https://w3id.org/vises/code/> .
<enterprise/x-1> a vises:Enterprise ;
    legal:legalName "L'Atelier, \\"Coop\\" <b>" ;
    vises:region code:nuts\\/NOWHERE .
<enterprise/x-2> a vises:Enterprise ;
    vises:region code:nuts\\/FRE1 .
"""
SHAPES = f"""@prefix sh: <{SH}> .
<urn:s> a sh:NodeShape ; sh:targetSubjectsOf <urn:p> ;
    sh:property <urn:s-p> .
<urn:s-p> a sh:PropertyShape ; sh:path <urn:p> ; sh:nodeKind sh:IRI ; sh:message "an IRI, please" .
"""
FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}


def written(form: RdfFormat) -> bytes:
    quads = parse(TURTLE, RdfFormat.TURTLE, base_iri="https://data.example/")
    return serialize((quad.triple for quad in quads), format=form) or b""


def judged(client: httpx.Client, data: bytes, media_type: str, **query: str) -> httpx.Response:
    headers = {"Content-Type": media_type, "Accept": "application/json"}
    return client.post("/validate", content=data, headers=headers, params=query)


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    text = (files("vises") / "validation" / "report.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


@pytest.mark.parametrize("media_type", FORMATS)
def test_rdf_in_any_format(
    client: httpx.Client, media_type: str, schema: Draft202012Validator
) -> None:
    answer = judged(client, written(FORMATS[media_type]), media_type)
    assert answer.status_code == 200
    report = answer.json()
    schema.validate(report)
    assert not report["accepted"]
    nowhere = [r for r in report["results"] if "NOWHERE" in (r["value"] or "")]
    assert {r["focus"] for r in nowhere} >= {"<https://data.example/enterprise/x-1>"}
    assert all("line" in r["place"] for r in report["results"])


def test_the_place_is_the_line_of_the_value(client: httpx.Client) -> None:
    results = judged(client, TURTLE.encode(), "text/turtle").json()["results"]
    lines = {(r["focus"][-4:-1], r["value"] and r["value"][-8:-1]): r["place"] for r in results}
    assert lines["x-1", "NOWHERE"] == {"document": "body", "line": 6}
    assert lines["x-2", None] == {"document": "body", "line": 7}


def test_a_profile_is_stricter(client: httpx.Client) -> None:
    core, named, exchange = (
        judged(client, TURTLE.encode(), "text/turtle", **query).json()["violations"]
        for query in ({}, {"profile": "core"}, {"profile": "exchange"})
    )
    assert core == named < exchange


@pytest.mark.parametrize("empty", ["", " "])
def test_a_profile_in_two_places_is_refused(client: httpx.Client, empty: str) -> None:
    """The laxer one would say that data is right which the other one refuses."""
    wanted = {"Accept": "application/json"}
    text = {"text": TURTLE, "syntax": "text/turtle"}
    for form in ("data", "files"):
        fields = {**text, "profile": "core"}
        sent = fields if form == "data" else {n: (None, v) for n, v in fields.items()}
        twice = client.post("/validate?profile=exchange", headers=wanted, **{form: sent})
        assert (twice.status_code, twice.json()["place"]) == (400, "field profile")
    one = client.post(
        "/validate?profile=exchange", data={**text, "profile": empty}, headers=wanted
    ).json()
    exchange = judged(client, TURTLE.encode(), "text/turtle", profile="exchange").json()
    assert one["violations"] == exchange["violations"]


def test_a_pasted_text_that_is_not_utf_8_is_not_judged(client: httpx.Client) -> None:
    sent = {"text": (None, b'<x:a> <x:b> "\xe9" .'), "syntax": (None, b"text/turtle")}
    answer = client.post("/validate", files=sent, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["place"]) == (400, "field text")


@pytest.mark.parametrize("media_type", [m for m in FORMATS if m != "application/trig"])
def test_the_report_in_rdf(client: httpx.Client, media_type: str) -> None:
    headers = {"Content-Type": "text/turtle", "Accept": media_type}
    answer = client.post("/validate", content=TURTLE, headers=headers)
    assert answer.headers["Content-Type"].startswith(media_type)
    quads = list(parse(answer.content, FORMATS[media_type]))
    results = [q for q in quads if q.predicate.value == f"{SH}result"]
    assert len(results) == judged(client, TURTLE.encode(), "text/turtle").json()["violations"]


def test_shapes_sent_along_are_the_only_ones(client: httpx.Client) -> None:
    sent = [
        ("data", ("a.ttl", b'<urn:a> <urn:p> "text" .\n<urn:b> <urn:p> <urn:c> .')),
        ("data", ("b.nt", b'\n<urn:d> <urn:p> "text" .\n', "application/n-triples")),
        ("shapes", ("mine.ttl", SHAPES.encode())),
    ]
    answer = client.post("/validate", files=sent, headers={"Accept": "application/json"})
    report = answer.json()
    assert {r["shape"] for r in report["results"]} == {"urn:s-p"}
    assert {r["focus"]: r["place"] for r in report["results"]} == {
        "<urn:a>": {"document": "a.ttl", "line": 1},
        "<urn:d>": {"document": "b.nt", "line": 2},
    }


def test_a_browser_is_led_to_a_page_that_says_what_to_fix(browser: httpx.Client) -> None:
    sent = {"data": ("mes données.ttl", TURTLE.encode(), "application/octet-stream")}
    fields = {"text": "", "syntax": "text/turtle", "profile": "core"}
    page = browser.post("/validate?lang=fr", files=sent, data=fields)
    assert page.history[0].status_code == 303
    assert page.url.params["lang"] == "fr"
    assert page.status_code == 200
    assert page.headers["Content-Language"] == "fr"
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "Donnez une seule région, prise dans la liste nuts." in page.text
    assert "L&#39;Atelier, &#34;Coop&#34; &lt;b&gt;" in page.text
    assert "code:nuts/NOWHERE" in page.text
    assert "mes données.ttl, ligne 6" in page.text
    report = str(page.url.path)
    assert browser.get(f"{report}.json").json()["violations"] > 0
    for ending, form in (("ttl", RdfFormat.TURTLE), ("jsonld", RdfFormat.JSON_LD)):
        download = browser.get(f"{report}.{ending}")
        assert "attachment" in download.headers["Content-Disposition"]
        assert any(q.predicate.value == f"{SH}result" for q in parse(download.content, form))


def test_what_many_things_have_in_common_is_said_once(browser: httpx.Client) -> None:
    many = "".join(f'<urn:{n}> <urn:p> "<script>{n}" .\n' for n in range(50))
    sent = {"data": ("a.nt", many.encode()), "shapes": ("s.ttl", SHAPES.encode())}
    page = browser.post("/validate", files=sent)
    assert page.text.count("an IRI, please") == 1
    assert "50 times" in page.text
    assert "The same defect elsewhere: 45." in page.text
    assert "<script>1" not in page.text
    whole = browser.get(f"{page.url.path}.json").json()
    assert len(whole["results"]) == 50


def test_a_text_may_be_pasted(client: httpx.Client) -> None:
    for sent in (
        {"files": {"text": (None, TURTLE), "syntax": (None, "text/turtle")}},
        {"data": {"text": TURTLE, "syntax": "text/turtle"}},
    ):
        answer = client.post("/validate", headers={"Accept": "application/json"}, **sent)  # type: ignore[arg-type]
        assert answer.json()["results"][0]["place"]["document"] == "text"


def test_a_file_called_as_the_field_of_a_text_is_not_told_as_pasted(browser: httpx.Client) -> None:
    files = {"data": ("text", TURTLE, "text/turtle")}
    page = browser.post("/validate", files=files, follow_redirects=True).text
    assert "the pasted text" not in page
    assert "./text, line " in page


def test_what_was_pasted_is_called_so(browser: httpx.Client) -> None:
    fields = {"text": TURTLE, "syntax": "text/turtle", "profile": "core"}
    page = browser.post("/validate?lang=nl", data=fields).text
    assert "de geplakte tekst, regel 6" in page
    assert "<bdi>de geplakte tekst</bdi>" in page


def test_an_error_stands_above_the_form(browser: httpx.Client) -> None:
    page = browser.post("/validate?lang=nl", data={"text": "<a> <b>", "syntax": "text/turtle"})
    assert page.status_code == 400
    assert page.text.index('role="alert"') < page.text.index('class="judging"')
    assert 'action="/validate?lang=nl" method="post"' in page.text


def test_valid_data(client: httpx.Client) -> None:
    report = judged(client, b"<urn:a> <http://purl.org/dc/terms/title> 'a' .", "text/turtle").json()
    assert (report["conforms"], report["accepted"], report["results"]) == (True, True, [])


def test_the_form_needs_no_script(browser: httpx.Client) -> None:
    for language in ("en", "fr", "nl"):
        page = browser.get("/validate", params={"lang": language})
        assert page.status_code == 200
        assert f'action="/validate?lang={language}" method="post"' in page.text
        assert 'name="url"' not in page.text
    assert browser.options("/validate").headers["Access-Control-Allow-Methods"].startswith("GET")


def test_a_report_is_for_those_who_know_its_name(browser: httpx.Client) -> None:
    for name in ("a" * 22, "%2e%2e", "%2e%2e%2fcurrent", "a" * 22 + ".json"):
        assert browser.get(f"/validate/reports/{name}").status_code == 404


def test_nothing_is_published_and_nothing_stays(client: httpx.Client, settings: Settings) -> None:
    before = ReleaseStore(settings.data).current()
    judged(client, TURTLE.encode(), "text/turtle")
    assert ReleaseStore(settings.data).current() == before
    assert not list((settings.data / "updating").iterdir())


@pytest.fixture
def empty(
    settings: Settings, tmp_path: Path, run: Callable[..., AbstractContextManager[str]]
) -> Iterator[str]:
    """Return the address of a service that has published nothing."""
    here = replace(settings, data=tmp_path / "data")
    releases = ReleaseStore(here.data)
    engine = WorkerPool(releases, size=1, query_seconds=20, mebibytes=1024)
    with run(create_app(here, releases, engine)) as address:
        yield address


def test_it_works_before_anything_is_published(empty: str) -> None:
    headers = {"Accept": "text/html", "Content-Type": "text/turtle"}
    page = httpx.post(
        f"{empty}/validate", content=TURTLE, headers=headers, follow_redirects=True, timeout=20
    )
    assert page.status_code == 200
    assert "L&#39;Atelier" in page.text
