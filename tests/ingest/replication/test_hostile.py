"""Streams that are broken or ill-meant: each has its defined answer, and nothing is published."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, Quad

from vises.ingest.replication import fetching
from vises.ingest.replication.failures import (
    GraphTaken,
    ReplicaDiffers,
    StreamUnfit,
    StreamUnreachable,
)
from vises.ingest.replication.fetching import Fetcher, StreamAddress
from vises.ingest.replication.replicate import Goal, NoSuchDataset, Replication
from vises.ingest.replication.trust import trusting
from vises.store.digest import Tally
from vises.store.releases import ReleaseStore
from vises.store.streams.terms import NAMESPACES
from vises.store.transaction import Change

if TYPE_CHECKING:
    from vises.errors import VisesError

HERE = "https://there.example/ldes"
BASE = "https://data.example/"
GRAPH = f"{BASE}graph/a"
TYPE = "application/n-quads"
LINE = f'<{BASE}x> <{BASE}p> "v" <{GRAPH}> .\n'.encode()
DIGEST = Tally().plus([LINE]).digest

NOTHING = httpx.MockTransport(lambda _: httpx.Response(404))

Answer = httpx.Response | Callable[[httpx.Request], httpx.Response]


def nquads(text: str) -> bytes:
    """Return N-Quads with prefixed names written out."""
    for prefix, iri in NAMESPACES.items():
        text = text.replace(f" {prefix}:", f" <{iri}").replace("~", ">")
    return text.encode()


def root(pages: str = f"{HERE}/a/1", release: str = "000001") -> bytes:
    return nquads(
        f"<{HERE}#stream> ldes:timestampPath~ prov:generatedAtTime~ .\n"
        f"<{HERE}#stream> tree:view~ <{HERE}> .\n"
        f'<{HERE}> dcterms:identifier~ "{release}" .\n'
        f'<{HERE}#skolem> void:uriSpace~ "{BASE}.well-known/genid/" .\n'
        f"<{GRAPH}> dcat:distribution~ <{HERE}/a> .\n"
    ) + relation(HERE, pages)


def relation(here: str, target: str) -> bytes:
    return nquads(
        f"<{here}> tree:relation~ <{here}#next> .\n"
        f"<{here}#next> rdf:type~ tree:GreaterThanOrEqualToRelation~ .\n"
        f"<{here}#next> tree:node~ <{target}> .\n"
    )


def following(target: str) -> bytes:
    return nquads(f"<{HERE}/a/1> as:next~ <{target}> .\n")


def member(  # noqa: PLR0913 (each is a way to be wrong)
    number: int = 1,
    *,
    release: str = "000001",
    kind: str = "Create",
    content: str = f'<{BASE}x> <{BASE}p> "v"',
    last: bool = True,
    dataset: str = GRAPH,
) -> bytes:
    iri = f"<{BASE}ldes/a/1#{number}>"
    status = "http://publications.europa.eu/resource/authority/distribution-status/COMPLETED"
    end = f"{iri} adms:status~ <{status}> .\n" if last else ""
    said = f"{content} {iri} .\n" if content else ""
    return nquads(
        f"<{HERE}#stream> tree:member~ {iri} .\n"
        f"{iri} rdf:type~ as:{kind}~ .\n"
        f"{iri} dcterms:isVersionOf~ <{BASE}x> .\n"
        f"{iri} void:inDataset~ <{dataset}> .\n"
        f"{iri} dcterms:isPartOf~ <{BASE}ldes/a#release-{release}> .\n{end}{said}"
    )


def state(digest: str = DIGEST, release: str = "000001") -> bytes:
    iri = f"{BASE}ldes/a#release-{release}"
    return nquads(
        f"<{iri}> spdx:checksum~ <{iri}-digest> .\n"
        f'<{iri}-digest> spdx:checksumValue~ "{digest}"^^ xsd:hexBinary~ .\n'.replace("^^ ", "^^ ")
    ).replace(b"^^ <", b"^^<")


class World:
    """A data folder, and a stream of answers by path."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.answers: dict[str, Answer] = {}
        self.asked: list[httpx.Request] = []
        self.slept: list[float] = []
        self.gone: list[str] = []
        self.put("", root())
        self.put("/a", root())
        self.put("/a/1", member() + state())

    def put(self, path: str, body: bytes, **headers: str) -> None:
        told = {"Content-Type": TYPE, **headers}
        self.answers[path] = lambda _: httpx.Response(200, content=body, headers=told)

    def run(self, dataset: str = "", *, from_start: bool = False) -> list[str]:
        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            found = self.answers[str(request.url).removeprefix(HERE)]
            return found(request) if callable(found) else found

        goal = Goal(self.data, ReleaseStore(self.data), lambda: trusting, dataset)
        http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        with closing(Fetcher(HERE, http, self.slept.append)) as fetcher:
            replication = Replication(fetcher, goal)
            found = list(replication.run(lambda _: None, from_start=from_start))
            self.gone = list(replication.gone)
            return found

    @property
    def lines(self) -> list[bytes]:
        store = ReleaseStore(self.data)
        current = store.current()
        if current is None:
            return []
        with store.open(current.id) as held:
            return [f"{quad} .\n".encode() for quad in held]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    return World(tmp_path / "data")


