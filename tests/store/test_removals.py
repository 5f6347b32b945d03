"""The index of what releases took away."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from os import getpid
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse, serialize

from vises.store.releases import ReleaseStore
from vises.store.removals import Removals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

A, B = "https://example.org/graph/a", "https://example.org/graph/b"


class Accepted:
    accepted = True
    violations = warnings = 0

    def summary(self) -> str:
        return "fine"

    def turtle(self) -> list[bytes]:
        return []


@pytest.fixture
def releases(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "data")


@pytest.fixture
def publish(releases: ReleaseStore, tmp_path: Path) -> Callable[[str, str], None]:
    def publish_(graph: str, turtle: str) -> None:
        file = tmp_path / "graph.nt"
        quads = parse(turtle, RdfFormat.TURTLE, base_iri="https://example.org/")
        serialize((q.triple for q in quads), str(file), RdfFormat.N_TRIPLES)
        with releases.transaction(author="", message="", gate=lambda _: Accepted()) as transaction:
            transaction.replace_graph(NamedNode(graph), file)

    return publish_


def iri(name: str) -> str:
    return f"https://example.org/{name}"


def test_the_newest_removal_counts_and_only_in_graphs_that_are_asked(
    releases: ReleaseStore, publish: Callable[[str, str], None], tmp_path: Path
) -> None:
    publish(A, '<one> <p> 1 . <two> <p> 2 . <é> <p> "x" . <kept> <p> [ <q> 3 ] .')
    publish(A, "<two> <p> 2 . <kept> <p> [ <q> 3 ] .")
    publish(A, "<one> <p> 1 . <kept> <p> [ <q> 3 ] .")
    publish(B, "<other> <p> 1 .")
    publish(A, "<kept> <p> [ <q> 3 ] .")
    publish(B, "<another> <p> 1 .")
    removals = Removals(tmp_path / "cache" / "removals.sqlite")
    assert removals.last_to_remove([iri("one")], [A]) is None
    assert [r.id for r in removals.missing(releases.list())] == [
        "000006",
        "000005",
        "000003",
        "000002",
    ]
    removals.index(releases)
    assert removals.missing(releases.list()) == []
    assert removals.last_to_remove([iri("one")], [A, B]) == "000005"
    assert removals.last_to_remove([iri("two")], [A, B]) == "000003"
    assert removals.last_to_remove([iri("é")], [A]) == "000002"
    assert removals.last_to_remove([iri("no"), iri("two")], [A]) == "000003"
    assert removals.last_to_remove([iri("other")], [A]) is None
    assert removals.last_to_remove([iri("other")], [A, B]) == "000006"
    assert removals.last_to_remove([iri("kept")], [A, B]) is None
    assert removals.last_to_remove([], [A]) is None


def test_the_process_brings_it_up_to_date(
    publish: Callable[[str, str], None], tmp_path: Path
) -> None:
    index = tmp_path / "data" / "cache" / "removals.sqlite"
    for turtle in ("<one> <p> 1 .", "<two> <p> 1 .", "<three> <p> 1 ."):
        publish(A, turtle)
        command = ["-m", "vises.store.removals", str(tmp_path / "data"), str(index), str(getpid())]
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
    assert Removals(index).last_to_remove([iri("one")], [A]) == "000002"
    assert Removals(index).last_to_remove([iri("two")], [A]) == "000003"


def test_a_change_that_cannot_be_read_is_left_out_and_a_file_that_is_no_index_is_an_error(
    releases: ReleaseStore,
    publish: Callable[[str, str], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for turtle in ("<one> <p> 1 .", "<two> <p> 1 .", "<three> <p> 1 ."):
        publish(A, turtle)
    releases.change("000002").write_bytes(b"spoilt")
    removals = Removals(tmp_path / "removals.sqlite")
    removals.index(releases)
    assert "000002" in capsys.readouterr().err
    assert [r.id for r in removals.missing(releases.list())] == ["000002"]
    assert removals.last_to_remove([iri("two")], [A]) == "000003"
    (tmp_path / "other.sqlite").write_bytes(b"no index" * 1000)
    with pytest.raises(sqlite3.Error):
        Removals(tmp_path / "other.sqlite").last_to_remove([iri("two")], [A])
