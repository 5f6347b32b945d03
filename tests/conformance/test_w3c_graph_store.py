"""The W3C tests of the Graph Store HTTP Protocol, sent to a running service as they are written.

There are two suites: ``graph-store-protocol``, and the one before it, ``http-rdf-update``, whose
requests stand in comments and depend on each other. In the latter, 200 and 204 both mean that it
was done, as they do in the former.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, RdfFormat, Store, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from _pytest.mark import ParameterSet

    from tests.conformance.conftest import Exchange, Manifest, Writable

pytestmark = pytest.mark.shared

SUITE = Path(__file__).parents[2].parent / "shared" / "suites" / "w3c-sparql11"
TESTS = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/http-rdf-update/manifest#"
TEST = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#GraphStoreProtocolTest"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"
CODES = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}
MANIFESTS = ("manifest-direct.ttl", "manifest-indirect.ttl")

_DEFAULT = "the default graph is the union of the named graphs and is not written to"
_TURTLE = "the body is not Turtle: its last statement has no dot"
_BEFORE = "it reads what a request before it did not write: that one is in this list"
KNOWN = {
    f"{TESTS}{test}": reason
    for test, reason in {
        "put_get_default": _DEFAULT,
        "put__default_graph": _DEFAULT,
        "get_of_put__default_graph": _DEFAULT,
        "post__existing_graph": _TURTLE,
        "post__multipart_formdata": _TURTLE,
        "get_of_post__multipart_formdata": _BEFORE,
        "get_of_post__existing_graph": "it expects the name that a PUT before it replaced",
    }.items()
}


def names_of(file: str) -> list[str]:
    """Return the names of the tests of a manifest; one of them is not among its entries."""
    path = SUITE / "graph-store-protocol" / file
    if not path.exists():
        return []
    store = Store()
    store.load(path=path, format=RdfFormat.TURTLE, base_iri=f"{TESTS}x")
    tests = store.quads_for_pattern(None, NamedNode(f"{RDF}type"), NamedNode(TEST))
    return sorted(quad.subject.value.removeprefix(TESTS) for quad in tests)


def steps() -> list[str]:
    """Return the names of the tests of the suite before, in the order in which they are made."""
    path = SUITE / "http-rdf-update" / "manifest.ttl"
    if not path.exists():
        return []
    (listed,) = re.findall(r"mf:entries \((.*?)\)", path.read_text("utf-8"), re.DOTALL)
    return [name.removeprefix("gsp:") for name in listed.split()]


def marked(values: tuple[str, ...]) -> ParameterSet:
    reason = KNOWN.get(f"{TESTS}{values[-1]}")
    marks = [pytest.mark.xfail(reason=reason, raises=AssertionError)] if reason else []
    return pytest.param(*values, id=values[-1], marks=marks)


@pytest.mark.parametrize(
    ("file", "name"),
    [marked((f, n)) for f in MANIFESTS for n in names_of(f)],
)
def test_w3c(
    file: str,
    name: str,
    manifests: type[Manifest],
    read_exchanges: Callable[[Manifest, NamedNode], list[Exchange]],
    writable: Writable,
) -> None:
    writable.fill([])
    location = ""
    for exchange in read_exchanges(
        manifests.read("graph-store-protocol", file), NamedNode(f"{TESTS}{name}")
    ):
        answer = writable.client.request(
            exchange.method,
            exchange.path.replace("/gsp", "/graphs", 1).replace("$LOCATION$", location),
            headers=exchange.headers,
            content=exchange.body or None,
        )
        location = answer.headers.get("location", location)
        assert answer.status_code in {CODES[status] for status in exchange.statuses}, answer.text
        for header, value in exchange.answer_headers.items():
            assert answer.headers[header] == value
        if exchange.answer is not None:
            assert graph(answer) == canonical(exchange.answer)


@dataclass(frozen=True)
class Message:
    """A request or an answer as a comment has it."""

    first: str
    headers: dict[str, str]
    body: str


def message(text: str) -> Message:
    head, _, body = dedent(text).strip("\n").partition("\n\n")
    first, *fields = head.split("\n")
    pairs = (field.partition(": ") for field in fields)
    return Message(first, {name.lower(): value for name, _, value in pairs}, body)


@pytest.fixture(scope="module")
def emptied(writable: Writable) -> Writable:
    """Return the service as the suite finds it: with the graph that it begins by deleting."""
    writable.fill([])
    turtle = {"Content-Type": "text/turtle"}
    there = writable.client.put("/graphs/person/2.ttl", content=b"<a> <b> <c> .", headers=turtle)
    assert there.status_code == 201
    return writable


@pytest.mark.parametrize("name", [marked((n,)) for n in steps()])
def test_w3c_before(
    name: str, manifests: type[Manifest], emptied: Writable, request: pytest.FixtureRequest
) -> None:
    manifest = manifests.read("http-rdf-update")
    (comment,) = [
        found.value
        for found in manifest.all(NamedNode(f"{TESTS}{name}"), COMMENT)
        if "#### Request" in found.value
    ]
    location = request.config.cache.get("vises/location", "")
    asked, expected = (
        message(here(part, location))
        for part in comment.split("#### Request")[1].split("#### Response")
    )
    method, path, _ = asked.first.split(" ")
    asked.headers.pop("host")
    answer = emptied.client.request(
        method, path, headers=asked.headers, content=asked.body.encode() or None
    )
    if method == "POST" and answer.status_code == 201:
        request.config.cache.set("vises/location", answer.headers["location"])
    status = int(expected.first.split(" ")[0])
    assert answer.status_code in ({200, 204} if status in {200, 204} else {status}), answer.text
    if "content-type" in expected.headers:
        assert answer.headers["content-type"] == expected.headers["content-type"]
    if expected.body:
        assert graph(answer) == canonical(expected.body)


def here(text: str, location: str) -> str:
    """Put our addresses into a message: in the first line paths, elsewhere IRIs of graphs."""
    graphs = "http://data.example/graph"
    text = text.replace("http://$HOST$/$GRAPHSTORE$", graphs)
    text = re.sub(r"(?<= )\$NEWPATH\$(?= )", f"/graphs?graph={location}", text)
    return text.replace("$GRAPHSTORE$", "/graphs").replace("$HOST$", "www.example")


def graph(answer: httpx.Response) -> frozenset[str]:
    return canonical(answer.text)


def canonical(turtle: str) -> frozenset[str]:
    found = Dataset(parse(turtle, RdfFormat.TURTLE, base_iri="http://www.example/"))
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(map(str, found))


def test_the_whole_suites_are_here() -> None:
    ours = [entry for file in MANIFESTS for entry in names_of(file)]
    before = steps()
    assert (len(ours), len(before)) == (14, 18)
    assert {iri.removeprefix(TESTS) for iri in KNOWN} <= {*ours, *before}
