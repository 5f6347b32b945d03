from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from vises.namespaces import VOCABULARY_BASE, compact
from vises.service.iris import Addresses, last_part

OTHER = Addresses("https://data.example/")


def test_the_base_of_the_data_comes_before_that_of_the_vocabulary() -> None:
    found = [iri.value for iri in OTHER.candidates("method/vises")]
    assert found == ["https://data.example/method/vises", VOCABULARY_BASE + "method/vises"]
    assert len(Addresses(VOCABULARY_BASE).candidates("method/vises")) == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a b", "https://data.example/a%20b"),
        ("<x>", "https://data.example/%3Cx%3E"),
        ("é", "https://data.example/é"),
        ("a%3Fb", "https://data.example/a%3Fb"),
        ("a%23b", "https://data.example/a%23b"),
    ],
)
def test_odd_characters_become_iris(path: str, expected: str) -> None:
    assert OTHER.candidates(path)[0].value == expected


LOCAL = st.text(st.characters(exclude_characters='<>"{}|\\^`%', exclude_categories=["C", "Z"]))
ESCAPES = st.sampled_from(
    ["%2F", "%2f", "%20", "%C3%A9", "%ff", "%25", "%3F", "%41", "a", "é", "/"]
)


@given(st.one_of(LOCAL, st.lists(ESCAPES).map("".join)))
def test_the_page_of_an_iri_is_at_an_address_that_leads_back(local: str) -> None:
    try:
        iri = NamedNode(OTHER.base + local).value
    except ValueError:
        return
    path = urlsplit(OTHER.href(iri) or "").path
    if local and not local.startswith("/"):
        sent = quote(path, safe="/%:@!$&'()*+,;=~-._")[1:].removesuffix(".html")
        assert iri in {found.value for found in OTHER.candidates(sent)}


@pytest.mark.parametrize(
    ("sent", "iri"),
    [
        ("a%2fb", "a%2fb"),
        ("a%2fb", "a%2Fb"),
        ("caf%c3%a9", "café"),
        ("%41", "A"),
        ("a%ffb", "a%FFb"),
        ("a//b/../c/", "a//b/../c/"),
        ("ontology%23Enterprise", "ontology#Enterprise"),
    ],
)
def test_spellings_of_a_path(sent: str, iri: str) -> None:
    assert OTHER.base + iri in {found.value for found in OTHER.candidates(sent)}


@given(st.text())
def test_any_path_gives_iris_under_our_bases_or_none(path: str) -> None:
    for iri in OTHER.candidates(path):
        assert OTHER.is_ours(iri.value)


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("https://data.example/enterprise/fr-1", "/enterprise/fr-1.html"),
        ("https://data.example/a?b#c%20d", "/a%3Fb%23c%20d.html"),
        ("https://data.example/sparql?query=ASK%7B%7D&x=%3F", "/sparql?query=ASK%7B%7D&x=%3F"),
        ("https://data.example/graphs?graph=x", "/graphs?graph=x"),
        ("https://data.example/dumps/000001/a.nt.gz", "/dumps/000001/a.nt.gz"),
        ("https://data.example/sparql-notes?x", "/sparql-notes%3Fx.html"),
        ("https://data.example/", "/"),
        ("https://w3id.org/vises/ontology#Enterprise", "/ontology#Enterprise"),
        ("http://purl.org/dc/terms/title", "http://purl.org/dc/terms/title"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("ni:///sha-256;abc", None),
        ("https://data.example//evil.example", "https://data.example//evil.example"),
    ],
)
def test_where_an_iri_leads(iri: str, expected: str | None) -> None:
    assert OTHER.href(iri) == expected


def test_the_address_of_a_query_stays_what_it_is_on_a_page_of_a_release() -> None:
    shown = Addresses(OTHER.base, "000001", "fr")
    assert shown.href("https://data.example/sparql?query=ASK%7B%7D") == "/sparql?query=ASK%7B%7D"
    assert shown.href("https://data.example/a") == "/a.html?release=000001&lang=fr"


def test_short_names() -> None:
    assert compact("https://w3id.org/vises/code/nuts/FRE") == "code:nuts/FRE"
    assert compact("https://elsewhere.example/x") == "https://elsewhere.example/x"
    assert last_part("https://data.example/result/1a2b") == "1a2b"
    assert last_part("urn:x") == "urn:x"
