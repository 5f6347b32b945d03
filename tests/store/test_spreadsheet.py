"""A workbook holds what the answer holds, and no text of the data is taken for a formula."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, Store

from vises.store import spreadsheet
from vises.store.engine import NotAcceptable
from vises.store.spreadsheet import MOST_CHARACTERS, write_workbook


class Pipe:
    """What a query process writes to: it takes bytes and goes nowhere back."""

    def __init__(self) -> None:
        self.body = bytearray()

    def write(self, data: bytes) -> int:
        self.body += data
        return len(data)

    def flush(self) -> None: ...


def workbook(query: str, store: Store | None = None) -> bytes:
    found = (store or Store()).query(query)
    assert isinstance(found, QuerySolutions)
    pipe = Pipe()
    write_workbook(found, pipe)  # type: ignore[arg-type]
    return bytes(pipe.body)


def cells(body: bytes) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def value(term: str) -> object:
    return cells(workbook(f"SELECT ?x {{ VALUES ?x {{ {term} }} }}"))[1][0]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("12", 12),
        ("12.50", 12.5),
        ("-1.5e3", -1500),
        ("true", True),
        ('"2026-02-28"^^<http://www.w3.org/2001/XMLSchema#date>', datetime(2026, 2, 28)),  # noqa: DTZ001
        ('"1830-10-04"^^<http://www.w3.org/2001/XMLSchema#date>', "1830-10-04"),
        ('"2024"^^<http://www.w3.org/2001/XMLSchema#gYear>', "2024"),
        ('"00123"', "00123"),
        ('"Bénévolat"@fr', "Bénévolat"),
        ("<http://a.example/>", "http://a.example/"),
        ("12345678901234567890", "12345678901234567890"),
        ("9007199254740991", 9007199254740991),
        ("-9007199254740993", "-9007199254740993"),
        ('"1_000"^^<http://www.w3.org/2001/XMLSchema#integer>', "1_000"),
        ('"20260228"^^<http://www.w3.org/2001/XMLSchema#date>', "20260228"),
        ('"NaN"^^<http://www.w3.org/2001/XMLSchema#double>', "NaN"),
        ('"x"^^<http://www.w3.org/2001/XMLSchema#integer>', "x"),
    ],
)
def test_terms_become_the_cells_that_mean_the_same(term: str, expected: object) -> None:
    assert value(term) == expected


def test_what_is_unbound_is_empty_and_names_come_first() -> None:
    rows = cells(workbook("SELECT ?a ?b { VALUES (?a ?b) { (1 UNDEF) (UNDEF 2) } }"))
    assert rows == [["a", "b"], [1, None], [None, 2]]


@settings(max_examples=50, deadline=None)
@given(st.sampled_from("=+-@\t\r'\"").flatmap(lambda c: st.text(max_size=20).map(c.__add__)))
def test_no_text_is_a_formula(text: str) -> None:
    store = Store()
    try:
        store.add(Quad(NamedNode("x:s"), NamedNode("x:p"), Literal(text)))
    except UnicodeEncodeError:
        return
    body = workbook("SELECT ?x { ?s ?p ?x }", store)
    sheet = zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b'<c r="A2" s="1" t="inlineStr">' in sheet or text[0] in "'\""


def test_what_a_workbook_cannot_hold_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotAcceptable, match="characters"):
        value(f'"{"x" * (MOST_CHARACTERS + 1)}"')
    assert len(str(value(f'"{"x" * MOST_CHARACTERS}"'))) == MOST_CHARACTERS
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 2)
    with pytest.raises(NotAcceptable, match="rows"):
        workbook("SELECT ?x { VALUES ?x { 1 2 3 } }")
