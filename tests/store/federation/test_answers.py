from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, QueryResultsFormat, parse_query_results

from vises.store.federation.answers import UnusableAnswer, judged, solutions_type
from vises.store.nesting import MOST_NESTED

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
HEAD = '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#">'
ROW = '<result><binding name="s"><uri>x:s</uri></binding></result>'
RESULTS = f'<head><variable name="s"/></head><results>{ROW}</results></sparql>'
BINDING = '{"s":{"type":"uri","value":"x:s"}}'


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        (JSON, JSON),
        (f"{JSON}; charset=utf-8", JSON),
        ("Application/JSON", JSON),
        ("application/xml", XML),
        ("text/xml;charset=UTF-8", XML),
    ],
)
def test_types_of_solutions(header: str, media_type: str) -> None:
    assert solutions_type(header) == media_type


@pytest.mark.parametrize("header", ["", "text/html", "text/csv", "text/turtle", "text/plain", ";"])
def test_other_types_are_refused(header: str) -> None:
    with pytest.raises(UnusableAnswer, match="type"):
        solutions_type(header)


def flaw(media_type: str, body: bytes) -> str | None:
    return judged(media_type, body, "mark-")[1]


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (JSON, f'{{"head":{{"vars":["s"]}},"results":{{"bindings":[{BINDING},{{}}]}}}}'),
        (JSON, f'{{"results":{{"bindings":[{BINDING}]}},"head":{{"vars":["s"]}}}}'),
        (XML, HEAD + RESULTS),
    ],
)
def test_whole_answers_pass(media_type: str, body: str) -> None:
    assert flaw(media_type, body.encode()) is None


WRONG = [
    (JSON, ""),
    (JSON, "[]"),
    (JSON, "null"),
    (JSON, '{"head":{},"boolean":true}'),
    (JSON, f'{{"head":{{"vars":["s"]}},"results":{{"bindings":[{BINDING}'),
    (JSON, f'{{"head":{{"vars":["s"]}},"results":{{"bindings":[{BINDING},oops]}}}}'),
    (JSON, f'{{"head":{{"vars":["other"]}},"results":{{"bindings":[{BINDING}]}}}}'),
    (JSON, '{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"no"}}]}}'),
    (JSON, "[" * 100_000),
    (XML, ""),
    (XML, f"{HEAD}<head/><boolean>true</boolean></sparql>"),
    (XML, (HEAD + RESULTS).removesuffix("</sparql>")),
    (XML, (HEAD + RESULTS).removesuffix("</results></sparql>")),
    (XML, HEAD + RESULTS.replace("x:s", "&unknown;")),
    (XML, "<!DOCTYPE r>" + RESULTS.join(["<sparql>", ""])),
]


@pytest.mark.parametrize(("media_type", "body"), WRONG)
def test_what_is_not_whole_is_refused(media_type: str, body: str) -> None:
    found = flaw(media_type, body.encode())
    assert found
    assert found.startswith("its answer")


def test_a_billion_laughs_are_refused_at_once() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<!DOCTYPE r [<!ENTITY e0 "ha">{entities}]>'
    body = HEAD.replace("?>", f"?>{laughs}") + RESULTS.replace("x:s", "&e9;")
    assert "document type" in str(flaw(XML, body.encode()))


def nested(media_type: str, depth: int) -> bytes:
    """Return an answer with so many triple terms in one another."""
    iri = '{"type":"uri","value":"x:s"}'
    begins = f'{{"type":"triple","value":{{"subject":{iri},"predicate":{iri},"object":'
    parts = (
        (begins, iri, "}}")
        if media_type == JSON
        else (
            "<triple><subject><uri>x:s</uri></subject><predicate><uri>x:p</uri></predicate><object>",
            "<uri>x:s</uri>",
            "</object></triple>",
        )
    )
    term = parts[0] * depth + parts[1] + parts[2] * depth
    if media_type == XML:
        return (HEAD + RESULTS.replace("<uri>x:s</uri>", term)).encode()
    return f'{{"head":{{"vars":["s"]}},"results":{{"bindings":[{{"s":{term}}}]}}}}'.encode()