def test_the_stream_of_these_tests_is_right(world: World) -> None:
    assert world.run() == [GRAPH]
    assert world.lines == [LINE]


def test_the_data_folder_may_be_named_from_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert World(Path("copy")).run() == [GRAPH]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"no quads", "not N-Quads"),
        (member() + state() + following(f"{HERE}/a/1"), "lead back"),
        (member() + state() + following("https://evil.example/2"), "elsewhere"),
        (member() + state() + following("file:///etc/passwd"), "elsewhere"),
        (member(), "states no digest"),
        (member() + state("xyz"), "digest that is none"),
        (member(last=False) + state(), "breaks off"),
        (member(content=f'<{BASE}other> <{BASE}p> "v"') + state(), "something else"),
        (member(dataset=f"{BASE}graph/b") + state(), "not described"),
        (member(kind="Delete") + state(), "contradicts"),
        (member(content="") + state(), "contradicts"),
        (member(kind="Follow") + state(), "not described"),
        (member(release="x") + state(), "not described"),
        (member() + member(2) + state(), "not in their order"),
        (member() + state() + LINE, "no member"),
    ],
)  # fmt: skip
def test_a_page_that_is_not_right(world: World, body: bytes, said: str) -> None:
    world.put("/a/1", body)
    with pytest.raises(StreamUnfit, match=said):
        world.run()
    assert len(world.lines) <= 1


def test_a_page_that_ends_the_process_which_parses_it(world: World) -> None:
    term = f"<<( <{BASE}x> <{BASE}p> " * 100_000 + '"v"' + " )>>" * 100_000
    world.put("/a/1", member(content=f"<{BASE}x> <{BASE}p> {term}") + state())
    with pytest.raises(StreamUnfit, match="in one another"):
        world.run()


def test_a_wrong_digest_publishes_nothing(world: World) -> None:
    world.put("/a/1", member() + state("0" * 64))
    with pytest.raises(ReplicaDiffers) as caught:
        world.run()
    assert "--from-start" in str(caught.value)
    assert world.lines == []


def test_a_page_that_changed(world: World) -> None:
    world.run()
    world.put("", root(release="000002"))
    world.put("/a/1", member(content=f'<{BASE}x> <{BASE}p> "changed"') + state())
    with pytest.raises(StreamUnfit, match="must only grow"):
        world.run()
    # The way out, once the stream is right.
    world.put("/a/1", member() + state())
    assert world.run(from_start=True) == [GRAPH]


def test_what_something_else_wrote_is_found_and_made_good(world: World) -> None:
    world.run()
    store = ReleaseStore(world.data)
    quad = Quad(NamedNode(f"{BASE}y"), NamedNode(f"{BASE}p"), Literal("z"), NamedNode(GRAPH))
    with store.transaction(author="a", message="m", gate=trusting) as transaction:
        transaction.apply(Change(frozenset(), frozenset([quad])))
    with pytest.raises(ReplicaDiffers, match="digest"):
        world.run()
    world.run(from_start=True)
    assert world.lines == [LINE]


