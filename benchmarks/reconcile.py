"""Reconciliation: how often the right enterprise comes first for a dirty name, and how fast.

``python -m vises.benchmarks.reconcile [ENTERPRISES] [NAMES.csv ...]`` invents so many enterprises
(50,000 unless told), indexes them, makes their names dirty, and prints for each kind of dirt how
many came first, and what batches of 50 took, also of names that are nothing but frequent words.
Files are extracts of Sirene with the columns siren and denominationUniteLegale; their enterprises
are added to the invented ones, and their names looked for among all of them.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, Store

from vises.benchmarks.dirt import KINDS, Dirty, dirty
from vises.benchmarks.enterprises import FIRST, SECOND, write_enterprises
from vises.namespaces import VOCABULARY_BASE
from vises.service.search.documents import documents
from vises.service.search.matching import Batch, Sought, match_all
from vises.service.search.schema import create, opened
from vises.service.search.things import facts, subjects
from vises.service.search.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tantivy import Index

BATCH, BATCHES = 50, 20
SAMPLE = 100
"""How many names of each kind of dirt are tried."""

_LINES, _HEAP_BYTES = 150_000, 256_000_000
_MOST_FREQUENT = 6

_GRAPH = NamedNode(f"{VOCABULARY_BASE}graph/benchmark")
_NAME, _REGION = "legal#legalName>", "ontology#region>"


@dataclass
class Measured:
    """Of some dirty names: how many, how many had an answer, a right one first, a certain one."""

    asked: int = 0
    answered: int = 0
    right: int = 0
    certain: int = 0
    wrongly_certain: int = 0
    missed: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share of the names whose enterprise came first."""
        return self.right / max(1, self.asked)

    @property
    def precision(self) -> float:
        """The share of the answers whose first candidate is the right one."""
        return self.right / max(1, self.answered)

    def add(self, other: Measured) -> None:
        """Add what was measured elsewhere."""
        for name in ("asked", "answered", "right", "certain", "wrongly_certain"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.missed += other.missed


@dataclass(frozen=True)
class Known:
    """An enterprise: its IRI, its name, and its region where it has one."""

    iri: str
    name: str
    region: str | None = None


def known_in(path: Path) -> list[Known]:
    """Return the enterprises of a file of N-Triples, as `write_enterprises` writes them."""
    names: dict[str, str] = {}
    regions: dict[str, str] = {}
    with path.open(encoding="utf-8") as file:
        for line in file:
            subject, predicate, value = line.rstrip(" .\n").split(" ", 2)
            if predicate.endswith(_NAME):
                names[subject[1:-1]] = value.partition('"')[2].rpartition('"')[0]
            elif predicate.endswith(_REGION):
                regions[subject[1:-1]] = value[1:-1]
    return [Known(iri, name, regions.get(iri)) for iri, name in names.items()]


def known_of_sirene(path: Path) -> list[Known]:
    """Return the enterprises of an extract of Sirene that have a name."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            Known(f"{VOCABULARY_BASE}enterprise/fr-{row['siren']}", row["denominationUniteLegale"])
            for row in csv.DictReader(file)
            if len(words(row["denominationUniteLegale"])) > 1
        ]


def write_known(path: Path, known: Iterable[Known]) -> None:
    """Add enterprises that have only a name to a file of N-Triples."""
    legal, vises = "http://www.w3.org/ns/legal#legalName", f"{VOCABULARY_BASE}ontology#Enterprise"
    kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    with path.open("a", encoding="utf-8") as file:
        for one in known:
            name = one.name.replace("\\", "\\\\").replace('"', '\\"')
            file.write(f'<{one.iri}> <{kind}> <{vises}> .\n<{one.iri}> <{legal}> "{name}" .\n')


def indexed(triples: Path, folder: Path) -> Index:
    """Return an index of a file of N-Triples, of the documents that a release has of it.

    The file is read in pieces, so that no store of all of it has to be loaded: neither what
    `write_enterprises` says of one enterprise nor what `write_known` does is in two of them.
    """
    folder.mkdir()
    writer = create(folder).writer(_HEAP_BYTES, 1)
    with triples.open("rb") as file:
        while lines := list(islice(file, _LINES)):
            store, piece = Store(), io.BytesIO(b"".join(lines))
            store.bulk_load(piece, format=RdfFormat.N_TRIPLES, to_graph=_GRAPH)
            for iri in subjects(store):
                for document in documents(iri, facts(store, iri)):
                    writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    return opened(folder)


def measure(
    index: Index, known: Sequence[Known], sample: int, kinds: Iterable[str] = KINDS
) -> dict[str, Measured]:
    """Return what was measured, by kind of dirt.

    Enterprises of one name cannot be told apart by it: any of them is right.
    """
    namesakes: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for one in known:
        namesakes[tuple(sorted(words(one.name)))].add(one.iri)
    found = {}
    for kind in kinds:
        chance = random.Random(kind)
        chosen = chance.sample(list(known), min(sample, len(known)))
        asked = [(one, dirty(kind, one.name, one.region, chance)) for one in chosen]
        found[kind] = _measured(index, asked, namesakes)
    return found


def timed(index: Index, known: Sequence[Known], batches: int) -> list[float]:
    """Return the seconds of batches of 50 dirty names, all kinds of dirt mixed, sorted."""
    chance = random.Random(3)

    def names() -> list[Sought]:
        chosen = chance.choices(list(known), k=BATCH)
        return [
            _sought(dirty(chance.choice(KINDS), one.name, one.region, chance)) for one in chosen
        ]

    return _timed(index, [names() for _ in range(batches)])


def timed_of_frequent_words(index: Index, batches: int) -> list[float]:
    """Return the seconds of batches of 50 names of words that many enterprises have, sorted."""
    chance = random.Random(3)
    frequent = [word.replace("_", " ") for word in f"{FIRST} {SECOND}".split()]

    def name() -> Sought:
        return Sought(" ".join(chance.sample(frequent, chance.randint(1, _MOST_FREQUENT))))

    return _timed(index, [[name() for _ in range(BATCH)] for _ in range(batches)])


def _timed(index: Index, batches: Iterable[Sequence[Sought]]) -> list[float]:
    taken = []
    for sought in batches:
        begun = time.process_time()
        match_all(index, Batch(sought))
        taken.append(time.process_time() - begun)
    return sorted(taken)


def _measured(
    index: Index,
    asked: Sequence[tuple[Known, Dirty]],
    namesakes: Mapping[tuple[str, ...], set[str]],
) -> Measured:
    measured = Measured()
    answers = match_all(index, Batch([_sought(written) for _, written in asked]))
    for (one, written), candidates in zip(asked, answers, strict=True):
        measured.asked += 1
        first = candidates[0] if candidates else None
        right = {one.iri} if written.region else namesakes[tuple(sorted(words(one.name)))]
        is_right = first is not None and first["shown"]["iri"] in right
        measured.answered += first is not None
        measured.right += is_right
        if first is not None and first["match"]:
            measured.certain += 1
            measured.wrongly_certain += not is_right
        if not is_right:
            got = first["shown"]["names"][0][0] if first else "-"
            measured.missed.append((one.name, written.name, got))
    return measured


def _sought(written: Dirty) -> Sought:
    return Sought(written.name, regions=(written.region,) if written.region else None)


def main() -> None:
    """Measure, and print a line for each kind of dirt, and what batches took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("enterprises", type=int, nargs="?", default=50_000)
    parser.add_argument("names", type=Path, nargs="*", help="extracts of SIRENE with real names")
    options = parser.parse_args()
    count = options.enterprises
    real = {path.name: known_of_sirene(path) for path in options.names}
    with TemporaryDirectory(prefix="vises-reconcile-") as name:
        folder = Path(name)
        triples = folder / "enterprises.nt"
        write_enterprises(triples, count)
        known = known_in(triples)
        write_known(triples, {one.iri: one for found in real.values() for one in found}.values())
        index = indexed(triples, folder / "index")
        triples.unlink()
        _report(f"{count:,} invented enterprises", measure(index, known, SAMPLE))
        _say_times("dirty names", timed(index, known, BATCHES))
        _say_times("frequent words", timed_of_frequent_words(index, BATCHES))
        for title, found in real.items():
            kinds = [kind for kind in KINDS if "region" not in kind]
            _report(f"{len(found):,} names of {title}", measure(index, found, SAMPLE, kinds))


def _say_times(what: str, taken: Sequence[float]) -> None:
    middle, last = taken[len(taken) // 2], taken[-1]
    _say(f"batches of {BATCH}, {what}: median {middle:.3f} s, longest {last:.3f} s of a processor")


def _report(title: str, found: Mapping[str, Measured]) -> None:
    total = Measured()
    _say(f"{title}\n{'dirt':<28}{'recall@1':>9}{'precision@1':>13}{'certain':>9}{'wrongly':>9}")
    for kind, one in found.items():
        _say(_line(kind, one))
        total.add(one)
    _say(_line("all", total) + "\n")


def _line(title: str, one: Measured) -> str:
    return (
        f"{title:<28}{one.recall:>9.3f}{one.precision:>13.3f}"
        f"{one.certain / max(1, one.asked):>9.3f}{one.wrongly_certain:>9}"
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
