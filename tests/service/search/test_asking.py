"""What is found, in which order, how it is counted, and what is never found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vises.service.search.asking import Asked, ask
from vises.service.search.queries import EXACTLY, MISTAKEN, PARTLY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tantivy import Index

THINGS = """
<indicator/volunteer-hours> a vises:Indicator ;
    skos:prefLabel "Heures de bénévolat"@fr, "Uren vrijwilligerswerk"@nl ,
        "Hours of volunteering"@en ;
    skos:definition "Heures données par des bénévoles."@fr ;
    vises:theme theme:social-inclusion .
nuts:FRE11 a vises:Region, skos:Concept ; skos:notation "FRE11" ; skos:prefLabel "Nord"@fr .
form:9220 a skos:Concept ; skos:notation "9220" ; skos:prefLabel "Association déclarée"@fr .
<enterprise/fr-1> a vises:Enterprise ; legal:legalName "Nord" ; vises:region nuts:FRE11 .
<enterprise/fr-2> a vises:Enterprise ; legal:legalName "Nord Solidaire" ; vises:region nuts:FRE11 ;
    vises:legalForm form:9220 ; vises:fictitious true .
<enterprise/fr-3> a vises:Enterprise ; legal:legalName "Le Grand Nord" ; vises:region nuts:FRE12 .
<enterprise/fr-4> a vises:Enterprise ; legal:legalName "Coopératives réunies" ;
    skos:altLabel "CORE" ; vises:activity nace:88 .
