"""Arrow and Parquet as their users read them: pyarrow, DuckDB."""

from __future__ import annotations

import gc
import io
import math
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest
from pyarrow.parquet import ParquetFile, read_table
from pyoxigraph import (
    BaseDirection,
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    Store,
    parse_query_results,
)

from vises.namespaces import term
from vises.store import tabular
from vises.store.engine import ARROW, PARQUET, NotAcceptable
from vises.store.tabular import write_table

if TYPE_CHECKING:
    from pathlib import Path

FORMS = (ARROW, PARQUET)
SUFFIXES = ("", ".type", ".datatype", ".lang", ".number")
XSD = "http://www.w3.org/2001/XMLSchema#"
TERMS = {
    NamedNode("https://example.org/é?a=1"): ("https://example.org/é?a=1", "uri", None, None, None),
    BlankNode("b1"): ("b1", "bnode", None, None, None),
    Literal(""): ("", "literal", None, None, None),
    Literal('a "quoted",\n\tline'): ('a "quoted",\n\tline', "literal", None, None, None),
    Literal("12"): ("12", "literal", None, None, None),
    Literal("été", language="fr-be"): ("été", "literal", None, "fr-be", None),
    Literal("שלום", language="he", direction=BaseDirection.RTL): (
        *("שלום", "literal", None, "he--rtl", None),
    ),
    Literal(12): ("12", "literal", XSD + "integer", None, 12.0),
    Literal("1.50", datatype=term("xsd:decimal")): ("1.5", "literal", XSD + "decimal", None, 1.5),
    Literal("-INF", datatype=term("xsd:double")): (
        *("-INF", "literal", XSD + "double", None, -math.inf),
    ),
    Literal("1_000", datatype=term("xsd:integer")): (
        *("1_000", "literal", XSD + "integer", None, None),
    ),
    Literal("2024", datatype=term("xsd:gYear")): ("2024", "literal", XSD + "gYear", None, None),
    Literal("x", datatype=NamedNode("https://example.org/t")): (
        *("x", "literal", "https://example.org/t", None, None),
    ),
}


def written(store: Store, query: str, form: str) -> bytes:
    output = io.BytesIO()
    write_table(store.query(query, use_default_graph_as_union=True), output, form)
    return output.getvalue()


def table(store: Store, query: str, form: str) -> pa.Table:
    data = written(store, query, form)
    if form == ARROW:
        with pa.ipc.open_stream(data) as reader:
            return reader.read_all()
    return read_table(io.BytesIO(data))


@pytest.fixture
def store() -> Store:
    store = Store()
    for number, value in enumerate(TERMS):
        store.add(Quad(NamedNode(f"https://example.org/{number}"), term("rdf:value"), value))
    return store


@pytest.mark.parametrize("form", FORMS)
def test_nothing_of_a_term_is_lost(store: Store, form: str) -> None:
    found = table(store, "SELECT ?s ?o { ?s ?p ?o }", form)
    assert found.schema.names == [name + suffix for name in "so" for suffix in SUFFIXES]
    rows = zip(*(found.column(f"o{suffix}").to_pylist() for suffix in SUFFIXES), strict=True)
    assert sorted(rows, key=str) == sorted(TERMS.values(), key=str)


@pytest.mark.parametrize("form", FORMS)
def test_an_unbound_variable_is_null(store: Store, form: str) -> None:
    found = table(store, "SELECT ?u ?s { ?s ?p 12 OPTIONAL { ?s <x:none> ?u } }", form)
    assert found.num_rows == 1
    assert [found.column(f"u{suffix}").to_pylist() for suffix in SUFFIXES] == [[None]] * 5
    assert found.schema.field("u").type == pa.string()


@pytest.mark.parametrize("form", FORMS)
def test_no_solutions_and_booleans(store: Store, form: str) -> None:
    empty = table(store, "SELECT ?s { ?s <x:none> ?o }", form)
    assert (empty.num_rows, empty.num_columns) == (0, 5)
    assert table(store, "ASK { ?s ?p 12 }", form).to_pydict() == {"boolean": [True]}
    assert table(store, "ASK { ?s ?p 13 }", form).to_pydict() == {"boolean": [False]}


@pytest.mark.parametrize("form", FORMS)
def test_a_table_needs_a_column(store: Store, form: str) -> None:
    with pytest.raises(NotAcceptable, match="no variable"):
        written(store, "SELECT * { <x:a> <x:b> <x:c> }", form)
    gc.collect()  # what pyoxigraph made in a thread must end in it


def test_a_quoted_triple_is_in_its_syntax() -> None:
    document = (
        b'{"head":{"vars":["t"]},"results":{"bindings":[{"t":{"type":"triple","value":'
        b'{"subject":{"type":"uri","value":"x:s"},"predicate":{"type":"uri","value":"x:p"},'
        b'"object":{"type":"literal","value":"o"}}}}]}}'
    )
    output = io.BytesIO()
    write_table(parse_query_results(document, format=QueryResultsFormat.JSON), output, PARQUET)
    found = read_table(io.BytesIO(output.getvalue())).to_pylist()
    assert found[0]["t.type"] == "triple"
    assert "<x:s> <x:p>" in found[0]["t"]


def test_rows_leave_in_batches_and_groups(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "BATCH_ROWS", 5)
    monkeypatch.setattr(tabular, "GROUP_ROWS", 20)
    cross = "SELECT ?s ?t { ?s ?p ?o . ?t ?q ?r }"
    count = len(TERMS) ** 2
    with pa.ipc.open_stream(written(store, cross, ARROW)) as reader:
        sizes = [batch.num_rows for batch in reader]
    assert sizes == [5] * (count // 5) + [count % 5] * bool(count % 5)
    groups = ParquetFile(io.BytesIO(written(store, cross, PARQUET))).metadata
    assert groups.num_rows == count
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)][:2] == [20, 20]


def test_duckdb_reads_parquet(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "answer.parquet"
    file.write_bytes(written(store, "SELECT ?s ?o { ?s ?p ?o }", PARQUET))
    found = (
        duckdb.connect()
        .execute(
            f"""SELECT count(*), sum("o.number") FILTER (WHERE isfinite("o.number")),
        list(o) FILTER (WHERE "o.lang" = 'fr-be') FROM read_parquet('{file}')"""
        )
        .fetchone()
    )
    assert found == (len(TERMS), 13.5, ["été"])


def test_duckdb_reads_arrow(store: Store) -> None:
    answer = table(store, "SELECT ?o { ?s ?p ?o FILTER(isNumeric(?o)) }", ARROW)
    found = duckdb.from_arrow(answer).filter('"o.number" = 12').fetchall()
    assert [row[0] for row in found] == ["12"]
