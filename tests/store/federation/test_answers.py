from __future__ import annotations

import pytest

from vises.store.federation.answers import UnusableAnswer, flaw, solutions_type

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
