"""Whatever is sent gets a defined answer, soon, and the service answers others meanwhile."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from vises.service.app import create_app
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.settings import Settings

PATIENCE = 120.0
"""How many seconds are waited for an answer that must come."""

SH = "http://www.w3.org/ns/shacl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
TURTLE, XML, JSON_LD = "text/turtle", "application/rdf+xml", "application/ld+json"
DATA = '<urn:a> <urn:p> <urn:b> , "x" .'
PREFIX = f"@prefix sh: <{SH}> . @prefix rdf: <{RDF}> .\n"
SHAPE = f"{PREFIX}<urn:s> a sh:NodeShape ; sh:targetNode <urn:a> ; "
MANY = "".join(f"<urn:{n}> <urn:p> <urn:{n + 1}> .\n" for n in range(3000))
FOR_EVER = (
    f'{SHAPE}sh:sparql [ sh:select "SELECT $this {{ $this ?p ?o . ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . '
    "FILTER(CONCAT(STR(?a), STR(?d), STR(?g)) = 'no') }\" ] ."
)
LONG_WAYS = (
    f"{PREFIX}<urn:s> sh:targetSubjectsOf <urn:p> ; sh:property [ "
    "sh:path [ sh:zeroOrMorePath [ sh:zeroOrMorePath <urn:p> ] ] ; sh:maxCount 100000 ] ."
)
IRIS_ONLY = (
    f"{PREFIX}<urn:s> sh:targetSubjectsOf <urn:p> ; "
    "sh:property [ sh:path <urn:p> ; sh:nodeKind sh:IRI ] ."
)
ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))


def xml(entities: str, text: str) -> str:
    return (
        f'<?xml version="1.0"?><!DOCTYPE r [{entities}]><r:RDF xmlns:r="{RDF}" xmlns="http://e/">'
        f'<r:Description r:about="urn:a"><p>{text}</p></r:Description></r:RDF>'
    )


Run = Callable[[float], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def serving(
    settings: Settings,
    run_app: Callable[..., AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """Return how a service is run that judges for so many seconds, with little memory."""

    @contextmanager
    def run(seconds: float) -> Iterator[str]:
        data = tmp_path_factory.mktemp("hostile")
        here = replace(
            settings,
            data=data,
            query_seconds=seconds,
            worker_mebibytes=1024,
            upload_mebibytes=20,
        )
        with run_app(create_app(here, ReleaseStore(data), _NoEngine())) as found:
            yield found

    return run


@pytest.fixture(scope="module")
def address(serving: Run) -> Iterator[str]:
    """Return the address of a service that has time enough on any machine."""
    with serving(PATIENCE) as found:
        yield found


@pytest.fixture(scope="module")
def hurried(serving: Run) -> Iterator[str]:
    """Return the address of a service that soon stops what runs for ever."""
    with serving(8) as found:
        yield found


class _NoEngine:
    """An engine that nobody asks."""

    def accepts(self, _: str) -> bool:
        return True

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def answer(self, *_: object) -> object:
        raise AssertionError


def send(
    address: str,
    data: str | bytes,
    media_type: str = TURTLE,
    shapes: str | None = None,
    **headers: str,
) -> httpx.Response:
    wanted = {"Accept": "application/json"} | headers
    content = data.encode() if isinstance(data, str) else data
    target = f"{address}/validate"
    if shapes is None:
        headers = {"Content-Type": media_type} | wanted
        return httpx.post(target, content=content, headers=headers, timeout=PATIENCE)
    sent = [
        ("data", ("d", content, media_type)),
        ("shapes", ("mine.ttl", shapes.encode(), TURTLE)),
    ]
    return httpx.post(target, files=sent, headers=wanted, timeout=PATIENCE)


def kind(answer: httpx.Response) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text[:500]
    return str(answer.json()["type"]).rpartition("/")[2]


@pytest.mark.parametrize(
    ("data", "media_type", "place"),
    [
        ("<urn:a> <urn:p> 1 .\n\n<urn:a <urn:p> 2 .", TURTLE, "body, line 3, column 1"),
        ('<urn:a> <urn:p> "é" .'.encode("latin-1"), TURTLE, "body, line 1, column 18"),
        ('<urn:a> <urn:p> "é" .'.encode("utf-16"), TURTLE, "body, line 1, column 1"),
        ('<urn:a>\n <urn:p> "cut off', TURTLE, "body, line 2"),
        ('{"@id": "urn:a", ', JSON_LD, "body, line 1, column 18"),
        ('{"@context": "http://127.0.0.1:9/c", "@id": "urn:a"}', JSON_LD, "body"),
        (f"{'[' * 200_000}{']' * 200_000}", JSON_LD, "body, line 1, column 65538"),
        (xml('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;"), XML, "body"),
    ],
)
def test_what_does_not_parse(address: str, data: str | bytes, media_type: str, place: str) -> None:
    answer = send(address, data, media_type)
    assert (answer.status_code, kind(answer)) == (400, "rdf-syntax")
    assert answer.json()["place"].startswith(place)


@pytest.mark.parametrize(
    ("shapes", "problem"),
    [
        ("<urn:s a sh:NodeShape .", "rdf-syntax"),
        (SHAPE + "sh:property [ sh:path <urn:p> , <urn:q> ; sh:minCount 1 ] .", "shapes"),
        (SHAPE + 'sh:property [ sh:path <urn:p> ; sh:minCount "many" ] .', "shapes"),
        (SHAPE + "sh:in <urn:no-list> .", "shapes"),
        (SHAPE + "sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l .", "shapes"),
        (
            SHAPE + "sh:property [ sh:path _:p ; sh:minCount 1 ] . _:p sh:inversePath _:p .",
            "shapes",
        ),
        (SHAPE + "sh:not <urn:s> .", "shapes"),
        (SHAPE + 'sh:pattern "(" .', "shapes"),
        (SHAPE + 'sh:pattern "((a{1,1000}){1,1000}){1,1000}" .', "shapes"),
        (SHAPE + 'sh:sparql [ sh:select "SELECT nonsense" ] .', "shapes"),
        (
            SHAPE + 'sh:sparql [ sh:select "SELECT $this { SERVICE <urn:x> { ?a ?b ?c } }" ] .',
            "shapes",
        ),
    ],
)
def test_shapes_that_mean_nothing(address: str, shapes: str, problem: str) -> None:
    answer = send(address, DATA, shapes=shapes)
    assert (answer.status_code, kind(answer)) == (400, problem)
    assert answer.json()["place"].startswith("mine.ttl")


def test_an_expression_that_explodes_elsewhere_is_matched_in_linear_time(address: str) -> None:
    text = f'<urn:a> <urn:p> "{"a" * 200_000}b" .'
    shape = SHAPE + 'sh:property [ sh:path <urn:p> ; sh:pattern "^(a+)+$" ] .'
    answer = send(address, text, shapes=shape)
    assert answer.json()["violations"] == 1


@pytest.mark.parametrize(
    "shapes",
    [
        FOR_EVER,
        LONG_WAYS,
    ],
)
def test_what_runs_for_long_is_stopped(hurried: str, shapes: str) -> None:
    answer = send(hurried, MANY.replace("<urn:0>", "<urn:a>"), "application/n-triples", shapes)
    assert (answer.status_code, kind(answer)) == (503, "judging-timeout")
    assert send(hurried, DATA).status_code == 200


@pytest.mark.parametrize(
    ("data", "media_type", "shapes"),
    [
        (xml(f'<!ENTITY a0 "lol">{ENTITIES}', "&a11;"), XML, None),
        (
            f'<urn:a> <urn:p> "{"x" * 7_000_000}" .',
            TURTLE,
            PREFIX
            + "".join(
                f"<urn:s{n}> sh:targetNode <urn:a> ; "
                "sh:property [ sh:path <urn:p> ; sh:nodeKind sh:IRI ] ."
                for n in range(60)
            ),
        ),
    ],
)
def test_what_needs_too_much_memory_is_stopped(
    hurried: str, data: str, media_type: str, shapes: str | None
) -> None:
    answer = send(hurried, data, media_type, shapes)
    assert answer.status_code == 503
    assert kind(answer) in {"judging-memory", "judging-timeout"}
    assert send(hurried, DATA).status_code == 200


def test_what_ends_the_process_ends_nothing_else(address: str) -> None:
    terms = f"<urn:a> <urn:p> {'<<( <urn:a> <urn:p> ' * 50_000}1{' )>>' * 50_000} ."
    answer = send(address, terms)
    assert (answer.status_code, kind(answer)) == (422, "judging-failed")
    assert send(address, DATA).status_code == 200


def test_a_huge_literal_is_judged(address: str) -> None:
    legal = "http://www.w3.org/ns/legal#legalName"
    answer = send(address, f'<urn:a> <{legal}> "{"x" * 15_000_000}" .')
    assert answer.status_code == 200


def test_counting_stops(address: str) -> None:
    many = "".join(f'<urn:{n}> <urn:p> "x" .\n' for n in range(12_000))
    report = send(address, many, "application/n-triples", IRIS_ONLY).json()
    assert (report["violations"], report["complete"], report["accepted"]) == (10_000, False, False)


@pytest.mark.parametrize(
    ("sent", "status", "problem"),
    [
        ({"content": b"", "headers": {}}, 415, "unsupported-media-type"),
        (
            {"content": b"a,b", "headers": {"Content-Type": "text/csv"}},
            415,
            "unsupported-media-type",
        ),
        (
            {"content": b"x", "headers": {"Content-Type": "text/turtle; charset=latin-1"}},
            415,
            "unsupported-media-type",
        ),
        (
            {"content": b"x" * (20 << 20) + b"y", "headers": {"Content-Type": TURTLE}},
            413,
            "request-too-large",
        ),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "protocol"),
        (
            {
                "content": b"--b\r\n\r\ncut",
                "headers": {"Content-Type": "multipart/form-data; boundary=b"},
            },
            400,
            "protocol",
        ),
        ({"files": {"other": ("a.ttl", b"")}}, 400, "judging-request"),
        ({"files": {"data": ("a.exe", b"x")}}, 415, "unsupported-media-type"),
        ({"data": {"text": ""}}, 400, "judging-request"),
        ({"data": {"profile": ["core", "exchange"], "text": "x"}}, 400, "judging-request"),
        ({"data": {"text": DATA, "syntax": TURTLE, "profile": "none"}}, 400, "judging-request"),
        ({"data": {"url": "http://127.0.0.1/"}}, 400, "document-refused"),
        (
            {
                "files": {
                    "data": ("a.ttl", DATA),
                    "shapes": ("s.ttl", SHAPE),
                    "profile": (None, "exchange"),
                }
            },
            400,
            "judging-request",
        ),
    ],
)
def test_requests_that_are_not_clear(
    address: str, sent: dict[str, object], status: int, problem: str
) -> None:
    answer = httpx.post(f"{address}/validate", timeout=20, **sent)  # type: ignore[arg-type]
    assert (answer.status_code, kind(answer)) == (status, problem)


def test_a_body_that_is_cut_off_is_not_judged(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    head = (
        "POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\nContent-Length: 99\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"{head}\r\n{DATA}".encode())
        connection.shutdown(socket.SHUT_WR)
        assert b" 200 " not in connection.recv(1000)
    assert send(address, DATA).status_code == 200


def test_the_form_of_the_answer_must_be_one_there_is(address: str) -> None:
    answer = send(address, DATA, Accept="image/png")
    assert (answer.status_code, kind(answer)) == (406, "not-acceptable")


@contextmanager
def listening() -> Iterator[tuple[str, list[object]]]:
    """Listen on the loopback; yield the address, and who has connected."""
    connected: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            try:
                while True:
                    connection, peer = server.accept()
                    connected.append(peer)
                    connection.close()
            except OSError:
                return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x", connected
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_nothing_is_fetched(address: str) -> None:
    with listening() as (there, connected):
        owl = "http://www.w3.org/2002/07/owl#imports"
        links = f"<{SH}shapesGraph> <{there}> ; <{SH}suggestedShapesGraph> <{there}>"
        data = f"<urn:o> <{owl}> <{there}> ; {links} . {DATA}"
        shapes = f"{SHAPE}sh:minLength 1 . <urn:o> <{owl}> <{there}> ; sh:shapesGraph <{there}> ."
        assert send(address, data).status_code == 200
        assert send(address, data, shapes=shapes).status_code == 200
        send(address, f'{{"@context": "{there}", "@id": "urn:a"}}', JSON_LD)
        send(address, xml(f'<!ENTITY x SYSTEM "{there}">', "&x;"), XML)
        query = f"SELECT $this {{ SERVICE SILENT <{there}> {{ ?a ?b ?c }} }}"
        send(address, DATA, shapes=f'{SHAPE}sh:sparql [ sh:select "{query}" ] .')
        assert connected == []


TOLD = {
    "a syntax that is none": (
        {"data": {"text": DATA, "syntax": "text/foo"}},
        "field text, field syntax", "text/foo", TURTLE,
    ),
    "a text without its syntax": (
        {"data": {"text": DATA}}, "field text, field syntax", "No media type", TURTLE,
    ),
    "a file of another type": (
        {"files": {"data": ("a.pdf", DATA, "application/pdf")}},
        "file 'a.pdf', field data, header Content-Type", "application/pdf", TURTLE,
    ),
    "shapes of another type": (
        {"files": {"data": ("a.ttl", DATA), "shapes": ("s.pdf", SHAPE, "application/pdf")}},
        "file 's.pdf', field shapes, header Content-Type", "application/pdf", TURTLE,
    ),
    "a file of no known type": (
        {"files": {"data": ("a", DATA)}}, "file 'a', field syntax", "No media type", TURTLE,
    ),
    "a charset of a part": (
        {"files": {"data": ("a.ttl", DATA, "text/turtle; charset=latin-1")}},
        "field data, header Content-Type", "latin-1", "UTF-8",
    ),
    "a body of another type": (
        {"content": b"x", "headers": {"Content-Type": "text/csv"}},
        "header Content-Type", "text/csv", "data and shapes",
    ),
    "a field that is none": ({"data": {"foo": "1"}}, "field foo", "foo", "data and shapes"),
    "a parameter that is none": (
        {"content": DATA, "headers": {"Content-Type": TURTLE}, "params": {"foo": "1"}},
        "parameter foo", "foo", "profile",
    ),
    "a profile in a form": (
        {"data": {"text": DATA, "syntax": TURTLE, "profile": "none"}},
        "field profile", "none", "core",
    ),
    "a profile in the address": (
        {"content": DATA, "headers": {"Content-Type": TURTLE}, "params": {"profile": "none"}},
        "parameter profile", "none", "core",
    ),
    "nothing": ({"data": {"text": ""}}, "body", "nothing", "field data"),
    "no boundary": (
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        "header Content-Type", "boundary", "boundary=",
    ),
    "a context elsewhere": (
        {
            "content": b'{"@context": "https://schema.org/", "name": "a"}',
            "headers": {"Content-Type": "application/ld+json"},
        },
        "body", "context that is elsewhere", "@context",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TOLD)
def test_a_problem_says_what_was_wrong_and_where(address: str, what: str) -> None:
    sent, place, said, remedy = TOLD[what]
    told = httpx.post(f"{address}/validate", timeout=20, **sent).json()  # type: ignore[arg-type]
    assert told["place"] == place
    assert said in told["detail"]
    assert remedy in told["remedy"]
    assert "SPARQL" not in told["title"]
    assert "LoadDocumentCallback" not in str(told)
