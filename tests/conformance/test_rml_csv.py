"""The RML test cases over CSV: the mapping of each case gives the quads of its output, or fails."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from openpyxl import Workbook
from pyarrow import parquet
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from tests.ingest.rml.yarrrml_of import NotYarrrml, yarrrml_of
from vises.ingest.files import InputMissing
from vises.ingest.rml import MappingError, load_mapping
from vises.ingest.rml.rows import files_of, open_rows
from vises.ingest.rml.run import Problem, Run
from vises.ingest.rml.yarrrml import translate
from vises.ingest.tables.table import BadTable
from vises.progress import Silence

if TYPE_CHECKING:
    from pathlib import Path

BASE = "http://example.com/base/"
CASES = (
    *("0000", "0001a", "0001b", "0002a", "0002b", "0002c", "0002e", "0003c", "0004a", "0004b"),
    *("0005a", "0006a", "0007a", "0007b", "0007c", "0007d", "0007e", "0007f", "0007g", "0007h"),
    *("0008a", "0008b", "0008c", "0009a", "0009b", "0010a", "0010b", "0010c", "0011b", "0012a"),
    *("0012b", "0012c", "0012d", "0015a", "0015b", "0019a", "0019b", "0020a", "0020b"),
)
MUST_FAIL = {"0002c", "0002e", "0004b", "0012c", "0012d", "0015b"}
KNOWN_FAILURES = {
    "0007h": "expects an empty output of a graph map with term type Literal; R2RML (section 9) "
    "calls that mapping wrong, and we refuse it",
}
NOT_YARRRML = {"0020a"}
"""Cases with a template of one reference alone, which YARRRML writes as a reference is written."""

GOOD = [each for each in CASES if each not in MUST_FAIL and each not in KNOWN_FAILURES]
NOT_SHORT = ("Country Code", "ISO 3166")
"""Names of columns that a JSONPath has to quote."""

BAD_ROWS = {"0019b": ["4"], "0020b": ["6"]}
"""The lines of values that make no IRI."""


@pytest.mark.shared
@pytest.mark.parametrize("case", CASES)
def test_case(shared: Path, tmp_path: Path, case: str) -> None:
    suite = shared / "suites" / "rml-csv"
    folder = suite / f"RMLTC{case}-CSV"
    turtle = (folder / "mapping.ttl").read_bytes()
    assert _must_fail(suite, folder) == (case in MUST_FAIL)
    if case in MUST_FAIL or case in KNOWN_FAILURES:
        with pytest.raises((MappingError, InputMissing)):
            _run(turtle, folder, tmp_path)
        return
    quads, refused = _run(turtle, folder, tmp_path)
    assert _canonical(quads) == _canonical((folder / "output.nq").read_bytes())
    assert [place.rpartition("line ")[2] for place in refused] == BAD_ROWS.get(case, [])


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["tsv", "xlsx", "parquet", "jsonl", "json", "csv.gz"])
@pytest.mark.parametrize("case", GOOD)
def test_case_over_other_files(shared: Path, tmp_path: Path, case: str, kind: str) -> None:
    """The same rows in other formats give the same quads; JSON is read by JSONPath.

    Without any row (case 0000), JSON Lines do not say which columns a table has.
    """
    folder = shared / "suites" / "rml-csv" / f"RMLTC{case}-CSV"
    turtle = (folder / "mapping.ttl").read_text("utf-8").replace('.csv"', f'.{kind}"')
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            names, *rows = csv.reader(file)
        _WRITERS[kind](tmp_path / f"{path.stem}.{kind}", names, rows)
    if kind == "json":
        turtle = turtle.replace("ql:CSV", 'ql:JSONPath ; rml:iterator "$[*]"')
        for name in NOT_SHORT:
            turtle = turtle.replace(name, f"['{name}']")
    work = tmp_path / "work"
    work.mkdir()
    if (case, kind) == ("0000", "jsonl"):
        with pytest.raises(BadTable, match="The file is empty"):
            _run(turtle.encode(), tmp_path, work)
        return
    quads, refused = _run(turtle.encode(), tmp_path, work)
    assert _canonical(quads) == _canonical((folder / "output.nq").read_bytes())
    assert len(refused) == len(BAD_ROWS.get(case, []))


@pytest.mark.shared
@pytest.mark.parametrize("case", GOOD)
def test_case_in_yarrrml(shared: Path, tmp_path: Path, case: str) -> None:
    """The mapping of each case, written as YARRRML and translated back, gives the same quads."""
    folder = shared / "suites" / "rml-csv" / f"RMLTC{case}-CSV"
    turtle = (folder / "mapping.ttl").read_bytes()
    try:
        text = yarrrml_of(load_mapping(turtle, base_iri=BASE, place="mapping.ttl"))
    except NotYarrrml:
        assert case in NOT_YARRRML
        return
    assert case not in NOT_YARRRML
    translated = translate(text.encode(), place="mapping.yml").turtle
    quads, _ = _run(translated.encode(), folder, tmp_path)
    assert _canonical(quads) == _canonical((folder / "output.nq").read_bytes())


@pytest.mark.shared
def test_all_cases_are_run(shared: Path) -> None:
    folders = sorted(path.name for path in (shared / "suites" / "rml-csv").glob("*-CSV"))
    assert folders == [f"RMLTC{case}-CSV" for case in CASES]


def _write_text(path: Path, names: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter="\t" if path.suffix == ".tsv" else ",").writerows([names, *rows])
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def _write_json(path: Path, names: list[str], rows: list[list[str]]) -> None:
    records = [dict(zip(names, row, strict=True)) for row in rows]
    lines = "\n".join(map(json.dumps, records))
    path.write_text(lines if path.suffix == ".jsonl" else json.dumps(records), encoding="utf-8")


def _write_workbook(path: Path, names: list[str], rows: list[list[str]]) -> None:
    book = Workbook()
    for row in [names, *rows]:
        book.active.append(row)
    book.save(path)


def _write_parquet(path: Path, names: list[str], rows: list[list[str]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in names]
    arrays = [pa.array(column, pa.string()) for column in columns]
    parquet.write_table(pa.table(arrays, names=names), path)


_WRITERS = {
    "tsv": _write_text,
    "csv.gz": _write_text,
    "xlsx": _write_workbook,
    "parquet": _write_parquet,
    "jsonl": _write_json,
    "json": _write_json,
}


def _must_fail(suite: Path, folder: Path) -> bool:
    with (suite / "metadata.csv").open(newline="", encoding="utf-8") as file:
        expected = {row["RML id"]: row["error expected?"] for row in csv.DictReader(file)}
    return expected[folder.name] == "true" or not (folder / "output.nq").exists()


def _run(turtle: bytes, folder: Path, work: Path) -> tuple[bytes, list[str]]:
    """Return the quads of all sources of a case, and the places of the rows that were refused."""
    mapping = load_mapping(turtle, base_iri=BASE, place="mapping.ttl")
    sources = {
        source.name: open_rows(mapping, source, files_of(source, folder, folder), Silence())
        for source in mapping.logical_sources
    }
    made = list(Run(mapping, sources, BASE, work).quads())
    refused = [each.place for each in made if isinstance(each, Problem)]
    return "".join(each for each in made if isinstance(each, str)).encode(), refused


def _canonical(quads: bytes) -> Dataset:
    dataset = Dataset(parse(quads, format=RdfFormat.N_QUADS))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset
