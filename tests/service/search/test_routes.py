"""The page of results, its data, suggestions, and what is said when it cannot be done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.background import made, until
from vises.service.beside import Ended
from vises.service.search import keeper
from vises.service.search.kept import RECORD, folder_of
from vises.service.search.searcher import Searcher, SearchFailed
from vises.service.search.wanted import MOST_RESULTS, PAGE_RESULTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Desk(Protocol):
    """What the fixture `desk` of tests/service gives, as far as it is used here."""

    address: str
    current: str
    releases: object

    def grant(self, *graphs: str, read: bool, write: bool) -> str: ...

    def client(self, token: str) -> httpx.Client: ...


API, PAGE, SUGGEST = "/api/v1/search", "/search", "/search/suggest"
ACCEPT = {"Accept": "text/html", "Accept-Language": "en"}
HOSTILE = "<script>alert('hostile')</script>"


def ready(client: httpx.Client, **parameters: str) -> httpx.Response:
    """Return the answer of the search once the index is there."""

    def there(answer: httpx.Response) -> bool:
        if not made(answer):
            assert answer.json()["type"].endswith("/search-unready")
            assert answer.headers["retry-after"]
        return made(answer)

    return until(lambda: client.get(API, params=parameters), there)


@pytest.fixture
def searching(client: httpx.Client) -> httpx.Client:
    assert ready(client).status_code == 200
    return client


def test_data_say_what_was_found_and_where(searching: httpx.Client) -> None:
    answer = searching.get(API, params={"q": "atelier commun"})
    found = answer.json()
    assert found["total"] == 1
    (result,) = found["results"]
    assert result["iri"] == "https://data.example/enterprise/fr-1"
    assert result["name"] == "L'Atelier commun"
    assert (result["kind"], result["place"], result["fictitious"]) == ("enterprise", "59000", True)
    assert httpx.get(result["page"], follow_redirects=True).status_code == 200
    assert found["release"] == answer.headers["x-release"] == "000001"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert 'rel="first"' in answer.headers["link"]


def test_a_misspelt_limit_is_not_ignored_by_programs(searching: httpx.Client) -> None:
    refused = searching.get(API, params={"q": "atelier", "regoin": "FRE"})
    assert refused.status_code == 400
    assert refused.json()["place"] == "parameter regoin"
    assert "region" in refused.json()["remedy"]
    known = {"q": "atelier", "kind": "enterprise", "lang": "fr", "release": "000001", "size": "1"}
    assert searching.get(API, params=known).status_code == 200
    assert searching.get(PAGE, params={"q": "atelier", "utm_source": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("123 456 782", "enterprise/fr-1"),
        ("benevolat", "indicator/volunteer-hours"),
        ("Hauts-de-France", "code/nuts/FRE"),
        ("bilan 2024", "publication/p1"),
        ("donnees d'essai", "graph/data"),
        ("S5", "S5"),
        ("script alert", "enterprise/be-2"),
    ],
)
def test_things_of_every_kind_are_found(
    searching: httpx.Client, question: str, expected: str
) -> None:
    found = searching.get(API, params={"q": question}).json()
    assert found["results"][0]["code"].endswith(expected)


def test_regions_and_families_lie_above_what_an_enterprise_has(searching: httpx.Client) -> None:
    facets = searching.get(API, params={"kind": "enterprise"}).json()["facets"]
    regions = {choice["value"]: choice for choice in facets["region"]}
    assert regions["FR"]["count"] == 1
    assert regions["FRE"]["depth"] == 1
    assert facets["family"] == [
        {"value": "association", "label": "Association", "count": 1, "depth": 0, "chosen": False}
    ]
    for limit in ({"region": "FR"}, {"family": "association"}, {"fictitious": "yes"}):
        found = searching.get(API, params={"kind": "enterprise", **limit}).json()
        assert [r["code"] for r in found["results"]] == ["enterprise/fr-1"]


def test_a_region_that_was_replaced_finds_those_that_replaced_it(searching: httpx.Client) -> None:
    found = searching.get(API, params={"kind": "enterprise", "region": "FR30"}).json()
    assert found["total"] == 0
    assert found["facets"] == {} or "region" in found["facets"]


def test_the_page_reads_without_script_and_holds_no_markup_of_the_data(
    searching: httpx.Client,
) -> None:
    page = searching.get(PAGE, params={"q": "script alert"}, headers=ACCEPT)
    assert page.status_code == 200
    assert HOSTILE not in page.text
    assert "&lt;script&gt;alert" in page.text
    assert "javascript:" not in page.text
    assert 'href="/search?q=script+alert&amp;kind=enterprise"' in page.text
    assert len(page.content) < 60_000


@pytest.mark.parametrize("lang", ["en", "fr", "nl"])
def test_a_page_without_results_helps(searching: httpx.Client, lang: str) -> None:
    headers = {**ACCEPT, "Accept-Language": lang}
    page = searching.get(PAGE, params={"q": "zzzzqqqq"}, headers=headers)
    assert page.status_code == 200
    assert f'lang="{lang}"' in page.text
    assert 'href="/search"' in page.text


def test_pages_are_bounded_and_beyond_the_end_says_so(searching: httpx.Client) -> None:
    first = searching.get(API, params={"q": "", "size": "1"}).json()
    assert first["pages"] == min(first["total"], MOST_RESULTS)
    beyond = searching.get(PAGE, params={"q": "atelier", "page": "7"}, headers=ACCEPT)
    assert beyond.status_code == 200
    assert 'href="/search?q=atelier"' in beyond.text
    middle = searching.get(API, params={"q": "", "size": "5", "page": "2"})
    assert 'rel="prev"' in middle.headers["link"]
    assert 'rel="next"' in middle.headers["link"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"page": "0"},
        {"page": "-1"},
        {"page": "two"},
        {"page": str(MOST_RESULTS // PAGE_RESULTS + 1)},
        {"page": "9" * 400},
        {"page": "²"},
        {"size": "101"},
        {"kind": "nonsense"},
        {"region": "XX"},
        {"region": "../FRE"},
        {"family": "' OR 1"},
        {"fictitious": "maybe"},
        {"activity": "\x00"},
    ],
)
def test_a_parameter_that_is_wrong_is_named(
    searching: httpx.Client, parameters: dict[str, str]
) -> None:
    for path in (API, PAGE):
        answer = searching.get(path, params=parameters, headers={"Accept": "application/json"})
        assert answer.status_code == 400
        assert answer.json()["type"].endswith("/search-parameter")
        assert answer.json()["place"] == f"parameter {next(iter(parameters))}"


@pytest.mark.parametrize(
    "raw",
    [
        "q=" + "a" * 10_000,
        "q=" + quote('AND OR ( " * NOT name:x^2 [a TO z]'),
        "q=%00%01%ff%fe",
        "q=" + quote("\u202egnp\u202c"),
        "q=%ED%A0%80",
        "q=a&q=b&q=c",
        "q=" + "%20" * 3000,
    ],
)
def test_questions_from_hell_are_answered(searching: httpx.Client, raw: str) -> None:
    for path in (API, PAGE, SUGGEST):
        answer = searching.get(f"{path}?{raw}", headers=ACCEPT)
        assert answer.status_code == 200
    assert "\u202e" not in searching.get(f"{PAGE}?{raw}", headers=ACCEPT).text


def test_the_form_is_chosen_by_parameter_or_header(searching: httpx.Client) -> None:
    by_name = searching.get(PAGE, params={"q": "x", "format": "json"}, headers=ACCEPT)
    by_header = searching.get(PAGE, params={"q": "x"}, headers={"Accept": "application/json"})
    assert by_name.headers["content-type"] == by_header.headers["content-type"]
    assert by_header.headers["content-type"] == "application/json"
    assert searching.get(PAGE, params={"format": "pdf"}).status_code == 400
    assert searching.get(PAGE, headers={"Accept": "image/png"}).status_code == 406


def test_who_has_an_answer_already_is_told_so(searching: httpx.Client) -> None:
    for path in (API, PAGE, SUGGEST):
        first = searching.get(path, params={"q": "atelier"}, headers=ACCEPT)
        again = {**ACCEPT, "If-None-Match": first.headers["etag"]}
        assert searching.get(path, params={"q": "atelier"}, headers=again).status_code == 304
        assert searching.get(path, params={"q": "other"}, headers=again).status_code == 200


def test_suggestions_are_those_of_opensearch(searching: httpx.Client) -> None:
    answer = searching.get(SUGGEST, params={"q": "ateli"})
    assert answer.headers["content-type"] == "application/x-suggestions+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    text, names, kinds, addresses = answer.json()
    assert (text, names, kinds) == ("ateli", ["L'Atelier commun"], ["Enterprise · 59000"])
    assert httpx.get(addresses[0], follow_redirects=True).status_code == 200
    french = searching.get(SUGGEST, params={"q": "heures"}, headers={"Accept-Language": "fr"})
    assert french.json()[1] == ["Heures de bénévolat"]


def test_browsers_are_told_how_to_search(searching: httpx.Client) -> None:
    answer = searching.get("/opensearch.xml")
    root = ET.fromstring(answer.content)
    templates = [url.get("template") or "" for url in root.iter() if url.tag.endswith("Url")]
    assert len(templates) == 3
    for template in templates:
        address = template.replace("{searchTerms}", "atelier").replace("{startPage?}", "1")
        assert httpx.get(address, headers=ACCEPT).status_code == 200
    home = searching.get("/", headers=ACCEPT).text
    assert 'rel="search" href="/opensearch.xml"' in home


def test_each_release_is_searched_in_its_own_index(past: str) -> None:
    with httpx.Client(base_url=past, timeout=60) as client:
        for release, name in (("000003", "Third"), ("000001", "Premier"), ("000002", "Second")):
            wanted = {"q": name, "kind": "enterprise"}
            answer = ready(client, **wanted, release=release)
            assert answer.json()["total"] == 1
            assert answer.headers["x-release"] == answer.json()["release"] == release
            others = client.get(API, params=wanted).json()
            assert others["total"] == (1 if release == "000003" else 0)
        page = client.get(PAGE, params={"q": "second", "release": "000002"}, headers=ACCEPT)
        assert "/enterprise/fr-1" in page.text
        assert "release=000002" in page.text
        assert client.get(API, params={"release": "000099"}).status_code == 404


def test_what_is_closed_is_found_with_a_token_alone(
    desk: Desk, publish: Callable[..., None], turtle: Callable[[str], bytes], tmp_path: Path
) -> None:
    secret = '<enterprise/fr-8> a vises:Enterprise ; legal:legalName "Brouillon" .'
    publish(desk.releases, tmp_path, {"draft": turtle(secret)})
    question = {"q": "brouillon"}
    reader = desk.grant("draft", read=True, write=False)
    with httpx.Client(base_url=desk.address, timeout=60) as client, desk.client(reader) as other:
        named = {**question, "release": desk.current}
        assert ready(client, **named).json()["total"] == 0
        assert client.get(SUGGEST, params=question).json()[1] == []
        seen = other.get(API, params=question)
        assert [result["name"] for result in seen.json()["results"]] == ["Brouillon"]
        assert seen.headers["cache-control"] == "private, no-cache"
        open_to_all = client.get(API, params=question)
        assert open_to_all.json()["results"] == []
        assert "fr-8" not in client.get(PAGE, params=question, headers=ACCEPT).text
        assert "Authorization" in open_to_all.headers["vary"]
        assert seen.headers["etag"] != open_to_all.headers["etag"]


def test_an_index_that_cannot_be_read_is_made_anew(
    open_desk: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    with open_desk() as desk, httpx.Client(base_url=desk.address, timeout=60) as client:
        assert ready(client, q="atelier").json()["total"] == 1
        for path in (folder_of(desk.data) / desk.current).iterdir():
            if path.name != RECORD:
                path.write_bytes(b"")

        def noticed() -> bool:
            never_asked = f"atelier {time.monotonic_ns()}"
            assert client.get(API, params={"q": never_asked}).status_code in {200, 503}
            return any("is damaged" in str(vars(r).get("fields")) for r in caplog.records)

        until(noticed)
        assert ready(client, q="atelier commun").json()["total"] == 1


def test_until_the_index_of_a_new_release_is_ready_the_last_one_answers_and_says_so(
    open_desk: Callable[..., Any],
    publish: Callable[..., None],
    turtle: Callable[[str], bytes],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with open_desk() as desk, httpx.Client(base_url=desk.address, timeout=60) as client:
        assert ready(client, q="atelier").json()["release"] == "000001"

        async def never(*_: str) -> Ended:
            return Ended(1, b"", "no room")

        monkeypatch.setattr(keeper, "run_beside", never)
        new = '<enterprise/fr-7> a vises:Enterprise ; legal:legalName "Neuf" .'
        publish(desk.releases, tmp_path, {"new": turtle(new)})
        answer = client.get(API, params={"q": "neuf"})
        assert (answer.status_code, answer.headers["x-release"]) == (200, "000001")
        page = client.get(PAGE, params={"q": "neuf"}, headers=ACCEPT).text
        assert "000001" in page
        assert "000002" in page
        named = client.get(API, params={"q": "neuf", "release": "000002"})
        assert named.status_code == 503
        assert named.json()["type"].endswith("/search-not-made")
        assert named.headers["retry-after"] == "60"


def test_a_search_that_fails_is_said_and_the_index_looked_at(
    searching: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspected: list[str] = []

    async def fail(*_: object) -> None:
        raise SearchFailed("The index could not be read: it ends.")

    monkeypatch.setattr(Searcher, "ask", fail)
    monkeypatch.setattr(keeper.IndexKeeper, "suspect", lambda _, r: suspected.append(r.release.id))
    answer = searching.get(API, params={"q": "atelier never asked for"})
    assert answer.status_code == 503
    assert answer.json()["type"].endswith("/search-failed")
    assert suspected == ["000001"]
