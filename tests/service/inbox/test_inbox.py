"""A partner delivers: what is published, what is said of it, what is refused."""

from __future__ import annotations

import http.client
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from pyoxigraph import Dataset, RdfFormat, parse

from tests.background import until
from vises.service.access import granting
from vises.service.access.file import AccessFile
from vises.service.inbox import delivering
from vises.service.inbox.ledger import MOST_KEPT, Ledger, Record
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.service.conftest import Desk, Publish

    Open = Callable[..., AbstractContextManager[Desk]]

ROOT = Path(__file__).resolve().parents[3]
BASE = "https://data.example/"
GRAPH = f"{BASE}graph/partner/atelier"
LD = {"Content-Type": "application/ld+json"}
TURTLE = {"Content-Type": "text/turtle"}
CIDS_CONTEXT = "https://ontology.commonapproach.org/contexts/cidsContext.jsonld"
VISES = "https://w3id.org/vises/ontology#"
INBOX, DELIVERY = "/inbox/{partner}", "/inbox/{partner}/deliveries/{delivery}"


def cids(meals: str = "12000", **more: object) -> bytes:
    """Return an organisation with an indicator, as the Basic tier of CIDS wants it."""
    document = {
        "@context": CIDS_CONTEXT,
        "@graph": [
            {
                "@id": "https://atelier.example/org",
                "@type": "cids:Organization",
                "hasLegalName": "Atelier",
                "hasIndicator": "https://atelier.example/meals",
            },
            {
                "@id": "https://atelier.example/meals",
                "@type": "cids:Indicator",
                "hasName": "Meals",
                "unitDescription": "meals",
                "forOrganization": "https://atelier.example/org",
            },
            {
                "@id": "https://atelier.example/report",
                "@type": "cids:IndicatorReport",
                "hasName": "Meals in 2024",
                "forIndicator": "https://atelier.example/meals",
                "forOrganization": "https://atelier.example/org",
                "value": {"@type": "i72:Measure", "hasNumericalValue": meals},
                "startedAtTime": "2024-01-01T00:00:00Z",
                "endedAtTime": "2024-12-31T00:00:00Z",
                **more,
            },
        ],
    }
    return json.dumps(document).encode()


