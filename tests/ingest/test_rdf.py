"""RDF files become N-Triples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vises.ingest.files import InputMissing
from vises.ingest.rdf import BadRdf, to_ntriples

Write = Callable[[str, str], Path]
BASE = "https://example.org/base/"


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
