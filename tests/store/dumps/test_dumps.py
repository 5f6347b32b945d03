"""The files of a dataset hold what its graph holds, whoever reads them, byte by byte the same."""

from __future__ import annotations

import csv
import errno
import gzip
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    parse,
)
from rdflib import Graph as RdflibGraph

from vises.namespaces import Iris
from vises.store.dumps import lines as lines_module
from vises.store.dumps import make
from vises.store.dumps.columns import Survey, grouped
from vises.store.dumps.kept import LOCK, MAKING, KeptDumps
from vises.store.dumps.lines import write_sorted
from vises.store.dumps.make import ensure, remove_dumps
from vises.store.files import DataFolderError
from vises.store.lock import WriterLock
from vises.store.patch import zstd
from vises.store.releases import ReleaseStore
from vises.store.retention import Retention

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vises.store.releases import Release

BASE = "https://data.example/"
PREFIXES = """
@prefix code: <https://w3id.org/vises/code/> .
@prefix legal: <http://www.w3.org/ns/legal#> .
@prefix qb: <http://purl.org/linked-data/cube#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sdmx-attribute: <http://purl.org/linked-data/sdmx/2009/attribute#> .
@prefix sdmx-code: <http://purl.org/linked-data/sdmx/2009/code#> .
@prefix sdmx-dimension: <http://purl.org/linked-data/sdmx/2009/dimension#> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DATA = """
<enterprise/1> a vises:Enterprise ;
    legal:legalName "L'Atelier\\n\\"commun\\", \u202e=cmd" ;
    rdfs:label "Atelier"@fr , "Werkplaats"@nl ;
    vises:region code:nuts\\/FRE , code:nuts\\/BE3 ;
    vises:fictitious true ;
    vises:value 10.25 ;
    <https://schema.org/foundingDate> "1999-02-28"^^xsd:date .
<enterprise/2> a vises:Enterprise , vises:Trial ;
    legal:legalName "Deux" ;
    vises:value -3 ;
    <https://schema.org/foundingDate> "2001"^^xsd:gYear ;
    rdfs:seeAlso [ rdfs:label "part" ] .
"""
FIGURES = """
<graph/figures> a qb:DataSet ; qb:structure vises:RegionalFigureStructure .
<figure/1> a vises:RegionalFigure ;
    qb:dataSet <graph/figures> ;
    sdmx-dimension:refArea code:nuts\\/FRE ;
    sdmx-dimension:refPeriod "2024"^^xsd:gYear ;
    qb:measureType vises:shareOfSalariedEmployment ;
    vises:shareOfSalariedEmployment 10.8 ;
    sdmx-attribute:unitMeasure unit:PERCENT ;
    sdmx-attribute:obsStatus sdmx-code:obsStatus-A ;
    vises:perimeter code:perimeter\\/insee-ess ;
    vises:family code:family\\/total ;
    vises:publication <publication/p1> .
<figure/2> a vises:RegionalFigure ;
    qb:dataSet <graph/figures> ;
    sdmx-dimension:refArea code:nuts\\/BE3 ;
    sdmx-dimension:refPeriod "2023"^^xsd:gYear ;
    qb:measureType vises:jobCount ;
    vises:jobCount 1200 ;
    sdmx-attribute:unitMeasure unit:NUM ;
    vises:perimeter code:perimeter\\/insee-ess ;
    vises:family code:family\\/total ;
    vises:publication <https://elsewhere.example/p,2> .
