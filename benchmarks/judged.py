"""Invented enterprises that keep our shapes, and changes to them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from vises.namespaces import PREFIXES, VOCABULARY_BASE, term
from vises.store.transaction import Change

if TYPE_CHECKING:
    from pathlib import Path

GRAPH = NamedNode(f"{VOCABULARY_BASE}graph/enterprises")
VOCABULARY = NamedNode(f"{VOCABULARY_BASE}graph/vocabulary")
PER_ENTERPRISE = 14
FORMS, REGIONS = ("9220", "9230", "5499"), ("FRE11", "FRE12", "FRE21", "BE32", "BE10")
ACTIVITIES = ("88", "90", "94")

_TYPE = term("rdf:type")


def enterprise(number: int) -> NamedNode:
    """Return the IRI of an enterprise."""
    return NamedNode(f"{VOCABULARY_BASE}enterprise/fr-{number:09d}")


def write_enterprises(path: Path, count: int) -> None:
    """Write N-Triples, the same ones each time: 14 for each enterprise."""
    chance = random.Random(1)
    vises, code, xsd = PREFIXES["vises"], PREFIXES["code"], PREFIXES["xsd"]
    adms, legal, locn = PREFIXES["adms"], PREFIXES["legal"], PREFIXES["locn"]
    kind = f"<{PREFIXES['rdf']}type>"
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            siren = f"{number:09d}"
            subject = enterprise(number)
            identifier = f"<{VOCABULARY_BASE}identifier/siren-{siren}>"
            address = f"<{VOCABULARY_BASE}address/fr-{siren}>"
            founded = f"{chance.randrange(1900, 2026)}-0{chance.randrange(1, 10)}-12"
            form, region = chance.choice(FORMS), chance.choice(REGIONS)
            file.write(
                f"{subject} {kind} <{vises}Enterprise> .\n"
                f'{subject} <{legal}legalName> "Enterprise {number}" .\n'
                f"{subject} <{adms}identifier> {identifier} .\n"
                f"{subject} <{vises}legalForm> <{code}legal-form-fr/{form}> .\n"
                f"{subject} <{vises}operatingStatus> <{code}operating-status/active> .\n"
                f'{subject} <{PREFIXES["schema"]}foundingDate> "{founded}"^^<{xsd}date> .\n'
                f"{subject} <{vises}activity> <{code}nace-rev2/{chance.choice(ACTIVITIES)}> .\n"
                f"{subject} <{vises}region> <{code}nuts/{region}> .\n"
                f"{subject} <{PREFIXES['cv']}registeredAddress> {address} .\n"
                f"{identifier} {kind} <{adms}Identifier> .\n"
                f'{identifier} <{PREFIXES["skos"]}notation> "{siren}" .\n'
                f"{identifier} <{PREFIXES['dcterms']}type> <{code}identifier-scheme/siren> .\n"
                f"{address} {kind} <{locn}Address> .\n"
                f'{address} <{locn}postCode> "59500" .\n'
            )


def change_of(chance: random.Random, count: int, quads: int) -> Change:
    """Return a change of so many quads to a few enterprises: names, regions, status, new ones."""
    removed: set[Quad] = set()
    added: set[Quad] = set()
    while len(removed) + len(added) < quads:
        number = chance.randrange(count)
        subject = enterprise(number)
        kind = chance.randrange(4)
        if kind == 0:
            name = Literal(f"Other name {chance.random()}")
            added.add(Quad(subject, term("skos:altLabel"), name, GRAPH))
        elif kind == 1:
            for region in REGIONS:
                value = NamedNode(f"{PREFIXES['code']}nuts/{region}")
                removed.add(Quad(subject, term("vises:region"), value, GRAPH))
        elif kind == 2:  # noqa: PLR2004 (the third of four)
            notation = Literal(f"94.{chance.randrange(100)}Z")
            added.add(Quad(subject, term("vises:activityNotation"), notation, GRAPH))
        else:
            new = NamedNode(f"{VOCABULARY_BASE}organisation/new-{chance.randrange(10**9)}")
            added.add(Quad(new, _TYPE, term("org:Organization"), GRAPH))
            added.add(Quad(new, term("skos:prefLabel"), Literal("New", language="fr"), GRAPH))
    return Change(frozenset(removed), frozenset(added))
