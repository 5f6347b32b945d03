from __future__ import annotations

import sys
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from vises.ingest.rml import DataError
from vises.ingest.rml.encoding import blank_node, escape, iri, iri_safe, wrong_width

UCSCHAR = (
    (0xA0, 0xD7FF),
    (0xF900, 0xFDCF),
    (0xFDF0, 0xFFEF),
    *((plane << 16, (plane << 16) + 0xFFFD) for plane in range(1, 14)),
    (0xE1000, 0xEFFFD),
)
CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]


def _is_unreserved(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in "-._~"
    return any(low <= ord(character) <= high for low, high in UCSCHAR)


def test_exactly_the_unreserved_characters_stay() -> None:
    kept = [c for c in CHARACTERS if iri_safe(c, "c") == c]
    assert kept == [c for c in CHARACTERS if _is_unreserved(c)]


def test_the_quick_look_of_the_generated_code_lets_only_unreserved_characters_pass() -> None:
    assert not [c for c in CHARACTERS if c.isalnum() and not _is_unreserved(c)]


def test_what_a_template_makes_is_an_iri_that_the_store_reads() -> None:
    text = f"http://example.org/{iri_safe(''.join(CHARACTERS), 'c')}"
    assert NamedNode(text).value == text
    (quad,) = parse(f"<{text}> <{text}> <{text}> .".encode(), format=RdfFormat.N_TRIPLES)
    assert quad.object == NamedNode(text)
    assert unquote(text.removeprefix("http://example.org/")) == "".join(CHARACTERS)


def test_every_character_comes_back_from_a_literal() -> None:
    text = "".join(CHARACTERS)
    line = f'<http://e/s> <http://e/p> "{escape(text, "c")}" .'
    assert "\n" not in line
    (quad,) = parse(line.encode(), format=RdfFormat.N_TRIPLES)
    assert quad.object == Literal(text)


def test_the_quick_look_of_the_generated_code_finds_what_has_to_be_escaped() -> None:
    missed = [c for c in CHARACTERS if escape(c, "c") != c and c.isprintable() and c not in '"\\']
    assert not missed


@pytest.mark.parametrize("make", [escape, iri_safe])
def test_half_a_surrogate_pair_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(DataError, match="not valid Unicode") as caught:
        make("a\ud800", "name")
    assert (caught.value.column, caught.value.value) == ("name", "a\ud800")
    assert not "\ud800".isprintable()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("http://example.com/ns#Jhon", "<http://example.com/ns#Jhon>"),
        ("urn:isbn:1", "<urn:isbn:1>"),
        ("Carlos", "<http://base/Carlos>"),
        ("path/../Danny", "<http://base/path/../Danny>"),
        ("2024:x", "<http://base/2024:x>"),
        ("a%20b", "<http://base/a%20b>"),
    ],
)
def test_iri(value: str, expected: str) -> None:
    assert iri(value, "http://base/", "c") == expected


@pytest.mark.parametrize(
    "value",
    [
        *("Juan Daniel", "a>b", "a<b", 'a"b', "a{b", "a|b", "a\\b", "a^b", "a`b", "a\nb", "a%zz"),
        *("http://[", "http://h:x/", " http://e/", "a\ud800"),
    ],
)
def test_what_makes_no_iri_is_refused(value: str) -> None:
    with pytest.raises(DataError, match="does not make a valid IRI") as caught:
        iri(value, "http://base/", "home page")
    assert (caught.value.column, caught.value.value) == ("home page", value)


def test_every_character_in_an_iri_is_refused_or_comes_back() -> None:
    good = []
    for character in CHARACTERS:
        try:
            good.append((iri(f"urn:x:{character}", "http://base/", "c"), character))
        except DataError:
            continue
    lines = "".join(f"{text} {text} {text} .\n" for text, _ in good)
    quads = parse(lines.encode(), format=RdfFormat.N_TRIPLES)
    assert all(
        quad.object == NamedNode(f"urn:x:{character}")
        for quad, (_, character) in zip(quads, good, strict=True)
    )


@given(st.text(), st.text())
def test_blank_nodes_are_equal_exactly_where_the_values_are(one: str, other: str) -> None:
    assert (blank_node(one) == blank_node(other)) == (one == other)
    line = f"{blank_node(one)} <http://e/p> {blank_node(other)} ."
    (quad,) = parse(line.encode(), format=RdfFormat.N_TRIPLES)
    assert (quad.subject == quad.object) == (one == other)


@pytest.mark.parametrize(
    ("row", "column", "value"), [(["1"], "b", ""), (["1", "2", "3"], "b", "3"), ([], "a", "")]
)
def test_wrong_width(row: list[str], column: str, value: str) -> None:
    error = wrong_width(row, ("a", "b"))
    assert (error.column, error.value) == (column, value)
    assert f"a row of {len(row)} cells, not 2" in str(error)