def test_a_graph_of_ones_own_is_left_alone(world: World) -> None:
    store = ReleaseStore(world.data)
    quad = Quad(NamedNode(f"{BASE}y"), NamedNode(f"{BASE}p"), Literal("mine"), NamedNode(GRAPH))
    with store.transaction(author="a", message="m", gate=trusting) as transaction:
        transaction.apply(Change(frozenset(), frozenset([quad])))
    for from_start in (False, True):
        with pytest.raises(GraphTaken):
            world.run(from_start=from_start)
    assert b"mine" in world.lines[0]


@pytest.mark.parametrize("path", ["", "/a", "/a/1"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, html="<html>"), StreamUnfit),
        (httpx.Response(200, content=b""), StreamUnfit),
        (httpx.Response(302, headers={"Location": "http://127.0.0.1/"}), StreamUnfit),
        (httpx.Response(404), StreamUnfit),
        (httpx.Response(410), StreamUnfit),
        (httpx.Response(500), StreamUnreachable),
        (httpx.Response(401), StreamUnreachable),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_right(
    world: World, path: str, answer: httpx.Response, error: type[VisesError]
) -> None:
    world.answers[path] = answer
    with pytest.raises(error):
        world.run()
    assert world.lines == []


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_any_more_says_how_to_begin_again(world: World, status: int) -> None:
    world.answers["/a/1"] = httpx.Response(status)
    with pytest.raises(StreamUnfit) as refused:
        world.run()
    assert refused.value.exit_code == 3
    assert "--from-start" in str(refused.value.remedy)


def test_a_huge_page_is_not_read_to_its_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 1 << 20)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"# \n" * 30_000

    told = {"Content-Type": TYPE}
    world.answers["/a/1"] = lambda _: httpx.Response(200, content=endless(), headers=told)
    with pytest.raises(StreamUnfit, match="more than 1 MiB"):
        world.run()
    assert sent < 20


def test_it_waits_as_long_as_it_is_told_and_no_longer_than_it_should(world: World) -> None:
    later = iter([{"Retry-After": "7"}, {"Retry-After": "86400"}, {}])
    usual = world.answers["/a/1"]

    def busy(request: httpx.Request) -> httpx.Response:
        headers = next(later, None)
        if headers is None:
            assert callable(usual)
            return usual(request)
        return httpx.Response(503, headers=headers)

    world.answers["/a/1"] = busy
    assert world.run() == [GRAPH]
    assert world.slept == [7.0, fetching.MOST_WAIT, 4.0]


def test_a_date_that_is_none_is_no_pause(world: World) -> None:
    later = {"Retry-After": f"Mon, 01 Jan 2024 00:00:00 +{'9' * 30}"}
    world.answers["/a/1"] = httpx.Response(503, headers=later)
    with pytest.raises(StreamUnreachable, match="503"):
        world.run()


def test_a_release_whose_number_has_too_many_digits(world: World) -> None:
    world.put("", root(release="9" * 5000))
    with pytest.raises(StreamUnfit, match="which release"):
        world.run()


CODED = f"HTTP/1.1 200 OK\r\nContent-Type: {TYPE}\r\nContent-Encoding: {{}}\r\n"
FIRST_OF_GZIP = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03"
"""The head of a file in gzip whose name begins; it may have any length (RFC 1952)."""


@contextmanager
def trickling(first: bytes, then: bytes) -> Iterator[str]:
    """Yield the address of a server that sends some bytes, and others ten times a second."""

    def serve(listener: socket.socket) -> None:
        with suppress(OSError), listener.accept()[0] as connection:
            connection.recv(1 << 16)
            connection.sendall(first)
            for _ in range(100 if then else 0):
                connection.sendall(then)
                time.sleep(0.1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=serve, args=(listener,), daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/ldes"
    serving.join()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Name: ", b"a"),
        (f"{CODED.format('identity')}Content-Length: 999\r\n\r\n".encode(), b"\n"),
        (f"{CODED.format('gzip')}Content-Length: 999\r\n\r\n".encode() + FIRST_OF_GZIP, b"a"),
    ],
    ids=["head", "body", "gzip"],
)
def test_what_trickles_does_not_take_longer_than_it_may(
    monkeypatch: pytest.MonkeyPatch, first: bytes, then: bytes
) -> None:
    monkeypatch.setattr(fetching, "MOST_SECONDS", 0.5)
    monkeypatch.setattr(fetching, "TRIES", 1)
    with trickling(first, then) as address, closing(Fetcher(address)) as fetcher:
        begun = time.monotonic()
        with pytest.raises(StreamUnreachable, match="more than"):
            fetcher.get(address)
        assert time.monotonic() - begun < 5


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    whole = f"{CODED.format('identity')}Content-Length: 4\r\n\r\n# x\n".encode()
    with trickling(whole, b"") as address, closing(Fetcher(address)) as fetcher:
        found = fetcher.get(address)
    assert found is not None
    assert found.body == b"# x\n"


