"""Words and numbers, however people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vises.service.search.words import (
    MOST_ITEMS,
    MOST_LETTERS,
    compact,
    fold,
    read,
    spellings,
    starts,
    words,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L'Atelier d\u2019Été", ["l", "atelier", "d", "ete"]),
        ("A.S.B.L. Les Amis", ["asbl", "les", "amis"]),
        ("S.C.O.P Bois", ["scop", "bois"]),
        ("ŒUVRE ÆGIS Straße Øre", ["oeuvre", "aegis", "strasse", "ore"]),
        ("Coöperatie e\u0301te\u0301", ["cooperatie", "ete"]),
        ('AND OR ("*" NOT name:x^2~', ["and", "or", "not", "name", "x", "2"]),
        ("asso\u00adciation \u0645\u06cc\u200c\u062e", ["association", "\u0645\u06cc\u062e"]),
        ("\u202egnp\u202c\u0000\ufeffa", ["gnp", "a"]),
        ("!!! ... --- ☃", []),
        ("x" * 1000, ["x" * MOST_LETTERS]),
    ],
)
def test_words_are_folded_and_nothing_is_an_operator(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "register"),
    [
        ("BE 0123.456.789", "0123456789"),
        ("be0123456789", "0123456789"),
        ("BE 123 456 789", "0123456789"),
        ("0123 456 789", "0123456789"),
        ("BCE : 0123.456.789", "0123456789"),
        ("123 456 782", "123456782"),
        ("SIREN 123456782", "123456782"),
        ("SIRET 123 456 782 00012", "123456782"),
        ("FR 32 123 456 782", "123456782"),
        ("w591234567", "w591234567"),
        ("RNA W59 1234567", "w591234567"),
    ],
)
def test_an_identifier_is_known_in_any_spelling(text: str, register: str) -> None:
    assert register in read(text).codes
    assert any(register in item.codes for item in read(f"{text} Lille").items)


def test_the_groups_of_a_number_may_be_numbers() -> None:
    plan, years = read("plan 2021-2027").items
    assert (plan.words, years.words) == (("plan",), ("2021", "2027"))
    assert years.text == "20212027"
    assert max(len(item.words) for item in read("1 " * 200).items) == 14  # digits of a SIRET


def test_what_is_too_long_is_cut_and_said_to_be() -> None:
    reading = read("mot " * 5000)
    assert len(reading.items) == MOST_ITEMS
    assert reading.cut
    assert not read("two words").cut


def test_small_words_are_needed_where_there_are_no_others() -> None:
    assert [item.text for item in read("les amis de la ferme").needed] == ["amis", "ferme"]
    assert [item.text for item in read("de la").needed] == ["de", "la"]


def test_a_last_word_may_go_on_until_a_space_follows() -> None:
    assert read("atel").open
    assert not read("atelier ").open


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    reading = read(text)
    assert len(reading.items) <= MOST_ITEMS
    for item in reading.items:
        assert item.text == compact(item.text)
        assert item.codes[0] == item.text
    assert words(reading.name) == reading.name.split()


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_beginnings_end_with_the_name() -> None:
    assert list(starts("asbl")) == ["a", "as", "asb", "asbl"]
    assert spellings("abc") == ("abc",)
