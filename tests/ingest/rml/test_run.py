"""Whole mappings over real files: joins, JSON, wildcards, and rows that make nothing."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook
from pyarrow import parquet, table

from vises.errors import NotFound
from vises.ingest.rml import MappingError, load_mapping
from vises.ingest.rml.rows import files_of, open_rows
from vises.ingest.rml.run import Problem, Run
from vises.ingest.tables.encodings import NotUtf8
from vises.ingest.tables.table import BadTable
from vises.progress import Silence

if TYPE_CHECKING:
    from collections.abc import Callable

BASE = "http://example.org/"
PREFIXES = """@prefix rml: <http://w3id.org/rml/> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def _source(path: str, formulation: str = "rml:CSV", iterator: str | None = None) -> str:
    more = f" ; rml:iterator {json.dumps(iterator)}" if iterator else ""
    return (
        f'rml:logicalSource [ rml:source [ rml:path "{path}" ] ;'
        f" rml:referenceFormulation {formulation}{more} ]"
    )


def _pair(described: str, predicate: str = "p") -> str:
    return f"rml:predicateObjectMap [ rml:predicate <{predicate}> ; rml:objectMap [ {described} ] ]"


def _run(folder: Path, turtle: str, **more: int) -> tuple[set[str], list[str]]:
    """Return the lines, without the parts that all share, and the problems."""
    mapping = load_mapping((PREFIXES + turtle).encode(), base_iri=BASE, place="m.ttl")
    sources = {
        each.name: open_rows(mapping, each, files_of(each, folder, folder), Silence())
        for each in mapping.logical_sources
    }
    work = folder / "work"
    work.mkdir(exist_ok=True)
    made = list(Run(mapping, sources, BASE, work, **more).quads())
    for left in work.iterdir():
        left.unlink()
    quads = "".join(each for each in made if isinstance(each, str))
    problems = [each for each in made if isinstance(each, Problem)]
    shared = "http://www.w3.org/2001/XMLSchema#"
    return (
        {
            line.removesuffix(" .").replace(BASE, "").replace(shared, "xsd:")
            for line in quads.splitlines()
        },
        [f"{Path(each.place).name}: {each.reason}" for each in problems],
    )


CHILD = f"""<child> {_source("a.csv")} ; rml:subjectMap [ rml:template "{{id}}" ] ;
rml:predicateObjectMap [ rml:predicate <p> ; rml:objectMap [
  rml:parentTriplesMap <parent> ;
  rml:joinCondition [ rml:child "x" ; rml:parent "k" ], [ rml:child "y" ; rml:parent "l" ] ] ] .
"""
JOIN = CHILD + f'<parent> {_source("b.csv")} ; rml:subjectMap [ rml:template "b/{{n}}" ] .'


def test_a_join_on_two_columns(tmp_path: Path, write: Callable[[str, str], Path]) -> None:
    write("a.csv", "id,x,y\n7,k,l\n8,k,\n9,,l\n10,z,l\n11,k,l\n")
    write("b.csv", "k,l,n\nk,l,1\nk,l,2\nk,l,2\nk,,3\n,l,5\nk,l,\nk,other,4\n")
    quads, problems = _run(tmp_path, JOIN)
    assert quads == {f"<{child}> <p> <b/{n}>" for child in (7, 11) for n in (1, 2)}
    assert problems == []


def test_a_join_of_a_source_with_itself(tmp_path: Path, write: Callable[[str, str], Path]) -> None:
    write("a.csv", "id,boss\n1,\n2,1\n3,1\n")
    turtle = f"""<staff> {_source("a.csv")} ;
    rml:subjectMap [ rml:template "{{id}}" ; rml:graph <g> ] ;
    rml:predicateObjectMap [ rml:predicate <boss> ; rml:graphMap [ rml:template "g/{{id}}" ] ;
      rml:objectMap [ rml:parentTriplesMap <staff> ;
        rml:joinCondition [ rml:child "boss" ; rml:parent "id" ] ] ] ."""
    quads, _ = _run(tmp_path, turtle)
    assert quads == {f"<{n}> <boss> <1> <{g}>" for n in (2, 3) for g in ("g", f"g/{n}")}


