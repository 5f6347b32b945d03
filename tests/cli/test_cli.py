"""The command line: what it says, and the status it ends with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import parse

from tests.cli.conftest import UNITS
from vises.cli import EXIT_CODES
from vises.cli.common import Language
from vises.cli.query import QueryFormat
from vises.languages import LANGUAGES
from vises.namespaces import term
from vises.service.formats import RESULT_TYPES

if TYPE_CHECKING:
    from tests.cli.conftest import Run


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["demo"],
        ["ingest"],
        ["validate"],
        ["query"],
        ["releases"],
        ["serve"],
        ["check"],
        ["cids"],
        ["partners"],
    ],
)
def test_help_teaches(run: Run, command: list[str]) -> None:
    status, out, _ = run(*command, "--help")
    assert status == 0
    assert "Exit codes" in out if not command else "vises " in out


def test_help_and_operations_name_the_same_exit_codes() -> None:
    page = (Path(__file__).parents[2] / "docs/operations.md").read_text("utf-8")
    listed = page.partition("## Exit codes")[2].partition("\n## ")[0]
    assert re.findall(r"^\| (\d+) \|", listed, re.MULTILINE) == re.findall(r"\d+", EXIT_CODES)


def test_the_version_is_that_of_the_package_and_of_its_ontology(run: Run) -> None:
    status, out, err = run("--version")
    assert (status, err) == (0, "")
    program, ontology = out.splitlines()
    assert program == f"vises {version('vises')}"
    name, _, number = ontology.partition(" ")
    stated = parse(path=str(files("vises") / "ontology" / "vises.ttl"))
    iris = [q.object.value for q in stated if q.predicate == term("owl:versionIRI")]
    assert (name, iris) == ("ontology", [f"https://w3id.org/vises/ontology/{number}"])


def test_the_command_line_speaks_every_language() -> None:
    assert [str(language) for language in Language] == list(LANGUAGES)


def test_every_form_of_an_answer_can_be_asked_for() -> None:
    graphs = {"turtle", "ntriples", "jsonld", "rdfxml"}
    assert {str(form) for form in QueryFormat} == {"table", *RESULT_TYPES, *graphs}


def test_ingest_query_and_releases(run: Run, units: Path) -> None:
    status, out, err = run("ingest", "sirene", units, "--as-of", "2026-09-30", "--json")
    assert status == 0, err
    report = json.loads(out)
    assert report["files"][0]["published"] == 2
    assert report["files"][0]["rows_in"] == 3
    status, out, _ = run("query", "--question", "e1", "--format", "csv")
    assert status == 0
    query = "SELECT (COUNT(*) AS ?n) { ?e a <https://w3id.org/vises/ontology#Enterprise> }"
    for answer_format, answer in (("csv", "n\r\n2\r\n"), ("table", "2"), ("json", '"value":"2"')):
        status, out, _ = run("query", query, "--format", answer_format)
        assert (status, answer in out) == (0, True), out
    status, out, _ = run("releases")
    assert (status, "→" in out, "Ingest of sirene" in out) == (0, True, True)
    status, out, _ = run("releases", "show", "000001")
    assert (status, "graph/sirene" in out) == (0, True)


def test_the_same_file_again_changes_nothing(run: Run, ingested: Path) -> None:
    status, out, _ = run("ingest", "sirene", ingested)
    assert (status, "Nothing to do" in out) == (0, True)
    assert run("releases", "show", "000002")[0] == 4


@pytest.mark.usefixtures("ingested")
def test_commands_take_current_and_tags_for_the_name_of_a_release(run: Run) -> None:
    assert run("releases", "tag", "first", "current")[0] == 0
    query = "SELECT ?s { ?s <x:none> ?o }"
    for name in ("current", "first", "000001"):
        assert run("query", query, "--release", name, "--format", "csv")[:2] == (0, "s\r\n")
        assert "000001" in run("releases", "show", name)[1]
        assert run("releases", "diff", name, "current")[0] == 0
        assert run("releases", "verify", name, "--files-only")[0] == 0
        assert "equals release 000001" in run("releases", "rollback", name)[1]
        assert run("check", "--release", name)[0] in {0, 1}, "what it found, not that it is unknown"
        assert run("query", query, "--release", "current", "--compared-with", name)[0] == 0


def test_two_releases_are_compared(
    run: Run, ingested: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingested.write_text(UNITS.replace("ATELIER INVENTÉ", "ATELIER RENOMMÉ"), encoding="utf-8")
    assert run("ingest", "sirene", ingested)[0] == 0
    query = "SELECT ?name { ?e <http://www.w3.org/ns/legal#legalName> ?name }"
    status, out, err = run("query", query, "--compared-with", "000001")
    assert status == 0, err
    tsv = 'change\t?name\nremoved\t"ATELIER INVENTÉ"\nadded\t"ATELIER RENOMMÉ"\n'
    assert out == tsv
    assert run("query", query, "--compared-with", "000001", "--format", "tsv")[1] == tsv
    for form in ("csv", "json", "parquet", "turtle"):
        status, out, err = run("query", query, "--compared-with", "000001", "--format", form)
        assert (status, out) == (2, "")
        assert "where: --format" in err
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run("query", query, "--compared-with", "000001", "--format", "tsv")[1] == tsv
    assert "─" in run("query", query, "--compared-with", "000001")[1], "a table on a terminal"


@pytest.mark.usefixtures("ingested")
def test_relative_iris_are_those_of_the_data(run: Run) -> None:
    query = "SELECT ?n { <enterprise/fr-000000018> <http://www.w3.org/ns/legal#legalName> ?n }"
    assert run("query", query, "--format", "csv")[1] == "n\r\nATELIER INVENTÉ\r\n"
    assert run("query", query, "--compared-with", "current")[:2] == (0, "change\t?n\n")


@pytest.mark.parametrize("way", ["file", "input", "argument"])
@pytest.mark.usefixtures("ingested")
def test_a_query_is_utf_8_with_or_without_its_mark(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    def asked(query: bytes) -> tuple[int, str, str]:
        path = tmp_path / "mine.rq"
        path.write_bytes(query)
        if way == "file":
            return run("query", "--file", path, "--format", "csv")
        if way == "argument":
            return run("query", query.decode("utf-8", "surrogateescape"), "--format", "csv")
        with path.open(encoding="utf-8", errors="surrogateescape") as file:
            monkeypatch.setattr("sys.stdin", file)
            return run("query", "-", "--format", "csv")

    assert asked('ASK { ?s ?p "é" }'.encode("utf-8-sig"))[:2] == (0, "false")
    status, out, err = asked('ASK { ?s ?p "é" }'.encode("latin-1"))
    assert (status, out) == (3, "")
    assert "not in UTF-8" in err


@pytest.mark.usefixtures("ingested")
def test_a_form_that_the_answer_has_not_is_told_as_the_option_has_them(run: Run) -> None:
    status, _, err = run("query", "ASK {}", "--format", "turtle")
    assert status == 2
    assert "where: --format" in err
    assert "SELECT and ASK are written as table, json" in err


@pytest.mark.parametrize("arguments", [["--version"], ["mapping", "show", "sirene"]])
def test_who_has_read_enough_is_no_refusal(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "vises", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as asked:
        assert asked.stdout
        assert asked.stderr
        asked.stdout.close()
        assert asked.stderr.read() == ""
    assert asked.returncode == 141


def test_validate(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.ttl"
    bad.write_text("<x> a <https://w3id.org/vises/ontology#Enterprise> .", encoding="utf-8")
    status, out, _ = run("validate", bad)
    assert (status, "legalName" in out) == (1, True)
    status, out, _ = run("validate", bad, "--format", "turtle", "--engine", "pyshacl")
    assert (status, "sh:ValidationReport" in out) == (1, True)
    status, out, _ = run("validate", bad, "--format", "json", "--language", "fr")
    assert status == 1
    assert json.loads(out)["conforms"] is False


def test_validate_in_every_form(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.ttl"
    bad.write_text("\n<urn:a> a <https://w3id.org/vises/ontology#Enterprise> .\n", "utf-8")
    for form, signs in {
        "table": ("place", f"{bad}, line 2"),
        "json": ('"line": 2',),
        "jsonld": ('"@id":"urn:a"', "ValidationReport"),
        "html": ("<h1>Rapport de validation</h1>", "ligne 2", "Donnez au moins un nom officiel"),
    }.items():
        status, out, _ = run("validate", bad, "--format", form, "--language", "fr")
        assert status == 1
        assert [sign for sign in signs if sign not in out] == [], form


def test_validate_by_shapes_of_ones_own(run: Run, tmp_path: Path) -> None:
    data, shapes = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    data.write_text('<urn:a> <urn:p> "text" .', "utf-8")
    start = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n<urn:s> sh:targetNode <urn:a> ; "
    shapes.write_text(f"{start}sh:property [ sh:path <urn:p> ; sh:nodeKind sh:IRI ] .", "utf-8")
    status, out, _ = run("validate", data, "--shapes", shapes, "--format", "json")
    assert (status, json.loads(out)["violations"]) == (1, 1)
    assert run("validate", data, "--shapes", shapes, "--profile", "core")[0] == 2
    shapes.write_text(f"{start}sh:not <urn:s> .", "utf-8")
    status, _, err = run("validate", data, "--shapes", shapes)
    assert status == 3
    assert "refers to itself" in err


def test_validate_by_a_profile(run: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.ttl"
    wrong.write_text(
        "@prefix dcterms: <http://purl.org/dc/terms/> ."
        "<identifier/siren-132456782> a <http://www.w3.org/ns/adms#Identifier> ;"
        ' <http://www.w3.org/2004/02/skos/core#notation> "132456782" ;'
        " dcterms:type <https://w3id.org/vises/code/identifier-scheme/siren> .",
        encoding="utf-8",
    )
    assert run("validate", wrong)[0] == 0
    status, out, _ = run("validate", wrong, "--profile", "exchange")
    assert (status, "132456782" in out) == (1, True)
    status, _, err = run("validate", wrong, "--profile", "secret")
    assert (status, "core, catalogue, exchange, personal-data" in err) == (4, True)


WRONG_CALLS = [
    (["ingest", "sirene", "missing.csv"], 4, "no such file"),
    (["ingest", "sirena", "missing.csv"], 2, "kbo"),
    (["ingest", "sirene", "empty.csv"], 3, "empty"),
    (["ingest", "sirene", "latin1.csv"], 3, "UTF-8"),
    (["ingest", "sirene", "truncated.csv"], 3, "truncated"),
    (["ingest", "sirene", "two.zip"], 3, "two-a.csv"),
    (["ingest", "sirene", "columns.csv"], 3, "categorieJuridiqueUniteLegale"),
    (["ingest", "sirene", "units.csv", "--max-refused", "many"], 2, "5%"),
    (["ingest", "sirene", "units.csv", "--as-of", "yesterday"], 2, "yesterday"),
    (["validate", "missing.ttl"], 4, "missing.ttl"),
    (["validate", "bad-syntax.ttl"], 3, "line 1"),
    (["mapping", "check", "."], 3, "It is a folder, and a file is wanted."),
    (["validate", "."], 3, "It is a folder, and files are wanted."),
    (["ingest", "sirene", "units.csv", "units.csv"], 2, "The same file is named twice."),
    (["ingest", "sirene", "units.csv", "--parts-only", "empty.csv"], 2, "Name a folder"),
    (["ingest", "sirene", "units.csv", "--parts-only", "empty.csv/in"], 2, "Name a folder"),
    (["releases", "backup", "empty.csv"], 2, "Name a folder"),
    (["remote", "files", "empty.csv"], 2, "Name a folder"),
    (["query", "SELECT"], 2, "column"),
    (["query"], 2, "--question"),
    (["query", "--question", "Z9"], 4, "E1"),
    (["query", "--file", "missing.rq"], 4, "missing.rq"),
    (["query", "ASK {}", "--release", "000099"], 4, "000099"),
    (["releases", "show", "latest"], 4, "latest"),
    (["serve", "--port", "70000"], 2, "VISES_PORT"),
    (["fly"], 2, "fly"),
]


@pytest.mark.parametrize(("arguments", "status", "says"), WRONG_CALLS, ids=lambda v: str(v)[:60])
def test_a_wrong_call_says_what_and_leaves_the_release(
    run: Run, ingested: Path, arguments: list[str], status: int, says: str
) -> None:
    folder = ingested.parent
    (folder / "empty.csv").touch()
    (folder / "latin1.csv").write_bytes(UNITS.encode("latin-1"))
    (folder / "truncated.csv").write_text(UNITS[:-12], encoding="utf-8")
    (folder / "columns.csv").write_text("siren,denominationUniteLegale\n1,2\n", encoding="utf-8")
    (folder / "bad-syntax.ttl").write_text("<x> a ", encoding="utf-8")
    with zipfile.ZipFile(folder / "two.zip", "w") as archive:
        archive.writestr("two-a.csv", UNITS)
        archive.writestr("two-b.csv", UNITS)
    ended, _, err = run(*arguments)
    assert ended == status, err
    assert says in err
    assert "Traceback" not in err
    listed = run("releases")[1]
    assert re.findall(r"\b0000\d\d\b", listed) == ["000001"]


def test_the_package_passes_its_quality_checks(run: Run) -> None:
    status, out, err = run("check")
    assert status == 0, out
    assert out.startswith("level\tcheck\tentity")
    assert err == ""


@pytest.mark.shared
def test_a_cids_document_is_read_and_judged(run: Run, shared: Path, tmp_path: Path) -> None:
    document = shared / "data" / "cids" / "example_knowledge_graph.jsonld"
    status, out, err = run("cids", document, "--write", "read.nt")
    assert (status, err) == (1, "")
    assert out.count("Violation\t") > 100
    assert (tmp_path / "read.nt").read_bytes().count(b"\n") > 200
    assert run("cids", "missing.jsonld")[0] == 4


def test_nothing_published_yet(run: Run) -> None:
    status, _, err = run("query", "ASK {}")
    assert (status, "vises demo" in err) == (4, True)
    assert run("query", "ASK {}", "--release", "current")[0] == 4


def test_a_data_folder_that_is_a_file(
    run: Run, units: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISES_DATA", str(units))
    status, _, err = run("ingest", "sirene", units)
    assert (status, "VISES_DATA" in err) == (5, True), err


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISES_BASE_IRI", "not an IRI")
    status, _, err = run("demo")
    assert (status, "VISES_BASE_IRI" in err) == (2, True)


def test_a_refused_change_shows_its_report(
    run: Run, units: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shape that no enterprise can meet stands for data that the contract lets through."""
    shapes = (
        b"@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:x> a sh:NodeShape ; "
        b"sh:targetClass <https://w3id.org/vises/ontology#Enterprise> ; sh:property <urn:y> . "
        b'<urn:y> a sh:PropertyShape ; sh:path <urn:p> ; sh:minCount 1 ; sh:message "Add it."@en .'
    )
    monkeypatch.setattr("vises.validation.gate.package_shapes", lambda: shapes)
    status, _, err = run("ingest", "sirene", units)
    assert (status, "Add it." in err, "refused" in err) == (1, True, True)
    assert "→" not in run("releases")[1]


