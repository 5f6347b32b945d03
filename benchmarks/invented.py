"""What the benchmarks load: invented enterprises, the same ones each time, and a gate for them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.namespaces import PREFIXES, VOCABULARY_BASE

if TYPE_CHECKING:
    from pathlib import Path

    from vises.store.transaction import Candidate

GRAPH = NamedNode(f"{VOCABULARY_BASE}graph/benchmark")
PER_ENTERPRISE = 14


def write_data(path: Path, statements: int) -> None:
    """Write about so many triples of invented enterprises, the same ones each time."""
    chance = random.Random(1)
    vises, legal, xsd = PREFIXES["vises"], PREFIXES["legal"], PREFIXES["xsd"]
    codes = PREFIXES["code"]
    rdf_type = f"{PREFIXES['rdf']}type"
    with path.open("w", encoding="utf-8") as file:
        for number in range(statements // PER_ENTERPRISE):
            subject = f"<{VOCABULARY_BASE}enterprise/fr-{number:09d}>"
            parts = [
                f"{subject} <{rdf_type}> <{vises}Enterprise> .",
                f'{subject} <{legal}legalName> "Enterprise {number} of {chance.random()}"@fr .',
                f'{subject} <{vises}note> "text {chance.random()}" .',
                f'{subject} <{vises}jobs> "{chance.randrange(100_000)}"^^<{xsd}integer> .',
                f"{subject} <{vises}region> <{VOCABULARY_BASE}code/nuts/{chance.randrange(500)}> .",
            ]
            parts += [
                f"{subject} <{vises}code{n}> <{codes}list{n}/{chance.randrange(200)}> ."
                for n in range(6)
            ]
            parts += [
                f'{subject} <{vises}date{n}> "{chance.randrange(1900, 2026)}-0'
                f'{chance.randrange(1, 10)}-12"^^<{xsd}date> .'
                for n in range(3)
            ]
            file.write("\n".join(parts) + "\n")


class Accepted:
    """The verdict of a gate that accepts everything: what a gate costs is measured elsewhere."""

    accepted, violations, warnings = True, 0, 0

    def summary(self) -> str:
        """Return one sentence."""
        return "Not judged."

    def turtle(self) -> list[bytes]:
        """Return an empty report."""
        return []


def gate(_: Candidate) -> Accepted:
    """Accept."""
    return Accepted()