def test_nothing_is_joined_to_a_row_that_makes_nothing(
    tmp_path: Path, write: Callable[[str, str], Path]
) -> None:
    write("a.csv", "id,x,y\n7,k,l\n")
    write("b.csv", "k,l,n\nk,l,two words\nk,l,one\n")
    quads, problems = _run(tmp_path, JOIN.replace('rml:template "b/{n}"', 'rml:reference "n"'))
    assert quads == {"<7> <p> <one>"}
    reason = "The value 'two words' of column 'n' does not make a valid IRI."
    assert problems == [f"b.csv, line 2: {reason}"]
    of_child = JOIN.replace("predicate <p>", 'predicateMap [ rml:reference "id" ]')
    write("a.csv", "id,x,y\n7,k,l\nu v,k,l\n")
    quads, problems = _run(tmp_path, of_child)
    assert "<7> <7> <b/one>" in quads
    reason = "The value 'u v' of column 'id' does not make a valid IRI."
    assert set(problems) == {f"a.csv, line 3: {reason}"}


def test_columns_of_joins_are_looked_for_before_anything_is_made(
    tmp_path: Path, write: Callable[[str, str], Path]
) -> None:
    write("a.csv", "id,x,y\n7,k,l\n")
    write("b.csv", "k,L,n\nk,l,1\n")
    with pytest.raises(
        MappingError, match=r"m\.ttl, line 6: 'b\.csv' has no column 'l'.*Nearest: 'L'"
    ):
        _run(tmp_path, JOIN)


def test_a_join_that_explodes_is_refused(tmp_path: Path, write: Callable[[str, str], Path]) -> None:
    write("a.csv", "id,x,y\n" + "".join(f"{n},k,l\n" for n in range(1000)))
    write("b.csv", "k,l,n\n" + "".join(f"k,l,{n}\n" for n in range(1000)))
    with pytest.raises(
        MappingError, match=r"m\.ttl, line 6: The join gives 1,000,000 rows, more than 999,999"
    ):
        _run(tmp_path, JOIN, most_joined=999_999)


