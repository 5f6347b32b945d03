"""Resources and pages over HTTP."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

if TYPE_CHECKING:
    import httpx

PATH = "/enterprise/fr-1"
NL = {"Accept-Language": "nl"}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr-BE,fr;q=0.9", "Chiffres régionaux"),
        ("nl", "Regionale cijfers"),
        ("de,en;q=0.5", "Regional figures"),
    ],
)
def test_pages_speak_the_language_of_the_visitor(
    browser: httpx.Client, language: str, words: str
) -> None:
    page = browser.get("/figures", headers={"Accept-Language": language})
    assert words in page.text
    assert f'<html lang="{page.headers["content-language"]}">' in page.text
    assert "Accept-Language" in page.headers["vary"]


def test_links_keep_the_language_that_the_address_names(browser: httpx.Client) -> None:
    switched = browser.get("/enterprise/fr-1.html?lang=nl")
    assert switched.headers["content-language"] == "nl"
    assert "Accept-Language" not in switched.headers["vary"]
    ours = [unescape(a) for a in re.findall(r'<a [^>]*href="(/[^"]*)"', switched.text)]
    pages = [a for a in ours if not re.search(r"\.(ttl|nt|nq|trig|rdf|jsonld)$", a)]
    assert len(pages) > 5
    assert [a for a in pages if "lang=nl" not in a] == []
    assert '<link rel="alternate" hreflang="fr" href="?lang=fr">' in switched.text
    assert '<link rel="alternate" hreflang="x-default" href="?">' in switched.text
    assert "lang=nl" not in browser.get("/enterprise/fr-1.html", headers=NL).text.replace(
        'href="?lang=nl"', ""
    )
    assert browser.get("/?lang=xx").headers["content-language"] == "en"


@pytest.mark.parametrize(
    "path", ["/", "/?lang=fr", "/figures?lang=nl", "/enterprise/fr-1", "/nope?lang=fr", "/sparql"]
)
def test_no_answer_sets_a_cookie_or_depends_on_one(browser: httpx.Client, path: str) -> None:
    plain = browser.get(path)
    given = browser.get(path, headers={"Cookie": "vises_lang=nl; lang=nl"})
    for answer in (plain, given, *plain.history):
        assert "set-cookie" not in answer.headers
        assert "cookie" not in answer.headers.get("vary", "").lower()
    assert given.headers["content-language"] == plain.headers["content-language"]


def test_home_says_what_is_in_it(browser: httpx.Client) -> None:
    page = browser.get("/").text
    assert "release 000001" in page
    assert re.search(r'number">2</span>\s*<span class="what">enterprises', page)
    assert "1 fictitious" in page
    assert 'href="/questions/S2"' in page
    assert 'action="/search"' in page
    assert re.search(r'href="/code/nuts/FRE(\.html)?"', page)


def test_an_enterprise_and_its_mark(browser: httpx.Client) -> None:
    page = browser.get(PATH)
    assert page.status_code == 200
    assert "<h1><bdi>L&#39;Atelier commun</bdi></h1>" in page.text
    assert "Fictitious: made up for demonstration." in page.text
    assert "123456782" in page.text
    assert "12,345.5 h" in page.text
    assert "31 January 2025" in page.text
    assert 'href="/enterprise/fr-1.ttl"' in page.text
    assert "https://data.example/enterprise/fr-1" in page.text
    assert "Where these statements come from" in page.text
    assert "Fictitious: made up" not in browser.get("/enterprise/be-2").text


def test_hostile_labels_are_text(browser: httpx.Client) -> None:
    page = browser.get("/enterprise/be-2").text
    assert "<script>" not in page
    assert "&lt;script&gt;alert(&#39;hostile&#39;)&lt;/script&gt;" in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize(
    ("extension", "media_type"),
    [
        ("ttl", "text/turtle"),
        ("nt", "application/n-triples"),
        ("nq", "application/n-quads"),
        ("trig", "application/trig"),
        ("rdf", "application/rdf+xml"),
        ("jsonld", "application/ld+json"),
    ],
)
def test_rdf_by_extension_and_by_accept(
    client: httpx.Client, extension: str, media_type: str, base: str
) -> None:
    by_extension = client.get(f"{PATH}.{extension}", headers={"Accept": "text/html"})
    by_accept = client.get(PATH, headers={"Accept": media_type}, follow_redirects=True)
    assert by_extension.headers["content-type"].partition(";")[0] == media_type
    assert by_extension.content == by_accept.content
    assert by_accept.headers["access-control-allow-origin"] == "*"
    quads = list(parse(by_accept.content, format=RdfFormat.from_media_type(media_type)))
    subjects = {q.subject for q in quads}
    assert {NamedNode(base + "enterprise/fr-1"), NamedNode(base + "identifier/siren-1")} <= subjects


def test_links_lead_to_the_other_forms(client: httpx.Client) -> None:
    links = client.get(PATH).headers["link"]
    assert '<https://data.example/enterprise/fr-1>; rel="canonical"' in links
    assert '</enterprise/fr-1.jsonld>; rel="alternate"; type="application/ld+json"' in links
    assert client.get(f"{PATH}.html", headers={"Accept": "text/turtle"}).text.startswith("<!DOC")


def test_a_page_that_is_known_is_not_sent_again(browser: httpx.Client) -> None:
    first = browser.get(PATH)
    again = browser.get(PATH, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    other = {"If-None-Match": first.headers["etag"], "Accept-Language": "fr"}
    assert browser.get(PATH, headers=other).status_code == 200
    assert browser.head(PATH).headers["etag"] == first.headers["etag"]


def test_terms_of_the_vocabulary_have_anchors_on_one_page(browser: httpx.Client) -> None:
    page = browser.get("/ontology").text
    assert 'id="Enterprise"' in page
    assert "Legal person entered in a business register" in page
    shapes = browser.get("/shapes").text
    assert 'id="EnterpriseShape"' in shapes
    turtle = browser.get("/ontology.ttl").text
    assert "vises:Enterprise a owl:Class" in turtle


def test_codes_are_found_under_the_base_of_the_vocabulary(browser: httpx.Client) -> None:
    page = browser.get("/code/perimeter/insee-flag", headers={"Accept-Language": "fr"}).text
    assert "Indicateur ESS du répertoire Sirene" in page
    assert browser.get("/code/nuts/FRE").status_code == 200


def test_figures_name_their_unit_year_and_source(browser: httpx.Client) -> None:
    page = browser.get("/figures").text
    assert "10.8%" in page
    assert '<td data-name="Year: ">2024</td>' in page
    assert "Bilan 2024" in page


@pytest.mark.parametrize(
    "path",
    [
        "/enterprise/nope",
        "/%F0%9F%98%80",
        "/%00",
        "/a%20b",
        "/..%2f..%2fetc",
        "/%3Cscript%3E",
        "/x.ttl",
        "/enterprise/fr-1/",
        "/%zz",
        "/" + "a" * 5000,
    ],
)
def test_addresses_of_nothing(browser: httpx.Client, path: str) -> None:
    page = browser.get(path)
    assert page.status_code == 404
    assert "<script>" not in page.text


def test_forms_that_there_are_not(client: httpx.Client) -> None:
    assert client.get(PATH, headers={"Accept": "image/png"}).status_code == 406
