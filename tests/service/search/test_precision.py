"""Whether the first result is the right one, for names and numbers as people write them."""

from __future__ import annotations

import random
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from vises.service.search.asking import Asked, ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from tantivy import Index

LEAST = 1.0
"""What was measured when the ranking was made: all of them."""

WANTED = [
    ("123456782", ["L'Atelier Commun de Wazemmes"], "59000", "Lille"),
    ("0123456749", ["De Wakkere Tuin", "Le Jardin Éveillé"], "8500", "Kortrijk"),
    ("320000017", ["Régie de Quartier du Faubourg d'Amiens"], "62000", "Arras"),
    ("320000025", ["Coopérative Maraîchère de l'Authie"], "62170", "Montreuil"),
    ("320000033", ["Ressourcerie La Seconde Vie"], "80000", "Amiens"),
    ("0200000042", ["Sociale Werkplaats Molenbeek"], "1080", "Molenbeek"),
    ("0200000141", ["Coöperatieve Vennootschap Zonnewind"], "9000", "Gent"),
    ("0200000240", ["La Fabrique Namuroise"], "5000", "Namur"),
    ("320000041", ["Mutuelle Familiale du Littoral"], "59140", "Dunkerque"),
    ("320000058", ["Fondation Simone Delattre"], "59300", "Valenciennes"),
    ("320000066", ["Théâtre de l'Écluse"], "59500", "Douai"),
    ("0200000339", ["Entraide Hutoise"], "4500", "Huy"),
]

DIRTY = [
    # numbers in any spelling
    ("123 456 782", "123456782"),
    ("siren 123456782", "123456782"),
    ("123 456 782 00012", "123456782"),
    ("FR 32 123456782", "123456782"),
    ("BE 0123.456.749", "0123456749"),
    ("be123456749", "0123456749"),
    ("0123 456 749", "0123456749"),
    ("BCE 0200.000.240", "0200000240"),
    ("KBO-nummer 0200 000 141", "0200000141"),
    ("TVA BE0200000339", "0200000339"),
    # case, accents, points, hyphens, order, beginnings
    ("ATELIER COMMUN WAZEMMES", "123456782"),
    ("latelier commun de wazemmes", "123456782"),
    ("l\u2019atelier commun", "123456782"),
    ("wazemmes atelier", "123456782"),
    ("regie de quartier faubourg amiens", "320000017"),
    ("Régie-de-quartier du faubourg", "320000017"),
    ("régie quar", "320000017"),
    ("COOPERATIVE MARAICHERE DE L AUTHIE", "320000025"),
    ("coop maraichere authie", "320000025"),
    ("maraîchère", "320000025"),
    ("la 2nde vie ressourcerie", "320000033"),
    ("seconde vie", "320000033"),
    ("ressourceries", "320000033"),
    ("jardin eveille", "0123456749"),
    ("Wakkere Tuinen", "0123456749"),
    ("de wakkere tuin kortrijk", "0123456749"),
    ("cooperatieve vennootschap zonnewind", "0200000141"),
    ("zonnew", "0200000141"),
    ("sociale werkplaatsen molenbeek", "0200000042"),
    ("mutuelle familiale littoral dunkerque", "320000041"),
    ("mutuelle 59140", "320000041"),
    ("fondation s. delattre", "320000058"),
    ("theatre de l'ecluse", "320000066"),
    ("théâtre écluse douai", "320000066"),
    ("entraide huy", "0200000339"),
    ("a.s.b.l. entraide hutoise", "0200000339"),
    # mistakes
    ("atelier comun de wazeme", "123456782"),
    ("ateleir commun", "123456782"),
    ("wazzemes", "123456782"),
    ("regie de cartier du faubour", "320000017"),
    ("coperative marechere de lauthie", "320000025"),
    ("resourcerie seconde vi", "320000033"),
    ("fabrike namuroise", "0200000240"),
    ("la fabrique namuroize", "0200000240"),
    ("mutuele familliale du litoral", "320000041"),
    ("fondation simonne delatre", "320000058"),
    ("teatre de l'ecluze", "320000066"),
    ("entreaide hutoisse", "0200000339"),
    ("sosiale werkplats molenbeek", "0200000042"),
    ("zonewind", "0200000141"),
    ("123 465 782", "123456782"),
    ("BE 0200.000.338", "0200000339"),
    ("fr-32000008", "320000058"),
]
"""Sixty with those that the generator below adds."""

GENERATED = 7
NOISE = 1500

FIRST = "Association Club Amicale Cercle Coopérative Atelier Jardin Maison Fondation"
SECOND = "sportif culturel parents familial quartier solidaire anciens rural"
SYLLABLES = "ba bel bru ca cha cor da den dou fa fer ga gra ha la lan lo ma mon na ni pa ra sa"


def misspelt(text: str, chance: random.Random) -> str:
    """Return a text with a mistake in its longest word: left out, doubled, swapped, or another."""
    longest = max(text.split(), key=len)
    place = chance.randrange(1, len(longest) - 2)
    letter = longest[place]
    wrong = chance.choice(
        [
            longest[:place] + longest[place + 1 :],
            longest[:place] + letter + longest[place:],
            longest[:place] + longest[place + 1] + letter + longest[place + 2 :],
            longest[:place] + chance.choice("aeinrst") + longest[place + 1 :],
        ]
    )
    plain = unicodedata.normalize("NFKD", text.replace(longest, wrong))
    return "".join(c for c in plain if not unicodedata.combining(c)).lower()


@pytest.fixture(scope="module")
def index(indexed: Callable[[dict[str, str]], Index], enterprise: type[Any]) -> Index:
    chance = random.Random(7)
    found = [enterprise(number, tuple(names), code, town) for number, names, code, town in WANTED]
    for place in range(NOISE):
        name = "".join(chance.choices(SYLLABLES.split(), k=3)).capitalize()
        town = chance.choice(WANTED)[3]
        words = f"{chance.choice(FIRST.split())} {chance.choice(SECOND.split())} de {name}"
        found.append(enterprise(f"5{place:08d}", (words,), "59000", town))
    return indexed({"data": "".join(e.turtle() for e in found)})


def first(index: Index, text: str) -> str:
    hits = ask(index, Asked(text, limit=1)).hits
    return hits[0]["iri"].rpartition("-")[2] if hits else ""


def generated() -> list[tuple[str, str]]:
    chance = random.Random(3)
    chosen = [chance.choice(WANTED) for _ in range(GENERATED)]
    return [(misspelt(chance.choice(names), chance), number) for number, names, *_ in chosen]


def share(index: Index, cases: list[tuple[str, str]]) -> tuple[float, list[tuple[str, str, str]]]:
    found = [(text, number, first(index, text)) for text, number in cases]
    wrong = [case for case in found if case[1] != case[2]]
    return 1 - len(wrong) / len(cases), wrong


def test_dirty_names_and_numbers_are_found_first(index: Index) -> None:
    cases = DIRTY + generated()
    assert len(cases) == 60
    right, wrong = share(index, cases)
    assert right >= LEAST, wrong


def test_each_clean_name_is_found_first(index: Index) -> None:
    for number, names, _, _ in WANTED:
        for name in names:
            assert first(index, name) == number
