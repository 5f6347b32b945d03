"""Updates over HTTP, as their writers and others see them."""

from __future__ import annotations

import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse
from rdflib import Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.plugins.stores.sparqlstore import SPARQLUpdateStore
from SPARQLWrapper import POST, POSTDIRECTLY, URLENCODED, SPARQLWrapper

from vises.store.lock import WriterLock
from vises.store.releases import ReleaseStore
from vises.store.transaction import Change

if TYPE_CHECKING:
    from tests.service.conftest import Desk, Open

UPDATE = "application/sparql-update"
MINE = "https://data.example/graph/mine"
SH = "http://www.w3.org/ns/shacl#"
BAD = f"""INSERT DATA {{ GRAPH <{MINE}> {{
    <https://data.example/enterprise/x> a <https://w3id.org/vises/ontology#Enterprise> }} }}"""


def send(desk: Desk, update: str, token: str | None = None, **headers: str) -> httpx.Response:
    with desk.client(token, **{"Content-Type": UPDATE, **headers}) as client:
        return client.post("/sparql", content=update.encode())


def kind(answer: httpx.Response) -> str:
    return answer.json()["type"].rpartition("/")[2]


def insert(value: object, graph: str = "mine") -> str:
    return f"INSERT DATA {{ GRAPH <https://data.example/graph/{graph}> {{ <x:s> <x:p> {value} }} }}"


def line(value: object) -> str:
    return f'<x:s> <x:p> "{value}"'


def test_an_accepted_update_is_a_release_that_the_next_query_sees(desk: Desk) -> None:
    answer = send(desk, insert('"first"'))
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["X-Release"] == desk.current
    release = desk.releases.get(desk.current)
    assert release.author == "Partner"
    assert release.message.startswith("SPARQL Update: INSERT DATA { GRAPH")
    assert line("first") in desk.lines("mine")
    again = send(desk, insert('"first"'))
    assert again.headers["X-Release"] == release.id, "what changes nothing makes no release"
    with desk.client() as client:
        form = client.post("/sparql", data={"update": insert('"form"')})
    assert form.status_code == 204
    assert line("form") in desk.lines("mine")


def test_who_may_not_write_changes_nothing(desk: Desk) -> None:
    before = desk.current
    headers = {"Content-Type": UPDATE}
    nobody = httpx.post(f"{desk.address}/sparql", content=insert(1), headers=headers)
    assert nobody.status_code == 401
    assert nobody.headers["WWW-Authenticate"].startswith("Bearer")
    wrong = httpx.post(
        f"{desk.address}/sparql",
        content=insert(1),
        headers={**headers, "Authorization": "Bearer vises_00000000_" + 64 * "0"},
    )
    assert wrong.status_code == 401
    reader = send(desk, insert(1), desk.grant("mine", read=True, write=False))
    assert reader.status_code == 403
    half = send(desk, f"{insert(1)} ; {insert(2, 'else')}")
    assert half.status_code == 403
    assert "https://data.example/graph/else" in half.json()["detail"]
    managed = send(desk, insert(1, "provenance"), desk.grant("*"))
    assert managed.status_code == 403
    assert "graph/provenance" in managed.json()["detail"]
    where = "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }"
    assert send(desk, where).status_code == 403
    assert desk.current == before


@pytest.mark.parametrize(
    "update",
    [
        f"INSERT {{ GRAPH <{MINE}> {{ ?s ?p ?o }} }} WHERE {{ GRAPH <G> {{ ?s ?p ?o }} }}",
        f"INSERT {{ GRAPH <{MINE}> {{ ?s ?p ?o }} }} USING <G> WHERE {{ ?s ?p ?o }}",
        (
            f"INSERT {{ GRAPH <{MINE}> {{ ?s ?p ?o }} }} USING NAMED <G> "
            "WHERE { GRAPH ?g { ?s ?p ?o } }"
        ),
        f"WITH <G> INSERT {{ GRAPH <{MINE}> {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o }}",
        (
            f"WITH <G> INSERT {{ GRAPH <{MINE}> {{ ?s ?p ?o }} }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }}"
            " FILTER(?g = <G>) }"
        ),
        f"INSERT {{ GRAPH <{MINE}> {{ ?s ?p ?o }} }} WHERE {{ ?s ?p ?o FILTER(?o = 'Brouillon') }}",
        (
            f"INSERT {{ GRAPH <{MINE}> {{ <x:s> <x:p> 'Brouillon' }} }}"
            " WHERE { FILTER EXISTS { GRAPH <G> { ?s ?p ?o } } }"
        ),
        f"ADD SILENT <G> TO <{MINE}>",
        f"COPY SILENT <G> TO <{MINE}>",
        f"INSERT DATA {{ GRAPH <{MINE}> {{ <x:s> <x:p> 0 }} }} ; ADD SILENT <G> TO <{MINE}>",
    ],
)
def test_an_update_does_not_see_a_closed_graph(desk: Desk, update: str) -> None:
    draft = "https://data.example/graph/draft"
    answer = send(desk, update.replace("<G>", f"<{draft}>"))
    assert answer.status_code == 204, answer.text
    assert not [found for found in desk.lines("mine") if "Brouillon" in found]


