"""Validation reports for those from whom some graph is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, Quad, Store

from tests.service.conftest import BASE, Accepted
from vises.service.access.reported import readable_part
from vises.validation.report import Report, Result

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.conftest import Open

V = "https://w3id.org/vises/ontology#"
CLOSED = NamedNode("x:closed")
TURTLE = {"Content-Type": "text/turtle"}


def result(focus: str, value: str | None, path: str | None = "<x:p>") -> Result:
    return Result(focus, path, value, "x:component", "Violation", "x:shape")


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (result("<x:mine>", '"1"'), True),
        (result("<x:mine>", "<x:code>"), True),
        (result("<x:mine>", None), True),
        (result("_:mine", "<<( <x:a> <x:b> <x:c> )>>"), True),
        (result("<x:secret>", '"1"'), False),
        (result("<x:secret>", None), False),
        (result("<x:code>", None), False),
        (result("<x:mine>", "<x:secret>"), False),
        (result("<x:mine>", "<x:code>", "(<x:p>/<x:q>)"), False),
        (result("<x:mine>", "<x:code>", None), False),
        (result("<x:mine>", "<x:other>", "(<x:p>/<x:q>)"), True),
    ],
)
def test_what_may_tell_of_a_hidden_graph_is_left_out(found: Result, told: bool) -> None:  # noqa: FBT001
    store = Store()
    store.add(Quad(NamedNode("x:secret"), NamedNode("x:p"), NamedNode("x:code"), CLOSED))
    store.add(Quad(NamedNode("x:mine"), NamedNode("x:p"), NamedNode("x:code"), NamedNode("x:open")))
    whole = Report((found,), notes=("Everything was judged.",))
    report = readable_part(whole, store, [CLOSED.value])
    if told:
        assert report is whole
    else:
        assert report.results == ()
        assert not report.accepted
        assert report.notes[1].endswith("closed datasets: 1.")


def test_a_refused_write_tells_nothing_of_a_closed_graph(open_desk: Open, tmp_path: Path) -> None:
    """Who may write gives a closed thing a class of their own choice."""
    thing = f"<{BASE}enterprise/draft-1>"
    lines = tmp_path / "draft.nt"
    lines.write_text(f'{thing} <{V}value> "a hidden sum" .\n', encoding="utf-8")
    with open_desk() as desk:
        with desk.releases.transaction(
            author="test", message="a closed value", gate=lambda _: Accepted()
        ) as transaction:
            transaction.replace_graph(NamedNode(f"{BASE}graph/draft"), lines)
        body = f"{thing} a <{V}IndicatorResult> . <mine> a <{V}Enterprise> ."
        forms = ("application/json", "text/turtle", "text/html")
        with desk.client() as client:
            for form in forms:
                headers = {**TURTLE, "Accept": form}
                answer = client.put("/graphs/mine/probe", content=body, headers=headers)
                assert answer.status_code == 422
                assert "hidden" not in answer.text
                assert "draft-1" not in answer.text
                assert "legal name" in answer.text, "what is of the own graph is told"
        reader = desk.grant("mine*", "draft", read=True)
        with desk.client(reader) as client:
            headers = {**TURTLE, "Accept": "application/json"}
            answer = client.put("/graphs/mine/probe", content=body, headers=headers)
            assert "a hidden sum" in answer.text
