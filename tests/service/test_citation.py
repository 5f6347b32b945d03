"""Citations: one release, and files that reference managers read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from vises.service.citation import FORMS, Citation
from vises.service.credits import Credit

if TYPE_CHECKING:
    import httpx

CITED = Citation(
    title="L'Atelier & fils {100 %} \\ _x_",
    iri="https://data.example/enterprise/fr-1",
    path="enterprise/fr-1",
    address="https://here.example/enterprise/fr-1?release=000012",
    release="000012",
    day=date(2026, 11, 26),
    publisher="VISES",
    sentence="",
)


def test_a_title_cannot_break_out_of_its_bibtex_field() -> None:
    entry = CITED.bibtex()
    told = r"\textbraceleft{}100 \%\textbraceright{} \textbackslash{} \_x\_"
    assert f"{{{{L'Atelier \\& fils {told}}}}}" in entry
    assert entry.startswith("@misc{vises-enterprise-fr-1-000012,\n")
    for title in ("one { brace", "or } this"):
        entry = replace(CITED, title=title).bibtex()
        assert entry.count("{") == entry.count("}"), "as BibTeX counts them"
    hostile = replace(CITED, address="https://here.example/}{x\\?release=1")
    assert "url = {https://here.example/%7D%7Bx%5C?release=1}" in hostile.bibtex()


CREDIT = Credit(("Insee", "CRESS & co"), "2024", "Panorama {1}", ("https://licence.example/1",))


def test_who_made_it_is_credited() -> None:
    cited = replace(CITED, credit=CREDIT)
    entry = cited.bibtex()
    assert r"author = {{Insee} and {CRESS \& co}}" in entry
    assert "year = {2024}" in entry
    assert "month" not in entry
    assert "publisher = {{VISES}}" in entry
    assert (
        r"Source: Panorama \textbraceleft{}1\textbraceright{}; Licence of the data: https://licence.example/1}"
        in entry
    )
    (item,) = json.loads(cited.csl())
    assert item["author"] == [{"literal": "Insee"}, {"literal": "CRESS & co"}]
    assert (item["publisher"], item["issued"]) == ("VISES", {"date-parts": [[2024]]})
    lines = cited.ris().split("\r\n")
    assert [line for line in lines if line.startswith(("AU", "PY", "DA"))] == [
        "AU  - Insee",
        "AU  - CRESS & co",
        "PY  - 2024",
        "DA  - 2024",
    ]


def test_csl_is_one_item_with_its_day() -> None:
    (item,) = json.loads(CITED.csl())
    assert item["title"] == CITED.title
    assert item["issued"] == {"date-parts": [[2026, 11, 26]]}
    assert (item["version"], item["URL"]) == ("000012", CITED.address)


def test_ris_has_one_tag_to_a_line() -> None:
    lines = CITED.ris().split("\r\n")
    assert lines[0] == "TY  - DATA"
    assert lines[-2:] == ["ER  - ", ""]
    assert all(line[2:6] == "  - " for line in lines[:-1])
    assert "DA  - 2026/11/26" in lines


@pytest.mark.parametrize("form", FORMS)
def test_citations_are_files(browser: httpx.Client, form: str) -> None:
    found = browser.get(f"/cite/enterprise/fr-1.{form}?release=000001")
    assert found.status_code == 200
    assert found.headers["content-type"] == f"{FORMS[form][0]}; charset=utf-8"
    assert f"vises-enterprise-fr-1-000001.{form}" in found.headers["content-disposition"]
    assert found.headers["cache-control"] == "no-cache"
    assert "Accept-Language" in found.headers["vary"]
    assert "L'Atelier commun" in found.text
    assert f"{browser.base_url}/enterprise/fr-1?release=000001" in found.text
    assert "https://data.example/enterprise/fr-1" in found.text


def test_hostile_titles_stay_on_their_line(
    browser: httpx.Client,
) -> None:
    found = browser.get("/cite/enterprise/be-2.ris")
    assert "TI  - <script>alert('hostile')</script>\r\n" in found.text
    assert found.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["enterprise/nope.bib", "enterprise/fr-1", "enterprise/fr-1.doc", "%00.ris"]
)
def test_citations_of_nothing(browser: httpx.Client, path: str) -> None:
    assert browser.get(f"/cite/{path}").status_code == 404
