"""Everything at once: in one process or several, in order or not, as one report of the whole."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, Triple

from vises.progress import SILENCE, Silence
from vises.validation.bulk.everything import Bulk
from vises.validation.incremental.plan import plan_of
from vises.validation.rust import shacl_validator
from vises.validation.syntax import RdfSyntaxError, n_triples

if TYPE_CHECKING:
    from pathlib import Path

    from vises.progress import Progress
    from vises.validation.bulk.everything import JudgedAll

TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"
A, B = NamedNode("http://g/a"), NamedNode("http://g/b")
SHAPES = b"""
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://e/> .
ex:S sh:targetClass ex:C ; sh:property ex:p , ex:r , ex:back .
ex:p sh:path ex:p ; sh:minCount 1 ; sh:maxCount 1 ; sh:pattern "^[0-9][0-9]$" .
ex:r sh:path ex:r ; sh:class ex:C ; sh:node [ sh:path ex:p ; sh:minCount 1 ] .
ex:back sh:path [ sh:inversePath ex:r ] ; sh:maxCount 1 .
ex:O sh:targetObjectsOf ex:r ; sh:nodeKind sh:IRI .
ex:N sh:targetNode ex:never ; sh:property ex:p .
ex:Q sh:targetClass ex:C ; sh:sparql [ sh:select "SELECT $this WHERE { $this ?any 13 }" ] .
"""


def lines(count: int) -> list[str]:
    found = []
    for n in range(count):
        node = f"<http://e/{n}>"
        found.append(f"{node} {TYPE} <http://e/C> .\n")
        if n % 7:
            found.append(f'{node} <http://e/p> "0{n % 11}"^^{INTEGER} .\n')
        found.append(f"{node} <http://e/r> <http://e/{n * 13 % (count + 3)}> .\n")
    return found


class Told(Silence):
    """What was said of how far judging is."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.done: list[int] = []

    def start(self, step: str, total: int | None) -> None:
        assert step == "validating"
        self.total = total

    def advance(self, done: int) -> None:
        self.done.append(done)


def judged(data: bytes, folder: Path, progress: Progress = SILENCE, **options: int) -> JudgedAll:
    """Judge a graph that comes in beside one that is there."""
    store = Store(str(folder / "store"))
    path = folder / "data.nt"
    path.write_bytes(data)
    store.load(path=path, format=RdfFormat.N_TRIPLES, to_graph=A)
    store.load(b'<http://e/1> <http://e/p> "x" .', RdfFormat.N_TRIPLES, to_graph=B)
    bulk = Bulk(plan_of(SHAPES, shacl_validator), **options)
    return bulk.judge(store, {A: path}, {}, folder, progress=progress)


def counted(found: JudgedAll) -> Counter[object]:
    return Counter(result for results in found.judged.results.values() for result in results)


@pytest.mark.parametrize("few", [0, 10**6], ids=["in processes", "in one process"])
@pytest.mark.parametrize("order", ["in order", "reversed", "shuffled"])
def test_the_report_is_that_of_the_whole(few: int, order: str, tmp_path: Path) -> None:
    rows = lines(60)
    if order != "in order":
        rows = rows[::-1] if order == "reversed" else rows[::2] + rows[1::2]
    data = "".join(rows).encode()
    found = judged(data, tmp_path, piece_bytes=600, few=few)
    whole = shacl_validator(SHAPES).validate(data + b'<http://e/1> <http://e/p> "x" .\n')
    assert counted(found) == Counter(whole.results)
    assert found.judged.complete
    assert len(whole.results) > 30
    assert (
        Triple(
            NamedNode("urn:vises:incoming"),
            NamedNode("http://rdfs.org/ns/void#class"),
            NamedNode("http://e/C"),
        )
        in found.used
    )


def test_how_far_it_is_is_told_piece_by_piece(tmp_path: Path) -> None:
    told = Told()
    judged("".join(lines(60)).encode(), tmp_path, told, piece_bytes=600)
    assert len(told.done) > 5
    assert sum(told.done) == told.total


def test_counting_stops_and_says_so(tmp_path: Path) -> None:
    found = judged("".join(lines(60)).encode(), tmp_path, piece_bytes=600, most_violations=20)
    assert not found.judged.complete
    assert 20 <= found.violations < 60


def test_a_line_that_does_not_parse_is_named(tmp_path: Path) -> None:
    path = tmp_path / "data.nt"
    store = Store(str(tmp_path / "store"))
    store.load(n_triples([]), RdfFormat.N_TRIPLES, to_graph=A)
    store.add_graph(A)
    path.write_bytes(b"<http://e/1> <http://e/p> .\n")
    bulk = Bulk(plan_of(SHAPES, shacl_validator))
    with pytest.raises(RdfSyntaxError, match=r"data\.nt"):
        bulk.judge(store, {A: path}, {}, tmp_path)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    judged("".join(lines(30)).encode(), tmp_path, piece_bytes=600, few=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.nt", "store"]
