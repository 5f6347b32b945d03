from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse
from rdflib.plugins.sparql import prepareQuery

from vises.languages import LANGUAGES
from vises.namespaces import PREFIXES
from vises.service.examples import PATH, sparql_examples
from vises.service.formats import GRAPH_TYPES
from vises.service.questions import questions, questions_here

if TYPE_CHECKING:
    import httpx

ADDRESS = "https://data.example/.well-known/sparql-examples"
ENDPOINT = "https://data.example/sparql"
# What SIB's tools ask: the query for queries.
QUERIES = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT ?example ?query WHERE {
  ?example a sh:SPARQLExecutable ; sh:select|sh:ask|sh:construct ?query .
}"""


def graph(media_type: str = "text/turtle") -> Store:
    store = Store()
    form = RdfFormat.from_media_type(media_type)
    store.load(sparql_examples(ADDRESS, ENDPOINT, media_type), form)
    return store


def test_every_question_is_an_example_with_its_query() -> None:
    found = {row["example"].value: row["query"].value for row in graph().query(QUERIES)}
    assert found == {f"{ADDRESS}/{q.id}": q.sparql for q in questions().values()}
    assert all(prepareQuery(text).algebra.name == "SelectQuery" for text in found.values())


def test_an_example_is_found_at_its_iri(client: httpx.Client) -> None:
    every = {str(q.subject) for q in parse(client.get(PATH).content, RdfFormat.TURTLE)}
    [iri] = [subject.strip("<>") for subject in every if subject.endswith("/A5>")]
    for accept in ("text/turtle", "*/*", "application/n-triples"):
        answer = client.get(iri, headers={"Accept": accept})
        assert answer.status_code == 200
        form = RdfFormat.from_media_type(answer.headers["content-type"])
        examples = {
            q.subject.value for q in parse(answer.content, form) if isinstance(q.subject, NamedNode)
        }
        assert examples == {iri}
    page = client.get(iri, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/questions/A5")
    unknown = client.get(f"{PATH}/A99")
    assert unknown.status_code == 404
    assert unknown.json()["type"].endswith("/unknown-question")


def test_an_example_has_comments_keywords_and_its_endpoint() -> None:
    example = NamedNode(f"{ADDRESS}/A5")
    said: dict[str, list[object]] = {}
    for quad in graph().quads_for_pattern(example, None, None):
        said.setdefault(quad.predicate.value, []).append(quad.object)
    comments = said[PREFIXES["rdfs"] + "comment"]
    assert {comment.language for comment in comments} == set(LANGUAGES)
    assert set(said[PREFIXES["schema"] + "keywords"]) == {Literal("catalogue"), Literal("regions")}
    assert said[PREFIXES["schema"] + "target"] == [NamedNode(ENDPOINT)]
    assert said[PREFIXES["dcterms"] + "identifier"] == [Literal("A5")]


def test_a_federated_example_names_its_partner() -> None:
    spex = NamedNode("https://purl.expasy.org/sparql-examples/ontology#federatesWith")
    quads = list(graph().quads_for_pattern(None, spex, None))
    assert {q.subject.value.rpartition("/")[2] for q in quads} == {"A7", "A8", "E9", "I9"}
    assert all(q.object.value.startswith("https://") for q in quads)


def test_the_prefixes_are_declared_once_for_all() -> None:
    turtle = sparql_examples(ADDRESS, ENDPOINT, "text/turtle").decode()
    assert "sh:prefixes _:sparql_examples_prefixes" in turtle
    declared = graph().query("""PREFIX sh: <http://www.w3.org/ns/shacl#>
        SELECT DISTINCT ?prefix ?namespace WHERE {
          ?example sh:prefixes/sh:declare [ sh:prefix ?prefix ; sh:namespace ?namespace ] }""")
    assert {row["prefix"].value: row["namespace"].value for row in declared} == PREFIXES


@pytest.mark.parametrize("media_type", GRAPH_TYPES.values())
def test_every_format_says_the_same(media_type: str) -> None:
    assert len(graph(media_type)) == len(graph())


def test_they_are_served_in_the_form_asked_for(client: httpx.Client) -> None:
    answer = client.get(PATH, headers={"Accept": "application/n-triples"})
    assert answer.headers["content-type"] == "application/n-triples"
    triples = Store()
    triples.load(answer.content, RdfFormat.N_TRIPLES)
    assert len(list(triples.query(QUERIES))) == len(questions())
    assert client.get(PATH, headers={"Accept": "image/png"}).status_code == 406


def test_questions_to_other_endpoints_are_not_offered_here(client: httpx.Client) -> None:
    federated = {q.id for q in questions().values()} - {q.id for q in questions_here()}
    assert federated == {"A7", "A8", "E9", "I9"}
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    assert "question=A6" in page
    assert "question=A7" not in page