@pytest.fixture(scope="module")
def opened(
    open_desk: Open, publish: Publish, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """Return a desk with the vocabulary, which the shapes ask for."""
    turtle = b"".join(f.read_bytes() for f in sorted((ROOT / "ontology").glob("*.ttl")))
    codes = b"".join(f.read_bytes() for f in sorted((ROOT / "ontology/codes").glob("*.ttl")))
    with open_desk(upload_mebibytes=1, worker_mebibytes=1024, query_seconds=300.0) as desk:
        scratch = tmp_path_factory.mktemp("vocabulary")
        publish(ReleaseStore(desk.data), scratch, {"ontology": turtle, "codes": codes})
        yield desk


@pytest.fixture(scope="module")
def token(opened: Desk) -> str:
    return opened.grant("partner/atelier")


@pytest.fixture(scope="module")
def description(opened: Desk) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{opened.address}/api/openapi.json").json()
    return found


@pytest.fixture
def client(opened: Desk, token: str, description: dict[str, Any]) -> Iterator[httpx.Client]:
    """Return the client of a partner; each answer of an inbox is as the API's description says."""
    with opened.client(token) as found:
        found.timeout = httpx.Timeout(300)
        found.event_hooks["response"] = [lambda answer: check_described(answer, description)]
        yield found


def check_described(answer: httpx.Response, description: dict[str, Any]) -> None:
    path = answer.request.url.path
    if not path.startswith("/inbox/") or answer.request.method == "OPTIONS":
        return
    template = DELIVERY if "/deliveries/" in path else INBOX
    operation = description["paths"][template][answer.request.method.lower()]
    told = operation["responses"][str(answer.status_code)]
    components = description["components"]
    told = components["responses"]["Problem"] if "$ref" in told else told
    form = answer.headers["content-type"].partition(";")[0]
    schema = told["content"][form].get("schema", {})
    if form.endswith("json") and schema:
        answer.read()
        Draft202012Validator({**schema, "components": components}).validate(answer.json())


def deliver(client: httpx.Client, body: bytes, **headers: str) -> httpx.Response:
    return client.post("/inbox/atelier", content=body, headers={**LD, **headers})


def kind(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


def test_a_delivery(opened: Desk, client: httpx.Client) -> None:
    answer = deliver(client, cids("1"))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["outcome"], told["vocabulary"]) == ("kept", "cids")
    assert {r["path"] for r in told["report"]["results"]} >= {f"<{VISES}polarity>"}
    assert told["release"] == opened.current == answer.headers["X-Release"]
    assert told["tiers"][0] == {"name": "Basic", "met": True, "official": False, "lacks": []}
    assert told["tiers"][1]["met"] is None
    assert any("cids#forIndicator" in line for line in opened.lines("partner/atelier"))
    report = client.get(answer.headers["Location"], headers={"Accept": "text/turtle"})
    graph = Dataset(parse(report.content, RdfFormat.TURTLE))
    assert [q for q in graph if q.object.value.endswith("#ValidationReport")]


def test_the_description_of_the_api_has_inboxes(
    client: httpx.Client, description: dict[str, Any]
) -> None:
    validate(description)
    deliver_operation = description["paths"][INBOX]["post"]
    taken = client.options("/inbox/atelier").headers["Accept-Post"].split(", ")
    described = deliver_operation["requestBody"]["content"]
    assert [*described] == [*taken, "application/json"]
    (scheme,) = deliver_operation["security"][0]
    assert description["components"]["securitySchemes"][scheme]["scheme"] == "bearer"
    assert description["paths"][DELIVERY]["get"]["security"] == deliver_operation["security"]


def test_the_same_again_is_nothing_new(opened: Desk, client: httpx.Client) -> None:
    first = deliver(client, cids("2"))
    assert first.status_code == 201
    again = deliver(client, cids("2"))
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert again.headers["Location"] == first.headers["Location"]
    assert opened.current == first.json()["release"]
    rewritten = json.dumps(json.loads(cids("2")), indent=3).encode()
    other = deliver(client, rewritten)
    assert (other.status_code, other.json()["outcome"]) == (200, "unchanged")
    assert opened.current == first.json()["release"]


def test_the_same_said_in_two_ways_in_turn(opened: Desk, client: httpx.Client) -> None:
    first = deliver(client, cids("31"))
    rewritten = json.dumps(json.loads(cids("31")), indent=3).encode()
    for body in (rewritten, cids("31"), rewritten):
        again = deliver(client, body)
        assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert opened.current == first.json()["release"]


def test_after_the_clock_was_set_back(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead, now = datetime(2091, 1, 1, tzinfo=UTC), datetime.now(UTC)
    clock = Mock(wraps=datetime)
    monkeypatch.setattr(delivering, "datetime", clock)
    for meals, moment in (("32", ahead), ("33", now)):
        clock.now.return_value = moment
        assert deliver(client, cids(meals)).status_code == 201
    told = client.get("/inbox/atelier").json()
    assert told["tiers"]
    assert told["deliveries"][0]["received"] == now.isoformat(timespec="seconds")
    again = deliver(client, cids("33"))
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert deliver(client, cids("32")).status_code == 409


def test_what_the_graph_holds_is_known_after_any_number_of_refusals(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "atelier")

    def keep(outcome: str) -> Record:
        report = tmp_path / "report"
        report.mkdir()
        name = ledger.new_id(datetime(2026, 1, 1, tzinfo=UTC))
        record = Record(name, "", "", outcome, "", "", "cids", (), {})
        ledger.keep(record, report)
        return record

    taken = keep("published")
    for _ in range(MOST_KEPT + 1):
        keep("refused")
    assert [r for r in ledger.records() if r.taken] == [taken]
    assert ledger.report(taken.id)
    assert len(ledger.records()) == MOST_KEPT + 1


def test_a_delivery_that_goes_while_others_are_read_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "inbox" / "atelier" / "20260101T000000000000-0"
    folder.mkdir(parents=True)
    (folder / "record.json").symlink_to(tmp_path / "gone")
    assert Ledger(tmp_path, "atelier").records() == []


def test_an_old_one_after_a_newer_one(client: httpx.Client) -> None:
    assert deliver(client, cids("3")).status_code == 201
    assert deliver(client, cids("4")).status_code == 201
    stale = deliver(client, cids("3"))
    assert (stale.status_code, kind(stale)) == (409, "stale-delivery")
    tag = client.get("/inbox/atelier").headers["ETag"]
    assert deliver(client, cids("3"), **{"If-Match": tag}).status_code == 201
    late = deliver(client, cids("4"), **{"If-Match": tag})
    assert (late.status_code, kind(late)) == (412, "precondition-failed")


def test_the_state_of_a_partner(opened: Desk, client: httpx.Client) -> None:
    assert deliver(client, cids("5")).status_code == 201
    answer = client.get("/inbox/atelier")
    told = answer.json()
    assert told["statements"] == len(opened.lines("partner/atelier"))
    assert told["deliveries"][0]["outcome"] == "kept"
    assert told["tiers"][0]["met"] is True
    assert 'rel="http://www.w3.org/ns/ldp#inbox"' in answer.headers["Link"]
    public = client.get("/inbox/atelier", headers={"Authorization": ""})
    assert public.status_code == 401
    del client.headers["Authorization"]
    public = client.get("/inbox/atelier")
    assert (public.json()["deliveries"], public.json()["tiers"]) == ([], told["tiers"])
    hidden = client.get(told["deliveries"][0]["delivery"])
    assert hidden.status_code == 401


def test_another_way_of_writing_takes_the_tier_away(client: httpx.Client) -> None:
    assert deliver(client, cids("6")).status_code == 201
    put = client.put("/graphs/partner/atelier", content=b"<x:a> <x:b> <x:c> .", headers=TURTLE)
    assert put.status_code == 204
    assert client.get("/inbox/atelier").json()["tiers"] == []
    back = deliver(client, cids("6"))
    assert (back.status_code, back.json()["outcome"]) == (201, "kept")


@pytest.mark.parametrize(
    ("language", "heading", "outcome", "not_official"),
    [
        ("en", "Report on a delivery", "Published in the terms of CIDS", "not installed here"),
        ("fr", "Rapport sur une livraison", "Publiée dans les termes du CIDS", "pas installées"),
        ("nl", "Verslag over een levering", "Gepubliceerd in de termen van CIDS", "niet geïnstal"),
    ],
)
def test_pages(
    client: httpx.Client, language: str, heading: str, outcome: str, not_official: str
) -> None:
    wanted = {"Accept": "text/html", "Accept-Language": language}
    answer = deliver(client, cids(f"7{ord(language[0])}"), **wanted)
    assert answer.status_code == 201
    assert f"<h1>{heading}</h1>" in answer.text
    assert f"<strong>{outcome}" in answer.text
    assert not_official in answer.text
    page = client.get("/inbox/atelier", headers=wanted)
    assert page.status_code == 200
    assert GRAPH in page.text
    assert not_official in page.text


def test_vises_turtle_and_a_graph_of_its_own(opened: Desk, client: httpx.Client) -> None:
    body = b'<thing> <http://purl.org/dc/terms/title> "Chose" .'
    answer = client.post("/inbox/atelier", content=body, headers=TURTLE)
    assert (answer.status_code, answer.json()["vocabulary"]) == (201, "vises")
    title = '<http://purl.org/dc/terms/title> "Chose"'
    assert opened.lines("partner/atelier") == {f"<{GRAPH}/thing> {title}"}
    quads = f"<x:a> {title} <{GRAPH}> .".encode()
    answer = deliver(client, quads, **{"Content-Type": "application/n-quads"})
    assert answer.status_code == 201
    assert opened.lines("partner/atelier") == {f"<x:a> {title}"}


def test_what_the_shapes_refuse(opened: Desk, client: httpx.Client) -> None:
    before = opened.current
    bad = f"<https://data.example/e> a <{VISES}Enterprise> .".encode()
    answer = deliver(client, bad, **TURTLE)
    assert (answer.status_code, answer.json()["outcome"]) == (422, "refused")
    assert answer.json()["report"]["violations"] >= 1
    turtle = deliver(client, bad, **TURTLE, Accept="text/turtle")
    assert turtle.status_code == 422
    graph = Dataset(parse(turtle.content, RdfFormat.TURTLE))
    assert [q for q in graph if q.object.value.endswith("#ValidationResult")]
    page = deliver(client, bad, **TURTLE, Accept="text/html")
    assert page.status_code == 422
    assert opened.current == before


def test_an_enterprise_of_ours_is_linked_by_a_claim(opened: Desk, client: httpx.Client) -> None:
    same = "http://www.w3.org/2002/07/owl#sameAs"
    body = f"<https://atelier.example/org> <{same}> <{BASE}enterprise/be-2> .".encode()
    answer = deliver(client, body, **TURTLE)
    assert answer.status_code == 201, answer.text
    lines = "\n".join(opened.lines("partner/atelier"))
    assert f"<{VISES}about> <{BASE}enterprise/be-2>" in lines
    assert f"<{VISES}matches> <https://atelier.example/org>" in lines
    assert f"<http://purl.org/dc/terms/source> <{GRAPH}>" in lines
    assert "sameAs" not in lines
    for language, heading in SAMENESS.items():
        wanted = {"Accept": "text/html", "Accept-Language": language}
        page = client.get("/enterprise/be-2.html", headers=wanted).text
        section = page.partition(f"<h3>{heading}</h3>")[2].partition("</ul>")[0]
        assert "atelier.example/org" in section


SAMENESS = {
    "en": "The same enterprise elsewhere",
    "fr": "La même entreprise ailleurs",
    "nl": "Dezelfde onderneming elders",
}
FORGED = {
    "the provenance graph": f"<{BASE}graph/provenance> a <x:T> .",
    "another dataset": f"<{BASE}graph/data> <http://purl.org/dc/terms/license> <x:mine> .",
    "another partner": f"<{BASE}graph/partner/atelier-2> <http://purl.org/dc/terms/title> 'x' .",
    "an activity": f"<{BASE}activity/data-1> <http://www.w3.org/ns/prov#endedAtTime> '2020' .",
    "an ingest": f"<x:a> a <{VISES}IngestActivity> .",
    "an outcome": f"<x:a> <http://www.w3.org/ns/prov#generated> <{BASE}graph/data> .",
}


@pytest.mark.parametrize("what", FORGED)
def test_forged_provenance(opened: Desk, client: httpx.Client, what: str) -> None:
    before = opened.current
    answer = deliver(client, FORGED[what].encode(), **TURTLE)
    assert (answer.status_code, kind(answer)) == (422, "forged-provenance")
    assert opened.current == before


BOMB = json.dumps(
    {"@context": CIDS_CONTEXT, "@graph": [{"@context": CIDS_CONTEXT, "x:a": "b"}] * 9000}
).encode()
BOMBS = {
    "in nodes": BOMB,
    "in one array": json.dumps({"@context": [CIDS_CONTEXT] * 9000, "x:a": "b"}).encode(),
    "in arrays within arrays": json.dumps({"@context": [[CIDS_CONTEXT] * 90] * 100}).encode(),
    "by escapes": BOMB.replace(b"@context", b"\\u0040context"),
}
DEEP = b'{"x:a":' * 100_000 + b"1" + b"}" * 100_000
REMOTE = json.dumps({"@context": "https://evil.example/context", "a": "b"}).encode()
LOCAL = json.dumps({"@context": "file:///etc/passwd", "a": "b"}).encode()
NAMED = json.dumps({"@id": f"{BASE}graph/data", "@graph": [{"@id": "x:a", "x:b": "c"}]}).encode()
QUADS = f"<x:a> <x:b> <x:c> <{BASE}graph/data> .".encode()
BAD = {
    "another graph": (QUADS, "application/n-quads", 422, "foreign-graph"),
    "another graph, TriG": (
        f"GRAPH <{BASE}graph/partner/other> {{ <x:a> <x:b> <x:c> }}".encode(),
        "application/trig",
        422,
        "foreign-graph",
    ),
    "another graph, JSON-LD": (NAMED, "application/ld+json", 400, "bad-json-ld"),
    "remote context": (REMOTE, "application/ld+json", 400, "remote-context"),
    "local file": (LOCAL, "application/ld+json", 400, "remote-context"),
    "deep": (DEEP, "application/ld+json", 400, "bad-json-ld"),
    "truncated": (cids()[:-40], "application/ld+json", 400, "bad-json-ld"),
    "truncated Turtle": (b"<x:a> <x:b> ", "text/turtle", 400, "rdf-syntax"),
    "UTF-16": (cids().decode().encode("utf-16"), "application/ld+json", 400, "bad-json-ld"),
    "Latin-1": ('<x:a> <x:b> "é" .'.encode("latin-1"), "text/turtle", 400, "rdf-syntax"),
    "a charset": (b"", "text/turtle; charset=latin-1", 415, "unsupported-media-type"),
    "Notation3": (b"{ <a> <b> <c> } => {} .", "text/n3", 415, "unsupported-media-type"),
    "no RDF": (b"a,b", "text/csv", 415, "unsupported-media-type"),
    "large": (b" " * ((1 << 20) + 1), "application/ld+json", 413, "request-too-large"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_taken(opened: Desk, client: httpx.Client, what: str) -> None:
    body, form, status, name = BAD[what]
    before = opened.current
    answer = deliver(client, body, **{"Content-Type": form})
    assert (answer.status_code, kind(answer)) == (status, name), answer.text
    assert opened.current == before


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_of_contexts_ends(opened: Desk, client: httpx.Client, bomb: str) -> None:
    """Each name stands for the whole context: less than a mebibyte is 200 of them."""
    before = opened.current
    answer = deliver(client, BOMBS[bomb])
    assert (answer.status_code, kind(answer)) == (400, "bad-json-ld"), answer.text
    assert "1,000 are read at most" in answer.json()["detail"]
    assert opened.current == before
    assert deliver(client, cids("8")).is_success


def test_five_gigabytes_are_refused_before_they_come(opened: Desk, token: str) -> None:
    host = opened.address.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.putrequest("POST", "/inbox/atelier")
    connection.putheader("Authorization", f"Bearer {token}")
    connection.putheader("Content-Type", "application/ld+json")
    connection.putheader("Content-Length", str(5 << 30))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    connection.close()


def test_who_may_deliver(client: httpx.Client) -> None:
    other = client.post("/inbox/other", content=cids(), headers=LD)
    assert (other.status_code, kind(other)) == (403, "write-forbidden")
    for name in ("Atelier", "a..b", "-a", "a" * 64):
        answer = client.post(f"/inbox/{name}", content=cids(), headers=LD)
        assert (answer.status_code, kind(answer)) == (404, "no-such-partner")
    unknown = client.get("/inbox/nobody")
    assert (unknown.status_code, kind(unknown)) == (404, "no-such-partner")
    missing = client.get("/inbox/atelier/deliveries/..%2f..")
    assert missing.status_code == 404
    none = client.post("/inbox/atelier", content=cids(), headers={**LD, "Accept": "image/png"})
    assert none.status_code == 406
    del client.headers["Authorization"]
    assert deliver(client, cids()).status_code == 401


def test_a_partner_whose_graph_is_closed(opened: Desk) -> None:
    token = opened.grant("partner/secret")
    granting.close(AccessFile(opened.data), [f"{BASE}graph/partner/secret"])
    with opened.client(token) as client:
        answer = client.post("/inbox/secret", content=cids("9"), headers=LD)
        assert answer.status_code == 201
        told = client.get("/inbox/secret")
        assert (told.json()["statements"], len(told.json()["deliveries"])) == (None, 1)
        assert "ETag" not in {*answer.headers, *told.headers}
    until(lambda: httpx.get(f"{opened.address}/inbox/secret").status_code == 404)
