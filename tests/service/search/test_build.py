"""Indexes of releases: made whole, made from another one, checked, and taken away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, Store

from vises.service.search import build, kept
from vises.service.search.asking import Asked, ask
from vises.service.search.build import ensure
from vises.service.search.kept import LOCK, RECORD, folder_of
from vises.service.search.schema import IRI, opened
from vises.service.search.things import QUESTION
from vises.store.patch import PatchDamaged
from vises.store.releases import ReleaseStore
from vises.store.retention import Retention

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FIRST = """
<enterprise/fr-1> a vises:Enterprise ; legal:legalName "Atelier du Héron" ;
    cv:registeredAddress <address/1> ; adms:identifier <identifier/1> .
<address/1> locn:postName "Arras" .
<identifier/1> skos:notation "123456782" .
<enterprise/fr-2> a vises:Enterprise ; legal:legalName "Ferme du Héron" .
<enterprise/fr-3> a vises:Enterprise ; legal:legalName "Halle du Héron" .
"""
SECOND = """
<enterprise/fr-1> a vises:Enterprise ; legal:legalName "Atelier du Héron" ;
    cv:registeredAddress <address/1> ; adms:identifier <identifier/1> .
<address/1> locn:postName "Béthune" .
<identifier/1> skos:notation "320000017" .
<enterprise/fr-2> a vises:Enterprise ; legal:legalName "Ferme de la Cigogne" .
<enterprise/fr-4> a vises:Enterprise ; legal:legalName "Grange du Héron" .
<note/1> skos:editorialNote "Nothing that is found." .
"""
THIRD = SECOND + '<enterprise/fr-4> skos:altLabel "La Grange" .\n'
QUESTIONS = [
    ("heron", None),
    ("arras", None),
    ("bethune", None),
    ("123456782", None),
    ("320000017", None),
    ("cigogne", None),
    ("la grange", None),
    ("", None),
]


@pytest.fixture
def releases(
    tmp_path: Path, publish: Callable[..., None], turtle: Callable[[str], bytes]
) -> ReleaseStore:
    """Return a store of three releases."""
    found = ReleaseStore(tmp_path / "data")
    for text in (FIRST, SECOND, THIRD):
        publish(found, tmp_path, {"data": turtle(text)})
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folder_of(tmp_path / "data")


def everything(folder: Path, release_id: str) -> Iterator[object]:
    """Yield the answers of an index to all questions, in no order."""
    index = opened(folder / release_id)
    for text, _ in QUESTIONS:
        answer = ask(index, Asked(text, counted=True, limit=100))
        hits = sorted(json.dumps(hit, sort_keys=True) for hit in answer.hits)
        yield answer.total, answer.fit, answer.counts, hits


def files(folder: Path, release_id: str) -> Mapping[str, int]:
    return {path.name: path.stat().st_ino for path in (folder / release_id).iterdir()}


def test_an_index_made_from_another_one_answers_as_one_made_whole(
    releases: ReleaseStore, folder: Path, tmp_path: Path
) -> None:
    order = ["000001", "000003", "000002"]
    assert [ensure(releases, folder, name) for name in order] == [
        "whole",
        "from 000001",
        "from 000003",
    ]
    for name in order:
        alone = tmp_path / f"alone-{name}"
        assert ensure(releases, alone, name) == "whole"
        assert list(everything(folder, name)) == list(everything(alone, name))
    shared = files(folder, "000001").items() & files(folder, "000003").items()
    assert any(name.endswith(".store") for name, _ in shared)
    assert not {"meta.json", RECORD} & {name for name, _ in shared}


def test_one_that_is_there_is_found(releases: ReleaseStore, folder: Path) -> None:
    ensure(releases, folder, "000003")
    before = files(folder, "000003")
    assert ensure(releases, folder, "000003") == "found"
    assert files(folder, "000003") == before


def test_one_in_whose_folder_nothing_can_be_written_answers_all_the_same(
    releases: ReleaseStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure(releases, folder, "000003")
    before = list(everything(folder, "000003"))
    lock = folder / "000003" / ".tantivy-meta.lock"
    lock.unlink()
    lock.mkdir()  # in the way of the lock, as a file system that is read-only is
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert list(everything(folder, "000003")) == before


def test_our_questions_are_found_in_every_release(releases: ReleaseStore, folder: Path) -> None:
    ensure(releases, folder, "000001")
    hits = ask(opened(folder / "000001"), Asked("S5")).hits
    assert hits[0][IRI] == f"{QUESTION}S5"


def test_a_question_is_found_by_its_summary_in_each_language(
    releases: ReleaseStore, folder: Path
) -> None:
    ensure(releases, folder, "000001")
    for words in ("another day of that year", "un autre jour de cette année", "op een andere dag"):
        hits = ask(opened(folder / "000001"), Asked(words)).hits
        assert hits[0][IRI] == f"{QUESTION}S9", words


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


@pytest.mark.parametrize(
    ("damage", "kind"),
    [(flip, ".store"), (cut, ".term"), (Path.unlink, ".idx"), (flip, "meta.json"), (cut, RECORD)],
)
def test_a_damaged_one_is_made_anew(
    releases: ReleaseStore, folder: Path, damage: Callable[[Path], None], kind: str
) -> None:
    ensure(releases, folder, "000003")
    sound = list(everything(folder, "000003"))
    damage(next(p for p in (folder / "000003").iterdir() if p.name.endswith(kind)))
    assert ensure(releases, folder, "000003") == "whole"
    assert list(everything(folder, "000003")) == sound


def test_one_of_another_release_or_version_is_not_used(
    releases: ReleaseStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure(releases, folder, "000001")
    (folder / "000001").rename(folder / "000002")
    assert ensure(releases, folder, "000002") == "whole"
    monkeypatch.setattr(kept, "made_of", lambda: "another version")
    assert ensure(releases, folder, "000002") == "whole"


def test_where_it_is_not_known_what_differs_all_is_read(
    releases: ReleaseStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure(releases, folder, "000001")

    def damaged(*_: object) -> None:
        raise PatchDamaged("It ends before its last line.")

    monkeypatch.setattr(ReleaseStore, "differences", damaged)
    assert ensure(releases, folder, "000003") == "whole"
    assert ask(opened(folder / "000003"), Asked("cigogne")).total == 1


def test_what_is_left_half_made_and_what_is_pruned_goes(
    releases: ReleaseStore, folder: Path
) -> None:
    for name in ("000001", "000002"):
        ensure(releases, folder, name)
    (folder / "making-000002").mkdir()
    (folder / "000009").mkdir()
    releases.prune(Retention(last=1, hourly=0, daily=0, monthly=0))
    assert ensure(releases, folder, "000003") == "from 000002"
    assert {path.name for path in folder.iterdir()} == {LOCK, "000003"}


def test_the_oldest_go_and_the_current_one_stays(
    releases: ReleaseStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_KEPT", 1)
    for name in ("000003", "000001", "000002"):
        ensure(releases, folder, name)
    assert {path.name for path in folder.iterdir()} == {LOCK, "000002", "000003"}


def test_several_processes_make_one(releases: ReleaseStore, folder: Path) -> None:
    data = folder.parents[1]
    command = [sys.executable, "-P", "-m", build.__name__, str(data), "000003", "1024"]

    def run(_: int) -> bytes:
        return subprocess.run([*command, str(os.getpid())], capture_output=True, check=True).stdout

    with ThreadPoolExecutor(3) as threads:
        printed = sorted(json.loads(out)["how"] for out in threads.map(run, range(3)))
    assert printed == ["found", "found", "whole"]
    assert ask(opened(folder / "000003"), Asked("cigogne")).total == 1
    assert releases.current() is not None


def test_a_thing_of_several_kinds_and_graphs_comes_once(
    fill: Callable[[dict[str, str]], Store],
) -> None:
    both = '<x> a vises:Enterprise, skos:Concept, vises:Region ; legal:legalName "X" .'
    store = fill({"a": both, "b": both})
    assert list(build.subjects(store)) == ["https://data.example/x"]
    store.remove_graph(NamedNode("https://data.example/graph/a"))
    assert list(build.subjects(store)) == ["https://data.example/x"]
