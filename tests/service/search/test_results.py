"""How what was found is shown to one visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vises.service.iris import Addresses
from vises.service.search.results import results
from vises.service.texts import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

FOUND: Mapping[str, object] = {
    "iri": "https://data.example/enterprise/be-1",
    "kind": "enterprise",
    "class": "",
    "names": [["Atelier", None]],
    "also": [],
    "notes": [],
    "fictitious": False,
}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "fr-552100554",
            ["SIREN number 552\u00a0100\u00a0554", "Numéro SIREN", "SIREN-nummer"],
        ),
        ("be-0872480059", ["CBE number 0872.480.059", "Numéro BCE", "KBO-nummer"]),
    ],
)
def test_an_enterprise_has_its_number_as_officials_write_it(code: str, said: list[str]) -> None:
    hit = {**FOUND, "iri": f"https://data.example/enterprise/{code}", "places": []}
    addresses = Addresses("https://data.example/")
    for language, expected in zip(("en", "fr", "nl"), said, strict=True):
        number = results([hit], addresses, texts(language))[0].number
        assert number is not None
        assert f"{number.kind} {number.text}".startswith(expected)


@pytest.mark.parametrize("code", ["be-1", "fr-٣٣٣٣٣٣٣٣٣", "draft-1", "fr-552100554-2"])
def test_another_code_is_no_number(code: str) -> None:
    hit = {**FOUND, "iri": f"https://data.example/enterprise/{code}", "places": []}
    assert results([hit], Addresses("https://data.example/"), texts("en"))[0].number is None


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([["4800", None], ["Verviers", "fr"], ["Verviers", "nl"]], ["4800 Verviers"] * 3),
        (
            [["4000", None], ["Liège", "fr"], ["Luik", "nl"]],
            ["4000 Liège", "4000 Liège", "4000 Luik"],
        ),
        ([["59000", None], ["Lille", None]], ["59000 Lille"] * 3),
        ([["4700", None], ["Eupen", "de"]], ["4700 Eupen"] * 3),
        ([], [""] * 3),
    ],
)
def test_a_place_is_told_once_in_the_language_of_the_reader(
    places: list[list[str | None]], said: list[str]
) -> None:
    hit = {**FOUND, "places": places}
    addresses = Addresses("https://data.example/")
    shown = [results([hit], addresses, texts(language))[0].place for language in ("en", "fr", "nl")]
    assert shown == said
