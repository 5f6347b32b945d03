"""Invented enterprises in the shape that the registers give them, the same ones each time."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from vises.namespaces import PREFIXES, VOCABULARY_BASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SYLLABLES = (
    "ba bel bru ca cha cor da den dou fa fer ga gra ha la lan lo ma mon na ni pa ra sa to va"
)
FIRST = (
    "ASSOCIATION AMICALE COMITE CLUB UNION COOPERATIVE MUTUELLE FONDATION ATELIER JARDIN MAISON "
    "CENTRE CERCLE ECOLE THEATRE CHORALE ENTRAIDE REGIE FOYER RESSOURCERIE"
)
SECOND = (
    "SPORTIVE CULTURELLE FAMILIALE SOLIDAIRE RURALE MUSICALE SOCIALE BIOLOGIQUE POPULAIRE LIBRE "
    "DES_PARENTS DES_ANCIENS DU_QUARTIER DE_LOISIRS D_INSERTION"
)
REGIONS = "FRE11 FRE12 FRE21 FRE22 FRE23 FR101 BE10 BE21 BE23 BE25 BE31 BE32 BE33 BE34 BE35"
FORMS = "9220 9210 9230 9300 5458 5560 8210 6317"
_TOWNS = 4000


def names(count: int) -> Iterator[str]:
    """Yield the names of the first enterprises."""
    chance = random.Random(1)
    towns = [_word(chance) for _ in range(_TOWNS)]
    for _ in range(count):
        first, second = chance.choice(FIRST.split()), chance.choice(SECOND.split())
        yield f"{first} {second.replace('_', ' ')} {_word(chance)} DE {chance.choice(towns)}"


def write_enterprises(path: Path, count: int) -> None:
    """Write enterprises with their addresses and identifiers as N-Triples, 15 for each of them."""
    chance = random.Random(2)
    with path.open("w", encoding="utf-8") as file:
        for number, name in enumerate(names(count)):
            file.write("\n".join(_triples(f"{number:09d}", name, chance)) + "\n")


def _triples(number: str, name: str, chance: random.Random) -> Iterator[str]:
    base, code = VOCABULARY_BASE, f"{VOCABULARY_BASE}code/"
    subject = f"<{base}enterprise/fr-{number}>"
    address, identifier = f"<{base}address/fr-{number}>", f"<{base}identifier/siren-{number}>"
    town = name.rpartition(" ")[2]
    division = chance.choice(["01", "38", "56", "81", "85", "86", "87", "88", "90", "93", "94"])
    for thing, statements in (
        (
            subject,
            {
                "rdf:type": f"<{PREFIXES['vises']}Enterprise>",
                "legal:legalName": f'"{name}"',
                "vises:legalForm": f"<{code}legal-form-fr/{chance.choice(FORMS.split())}>",
                "vises:activity": f"<{code}nace-rev2.1/{division}>",
                "vises:region": f"<{code}nuts/{chance.choice(REGIONS.split())}>",
                "vises:sizeBand": f"<{code}size-band/{chance.randrange(10):02d}>",
                "adms:identifier": identifier,
                "cv:registeredAddress": address,
                "vises:fictitious": f'"true"^^<{PREFIXES["xsd"]}boolean>',
            },
        ),
        (
            identifier,
            {
                "rdf:type": f"<{PREFIXES['adms']}Identifier>",
                "skos:notation": f'"{number}"',
                "adms:schemeAgency": '"INSEE"',
            },
        ),
        (
            address,
            {
                "rdf:type": f"<{PREFIXES['locn']}Address>",
                "locn:postCode": f'"{chance.randrange(1000, 96000):05d}"',
                "locn:postName": f'"{town}"',
            },
        ),
    ):
        for name_, value in statements.items():
            prefix, _, local = name_.partition(":")
            yield f"{thing} <{PREFIXES[prefix]}{local}> {value} ."


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES.split(), k=3)).upper()
