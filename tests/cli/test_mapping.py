"""`vises mapping`: a mapping is checked, read and tried from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from vises.ingest.sources import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run

MAPPING = """prefixes: {ex: http://example.org/}
mappings:
  person:
    sources: [[people.csv~csv]]
    s: ex:person/$(id)
    po:
      - [foaf:name, $(name)]
      - p: ex:works
        o:
          mapping: firm
          condition: {function: equal, parameters: [[str1, $(firm)], [str2, $(key)]]}
      - p: ex:code
        o: {function: grel:toUpperCase, parameters: [[grel:valueParam, $(name)]]}
  firm:
    sources: [[firms.json~jsonpath, "$.firms[*]"]]
    s: ex:firm/$(key)
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    (tmp_path / "people.csv").write_text("id,name,firm\n1,Ann,a\n2,Bo,b\n", encoding="utf-8")
    (tmp_path / "firms.json").write_text(json.dumps({"firms": [{"key": "a"}]}), encoding="utf-8")
    path = tmp_path / "map.yml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def test_check_tells_what_is_read_and_made(run: Run, mapping: Path) -> None:
    code, out, _ = run("mapping", "check", mapping)
    assert code == 0
    assert out.splitlines()[1].split("\t") == [
        "3",
        "<https://w3id.org/vises/#person>",
        "people.csv (CSV)",
        "firm, id, name",
        "firms.json firms[*]",
        "toUpperCase",
    ]


def test_check_tells_the_columns_that_a_join_compares(run: Run, mapping: Path) -> None:
    mapping.write_text(MAPPING.replace("[str2, $(key)]", "[str2, $(code)]"), encoding="utf-8")
    _, out, _ = run("mapping", "check", mapping)
    assert [line.split("\t")[3] for line in out.splitlines()[1:]] == ["firm, id, name", "code, key"]


def test_run_writes_quads_and_runs_again(run: Run, mapping: Path) -> None:
    first = run("mapping", "run", mapping)
    assert first == run("mapping", "run", mapping)
    code, out, _ = first
    assert code == 0
    assert (
        "<http://example.org/person/1> <http://example.org/works> <http://example.org/firm/a> .\n"
        in out
    )
    assert out.count("\n") == 5
    assert run("mapping", "run", mapping, "--rows", "1")[1].count("\n") == 3


def test_run_takes_other_files(run: Run, mapping: Path, tmp_path: Path) -> None:
    (tmp_path / "other.tsv").write_text("name\tid\tfirm\nCé\t3\t\n", encoding="utf-8")
    code, out, _ = run("mapping", "run", mapping, "--source", "people.csv=other.tsv")
    assert (code, out.count("\n")) == (0, 2)
    code, _, err = run("mapping", "run", mapping, "--source", "other.tsv")
    assert code == 2
    assert "Write NAME=PATH; its sources are people.csv, firms.json" in err


def test_run_reads_all_files_of_a_source(run: Run, mapping: Path, tmp_path: Path) -> None:
    for name, number in (("one.csv", 3), ("two.csv", 4)):
        (tmp_path / name).write_text(f"id,name,firm\n{number},x,\n", encoding="utf-8")
    files = ["--source", "people.csv=one.csv", "--source", "people.csv=two.csv"]
    _, out, _ = run("mapping", "run", mapping, *files)
    assert {line.split()[0][-3:] for line in out.splitlines()} == {"/3>", "/4>"}


def test_run_says_which_source_is_not_there(run: Run, mapping: Path, tmp_path: Path) -> None:
    (tmp_path / "people.csv").unlink()
    code, _, err = run("mapping", "run", mapping)
    assert (code, "The mapping reads it as 'people.csv'." in err) == (4, True)
    assert "--source people.csv=PATH" in err
    code, _, err = run("mapping", "run", mapping, "--source", "people.csv=no.csv")
    assert (code, "no.csv" in err, "The mapping reads it as 'people.csv'." in err) == (
        4,
        True,
        True,
    )


def test_rows_that_cannot_be_mapped_are_told_and_counted(
    run: Run, mapping: Path, tmp_path: Path
) -> None:
    text = mapping.read_text().replace("ex:person/$(id)", "$(id)")
    mapping.write_text(text)
    rows = "".join(f"a b {n},x,\n" for n in range(30))
    (tmp_path / "people.csv").write_text(f"id,name,firm\n{rows}u,good,\n", encoding="utf-8")
    code, out, err = run("mapping", "run", mapping)
    assert code == 1
    assert out.count("\n") == 2
    assert err.count("people.csv, line ") == 20
    assert "Rows that could not be mapped: 30." in err


def test_show_prints_functions_that_do_what_run_does(run: Run, mapping: Path) -> None:
    code, out, _ = run("mapping", "show", mapping)
    assert code == 0
    rows, _, join = out.partition("\n\n# Generated from")
    names: dict[str, object] = {}
    exec(rows, names)
    assert '"ANN"' in names["row_to_quads"](("a", "1", "Ann"))  # type: ignore[operator]
    assert "for the join on line 10" in join


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_show_prints_the_mappings_of_sources(run: Run, name: str) -> None:
    code, out, _ = run("mapping", "show", name)
    assert code == 0
    joins = 1 if name == "mapped" else 0
    tables = sum(bool(part.columns) for part in SOURCES[name].parts)
    assert out.count("def row_to_quads(row):") == tables + joins


def test_translate_prints_rml_that_does_the_same(run: Run, mapping: Path, tmp_path: Path) -> None:
    code, out, _ = run("mapping", "translate", mapping)
    assert code == 0
    turtle = tmp_path / "map.ttl"
    turtle.write_text(out, encoding="utf-8")
    assert run("mapping", "run", turtle) == run("mapping", "run", mapping)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["check", "none.ttl"], 4, "There is no such file"),
        (["show", "none"], 4, "neither a source nor a file 'none'. "),
        (["translate", "people.csv"], 3, "The name of a YARRRML file ends with .yml or .yaml"),
        (["check", "people.csv"], 3, "The mapping is not valid Turtle"),
        (["check", "."], 3, "cannot be read"),
        (["run", "map.yml", "--rows", "0"], 2, ""),
        (["run", "map.yml", "--source", "people.csv=none.csv"], 4, "There is no such file"),
        (["run", "map.yml", "--source", "people.csv=firms.json"], 3, "has no column"),
        (["run", "map.yml", "--source", "firms.json=people.csv"], 3, "reads it as JSON"),
    ],
)
def test_wrong_calls(
    run: Run, mapping: Path, arguments: list[str], code: int, message: str
) -> None:
    assert mapping.exists()
    ended, out, err = run("mapping", *arguments)
    assert (ended, out) == (code, "")
    assert message.strip() in err


def test_help_teaches_by_examples(run: Run) -> None:
    for command in ("check", "show", "run", "translate"):
        code, out, _ = run("mapping", command, "--help")
        assert code == 0
        assert f"vises mapping {command} " in out