def test_what_is_not_of_its_coding_is_no_whole_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TRIES", 1)
    junk = f"{CODED.format('gzip')}Content-Length: 4\r\n\r\njunk".encode()
    with (
        trickling(junk, b"") as address,
        closing(Fetcher(address)) as fetcher,
        pytest.raises(StreamUnreachable, match="decompressing"),
    ):
        fetcher.get(address)


def test_a_coding_that_may_stand_for_gigabytes_is_not_read() -> None:
    """Brotli writes a gigabyte in less than a kilobyte, which httpx would unpack at once."""
    packed = f"{CODED.format('br')}Content-Length: 999\r\n\r\n".encode()
    with (
        trickling(packed, b"") as address,
        closing(Fetcher(address)) as fetcher,
        pytest.raises(StreamUnfit, match="coding 'br'"),
    ):
        fetcher.get(address)


def test_it_gives_up_in_the_end(world: World) -> None:
    world.answers[""] = httpx.Response(429)
    with pytest.raises(StreamUnreachable, match="429"):
        world.run()
    assert len(world.slept) == fetching.TRIES - 1


def test_what_did_not_change_is_not_sent_again(world: World) -> None:
    body, tag = root(), '"one"'

    def conditional(request: httpx.Request) -> httpx.Response:
        if request.headers.get("if-none-match") == tag:
            return httpx.Response(304)
        return httpx.Response(200, content=body, headers={"Content-Type": TYPE, "ETag": tag})

    world.answers[""] = conditional
    world.run()
    world.asked.clear()
    world.run()
    assert [str(request.url) for request in world.asked] == [HERE]


def test_releases_that_the_root_does_not_reach_yet_are_left(world: World) -> None:
    more = member(2, release="000002", kind="Delete", content="")
    world.put("/a/1", member() + more + state() + state("0" * 64, "000002"))
    world.run()
    assert world.lines == [LINE]
    world.put("", root(release="000002"))
    world.run()
    assert world.lines == []


def test_a_dataset_that_the_stream_has_no_more_is_not_called_equal(world: World) -> None:
    world.run()
    told = {"Content-Type": TYPE, "ETag": '"two"'}
    body = root(release="000002").replace(b"dcat#distribution", b"dcat#page")
    world.answers[""] = lambda asked: (
        httpx.Response(304)
        if asked.headers.get("if-none-match") == '"two"'
        else httpx.Response(200, content=body, headers=told)
    )
    for _ in range(2):  # the second time the root says that nothing changed
        assert world.run() == []
        assert world.gone == [GRAPH]
        assert world.lines == [LINE]
    world.put("", root())
    assert world.run() == [GRAPH]
    assert world.gone == []


def test_the_usual_port_may_be_named() -> None:
    fetcher = Fetcher("https://there.example:443/ldes", httpx.AsyncClient(transport=NOTHING))
    with closing(fetcher), pytest.raises(StreamUnfit, match="404"):
        fetcher.get("https://there.example/ldes/a")


def test_a_dataset_that_is_not_there(world: World) -> None:
    with pytest.raises(NoSuchDataset, match="It has a"):
        world.run("nothing")


@pytest.mark.parametrize(
    "address", ["", "ldes", "ftp://x/", "https://", "https://u:p@x/", "http://[/"]
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(StreamAddress):
        Fetcher(address)
