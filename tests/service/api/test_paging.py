"""Pages follow each other without a gap, in one order."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from vises.service.api.errors import ParameterInvalid
from vises.service.api.paging import MOST_SIZE, Page, columns_of, link, paged, read_page
from vises.service.questions import questions

HERE = "https://data.example/"


@pytest.mark.parametrize(
    "question", [q for q in questions().values() if not q.endpoints], ids=lambda q: q.id
)
def test_the_columns_are_those_of_the_engine(question: object) -> None:
    sparql = question.sparql  # type: ignore[attr-defined]
    found = Store().query(sparql)
    assert isinstance(found, QuerySolutions)
    assert columns_of(sparql) == [variable.value for variable in found.variables]


@pytest.mark.parametrize(
    "question",
    [q for q in questions().values() if not q.endpoints and not q.compared],
    ids=lambda q: q.id,
)
def test_every_question_can_be_paged(question: object) -> None:
    sparql = question.sparql  # type: ignore[attr-defined]
    found = Store().query(paged(sparql, Page(10, 5)))
    assert isinstance(found, QuerySolutions)
    assert [v.value for v in found.variables] == columns_of(sparql)


def test_rows_that_the_order_leaves_equal_are_on_one_page_each() -> None:
    query = "SELECT ?x ?y ?z\nWHERE {\n  ?x ?z ?y .\n}\nORDER BY ?z\n"
    store = Store()
    for n in range(23):
        values = [Literal(str(n % 3)), Literal(n % 3), Literal("a", language="fr")]
        for value in values:
            store.add(Quad(NamedNode(f"{HERE}{n}"), NamedNode(f"{HERE}p"), value))
    whole = store.query(paged(query, Page(0, 1000)))
    assert isinstance(whole, QuerySolutions)
    pages = []
    for offset in range(0, 80, 7):
        part = store.query(paged(query, Page(offset, 7)))
        assert isinstance(part, QuerySolutions)
        pages += [tuple(row) for row in part]
    assert pages == [tuple(row) for row in whole]
    assert len(set(pages)) == len(pages) == 69


def test_a_page_is_named_in_either_way() -> None:
    assert read_page({"page": ["3"], "size": ["20"]}) == Page(40, 20)
    assert read_page({"limit": ["20"], "offset": ["40"]}) == Page(40, 20, "offset")
    assert read_page({}) == Page(0, 100)
    assert read_page({}, None) is None
    assert read_page({"page": ["2"]}, None) == Page(100, 100)


@pytest.mark.parametrize(
    "given",
    [
        {"page": ["0"]},
        {"page": ["-1"]},
        {"page": ["1.5"]},
        {"page": ["99999999999"]},
        {"page": ["9999999999"]},
        {"size": ["0"]},
        {"size": [str(MOST_SIZE + 1)]},
        {"limit": ["ten"]},
        {"offset": ["٣"]},
        {"page": ["1", "2"]},
        {"page": ["1"], "offset": ["0"]},
    ],
)
def test_what_names_no_page_is_refused(given: dict[str, list[str]]) -> None:
    with pytest.raises(ParameterInvalid) as caught:
        read_page(given)
    assert (caught.value.place or "").removeprefix("parameter ") in given


def test_links_lead_to_the_neighbours() -> None:
    middle = Page(20, 10)
    assert set(middle.neighbours(10, more=True)) == {"first", "prev", "next"}
    assert middle.neighbours(4, more=False)["last"] == {"page": "3", "size": "10"}
    beyond = Page(500, 10).neighbours(0, more=False)
    assert set(beyond) == {"first", "prev"}
    assert (middle.total(10, more=True), middle.total(4, more=False)) == (None, 24)
    assert Page(500, 10).total(0, more=False) is None


def test_other_parameters_go_along_escaped() -> None:
    address = link("http://a/x", [("name", 'é & "'), ("page", "1")], {"page": "2"})
    assert address == "http://a/x?name=%C3%A9+%26+%22&page=2"