@pytest.mark.parametrize("media_type", [JSON, XML])
def test_what_nests_too_deeply_is_refused_before_the_engine_reads_it(media_type: str) -> None:
    """100,000 end the process that parses them, which is that of the service."""
    assert flaw(media_type, nested(media_type, MOST_NESTED)) is None
    for depth in (MOST_NESTED + 10, 100_000):
        assert "nests more deeply" in str(flaw(media_type, nested(media_type, depth)))


def test_brackets_in_texts_nest_nothing() -> None:
    text = '\\"{[' * 50_000 + "\\\\"
    body = solutions(f'"type":"literal","value":"{text}"')
    assert flaw(JSON, body.encode()) is None


def solutions(term: str) -> str:
    return f'{{"head":{{"vars":["s"]}},"results":{{"bindings":[{{"s":{{{term}}}}}]}}}}'


@pytest.mark.parametrize(
    ("media_type", "body", "label"),
    [
        (JSON, solutions('"type":"bnode","value":"b0"'), "mark-b0"),
        (JSON, solutions('"type" : "bnode" ,\n"value": "b0"'), "mark-b0"),
        (JSON, solutions('"value":"b0","type":"bnode"'), "mark-b0"),
        (JSON, solutions('"type":"bnode","value":"nodeID://b0"'), "mark-b0"),
        (JSON, solutions('"value":"nodeID://b0","type":"bnode"'), "mark-b0"),
        (XML, HEAD + RESULTS.replace("<uri>x:s</uri>", "<bnode>b0</bnode>"), "mark-b0"),
        (XML, HEAD + RESULTS.replace("<uri>x:s</uri>", "<bnode >\nnodeID://b0</bnode>"), "mark-b0"),
    ],
)
def test_blank_nodes_are_the_answers_own(media_type: str, body: str, label: str) -> None:
    marked, wrong = judged(media_type, body.encode(), "mark-")
    assert wrong is None
    [solution] = parse_query_results(marked, QueryResultsFormat.from_media_type(media_type))
    assert solution["s"] == BlankNode(label)


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (JSON, solutions('"type":"literal","value":"\\"type\\":\\"bnode\\",\\"value\\":\\"b0\\""')),
        (JSON, solutions('"type":"literal","value":"bnode"')),
        (JSON, solutions('"value":"\\"","type":"literal"')),
        (XML, HEAD + RESULTS.replace("<uri>x:s</uri>", "<literal>&lt;bnode>b0</literal>")),
    ],
)
def test_texts_stay_as_they_are(media_type: str, body: str) -> None:
    assert judged(media_type, body.encode(), "mark-") == (body.encode(), None)


def test_a_label_that_hides_is_refused() -> None:
    body = solutions('"\\u0074ype":"bnode","value":"b0"')
    assert "blank node" in str(flaw(JSON, body.encode()))


@pytest.mark.parametrize("media_type", [JSON, XML])
def test_every_blank_node_of_a_large_answer_is_marked(media_type: str) -> None:
    term = '{"s":{"type":"bnode","value":"b%d"}}' if media_type == JSON else ROW
    term = term.replace("<uri>x:s</uri>", "<bnode>b%d</bnode>")
    rows = [term % number for number in range(20_000)]
    whole = {
        JSON: '{"head":{"vars":["s"]},"results":{"bindings":[' + ",".join(rows) + "]}}",
        XML: HEAD + RESULTS.replace(ROW, "".join(rows)),
    }
    marked, wrong = judged(media_type, whole[media_type].encode(), "mark-")
    assert wrong is None
    found = parse_query_results(marked, QueryResultsFormat.from_media_type(media_type))
    assert [s["s"].value for s in found] == [f"mark-b{number}" for number in range(20_000)]
