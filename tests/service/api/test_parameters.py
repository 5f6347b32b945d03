"""What a client gives becomes a term or an error, and no text of its gets into a query."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from vises.service.api.codes import Codes
from vises.service.api.errors import ParameterInvalid
from vises.service.api.parameters import MOST_CHARACTERS, MOST_VALUES, bound, parameters_of
from vises.service.questions import questions

CODE = "https://w3id.org/vises/code/"
QUERY = """
PREFIX nuts: <https://w3id.org/vises/code/nuts/>
SELECT ?area ?name ?level
WHERE {
  VALUES ?area { nuts:FRE }
  VALUES ?name { "VISES" }
  VALUES ?level { 2 }
  VALUES ?language { "en" }
}
"""


def concept(scheme: str, code: str) -> dict[str, NamedNode | Literal]:
    return {
        "scheme": NamedNode(CODE + scheme),
        "concept": NamedNode(f"{CODE}{scheme}/{code}"),
        "notation": Literal(code),
    }


CODES = Codes(
    "https://data.example/",
    [concept("nuts", "FRE"), concept("nuts", "BE3"), concept("theme", "work")],
)


def read(name: str, *texts: str, query: str = QUERY) -> list[NamedNode | Literal]:
    return parameters_of(query)[name].read(texts, CODES)


@pytest.mark.parametrize(
    "text", ["nuts:BE3", "BE3", "be3", f"{CODE}nuts/BE3", f"<{CODE}nuts/BE3>", " BE3 "]
)
def test_a_code_is_given_in_any_spelling(text: str) -> None:
    assert read("area", text) == [NamedNode(f"{CODE}nuts/BE3")]


def test_a_code_of_another_list_and_an_iri_of_others_are_taken() -> None:
    assert read("area", "theme:work") == [NamedNode(f"{CODE}theme/work")]
    assert read("area", "http://metadata.un.org/sdg/8") == [
        NamedNode("http://metadata.un.org/sdg/8")
    ]


@pytest.mark.parametrize(
    "text", ["", "FRX", "nuts:FRX", f"{CODE}nuts/FRX", "javascript:alert(1)", "a b", "http://a b"]
)
def test_what_is_no_code_is_refused_with_the_name_and_an_example(text: str) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        read("area", text)
    assert caught.value.place == "parameter area"
    assert "nuts:FRE" in (caught.value.remedy or "")


def test_the_nearest_code_is_named() -> None:
    with pytest.raises(ParameterInvalid, match="Is FRE meant"):
        read("area", "FRR")


@pytest.mark.parametrize("text", ["", "two", "2.0", "1e3", "9" * 19, "٣", "2 OR 1"])
def test_a_number_is_a_number(text: str) -> None:
    with pytest.raises(ParameterInvalid, match="not a whole number"):
        read("level", text)
    assert read("level", "-3")[0].value == "-3"


@pytest.mark.parametrize("text", ["\0", "a\nb", "\x85", "\ud800", "x" * (MOST_CHARACTERS + 1)])
def test_a_text_has_no_control_characters_and_is_not_endless(text: str) -> None:
    with pytest.raises(ParameterInvalid):
        read("name", text)


def test_values_are_taken_once_each_and_not_without_end() -> None:
    assert len(read("area", "FRE", "nuts:FRE", "BE3")) == 2
    with pytest.raises(ParameterInvalid, match="more than"):
        read("area", *["FRE"] * (MOST_VALUES + 1))


HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="\\u0022U\"'}{<>?#.; \u2028\t\u202e", max_size=30),
    st.sampled_from(
        [
            '" } } DROP ALL #',
            "\\u0022 } SERVICE <http://a> {",
            '"""',
            "'''",
            "\\",
            "} VALUES ?area {",
        ]
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(HOSTILE, min_size=1, max_size=3))
def test_the_engine_reads_back_just_the_terms_that_were_bound(texts: list[str]) -> None:
    try:
        names = read("name", *texts)
        areas = [NamedNode("http://example.org/" + re.sub(r"[^\w-]", "", t)) for t in texts]
    except (ParameterInvalid, ValueError):
        return
    query = bound(QUERY, {"name": names, "area": list(dict.fromkeys(areas))})
    found = Store().query(query)
    assert isinstance(found, QuerySolutions)
    rows = {(row["area"], row["name"], row["level"]) for row in found}
    level = Literal("2", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
    assert rows == {(area, name, level) for area in areas for name in names}


@settings(deadline=None)
@given(HOSTILE)
def test_whatever_is_given_for_an_iri_is_a_term_or_refused(text: str) -> None:
    try:
        found = read("area", text)
    except ParameterInvalid:
        return
    again = Store().query(bound(QUERY, {"area": found}))
    assert isinstance(again, QuerySolutions)
    assert [row["area"] for row in again] == found


@pytest.mark.parametrize("question", questions().values(), ids=lambda q: q.id)
def test_binding_the_defaults_changes_nothing(question: object) -> None:
    sparql = question.sparql  # type: ignore[attr-defined]
    parameters = parameters_of(sparql)
    assert parameters
    again = parameters_of(bound(sparql, {n: p.default for n, p in parameters.items()}))
    assert {n: p.default for n, p in again.items()} == {n: p.default for n, p in parameters.items()}