<figure/suppressed> a vises:RegionalFigure ; qb:dataSet <graph/figures> .
"""


class Accepted:
    accepted = True
    violations = warnings = 0

    def summary(self) -> str:
        return "fine"

    def turtle(self) -> list[bytes]:
        return []


def publish(folder: Path, **graphs: str) -> Release:
    """Publish graphs given as Turtle, by the names of their datasets."""
    releases = ReleaseStore(folder)
    with releases.transaction(author="t", message="m", gate=lambda _: Accepted()) as transaction:
        for name, turtle in graphs.items():
            file = folder.with_name(f"{name}.nt")
            quads = parse((PREFIXES + turtle).encode(), RdfFormat.TURTLE, base_iri=BASE)
            file.write_text("".join(f"{q.triple} .\n" for q in quads), "utf-8")
            transaction.replace_graph(Iris(BASE).graph(name), file)
    found = releases.current()
    assert found is not None
    return found


def dump(data: Path, release: Release, *closed: str) -> list[str]:
    """Make the dumps of a release; return the names of the datasets that had none."""
    made = ensure(ReleaseStore(data), KeptDumps(data, BASE), release.id, closed)
    return [name for name, _ in made]


class Files:
    """The files of one dataset in a release."""

    def __init__(self, data: Path, release: Release, name: str) -> None:
        kept = KeptDumps(data, BASE)
        graph = Iris(BASE).graph(name).value
        files = kept.files(release, graph)
        assert files is not None
        self.files = {file.form: file for file in files}
        self.place = kept.place(release, graph)

    def path(self, form: str) -> Path:
        return self.place / form

    def text(self, form: str) -> str:
        with self.path(form).open(newline="", encoding="utf-8") as file:
            return file.read()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Release]:
    data = tmp_path_factory.mktemp("dumps") / "data"
    release = publish(data, data=DATA, figures=FIGURES, population="")
    assert dump(data, release) == ["data", "figures"]
    return data, release


def content(quads: Dataset) -> str:
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad}\n" for quad in quads))


def stored(data: Path, release: Release, name: str, *, named: bool) -> str:
    graph = Iris(BASE).graph(name)
    with ReleaseStore(data).open(release.id) as store:
        quads = list(store.quads_for_pattern(None, None, None, graph))
    return content(Dataset(quads if named else [Quad(*q.triple) for q in quads]))


@pytest.mark.parametrize("name", ["data", "figures"])
def test_each_form_of_rdf_is_the_graph(made: tuple[Path, Release], name: str) -> None:
    data, release = made
    files = Files(data, release, name)
    opened: dict[str, Callable[[Path], bytes]] = {
        "gz": lambda path: gzip.decompress(path.read_bytes()),
        "zst": lambda path: zstd.decompress(path.read_bytes()),
    }
    forms = {"nq": RdfFormat.N_QUADS, "ttl": RdfFormat.TURTLE, "jsonld": RdfFormat.JSON_LD}
    seen = 0
    for form in files.files:
        kind, _, ending = form.partition(".")
        if kind in forms:
            seen += 1
            body = opened[ending](files.path(form))
            read = Dataset(parse(body, forms[kind]))
            assert content(read) == stored(data, release, name, named=kind == "nq"), form
    assert seen == 5


def test_a_dataset_with_triple_terms_keeps_no_other_from_its_files(tmp_path: Path) -> None:
    data = tmp_path / "data"
    nested = '<s> <p> <<( <s> <p> "o" )>> .'
    release = publish(data, data=nested, figures='<s> <p> " <<( " .')
    assert dump(data, release) == ["data", "figures"]
    assert {"nq.gz", "ttl.gz"} <= Files(data, release, "data").files.keys()
    assert "jsonld.gz" not in Files(data, release, "data").files
    assert "jsonld.gz" in Files(data, release, "figures").files


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_rdflib_reads_the_json_ld_as_we_do(made: tuple[Path, Release]) -> None:
    files = Files(*made, "figures")
    body = gzip.decompress(files.path("jsonld.gz").read_bytes())
    found = RdflibGraph().parse(data=body, format="json-ld")
    assert len(found) == made[1].counts[f"{BASE}graph/figures"]


def test_what_is_said_of_a_file_is_so(made: tuple[Path, Release]) -> None:
    for name in ("data", "figures"):
        files = Files(*made, name)
        assert {path.name for path in files.place.iterdir()} == {*files.files, "manifest.json"}
        for form, file in files.files.items():
            body = files.path(form).read_bytes()
            assert (file.size, file.sha256) == (len(body), hashlib.sha256(body).hexdigest())


def test_the_lines_are_in_order_and_the_archive_has_no_time(made: tuple[Path, Release]) -> None:
    body = Files(*made, "data").path("nq.gz").read_bytes()
    assert body[4:8] == bytes(4)
    read = gzip.decompress(body).splitlines()
    assert read == sorted(read)
    assert len(read) == made[1].counts[f"{BASE}graph/data"]


def test_the_same_content_has_the_same_bytes(made: tuple[Path, Release], tmp_path: Path) -> None:
    data, release = made
    again = tmp_path / "data"
    turtle = " .\n".join(reversed(DATA.strip().removesuffix(" .").split(" .\n"))) + " .\n"
    other = publish(again, figures=FIGURES, data=turtle)
    assert other.digests[f"{BASE}graph/data"] == release.digests[f"{BASE}graph/data"]
    dump(again, other)
    for name in ("data", "figures"):
        assert Files(again, other, name).files == Files(data, release, name).files


def test_duckdb_reads_the_tables(made: tuple[Path, Release]) -> None:
    files = Files(*made, "data")
    table = files.path("Enterprise.parquet")
    rows = duckdb.sql(
        f"SELECT iri, legalName, label_fr, region, fictitious, value, foundingDate FROM '{table}'"
    ).fetchall()
    assert rows == [
        (
            f"{BASE}enterprise/1",
            'L\'Atelier\n"commun", \u202e=cmd',
            "Atelier",
            ["https://w3id.org/vises/code/nuts/BE3", "https://w3id.org/vises/code/nuts/FRE"],
            True,
            Decimal("10.25"),
            "1999-02-28",  # a year stands in the same column, so that it is text
        ),
        (f"{BASE}enterprise/2", "Deux", None, None, None, Decimal("-3.00"), "2001"),
    ]
    assert duckdb.sql(f"SELECT count(*) FROM '{files.path('Trial.parquet')}'").fetchall() == [(1,)]


def test_the_dictionary_explains_each_column_of_each_table(made: tuple[Path, Release]) -> None:
    files = Files(*made, "figures")
    package = json.loads(files.text("tables.json"))
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert "profile" not in package  # a tabular data package of version 1 has tables in CSV alone
    for resource in package["resources"]:
        assert resource["type"] == "table"
        form = resource["path"].removeprefix("figures.")
        schema = pq.read_schema(files.path(form))
        fields = resource["schema"]["fields"]
        assert [f["name"] for f in fields] == schema.names
        assert all(f["name"] == "iri" or f["rdfType"].startswith("http") for f in fields)
        assert {f["type"] for f in fields if f.get("format") == "uri"} <= {"string"}
        assert resource["rows"] == pq.read_metadata(files.path(form)).num_rows
    figure = next(r for r in package["resources"] if r["path"].endswith("RegionalFigure.parquet"))
    assert figure["titles"]["nl"] == "Regionaal cijfer"
    perimeter = next(f for f in figure["schema"]["fields"] if f["name"] == "perimeter")
    assert perimeter["format"] == "uri"
    assert perimeter["descriptions"]["fr"].startswith("Règle")


def test_a_cube_as_csv_with_its_description(made: tuple[Path, Release]) -> None:
    files = Files(*made, "figures")
    rows = list(csv.DictReader(io.StringIO(files.text("csv"))))
    assert [row["observation"] for row in rows] == [f"{BASE}figure/1", f"{BASE}figure/2"]
    assert (rows[0]["refArea"], rows[0]["measureType"], rows[0]["OBS_VALUE"]) == (
        "FRE",
        "shareOfSalariedEmployment",
        "10.8",
    )
    assert rows[1]["publication"] == "https://elsewhere.example/p,2", "codes of several lists"
    described = json.loads(files.text("csv-metadata.json"))
    columns = described["tableSchema"]["columns"]
    assert [c["name"] for c in columns] == list(rows[0])
    assert described["url"] == "figures.csv"


def test_what_csvw_makes_of_the_rows_is_in_the_graph(made: tuple[Path, Release]) -> None:
    """Generating RDF from Tabular Data on the Web, minimal mode, as far as our columns need it."""
    files = Files(*made, "figures")
    schema = json.loads(files.text("csv-metadata.json"))["tableSchema"]
    with ReleaseStore(made[0]).open(made[1].id) as store:
        graph = {(q.subject.value, q.predicate.value, q.object.value) for q in store}  # type: ignore[union-attr]
    made_of_rows = set()
    for row in csv.DictReader(io.StringIO(files.text("csv"))):

        def filled(template: str, row: dict[str, str] = row) -> str:
            for name, value in row.items():
                template = template.replace(f"{{+{name}}}", value)
            return template

        for column in schema["columns"]:
            cell = row[column["name"]]
            if cell and not column.get("suppressOutput"):
                value = filled(column["valueUrl"]) if "valueUrl" in column else cell
                subject = filled(schema["aboutUrl"])
                made_of_rows.add((subject, filled(column["propertyUrl"]), value))
    assert len(made_of_rows) == 17
    assert made_of_rows <= graph


def test_a_cube_as_sdmx_csv(made: tuple[Path, Release]) -> None:
    files = Files(*made, "figures")
    rows = list(csv.DictReader(io.StringIO(files.text("sdmx.csv"))))
    assert list(rows[0])[:3] == ["DATAFLOW", "REF_AREA", "TIME_PERIOD"]
    assert rows[0]["DATAFLOW"] == "VISES:REGIONAL_FIGURE_STRUCTURE(1.0)"
    assert (rows[0]["OBS_STATUS"], rows[0]["UNIT_MEASURE"]) == ("A", "PERCENT")
    assert rows[1]["OBS_STATUS"] == ""
    assert files.files["sdmx.csv"].media_type == "application/vnd.sdmx.data+csv"
    assert not {"csv", "sdmx.csv"} & set(Files(*made, "data").files), "no cube, no such files"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('" 5 "^^xsd:integer', " 5 "),
        ('"1_000"^^xsd:integer', "1_000"),
        ('"٣"^^xsd:integer', "٣"),
        ('"1_000"^^xsd:double', "1_000"),
        ('"20240229"^^xsd:date', "20240229"),
    ],
)
def test_an_ill_typed_number_is_a_text(tmp_path: Path, value: str, shown: str) -> None:
    """Python reads it as a number, which it is not; it ended the making of all files."""
    release = publish(tmp_path / "data", odd=f"<a> a <C> ; vises:value {value} .")
    assert dump(tmp_path / "data", release) == ["odd"]
    table = pq.read_table(Files(tmp_path / "data", release, "odd").path("C.parquet"))
    assert table["value"].to_pylist() == [shown]


def test_no_two_columns_have_one_name(tmp_path: Path) -> None:
    """No program read a table with two columns of one name."""
    turtle = """<a> a <C> ; vises:note "x"@fr ; vises:note_fr "y" ; <urn:x/note_fr> "z" ;
        rdfs:Label 1 ; rdfs:label 2 ; <urn:x/iri> 3 ; <urn:x/IRI> 4 ."""
    release = publish(tmp_path / "data", odd=turtle)
    dump(tmp_path / "data", release)
    path = Files(tmp_path / "data", release, "odd").path("C.parquet")
    found = duckdb.read_parquet(str(path))
    assert len({name.casefold() for name in found.columns}) == len(found.columns) == 9
    (row,) = pq.read_table(path).to_pylist()
    assert {row[name] for name in found.columns} >= {"x", "y", "z", 1, 2, 3, 4}


def test_texts_of_two_directions_stand_in_two_columns(tmp_path: Path) -> None:
    release = publish(tmp_path / "data", odd='<a> a <C> ; vises:note "x"@ar , "y"@ar--rtl .')
    dump(tmp_path / "data", release)
    (row,) = pq.read_table(Files(tmp_path / "data", release, "odd").path("C.parquet")).to_pylist()
    assert (row["note_ar"], row["note_ar--rtl"]) == ("x", "y")


def test_classes_with_long_names_keep_no_dataset_from_its_files(tmp_path: Path) -> None:
    """No file has a name of more than 255 bytes; the datasets after it had no files, too."""
    long = "C" * 300
    said = f"<a> a <x/{long}> , <y/{long}> ."
    release = publish(tmp_path / "data", a=said, b="<b> a <C> .")
    assert dump(tmp_path / "data", release) == ["a", "b"]
    tables = {f.about for f in Files(tmp_path / "data", release, "a").files.values() if f.about}
    assert {table.rpartition("/")[2] for table in tables} == {long}
    assert len(tables) == 2


def test_a_dataset_with_triple_terms_has_all_forms_but_json_ld(tmp_path: Path) -> None:
    """JSON-LD 1.1 cannot say them; the datasets after it had no files at all."""
    said = "<b> <says> <<( <a> <p> _:x )>> ."
    release = publish(tmp_path / "data", a=said, b='<b> <says> " <<( " .')
    assert dump(tmp_path / "data", release) == ["a", "b"]
    forms = set(Files(tmp_path / "data", release, "a").files)
    assert forms == {"nq.gz", "nq.zst", "ttl.gz", "ttl.zst", "iris.txt.gz"}
    assert "jsonld.gz" in Files(tmp_path / "data", release, "b").files
    body = gzip.decompress(Files(tmp_path / "data", release, "a").path("ttl.gz").read_bytes())
    read = Dataset(parse(body, RdfFormat.TURTLE))
    assert content(read) == stored(tmp_path / "data", release, "a", named=False)


def test_a_dataset_that_did_not_change_is_not_made_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = publish(data, data=DATA, figures=FIGURES)
    assert dump(data, first) == ["data", "figures"]
    second = publish(data, data=DATA.replace("Deux", "Zwei"))
    assert dump(data, second) == ["data"]
    assert dump(data, second) == []
    assert Files(data, first, "figures").place == Files(data, second, "figures").place


def test_a_closed_graph_is_never_in_a_dump(tmp_path: Path) -> None:
    data = tmp_path / "data"
    release = publish(data, data=DATA, figures=FIGURES)
    closed = f"{BASE}graph/data"
    assert dump(data, release, closed) == ["figures"]
    for path in (data / "dumps").rglob("*.gz"):
        assert b"Atelier" not in gzip.decompress(path.read_bytes())
    dump(data, release)
    assert dump(data, release, closed) == []
    assert KeptDumps(data, BASE).files(release, closed) is None, "what was made before it is gone"


def test_dumps_go_with_the_last_release_that_has_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = publish(data, data=DATA, figures=FIGURES)
    dump(data, first)
    second = publish(data, data=DATA.replace("Deux", "Zwei"))
    dump(data, second)
    releases, kept = ReleaseStore(data), KeptDumps(data, BASE)
    releases.prune(Retention(1, 0, 0, 0))
    with WriterLock(kept.folder / LOCK, 1):
        assert not remove_dumps(kept, releases, ()), "nobody waits for a long making"
    assert kept.files(first, f"{BASE}graph/data") is not None
    assert remove_dumps(kept, releases, ())
    assert kept.files(first, f"{BASE}graph/data") is None
    assert kept.files(second, f"{BASE}graph/data") is not None
    assert kept.files(second, f"{BASE}graph/figures") is not None


@pytest.mark.parametrize("name", ["with.dot", "a/b", "", "é"])
def test_names_that_no_file_can_have_have_no_dumps(tmp_path: Path, name: str) -> None:
    kept = KeptDumps(tmp_path, BASE)
    assert kept.name(f"{BASE}graph/{name}") is None
    assert kept.name("urn:x:data") is None


def test_a_kill_leaves_whole_files_or_none(tmp_path: Path) -> None:
    data = tmp_path / "data"
    many = "".join(f"<e/{n}> a vises:Enterprise ; rdfs:label 'name {n}' .\n" for n in range(3000))
    release = publish(data, **{f"d{n}": f"<graph/{n}> a vises:Trial .\n{many}" for n in range(4)})
    command = [sys.executable, "-P", "-m", "vises.store.dumps.make", str(data), release.id, BASE]
    kept = KeptDumps(data, BASE)
    halves = 0
    for delay in (0.45, 0.6, 0.75):
        process = subprocess.Popen(
            [*command, "2048", str(os.getpid())], stdout=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (data / "dumps").exists():
            halves += len(list((data / "dumps").glob(f"{MAKING}*")))
        for graph in release.counts:
            for file in kept.files(release, graph) or ():
                body = (kept.place(release, graph) / file.form).read_bytes()
                assert hashlib.sha256(body).hexdigest() == file.sha256
    dump(data, release)
    names = {path.name for path in (data / "dumps").iterdir()}
    assert names == {kept.place(release, g).name for g in release.counts} | {LOCK}
    assert halves or all(kept.files(release, graph) for graph in release.counts)


def test_a_full_disk_leaves_whole_files_and_no_halves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    release = publish(data, data=DATA, figures=FIGURES)

    def full(name: str, *_: object) -> list[object]:
        if name == "figures":
            raise OSError(errno.ENOSPC, "No space left on device")
        return []

    monkeypatch.setattr(make, "write_cube", full)
    with pytest.raises(DataFolderError, match="No space") as refused:
        dump(data, release)
    assert "space" in (refused.value.remedy or "")
    kept = KeptDumps(data, BASE)
    assert kept.files(release, f"{BASE}graph/data") is not None
    assert kept.files(release, f"{BASE}graph/figures") is None
    assert list((data / "dumps").glob(f"{MAKING}*")) == []
    monkeypatch.undo()
    assert dump(data, release) == ["figures"]


@pytest.mark.parametrize("damage", [b"", b"[", b"{}1", b'[{"form": "x"}]', b"\xff\xfe", b"3"])
def test_a_damaged_manifest_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    data = tmp_path / "data"
    release = publish(data, data=DATA)
    dump(data, release)
    kept = KeptDumps(data, BASE)
    place = kept.place(release, f"{BASE}graph/data")
    (place / "manifest.json").write_bytes(damage)
    assert kept.files(release, f"{BASE}graph/data") is None
    assert dump(data, release) == ["data"]
    assert KeptDumps(data, BASE).files(release, f"{BASE}graph/data") is not None


def test_a_graph_larger_than_a_run_is_sorted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "RUN_LINES", 10)
    monkeypatch.setattr(lines_module, "MOST_RUNS", 3)
    monkeypatch.setattr("vises.store.digest._BATCH", 7)
    graph, store = NamedNode("urn:g"), Store()
    quads = [
        Quad(NamedNode(f"urn:{n * 7919 % 1000}"), NamedNode("urn:p"), graph, graph)
        for n in range(500)
    ]
    store.extend(quads)
    write_sorted(store, graph, tmp_path / "lines")
    assert (tmp_path / "lines").read_text() == "".join(sorted(f"{q} .\n" for q in quads))
    assert [path.name for path in tmp_path.iterdir()] == ["lines"]


VALUES = st.one_of(
    st.integers(-(10**20), 10**20).map(lambda n: f'"{n}"^^xsd:integer'),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(
        lambda n: f'"{n:f}"^^xsd:decimal'
    ),
    st.sampled_from(
        ['"x"', '"x"@fr', "true", "<urn:x>", '"NaN"^^xsd:double', '"2024-02-29Z"^^xsd:date']
    ),
    st.dates().map(lambda d: f'"{d.isoformat()}"^^xsd:date'),
)


@given(st.lists(st.lists(VALUES, max_size=3), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_every_value_has_a_cell_of_the_type_of_its_column(things: list[list[str]]) -> None:
    import pyarrow as pa  # noqa: PLC0415

    survey, read = Survey(), []
    for number, values in enumerate(things):
        turtle = f"<urn:{number}> a <urn:C> . "
        turtle += " ".join(f"<urn:{number}> <urn:p> {v} ." for v in values)
        store = Store()
        store.load((PREFIXES + turtle).encode(), RdfFormat.TURTLE)
        read.append(grouped((q.predicate, q.object) for q in store))  # type: ignore[misc]
        survey.note(read[-1])
    for column in survey.tables()["urn:C"]:
        cells = [
            [column.cell(v) for v in thing.get((column.property, column.language), ())]
            for thing in read
        ]
        rows = cells if column.several else [c[0] if c else None for c in cells]
        array = pa.array(rows, column.arrow)
        assert [cell is None for cell in array.to_pylist()] == [row is None for row in rows]