def test_a_closed_graph_is_as_if_it_were_not_there(desk: Desk) -> None:
    known = send(desk, f"COPY <https://data.example/graph/draft> TO <{MINE}>")
    unknown = send(desk, f"COPY <https://data.example/graph/nowhere> TO <{MINE}>")
    assert known.status_code == unknown.status_code == 409
    assert known.text.replace("/draft", "") == unknown.text.replace("/nowhere", "")
    reader = desk.grant("mine", "draft", read=True)
    update = f"ADD <https://data.example/graph/draft> TO <{MINE}-copy>"
    assert send(desk, update, reader).status_code == 403, "it reads, and does not write there"
    assert send(desk, f"ADD <https://data.example/graph/draft> TO <{MINE}>", reader).is_success
    assert [found for found in desk.lines("mine") if "Brouillon" in found]
    assert send(desk, "DELETE WHERE { GRAPH ?g { ?s ?p 'Brouillon' } }").is_success
    assert desk.lines("draft"), "what is not seen is not removed"


@pytest.fixture
def listener() -> object:
    """Return a socket that nobody should connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        yield listening


@pytest.mark.parametrize(
    ("update", "refusal"),
    [
        ("LOAD <URL>", "load-refused"),
        ("LOAD SILENT <URL> INTO GRAPH <MINE>", "load-refused"),
        ("# INSERT\nlOaD<URL>", "load-refused"),
        ("INSERT DATA { GRAPH <MINE> { <x:s> <x:p> 1 } } ; LOAD <URL>", "load-refused"),
        ("CLEAR SILENT GRAPH <x:y> ; PREFIX a: <URL> LOAD a:", "load-refused"),
        ("LOAD <file:///etc/passwd> INTO GRAPH <MINE>", "load-refused"),
        ("LO\\u0041D <URL>", "update-syntax"),
        (
            "INSERT { GRAPH <MINE> { ?s ?p ?o } } WHERE { SERVICE <URL> { ?s ?p ?o } }",
            "federation-refused",
        ),
        (
            "INSERT { GRAPH <MINE> { ?s ?p ?o } } WHERE { { 1SERVICE<URL>{ ?s ?p ?o } }",
            "update-syntax",
        ),
        (
            (
                "DELETE WHERE { GRAPH <MINE> { ?s ?p ?o } } ; PREFIX u: <URL> INSERT { "
                "GRAPH <MINE> { ?s ?p ?o } } WHERE { FILTER NOT EXISTS { serVICE SILENT u: { ?s ?p"
                " ?o } } }"
            ),
            "federation-refused",
        ),
        (
            (
                "INSERT { GRAPH <MINE> { ?s ?p ?o } } WHERE { { SELECT * { SERVICE ?x { ?s ?p"
                " ?o } } } VALUES ?x { <URL> } }"
            ),
            "federation-refused",
        ),
    ],
)
def test_nothing_is_fetched(desk: Desk, listener: socket.socket, update: str, refusal: str) -> None:
    before = desk.current
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    answer = send(desk, update.replace("URL", url).replace("MINE", MINE))
    assert (answer.status_code, kind(answer)) == (400, refusal)
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert desk.current == before


def test_words_that_only_look_like_it(desk: Desk) -> None:
    update = f"""PREFIX load: <x:load> PREFIX service: <x:service> # LOAD <x:y>
        INSERT {{ GRAPH <{MINE}> {{ load:load service:service "LOAD <x:y>" , ?load }} }}
        WHERE {{ BIND("SERVICE <x:y> {{" AS ?load) }}"""
    assert send(desk, update).status_code == 204
    assert '<x:loadload> <x:serviceservice> "SERVICE <x:y> {"' in desk.lines("mine")


def test_what_is_wrong_has_a_place(desk: Desk) -> None:
    answer = send(desk, f"PREFIX x: <x:>\nINSERT DATA {{ GRAPH <{MINE}> {{ x:a x:b }} }}")
    problem = answer.json()
    assert answer.status_code == 400
    assert (problem["line"], problem["column"]) == (2, 65)
    assert "update" in problem["detail"]
    missing = send(desk, "INSERT DATA { x:a x:b 1 }").json()
    assert "prefix x: is not declared" in missing["detail"]
    default = send(desk, "INSERT DATA { <x:a> <x:b> 1 }")
    assert (default.status_code, kind(default)) == (400, "graph-needed")
    twice = "DELETE WHERE { ?s ?p ?o } ; WITH <x:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }"
    with desk.client(**{"Content-Type": UPDATE}) as client:
        both = client.post("/sparql?using-graph-uri=x:g", content=twice)
        relative = client.post("/sparql?insert-graph-uri=nowhere", content="INSERT DATA { }")
    assert kind(both) == "dataset-conflict"
    assert (relative.status_code, kind(relative)) == (400, "binding")


@pytest.mark.parametrize("depth", [20, 4000])
def test_what_nests_too_deeply_is_refused(desk: Desk, depth: int) -> None:
    term = "<x:a>"
    for _ in range(depth):
        term = f"<<( <x:a> <x:b> {term} )>>"
    answer = send(desk, f"INSERT DATA {{ GRAPH <{MINE}> {{ <x:a> <x:b> {term} }} }}")
    assert answer.status_code == 413


def test_an_update_that_is_to_match_a_tag_is_not_made(desk: Desk) -> None:
    before = desk.lines("mine")
    with desk.client() as client:
        tag = client.get("/sparql", headers={"Accept": "text/turtle"}).headers["ETag"]
    for wanted in ('"x"', tag):
        refused = send(desk, insert('"matched"'), **{"If-Match": wanted})
        assert (refused.status_code, kind(refused)) == (412, "not-matched")
    assert desk.lines("mine") == before
    assert send(desk, insert('"matched"'), **{"If-Match": "*"}).status_code == 204


def test_a_refused_update_tells_why_in_the_form_that_is_asked_for(desk: Desk) -> None:
    before = desk.current
    problem = send(desk, BAD)
    assert problem.status_code == 422
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert problem.json()["report"]["violations"] > 0
    assert "legal name" in problem.text
    page = send(desk, BAD, Accept="text/html")
    assert page.status_code == 422
    assert "violations" in page.text
    assert "Give at least one legal name" in page.text
    for path in re.findall(r'href="(/validate/reports/[^"]*)"', page.text):
        with desk.client() as client:
            assert client.get(path).status_code == 200
    for media_type, form in (("text/turtle", "TURTLE"), ("application/ld+json", "JSON_LD")):
        answer = send(desk, BAD, Accept=media_type)
        assert answer.status_code == 422
        assert answer.headers["Content-Type"].startswith(media_type)
        quads = list(parse(answer.content, getattr(RdfFormat, form)))
        kinds = {q.object.value for q in quads if q.predicate.value.endswith("#type")}
        assert kinds == {f"{SH}ValidationReport", f"{SH}ValidationResult"}
        conforms = [q.object.value for q in quads if q.predicate.value == f"{SH}conforms"]
        assert conforms == ["false"]
    assert desk.current == before


def test_many_small_updates_at_once_become_few_releases_and_none_is_lost(desk: Desk) -> None:
    before = int(desk.current)
    good = [insert(f'"many {number}"') for number in range(50)]
    bad = [BAD, "CLEAR XYZ", insert(1, "else")]
    with ThreadPoolExecutor(20) as many:
        answers = list(many.map(lambda update: send(desk, update), [*good, *bad]))
    assert [a.status_code for a in answers] == [204] * 50 + [422, 400, 403]
    assert {line(f"many {number}") for number in range(50)} <= desk.lines("mine")
    assert int(desk.current) - before < 25
    for answer in answers[:50]:
        assert before < int(answer.headers["X-Release"]) <= int(desk.current)


def test_updates_that_read_what_others_write_are_made_one_after_the_other(desk: Desk) -> None:
    send(desk, f"DELETE WHERE {{ GRAPH <{MINE}-count> {{ ?s ?p ?o }} }}")
    counter = f"<{MINE}-count> {{ <x:c> <x:n>"
    assert send(desk, f"INSERT DATA {{ GRAPH {counter} 0 }} }}").is_success
    step = (
        f"DELETE {{ GRAPH {counter} ?n }} }} INSERT {{ GRAPH {counter} ?m }} }} "
        f"WHERE {{ GRAPH {counter} ?n }} BIND(?n + 1 AS ?m) }}"
    )
    beside = f"INSERT DATA {{ GRAPH <{MINE}-count> {{ <x:other> <x:n> "
    updates = [step, f"{beside} 1 }} }}", step, f"{beside} 2 }} }}", step, step, step, step]
    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda update: send(desk, update), updates))
    assert [a.status_code for a in answers] == [204] * 8
    number = '"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert desk.lines("mine-count") == {
        f'<x:c> <x:n> "6{number}',
        f'<x:other> <x:n> "1{number}',
        f'<x:other> <x:n> "2{number}',
    }


def test_a_write_waits_for_another_process_that_writes(desk: Desk) -> None:
    class Accepted:
        accepted, violations, warnings = True, 0, 0

        def turtle(self) -> list[bytes]:
            return []

    quad = Quad(
        NamedNode("x:s"), NamedNode("x:p"), Literal("other"), NamedNode(f"{MINE}-elsewhere")
    )
    answers = []
    begun = desk.releases.transaction(author="o", message="m", gate=lambda _: Accepted())
    with begun as transaction:
        sending = threading.Thread(
            target=lambda: answers.append(send(desk, insert('"waited"', "mine")))
        )
        sending.start()
        sending.join(0.5)
        assert sending.is_alive()
        transaction.apply(Change(frozenset(), frozenset({quad})))
    sending.join(20)
    assert answers[0].status_code == 204
    assert int(answers[0].headers["X-Release"]) > int(transaction.release.id)
    assert line("other") in desk.lines("mine-elsewhere")
    assert line("waited") in desk.lines("mine")


def test_who_waits_too_long_is_told_nothing_of_the_machine(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ReleaseStore.transaction.__kwdefaults__, "wait_seconds", 0.2)
    before = desk.current
    with WriterLock(desk.data / "lock", 10):
        answers = [send(desk, insert('"busy"'))]
        with desk.client(**{"Content-Type": "text/turtle"}) as client:
            answers.append(client.put("/graphs/mine/busy", content="<x:a> <x:b> 1 ."))
    for answer in answers:
        assert (answer.status_code, kind(answer)) == (503, "writer-busy")
        assert answer.headers["Retry-After"]
        assert str(desk.data) not in answer.text
        assert "pid" not in answer.text
    assert desk.current == before


def test_an_update_that_takes_too_long_or_too_much_changes_nothing(open_desk: Open) -> None:
    many = " ".join(f"<x:{n}>" for n in range(300))
    slow = f"""INSERT {{ GRAPH <{MINE}> {{ <x:s> <x:p> ?n }} }} WHERE {{
        {{ SELECT (COUNT(*) AS ?n) WHERE {{ VALUES ?a {{ {many} }} VALUES ?b {{ {many} }}
        VALUES ?c {{ {many} }} VALUES ?d {{ {many} }} }} }} }}"""
    large = f"""INSERT {{ GRAPH <{MINE}> {{ ?a ?b ?c }} }} WHERE {{
        VALUES ?a {{ {many} }} VALUES ?b {{ {many} }} VALUES ?c {{ {many} }} }}"""
    with open_desk(query_seconds=3) as desk:
        before = desk.current
        late = send(desk, slow)
        assert (late.status_code, kind(late)) == (503, "update-timeout")
        much = send(desk, large)
        assert much.status_code in {413, 503}
        assert kind(much) in {"update-too-large", "update-timeout", "query-memory"}
        assert desk.current == before
        assert not list((desk.data / "updating").iterdir())
        assert send(desk, insert('"after"')).status_code == 204


def test_a_script_of_another_site_may_update(desk: Desk) -> None:
    answer = httpx.options(f"{desk.address}/sparql", headers={"Origin": "https://a.example"})
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    done = send(desk, insert('"cors"'), Origin="https://a.example")
    assert done.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Release" in done.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("method", [URLENCODED, POSTDIRECTLY])
def test_sparqlwrapper(desk: Desk, method: str) -> None:
    endpoint = SPARQLWrapper(f"{desk.address}/sparql")
    endpoint.addCustomHttpHeader("Authorization", f"Bearer {desk.token}")
    endpoint.setMethod(POST)
    endpoint.setRequestMethod(method)
    endpoint.setQuery(insert(f'"wrapper {method}"'))
    assert endpoint.isSparqlUpdateRequest()
    endpoint.query()
    assert line(f"wrapper {method}") in desk.lines("mine")


def test_rdflib_update_store(desk: Desk) -> None:
    endpoint = f"{desk.address}/sparql"
    store = SPARQLUpdateStore(
        endpoint, endpoint, headers={"Authorization": f"Bearer {desk.token}"}, autocommit=False
    )
    graph = Graph(store, identifier=URIRef(f"{MINE}-rdflib"))
    thing = URIRef("https://a.example/thing")
    for number in range(3):
        graph.add((thing, URIRef("x:p"), RdflibLiteral(f"é {number}")))
    before = int(desk.current)
    store.commit()
    assert int(desk.current) == before + 1
    assert len(graph) == 3
    graph.remove((thing, None, RdflibLiteral("é 1")))
    store.commit()
    assert {str(o) for o in graph.objects(thing)} == {"é 0", "é 2"}
    graph.update("DELETE { ?s ?p ?o } INSERT { ?s ?p 'new' } WHERE { ?s ?p ?o }")
    store.commit()
    assert [str(o) for o in graph.objects(thing)] == ["new"]
