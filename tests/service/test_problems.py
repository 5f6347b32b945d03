"""Problems are told in the language of the reader, on pages and as documents."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest

from vises.errors import BadInput
from vises.service.problems import document
from vises.service.texts import texts
from vises.store.engine import MemoryExceeded, QueryFailed, deadline_met

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from vises.errors import VisesError

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
