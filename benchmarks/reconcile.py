"""Reconciliation: how often the right enterprise comes first for a dirty name, and how fast.

``python -m vises.benchmarks.reconcile [ENTERPRISES] [NAMES.csv ...]`` invents so many enterprises
(50,000 unless told), indexes them, makes their names dirty, and prints for each kind of dirt how
many came first, and what batches of 50 took. Files are extracts of Sirene with the columns siren
and denominationUniteLegale; their names are measured by themselves.
"""

from __future__ import annotations

import csv
import random
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, Store

from vises.benchmarks.dirt import KINDS, Dirty, dirty
from vises.benchmarks.enterprises import write_enterprises
from vises.namespaces import VOCABULARY_BASE
from vises.service.search.build import whole
from vises.service.search.matching import Batch, Sought, match_all
from vises.service.search.schema import opened
from vises.service.search.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tantivy import Index

BATCH = 50
SAMPLE = 100
"""How many names of each kind of dirt are tried."""

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
    """Write enterprises that have only a name as N-Triples."""
    legal, vises = "http://www.w3.org/ns/legal#legalName", f"{VOCABULARY_BASE}ontology#Enterprise"
    kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    with path.open("w", encoding="utf-8") as file:
        for one in known:
            name = one.name.replace("\\", "\\\\").replace('"', '\\"')
            file.write(f'<{one.iri}> <{kind}> <{vises}> .\n<{one.iri}> <{legal}> "{name}" .\n')


def indexed(triples: Path, folder: Path) -> Index:
    """Return an index of a file of N-Triples, made as that of a release is."""
    store = Store(str(folder) + ".store")
    store.bulk_load(path=str(triples), format=RdfFormat.N_TRIPLES, to_graph=_GRAPH)
    folder.mkdir()
    whole(store, folder)
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
    taken = []
    for _ in range(batches):
        chosen = chance.choices(list(known), k=BATCH)
        sought = [
            _sought(dirty(chance.choice(KINDS), one.name, one.region, chance)) for one in chosen
        ]
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


def main(arguments: Sequence[str]) -> None:
    """Measure, and print a line for each kind of dirt, and what batches took."""
    count = int(arguments[0]) if arguments else 50_000
    with TemporaryDirectory(prefix="vises-reconcile-") as name:
        folder = Path(name)
        triples = folder / "invented.nt"
        write_enterprises(triples, count)
        known = known_in(triples)
        index = indexed(triples, folder / "invented")
        _report(f"{count:,} invented enterprises", measure(index, known, SAMPLE))
        taken = timed(index, known, 20)
        middle, last = taken[len(taken) // 2], taken[-1]
        _say(f"batches of {BATCH}: median {middle:.3f} s, longest {last:.3f} s of a processor\n")
        for number, path in enumerate(map(Path, arguments[1:])):
            real = known_of_sirene(path)
            written = folder / f"{number}.nt"
            write_known(written, real)
            index = indexed(written, folder / str(number))
            kinds = [kind for kind in KINDS if "region" not in kind]
            _report(f"{len(real):,} names of {path.name}", measure(index, real, SAMPLE, kinds))


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
    main(sys.argv[1:])