INTERRUPTED = """
import builtins
from vises.__main__ import main
load = builtins.__import__

def interrupted(name, *rest):
    if name == "vises.ingest.pipeline":
        raise KeyboardInterrupt
    return load(name, *rest)

builtins.__import__ = interrupted
main()
"""


def test_who_stops_reading_is_no_refusal() -> None:
    for arguments in (["mapping", "show", "sirene"], ["releases"], ["validate", "nowhere.ttl"]):
        reading, writing = os.pipe()
        os.close(reading)
        ended = subprocess.run(
            [sys.executable, "-m", "vises", *arguments], stdout=writing, stderr=writing, check=False
        )
        os.close(writing)
        assert ended.returncode == 141, arguments


@pytest.mark.parametrize(
    ("closed", "arguments", "status"),
    [("stdout", ["releases"], 0), ("stderr", ["validate", "nowhere.ttl"], 4)],
)
def test_what_is_said_on_a_closed_stream_is_not_said_elsewhere(
    tmp_path: Path, closed: str, arguments: list[str], status: int
) -> None:
    number = ("stdin", "stdout", "stderr").index(closed)
    ended = subprocess.run(
        ["sh", "-c", f'exec "$@" {number}>&-', "sh", sys.executable, "-m", "vises", *arguments],
        env={**os.environ, "VISES_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (status, "", "")


def test_an_interrupt_while_the_commands_load_leaves_no_traceback() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (130, "")


@pytest.mark.usefixtures("ingested")
def test_without_a_temporary_folder_a_command_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    status, _, err = run("releases", "diff", "current", "current")
    assert status == 5
    assert str(tmp_path / "nowhere") in err
    assert "TMPDIR" in err
    assert "Traceback" not in err


def test_a_user_without_a_name_is_asked_for_one(
    run: Run, units: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", unknown)
    status, _, err = run("ingest", "sirene", units, "--dry-run")
    assert status == 2
    assert "--author" in err


def test_want_of_memory_is_no_defect(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("vises.cli.app", fail)
    status, _, err = run("releases")
    assert (status, "There is not enough memory" in err, "Traceback" in err) == (5, True, False)


def test_a_defect_is_not_taken_for_refused_data(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("unforeseen")

    monkeypatch.setattr("vises.cli.app", fail)
    status, _, err = run("releases")
    assert status == 70
    assert "KeyError: 'unforeseen'" in err
