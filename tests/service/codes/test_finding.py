"""Finding codes by what they are called."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.codes.finding import folded, letters, names, search
from vises.service.codes.scheme import Scheme
from vises.service.codes.table import table

if TYPE_CHECKING:
    from vises.service.graph import Row

BASE = "https://data.example/code/"
LABELS = {
    "92": {"fr": "Association loi 1901", "nl": "Vereniging", "en": "Association"},
    "9220": {"fr": "Association déclarée", "en": "Declared association"},
    "54": {"fr": "Société à responsabilité limitée (SARL)", "nl": "Bv", "en": "Limited company"},
    "01": {"fr": "Œuvre d\u2019utilité", "en": "Charity"},
    "x": {"de": "Verein"},
}
LABEL_ROWS: list[Row] = [
    {
        "concept": NamedNode(BASE + code),
        "property": term("skos:prefLabel"),
        "value": Literal(text, language=language),
    }
    for code, texts in LABELS.items()
    for language, text in texts.items()
]
CALLED = names(LABEL_ROWS)
SCHEME = Scheme.read(
    [
        {
            "concept": NamedNode(BASE + code),
            "property": term("skos:notation"),
            "value": Literal(code),
        }
        for code in LABELS
    ]
    + [
        {
            "concept": NamedNode(BASE + "9220"),
            "property": term("skos:broader"),
            "value": NamedNode(BASE + "92"),
        }
    ]
)


def found(text: str, language: str = "fr") -> list[str]:
    return [f.iri.removeprefix(BASE) for f in search(text, SCHEME, CALLED, language)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("92", ["92", "9220"]),
        ("9220", ["9220"]),
        ("declaree", ["9220"]),
        ("DÉCLARÉE association", ["9220"]),
        ("societe a resp", ["54"]),
        ("oeuvre d'utilite", ["01"]),
        ("vereniging", ["92"]),
        ("association", ["92", "9220"]),
        ("", []),
        ("   ", []),
        ("nowhere", []),
        ("(", ["54"]),
        ("\u202e\x00", []),
    ],
)
def test_codes_are_found_whatever_the_accents(text: str, codes: list[str]) -> None:
    assert found(text) == codes


def test_a_name_of_the_visitors_language_comes_first() -> None:
    by = [f.by.language for f in search("association", SCHEME, CALLED, "en") if f.by]
    assert by == ["en", "fr"]


def test_names_are_under_their_letter_without_accent() -> None:
    assert {k: len(v) for k, v in letters(CALLED, "fr").items()} == {"A": 2, "O": 1, "S": 1, "V": 1}
    assert list(letters(CALLED, "en")) == ["A", "C", "D", "L", "V"]
    assert folded("ÎÏßœ\u2019") == "iisso" + "e'"


def test_a_list_is_a_table() -> None:
    rows = list(csv.DictReader(StringIO(table(SCHEME, CALLED).decode())))
    assert [row["notation"] for row in rows] == ["01", "54", "92", "9220", "x"]
    assert rows[3]["label_fr"] == "Association déclarée"
    assert rows[3]["label_nl"] == ""
    assert rows[3]["broader"] == "92"
    assert rows[3]["iri"] == BASE + "9220"
