"""RDF files become N-Triples."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vises.ingest.files import InputMissing
from vises.ingest.rdf import BadRdf, write_ntriples

Write = Callable[[str, str], Path]
BASE = "https://example.org/base/"
CHILD = """
import resource, sys
from pathlib import Path
from vises.ingest.rdf import write_ntriples

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

paths = [Path(name) for name in sys.argv[2:]]
write_ntriples([paths[0].with_name("warm.nt")], "http://b/", Path(sys.argv[1]))
before = peak()
count = write_ntriples(paths, "http://b/", Path(sys.argv[1]))
print(count, (peak() - before) >> 10)
"""


def to_ntriples(paths: list[Path], base: str) -> bytes:
    target = paths[0].with_name("written.nt")
    count = write_ntriples(paths, base, target)
    written = target.read_bytes()
    assert count == written.count(b"\n")
    return written


def test_relative_iris_are_under_the_base(write: Write) -> None:
    path = write("a.ttl", "@prefix v: <https://w3id.org/vises/ontology#> . <a/b> v:position 01 .")
    assert to_ntriples([path], BASE) == (
        b"<https://example.org/base/a/b> <https://w3id.org/vises/ontology#position>"
        b' "01"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    )


def test_blank_nodes_of_two_files_stay_two(write: Write) -> None:
    text = "_:x <http://p> 1 ."
    lines = to_ntriples([write("a.ttl", text), write("b.ttl", text)], BASE).splitlines()
    assert len({line.split()[0] for line in lines}) == 2


def test_other_serialisations(write: Write) -> None:
    paths = [
        write("a.nt", "<http://s> <http://p> <http://o> .\n"),
        write("b.jsonld", '{"@id": "http://s", "http://p": {"@id": "http://o"}}'),
    ]
    first, second = (to_ntriples([path], BASE) for path in paths)
    assert first == second


def test_numbers_of_json_are_decimals_where_the_context_says_so(write: Write) -> None:
    decimal = "http://www.w3.org/2001/XMLSchema#decimal"
    path = write(
        "a.jsonld",
        f'{{"@context": {{"v": {{"@id": "http://v", "@type": "{decimal}"}}}},'
        ' "@id": "http://s", "v": 12.5}',
    )
    assert to_ntriples([path], BASE) == f'<http://s> <http://v> "12.5"^^<{decimal}> .\n'.encode()


def test_a_syntax_error_names_line_and_column(write: Write) -> None:
    path = write("a.ttl", "<http://s> <http://p> 1 .\n<http://s> <http://p> ; .\n")
    with pytest.raises(BadRdf) as caught:
        to_ntriples([path], BASE)
    assert f"{path}, line 2, column " in str(caught.value.place)
    assert caught.value.remedy


def test_an_unknown_name(write: Write) -> None:
    with pytest.raises(BadRdf, match="does not end"):
        to_ntriples([write("a.csv", "")], BASE)


def test_named_graphs_are_not_dropped_in_silence(write: Write) -> None:
    path = write("a.nq", "<http://s> <http://p> <http://o> <http://g> .\n")
    with pytest.raises(BadRdf, match="named graph of its own"):
        to_ntriples([path], BASE)


def test_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text("<http://s> <http://p> 1 .", encoding="utf-16")
    with pytest.raises(BadRdf, match="UTF-16"):
        to_ntriples([path], BASE)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputMissing):
        to_ntriples([tmp_path / "a.ttl"], BASE)


def test_memory_does_not_depend_on_the_size_of_the_files(write: Write, tmp_path: Path) -> None:
    write("warm.nt", "<http://s> <http://p> <http://o> .\n")
    some = "".join(f"_:b{n} <http://p/{n}> <http://o/{'x' * 80}> .\n" for n in range(100_000))
    paths = [write(name, some) for name in ("a.nt", "b.ttl", "c.nq")]
    size = sum(path.stat().st_size for path in paths) >> 20
    target = tmp_path / "all.nt"
    command = [sys.executable, "-c", CHILD, str(target), *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    count, grown = map(int, done.stdout.split())
    assert count == 300_000
    assert size > 30
    assert grown < size / 3, f"{grown} MiB more for {size} MiB of files"
    with target.open("rb") as lines:
        assert len({line.partition(b" ")[0] for line in lines}) == count