<enterprise/nameless> a vises:Enterprise ; vises:region nuts:FRE11 .
<nothing> legal:legalName "Nordique" .
"""


@pytest.fixture(scope="module")
def index(indexed: Callable[[dict[str, str]], Index]) -> Index:
    return indexed({"data": THINGS})


def found(index: Index, text: str, **fields: object) -> list[str]:
    return [hit["iri"].rpartition("/")[2] for hit in ask(index, Asked(text, **fields)).hits]


def test_whole_names_come_before_beginnings_and_these_before_words(index: Index) -> None:
    assert found(index, "nord") == ["FRE11", "fr-1", "fr-2", "fr-3"]


def test_a_code_comes_first(index: Index) -> None:
    assert found(index, "fre 11")[0] == "FRE11"
    assert found(index, "9220") == ["9220"]


@pytest.mark.parametrize("text", ["bénévoles", "vrijwilliger", "volunteer", "benevole donnees"])
def test_words_are_found_in_other_forms_of_three_languages(index: Index, text: str) -> None:
    assert found(index, text) == ["volunteer-hours"]


def test_what_is_not_there_is_looked_for_with_mistakes_and_in_part(index: Index) -> None:
    assert ask(index, Asked("solidaire")).fit == EXACTLY
    mistaken = ask(index, Asked("solidiare nrod"))
    assert (mistaken.fit, mistaken.total) == (MISTAKEN, 1)
    partly = ask(index, Asked("solidaire zzzzzz"))
    assert (partly.fit, partly.total) == (PARTLY, 1)
    assert ask(index, Asked("zzzzzz")).total == 0


def test_a_word_that_is_there_is_taken_for_a_mistake_last(index: Index) -> None:
    """Of two words with a mistake, one is in the index, as another word."""
    assert ask(index, Asked("nord solidiare")).fit == MISTAKEN
    assert found(index, "nord solidiare") == ["fr-2"]
    assert set(found(index, "grand solidiare")) == {"fr-2", "fr-3"}  # in part: no name has both
    assert found(index, "core reunies") == ["fr-4"]


def test_a_short_word_that_is_nowhere_leaves_the_others(index: Index) -> None:
    partly = ask(index, Asked("solidaire zz nord"))
    assert (partly.fit, partly.total) == (PARTLY, 1)
    assert found(index, "zz") == []


def test_whether_a_hidden_word_is_there_makes_no_difference(
    indexed: Callable[[dict[str, str]], Index],
) -> None:
    """`nors` is a word of a hidden name, `nort` of none; both are near to `nord`."""
    hidden = '<enterprise/x> a vises:Enterprise ; legal:legalName "Nors" .'
    index = indexed({"data": THINGS, "closed": hidden})
    graph = "https://data.example/graph/closed"
    answers = [
        found(index, f"{word} solidiare", hidden=[graph], limit=9) for word in ("nors", "nort")
    ]
    assert answers[0] == answers[1] == ["fr-2"]


@pytest.mark.parametrize("text", ["2021-2027", "feder 2021 2027", "FEDER 2021-20"])
def test_numbers_side_by_side_need_not_be_an_identifier(
    indexed: Callable[[dict[str, str]], Index], text: str
) -> None:
    """They were looked for as one number (20212027): the very name was found in part at best."""
    years = indexed(
        {
            "data": """<enterprise/fr-5> a vises:Enterprise ; legal:legalName "FEDER 2021-2027" .
            <enterprise/fr-6> a vises:Enterprise ; legal:legalName "FEDER 2014-2020" ."""
        }
    )
    answer = ask(years, Asked(text))
    assert (answer.fit, answer.total) == (EXACTLY, 1)
    assert found(years, text) == found(years, text, typing=True) == ["fr-5"]


def test_other_names_are_found_and_shown(index: Index) -> None:
    (hit,) = ask(index, Asked("core")).hits
    assert hit["names"] == [["Coopératives réunies", None]]
    assert hit["also"] == [["CORE", None]]


def test_answers_are_counted_and_limited_by_codes(index: Index) -> None:
    answer = ask(index, Asked("nord", counted=True))
    assert answer.counts["kind"] == {"enterprise": 3, "region": 1}
    region = "https://w3id.org/vises/code/nuts/FRE11"
    assert answer.counts["region"][region] == 2
    assert answer.counts["fictitious"] == {"no": 3, "yes": 1}
    limited = ask(index, Asked("nord", filters={"region": [region]}, counted=True))
    assert limited.total == 2
    assert limited.counts["kind"] == {"enterprise": 2}
    assert found(index, "nord", filters={"region": []}) == []
    assert found(index, "", filters={"kind": ["indicator"]}) == ["volunteer-hours"]


@pytest.mark.parametrize("number", [39, 40, 41, 90])
def test_few_and_many_answers_are_counted_alike(
    indexed: Callable[[dict[str, str]], Index], number: int
) -> None:
    many = "\n".join(
        f'<enterprise/fr-{n}> a vises:Enterprise ; legal:legalName "Nord {n}" ;'
        f" vises:region nuts:FRE{n % 2} ."
        for n in range(number)
    )
    index = indexed({"data": many})
    for text in ("nord", "nordd"):
        for offset in (0, 20, 100):
            answer = ask(index, Asked(text, offset=offset, counted=True))
            assert answer.total == sum(answer.counts["region"].values()) == number
            assert len(answer.hits) == max(0, min(20, number - offset))
            assert ask(index, Asked(text, offset=offset)).total == number


def test_an_article_goes_on_where_it_is_all_there_is(
    indexed: Callable[[dict[str, str]], Index],
) -> None:
    index = indexed(
        {
            "data": """
            <enterprise/fr-1> a vises:Enterprise ; legal:legalName "Desire" .
            <enterprise/fr-2> a vises:Enterprise ; legal:legalName "Maison" .
            <enterprise/fr-3> a vises:Enterprise ; legal:legalName "Maison Desire" .
            """
        }
    )
    assert found(index, "des", typing=True) == ["fr-1", "fr-3"]
    assert set(found(index, "maison des", typing=True)) == {"fr-2", "fr-3"}
    assert found(index, "maison desi", typing=True) == ["fr-3"]


def test_all_words_but_one_as_written_come_before_more_mistakes(index: Index) -> None:
    """`core` is a word of another name."""
    partly = ask(index, Asked("grand nord core"))
    assert partly.fit == PARTLY
    assert [hit["iri"].rpartition("/")[2] for hit in partly.hits] == ["fr-3"]


def test_answers_are_counted_by_pairs_of_codes(index: Index) -> None:
    asked = Asked("", filters={"kind": ["enterprise"]}, by=("region", "form"))
    codes = "https://w3id.org/vises/code"
    assert ask(index, asked).pairs == {
        f"{codes}/nuts/FRE11": {"": 2, f"{codes}/legal-form-fr/9220": 1},
        f"{codes}/nuts/FRE12": {"": 1},
    }


def test_pages_follow_each_other(index: Index) -> None:
    whole = found(index, "nord")
    assert [found(index, "nord", offset=n, limit=1)[0] for n in range(4)] == whole
    beyond = ask(index, Asked("nord", offset=40))
    assert (beyond.total, beyond.hits) == (4, [])
    mistaken = found(index, "solidiare")
    assert found(index, "solidiare", offset=1) == mistaken[1:]


@pytest.mark.parametrize("text", ["n", "no", "nor", "nord", "nord s", "nord sol", "sol"])
def test_half_written_names_go_on(index: Index, text: str) -> None:
    assert "fr-2" in found(index, text, typing=True)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "mot " * 2500,
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        'AND OR NOT ( " * name:[a TO z] +nord -nord nord~2 nord^9 /.*/',
        "\x00\x01\x7f\u200b\ufeff",
        "\u202enord\u202c",
        "שלום עולם",
        "\ud800",
        "ﷺ" * 300,
        "a\u0300" * 400,
        "\U0001d579\U0001d594",
    ],
)
def test_no_question_is_too_strange(index: Index, text: str) -> None:
    for typing in (True, False):
        answer = ask(index, Asked(text, counted=not typing, typing=typing))
        json.dumps([list(answer.hits), answer.counts])


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60))
def test_no_question_fails(index: Index, text: str) -> None:
    assert ask(index, Asked(text, counted=True)).total >= 0


def test_only_signs_find_nothing_and_nothing_finds_all(index: Index) -> None:
    assert ask(index, Asked("?! ...")).total == 0
    assert ask(index, Asked("  ")).total == 8


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Le matin, on m'attend. " * 9, "matins"),
        ("\u671d" * 90, "\u671d" * 40),
        (f"https://a.example/{'x' * 90} matin", "matin"),
    ],
    ids=["words", "a script without spaces", "an address"],
)
def test_what_has_no_name_is_called_by_what_it_says(
    indexed: Callable[[dict[str, str]], Index], text: str, asked: str
) -> None:
    account = f'<account/1> a vises:QualitativeAccount ; vises:text "{text}"@fr .'
    (hit,) = ask(indexed({"data": account}), Asked(asked)).hits
    assert hit["kind"] == "account"
    ((name, language),) = hit["names"]
    assert 60 < len(name) <= 80
    assert (text.startswith(name[:-1]), name[-1], language) == (True, "…", "fr")
