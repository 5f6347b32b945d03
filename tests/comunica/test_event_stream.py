"""ldes-client, the reference client of LDES, follows the event streams and misses nothing.

It fetches one page at a time: with several, 0.3.0 at times takes a page that waits for its turn for
one that was read, and ends early (docs/upstream.md).
"""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

from tests.comunica.conftest import HERE, PREFIXES, Accepted, installed, node
from vises.store.releases import ReleaseStore
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from tests.conftest import Served

MANY = 510
"""More things than one page has room for."""

FIRST = "g:one {{ {} }} g:two {{ :o :p 'é, \"quoted\"'@fr ; :q [ :r 1.50 ] }}".format(
    " ".join(f":m{n} :p 'first', {n} ." for n in range(MANY))
)
GONE = "g:one { :m0 :p 'first' . :m1 :p 'first', 1 }"
COME = "g:one { :m0 :p 'second' . :new :p :m0 }"
LANGUAGE_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"


@dataclass(frozen=True)
class Member:
    """A member as the client gave it: its IRI, and its statements."""

    iri: str
    quads: frozenset[Quad]

    def said(self, local: str) -> str:
        """Return what is said of the member itself with a property of that local name."""
        (found,) = {
            quad.object.value
            for quad in self.quads
            if quad.subject.value == self.iri and quad.predicate.value.endswith(local)
        }
        return found


@pytest.fixture(scope="module")
def stream(
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[..., AbstractContextManager[Served]],
) -> Iterator[str]:
    """Return the address of the stream of a service with two releases."""
    installed("ldes-client")
    data = tmp_path_factory.mktemp("stream")
    for gone, come in (("", FIRST), (GONE, COME)):
        with ReleaseStore(data).transaction(
            author="test", message="data", gate=lambda _: Accepted()
        ) as change:
            change.apply(Change(quads(gone), quads(come)))
    with serve(data, VISES_WORKERS="1", VISES_BASE_IRI="https://data.example/") as service:
        address = f"{service.address}/ldes"
        with httpx.Client(headers={"Accept": "text/turtle"}, timeout=60) as web:
            deadline = time.monotonic() + 300
            while web.get(address).status_code == 503:
                assert time.monotonic() < deadline, "the streams are not made"
        yield address


def quads(trig: str) -> frozenset[Quad]:
    return frozenset(parse(PREFIXES + trig, RdfFormat.TRIG))


def follow(address: str, order: str = "none", **options: object) -> tuple[list[Member], int]:
    """Return the members in the order in which they came, and how many pages were fetched."""
    settings = json.dumps({"concurrentFetches": 1, **options})
    done = subprocess.run(
        [node(), "follow.mjs", address, order, settings],
        cwd=HERE, capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    *told, end = map(json.loads, done.stdout.splitlines())
    found = [Member(m["iri"], frozenset(Quad(*map(term, q)) for q in m["quads"])) for m in told]
    return found, end["fetched"]


def term(told: Mapping[str, str]) -> NamedNode | BlankNode | Literal | DefaultGraph:
    kinds = {"NamedNode": NamedNode, "BlankNode": BlankNode}
    if told["termType"] == "DefaultGraph":
        return DefaultGraph()
    if told["termType"] in kinds:
        return kinds[told["termType"]](told["value"])
    if told["datatype"] == LANGUAGE_STRING:
        return Literal(told["value"], language=told["language"])
    return Literal(told["value"], datatype=NamedNode(told["datatype"]))


def published(address: str) -> dict[str, frozenset[Quad]]:
    """Return the statements of each member that the pages of a stream have."""
    found: dict[str, set[Quad]] = {}
    for number in (1, 2):
        accept = {"Accept": "application/n-quads"}
        page = httpx.get(f"{address}/{number}", headers=accept, timeout=60)
        if page.status_code == 404:
            break
        said = list(parse(page.content, RdfFormat.N_QUADS))
        members = {q.object.value for q in said if q.predicate.value.endswith("tree#member")}
        for quad in said:
            about = quad.subject if quad.graph_name == DefaultGraph() else quad.graph_name
            if about.value in members:
                found.setdefault(about.value, set()).add(quad)
    return {member: frozenset(quads) for member, quads in found.items()}


def test_it_gets_every_member_as_it_was_published(stream: str) -> None:
    found, fetched = follow(stream)
    there = published(f"{stream}/one") | published(f"{stream}/two")
    assert len(found) == len(there) == MANY + 3 + 2
    assert {member.iri: member.quads for member in found} == there
    assert fetched == 1 + 1 + 2 + 2 + 1, "a page is fetched once, and so is each root"


def test_it_tells_what_happened_in_the_order_in_which_it_happened(stream: str) -> None:
    found, _ = follow(f"{stream}/one", "ascending")
    base = "https://data.example/"
    told = [(m.said("22-rdf-syntax-ns#type"), m.said("isVersionOf")) for m in found]
    kinds = [kind.rpartition("#")[2] for kind, _ in told]
    assert set(kinds[:MANY]) == {"Create"}
    assert {(kind.rpartition("#")[2], thing.removeprefix(base)) for kind, thing in told[MANY:]} == {
        ("Update", "m0"),
        ("Delete", "m1"),
        ("Create", "new"),
    }


def test_its_latest_versions_are_the_data(stream: str) -> None:
    found, _ = follow(f"{stream}/one", lastVersionOnly=True)
    held = {quad for quad in (quads(FIRST) - quads(GONE)) | quads(COME) if "one" in str(quad[3])}
    said = {q.triple for member in found for q in member.quads if q.graph_name != DefaultGraph()}
    assert said == {quad.triple for quad in held}
