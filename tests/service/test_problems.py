"""Problems are told in the language of the reader, on pages and as documents."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest

from vises.errors import BadInput, VisesError, sentence
from vises.service.catalogue.routes import BeyondEnd
from vises.service.dumps.ranges import RangeUnsatisfiable
from vises.service.problems import document, for_clients
from vises.service.texts import texts
from vises.store.engine import MemoryExceeded, QueryFailed, deadline_met
from vises.store.federation.failures import FederationFailed
from vises.store.patch import PatchDamaged
from vises.store.streams.pages import StreamDamaged

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

PAGE = {"Accept": "text/html, application/json;q=0.5"}
DOCUMENT = {"Accept": "application/json"}


@pytest.mark.parametrize(
    ("place", "french", "dutch"),
    [
        (
            "figures.csv, line 3, byte 7",
            "figures.csv, ligne 3, octet 7",
            "figures.csv, regel 3, byte 7",
        ),
        ("line 1, column 2", "ligne 1, colonne 2", "regel 1, kolom 2"),
        ("parameter size", "paramètre size", "parameter size"),
        (
            "field data, header Content-Type",
            "champ data, en-tête Content-Type",
            "veld data, header Content-Type",
        ),
        ("body", "corps de la requête", "inhoud van het verzoek"),
        ("body parts.csv", "body parts.csv", "body parts.csv"),
        ("lines.csv", "lines.csv", "lines.csv"),
        (
            "https://data.example/graph/line",
            "https://data.example/graph/line",
            "https://data.example/graph/line",
        ),
    ],
)
def test_a_place_is_told_in_the_language_of_the_reader(place: str, french: str, dutch: str) -> None:
    error = BadInput("Not so.", place=place)
    assert [document(error, texts(each))["place"] for each in ("en", "fr", "nl")] == [
        place,
        french,
        dutch,
    ]


@pytest.mark.parametrize(
    ("asked", "status", "reason", "values"),
    [
        ("GET /questions/Z9", 404, "no-such-question", {"name": "'Z9'"}),
        ("GET /figures?release=99", 404, "no-such-release", {"release": "'99'"}),
        ("GET /nowhere", 404, "unknown", {}),
        ("PUT /figures", 405, "not-possible", {"method": "PUT"}),
        ("GET /api/v1/questions/S2?area=FRXX", 400, "no-iri-or-code", {"value": "'FRXX'"}),
        ("GET /api/v1/questions/S2?size=some", 400, "not-whole-number", {"value": "'some'"}),
        ("GET /api/v1/codes/nutz", 404, "no-such-code-list", {"name": "'nutz'"}),
        ("GET /api/v1/nutz", 404, "no-such-list", {"name": "'nutz'"}),
        ("GET /api/v1/questions/Q77", 404, "no-such-question", {"name": "'Q77'"}),
        ("GET /search?page=0", 400, "no-value-of", {"value": "'0'", "name": "page"}),
        ("GET /ingest/jobs", 401, "jobs-need", {}),
        ("POST /ingest/nutz", 404, "no-such-source", {"source": "nutz"}),
        ("GET /validate/reports/nutz", 404, "reports-kept", {"minutes": 60}),
        ("GET /inbox/Nutz", 404, "not-a-partner", {}),
        ("PUT /graphs", 400, "no-graph", {}),
        ("GET /graphs?graph=x:y&default", 400, "several-graphs", {}),
        ("GET /sparql?query=ASK{SERVICE<x:y>{}}", 400, "query-calls", {}),
        ("GET /api/v1/enterprises?after=x", 400, "not-iri", {"value": "'x'"}),
        ("GET /dumps/current/nutz", 404, "no-such-dump", {"release": "000001", "name": "nutz"}),
        ("GET /reconcile?queries=[", 400, "json-unread-after", {"line": 1, "column": 2}),
        ("GET /reconcile?queries=[]", 400, "no-object", {}),
        ("GET /reconcile/suggest/nutz?prefix=a", 404, "suggested-are", {}),
        ("GET /.well-known/security.txt", 404, "no-contact", {}),
    ],
)
def test_a_problem_is_told_in_the_language_of_the_reader(
    browser: httpx.Client, asked: str, status: int, reason: str, values: Mapping[str, str]
) -> None:
    method, path = asked.split(" ")
    english = browser.request(method, path, headers={"Accept-Language": "en", **DOCUMENT}).json()
    for language in ("fr", "nl"):
        said = texts(language)(f"said.{reason}", **values)
        headers = {"Accept-Language": language}
        page = browser.request(method, path, headers={**headers, **PAGE})
        assert page.status_code == status
        box = page.text.partition('role="alert">')[2].partition("</section>")[0]
        assert f"<p>{said}</p>" in unescape(box)
        assert 'lang="en"' not in box
        told = browser.request(method, path, headers={**headers, **DOCUMENT}).json()
        assert (told["status"], told["detail"]) == (status, said)
        assert told["type"] == english["type"]
        assert english["detail"] != said


def test_a_count_has_the_thousands_sign_of_the_language() -> None:
    error = RangeUnsatisfiable(1_234_567)
    told = [document(error, texts(each))["detail"] for each in ("en", "fr", "nl")]
    assert told == [
        "The file has 1,234,567 bytes.",
        "Le fichier a 1\u202f234\u202f567 octets.",
        "Het bestand heeft 1.234.567 bytes.",
    ]


def test_a_sentence_in_another_one_is_said_in_the_language_too() -> None:
    why = sentence("partner-status", "it answers with status {status}", status=500)
    error = FederationFailed(
        sentence("partner-unusable", "{partner} is of no use: {why}.", partner="<x:y>", why=why)
    )
    assert error.detail == "<x:y> is of no use: it answers with status 500."
    assert document(error, texts("fr"))["detail"] == (
        "<x:y> n\u2019a pas donné de réponse utilisable\u00a0: il répond par le statut 500."
    )


def test_a_number_that_is_no_count_stays_as_it_is() -> None:
    error = BeyondEnd(sentence("no-catalogue-page", "There is no page {page}.", page=12345))
    assert "12345" in str(document(error, texts("fr"))["detail"])


@pytest.mark.parametrize("kind", [PatchDamaged, StreamDamaged])
def test_where_a_damaged_file_lies_is_not_told(kind: type[VisesError]) -> None:
    told = for_clients(kind("It ends too early.", place="/srv/vises/change.zst"))
    assert told.kind == kind.kind
    assert "/srv" not in str(document(told))


@pytest.mark.parametrize(
    ("error", "dutch"),
    [
        (deadline_met(2.5), "De query is gestopt op haar tijdslimiet van 2.5 s."),
        (MemoryExceeded(), "De query bereikte de geheugenlimiet van haar proces en is gestopt."),
        (QueryFailed("The engine says why."), "The engine says why."),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_what_no_language_has_is_said_in_english(error: VisesError, dutch: str) -> None:
    assert document(error, texts("nl"))["detail"] == dutch
    assert document(error)["detail"] == document(error, texts("en"))["detail"] == error.detail