_LARGE = """
import resource, sys
from pathlib import Path
from vises.ingest.rml import joining
joining.MOST_MEMORY = "32MB"
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with joining.joiner(Path(sys.argv[1])) as database:
    rows = [(str(n % 20_000), f"{n:x}" * 40) for n in range(100_000)]
    sides = [database.load(0, 2, rows) for _ in "ab"]
    print(sum(1 for _ in database.join(*sides, [(0, 0)], "m")))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_a_join_larger_than_its_memory(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LARGE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    rows, mebibytes = map(int, done.stdout.split())
    assert rows == 500_000  # 200 MB of text
    assert mebibytes < 250


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    script = _LARGE.replace(
        "before =", "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, 1 << 18)); before ="
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "Unavailable: " in done.stderr
    assert "Free some space" in done.stderr


ROWS = [("1", "Élan"), ("2", "")]
TABLE = f"""<map> {_source("SOURCE")} ; rml:subjectMap [ rml:template "{{id}}" ] ;
{_pair('rml:reference "name"')} ."""


def _csv(separator: str) -> str:
    return "".join(separator.join(row) + "\n" for row in [("id", "name"), *ROWS])


def _write_table(folder: Path, name: str) -> None:
    path = folder / name
    if name.endswith(".xlsx"):
        book = Workbook()
        for row in [("id", "name"), *ROWS]:
            book.active.append(row)
        book.save(path)
    elif name.endswith(".parquet"):
        ids, names = zip(*ROWS, strict=True)
        parquet.write_table(table({"id": [int(n) for n in ids], "name": names}), path)
    elif name.endswith(".jsonl"):
        path.write_text("".join(json.dumps({"id": i, "name": n}) + "\n" for i, n in ROWS))
    elif name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("inside.csv", _csv(";"))
    elif name.endswith(".gz"):
        path.write_bytes(gzip.compress(_csv(",").encode()))
    else:
        path.write_text(_csv("\t" if name.endswith(".tsv") else ","), encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["a.csv", "a.tsv", "a.xlsx", "a.parquet", "a.jsonl", "a.zip", "a.csv.gz"]
)
def test_tables_of_every_kind(tmp_path: Path, name: str) -> None:
    _write_table(tmp_path, name)
    quads, problems = _run(tmp_path, TABLE.replace("SOURCE", name))
    assert quads == {'<1> <p> "Élan"'}
    assert problems == []


def test_files_by_wildcard(tmp_path: Path, write: Callable[[str, str], Path]) -> None:
    write("a/1.csv", "id,name\n1,one\n")
    write("a/2.csv", "name,more,id\ntwo,x,2\n")
    write("a/b/3.csv", "id,name\n3,three\n")
    assert len(_run(tmp_path, TABLE.replace("SOURCE", "a/*.csv"))[0]) == 2
    assert len(_run(tmp_path, TABLE.replace("SOURCE", "a/**/*.csv"))[0]) == 3
    assert len(_run(tmp_path, TABLE.replace("SOURCE", f"{tmp_path}/a/?.csv"))[0]) == 2
    with pytest.raises(NotFound, match="No file fits this name"):
        _run(tmp_path, TABLE.replace("SOURCE", "b/*.csv"))
    write("a/4.csv", "id,other\n4,four\n")
    with pytest.raises(BadTable, match=r"4\.csv: The column 'name' is missing, which 1\.csv has"):
        _run(tmp_path, TABLE.replace("SOURCE", "a/*.csv"))


def test_a_file_may_be_called_like_a_wildcard(
    tmp_path: Path, write: Callable[[str, str], Path]
) -> None:
    write("a[1].csv", "id,name\n1,one\n")
    assert len(_run(tmp_path, TABLE.replace("SOURCE", "a[1].csv"))[0]) == 1


def test_rows_that_are_none_are_told(tmp_path: Path, write: Callable[[str, str], Path]) -> None:
    write("a.csv", "id,name\n1,one,more\n2,two\n")
    quads, problems = _run(tmp_path, TABLE.replace("SOURCE", "a.csv"))
    assert quads == {'<2> <p> "two"'}
    assert problems == ["a.csv, line 2: The row does not have the 2 cells of the header."]


PEOPLE = {
    "people": [
        {"id": 1, "name": "Ann", "tags": ["a", "b"], "at": {"town": "Gent"}, "old": True},
        {"id": 2, "name": None, "tags": [], "weight": 1.5e1, "langs": ["fr", "nl"]},
        {"id": 3, "tags": ["c", None, "d"], "langs": ["fr", "nl"]},
    ]
}


def _json(described: str, formulation: str = "rml:JSONPath") -> str:
    return f"""<map> {_source("p.json", formulation, "$.people[*]")} ;
    rml:subjectMap [ rml:template "{{$.id}}" ] ; {_pair(described)} ."""


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ('rml:reference "name"', {'<1> <p> "Ann"'}),
        ('rml:reference "$.at.town" ; rml:language "nl"', {'<1> <p> "Gent"@nl'}),
        ("rml:reference \"$['at']['town']\"", {'<1> <p> "Gent"'}),
        (
            'rml:reference "tags[*]"',
            {'<1> <p> "a"', '<1> <p> "b"', '<3> <p> "c"', '<3> <p> "d"'},
        ),
        ('rml:reference "tags[-1]"', {'<1> <p> "b"', '<3> <p> "d"'}),
        (
            'rml:template "{tags[*]}-{langs[*]}" ; rml:termType rml:Literal',
            {f'<3> <p> "{t}-{lang}"' for t in "cd" for lang in ("fr", "nl")},
        ),
        ('rml:reference "$.id"', {f'<{n}> <p> "{n}"^^<xsd:integer>' for n in (1, 2, 3)}),
        ('rml:reference "old"', {'<1> <p> "true"^^<xsd:boolean>'}),
        ('rml:reference "weight"', {'<2> <p> "1.5e1"^^<xsd:double>'.replace("1.5e1", "15.0")}),
        ('rml:reference "weight" ; rml:datatype xsd:decimal', {'<2> <p> "15.0"^^<xsd:decimal>'}),
        ('rml:reference "nowhere.at[0].all"', set()),
    ],
)
def test_references_into_json(tmp_path: Path, described: str, expected: set[str]) -> None:
    (tmp_path / "p.json").write_text(json.dumps(PEOPLE))
    quads, problems = _run(tmp_path, _json(described))
    assert (quads, problems) == (expected, [])


def test_the_older_json_path_gives_text(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(PEOPLE))
    quads, _ = _run(tmp_path, _json('rml:reference "id"', "ql:JSONPath"))
    assert quads == {f'<{n}> <p> "{n}"' for n in (1, 2, 3)}


OTHER = _pair('rml:reference "b[*]"', "q")


def test_lists_that_are_not_used_together_do_not_multiply(tmp_path: Path) -> None:
    many = [str(n) for n in range(400)]
    (tmp_path / "p.json").write_text(json.dumps({"people": [{"id": 1, "a": many, "b": many}]}))
    apart = _json('rml:reference "a[*]"').removesuffix(".") + f"; {OTHER} ."
    quads, problems = _run(tmp_path, apart)
    assert (len(quads), problems) == (800, [])
    together = _json('rml:template "{a[*]}/{b[*]}"')
    quads, problems = _run(tmp_path, together)
    assert problems == [
        "p.json, line 1: The value '' of column 'a[*], b[*]' makes more than 100,000 combinations."
    ]


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (
            {"id": 1, "x": {"y": 1}},
            "The value '{\"y\": \"1\"}' of column 'x' is an object, of which",
        ),
        ({"id": 1, "x": ["y"]}, "The value '[\"y\"]' of column 'x' is an array, of which"),
        ({"id": 1, "x": "\ud800"}, "of column 'x' is not valid Unicode text"),
    ],
)
def test_a_value_that_is_none_is_told(tmp_path: Path, person: object, reason: str) -> None:
    (tmp_path / "p.json").write_text(json.dumps({"people": [person]}))
    quads, (problem,) = _run(tmp_path, _json('rml:reference "x"'))
    assert quads == set()
    assert problem.startswith("p.json, line 1: ")
    assert reason in problem


def test_json_lines_and_zips_of_them(tmp_path: Path) -> None:
    text = '{"id": 1, "t": ["a"]}\n\n[1]\n{"id": 2\n{"id": NaN}\n{"id": 3, "t": ["b", "c"]}\n'
    text += '{"id": 4, "id": 5, "t": ["d"]}\n'
    turtle = f"""<map> {_source("p.jsonl*", "rml:JSONPath")} ;
    rml:subjectMap [ rml:template "{{id}}" ] ; {_pair('rml:reference "t[*]"')} ."""
    (tmp_path / "p.jsonl").write_text(text)
    expected = {'<1> <p> "a"', '<3> <p> "b"', '<3> <p> "c"'}
    quads, problems = _run(tmp_path, turtle)
    assert quads == expected
    assert problems.pop().endswith("of column '' has the member 'id' twice.")
    assert problems == [
        "p.jsonl, line 4: The value '{\"id\": 2\\n' of column '' is no line of JSON.",
        "p.jsonl, line 5: The value '{\"id\": NaN}\\n' of column '' is no line of JSON.",
    ]
    (tmp_path / "p.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "p.jsonl").unlink()
    assert _run(tmp_path, turtle)[0] == expected


def test_a_join_between_json_and_a_table(tmp_path: Path, write: Callable[[str, str], Path]) -> None:
    (tmp_path / "p.json").write_text(json.dumps(PEOPLE))
    write("t.csv", "code,label\na,Alpha\nd,Delta\n")
    turtle = f"""<map> {_source("p.json", "rml:JSONPath", "$.people[*]")} ;
    rml:subjectMap [ rml:template "{{id}}" ] ; rml:predicateObjectMap [ rml:predicate <p> ;
      rml:objectMap [ rml:parentTriplesMap <tags> ;
        rml:joinCondition [ rml:child "$.tags[*]" ; rml:parent "code" ] ] ] .
    <tags> {_source("t.csv")} ; rml:subjectMap [ rml:template "tag/{{label}}" ] ."""
    quads, _ = _run(tmp_path, turtle)
    assert quads == {"<1> <p> <tag/Alpha>", "<3> <p> <tag/Delta>"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "It is no JSON that can be read"),
        ("[" * 100_000, "It is no JSON that can be read"),
        ('{"people": [{"id": 1, "id": 2}]}', "an object has the member 'id' twice"),
        ('{"people": NaN}', "NaN is no number of JSON"),
        ('{"a": 1}\n{"a": 2}\n', "JSON Lines have the ending .jsonl"),
    ],
)
def test_what_is_no_json_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "p.json").write_text(content)
    with pytest.raises(BadTable) as caught:
        _run(tmp_path, _json('rml:reference "x"'))
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["p.json", "p.jsonl"])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_json_in_another_encoding_is_told(tmp_path: Path, name: str, encoding: str) -> None:
    (tmp_path / name).write_text('{"id": "é"}', encoding)
    turtle = f"""<map> {_source(name, "rml:JSONPath")} ; rml:subjectMap [ rml:template "{{id}}" ] ;
    {_pair('rml:reference "id"')} ."""
    with pytest.raises(NotUtf8, match="looks like"):
        _run(tmp_path, turtle)


def test_a_table_is_not_read_as_json(tmp_path: Path, write: Callable[[str, str], Path]) -> None:
    write("p.csv", "id\n1\n")
    with pytest.raises(BadTable, match=r"p\.csv: The mapping reads it as JSON"):
        _run(tmp_path, _json('rml:reference "x"').replace("p.json", "p.csv"))


@pytest.mark.parametrize(
    "path", ["$..a", "a[1:2]", "a[?(@.b)]", "a['b','c']", "a b", "count(a)", "$a"]
)
def test_json_path_beyond_the_subset_is_refused_with_its_line(tmp_path: Path, path: str) -> None:
    with pytest.raises(MappingError, match=r"m\.ttl, line 5: The JSONPath .* is not supported: at"):
        _run(tmp_path, _json(f"rml:reference {json.dumps(path)}"))
    with pytest.raises(MappingError, match="is not supported"):
        _run(tmp_path, _json("rml:constant 1").replace("$.people[*]", path))
