"""What validation said of a release: the page, and the report in each form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from vises.service.judging.work import FORMS
from vises.service.releases import judged
from vises.service.releases.judged import report_pieces, summary_of
from vises.validation.reading import results_in
from vises.validation.report import Place, Report, Result
from vises.validation.summary import SUMMARY, keep_summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vises.store.releases import Release, ReleaseStore

SHAPES = "https://w3id.org/vises/shapes#"
PATH = "<http://www.w3.org/2004/02/skos/core#prefLabel>"


def warning(number: int, place: Place | None = None) -> Result:
    return Result(
        focus=f"<https://data.example/thing/{number}>",
        path=PATH,
        value='"a \\"b\\""@en',
        component="http://www.w3.org/ns/shacl#MinCountConstraintComponent",
        severity="Warning",
        shape=f"{SHAPES}AShape-x",
        messages={"en": "Say it.", "fr": "Dites-le."},
        place=place,
    )


@dataclass(frozen=True)
class Kept:
    """A store of one release, whose files are in a folder."""

    folder: Path
    id: str = "000001"
    violations: int = 0
    warnings: int = 3

    def judgement(self, _: str) -> Path:
        return self.folder

    def report(self, _: str) -> Path:
        return self.folder / "report.ttl"

    def holds(self, report: Report, *, summed_up: bool = True) -> Kept:
        self.report("").write_bytes(b"".join(report.turtle()))
        if summed_up:
            keep_summary(report, self.folder)
        return self


def stored(kept: Kept) -> ReleaseStore:
    return cast("ReleaseStore", kept)


def recorded(kept: Kept) -> Release:
    return cast("Release", kept)


THREE = Report(
    (warning(1, Place('a "b".csv', 7, "nom")), warning(2, Place("b.ttl", 9)), warning(3))
)


@pytest.mark.parametrize("summed_up", [True, False])
def test_the_summary_is_kept_or_made_of_the_report(tmp_path: Path, *, summed_up: bool) -> None:
    kept = Kept(tmp_path).holds(THREE, summed_up=summed_up)
    told = json.loads(summary_of(stored(kept), recorded(kept)) or "")
    (finding,) = told["findings"]
    assert finding["count"] == 3
    places = [sample.get("place") for sample in finding["samples"]]
    assert places[0] == {"document": 'a "b".csv', "line": 7, "column": "nom"}
    assert places[1:] == [{"document": "b.ttl", "line": 9}, None]
    assert (told["head"]["warnings"], told["head"]["accepted"]) == (3, True)


def test_a_long_report_without_a_summary_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judged, "MOST_BYTES", 100)
    kept = Kept(tmp_path).holds(THREE, summed_up=False)
    assert summary_of(stored(kept), recorded(kept)) is None


def test_results_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    kept = Kept(tmp_path).holds(THREE)
    read = tuple(results_in(kept.report("")))
    assert read == THREE.results
    assert [each.place for each in read] == [each.place for each in THREE.results]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_all_results(tmp_path: Path, form: str) -> None:
    kept = Kept(tmp_path).holds(THREE)
    work = tmp_path / "work"
    work.mkdir()
    body = b"".join(report_pieces(stored(kept), recorded(kept), FORMS[form], work))
    if form == "json":
        told = json.loads(body)
        assert len(told["results"]) == told["warnings"] == 3
        assert told["results"][0]["place"]["column"] == "nom"
    else:
        syntax = RdfFormat.from_extension(form)
        assert syntax is not None
        focus = [q for q in parse(body, syntax) if q.predicate.value.endswith("#focusNode")]
        assert len(focus) == 3


@pytest.fixture
def reader(past: str) -> Iterator[httpx.Client]:
    headers = {"Accept": "text/html", "Accept-Language": "nl"}
    with httpx.Client(base_url=past, timeout=20, headers=headers) as found:
        yield found


def test_the_report_has_a_page_that_offers_every_form(reader: httpx.Client) -> None:
    assert 'href="/releases/000002/report' in reader.get("/releases/000002").text
    page = reader.get("/releases/000002/report")
    assert page.status_code == 200
    assert "uitgave 000002" in page.text
    for form in FORMS:
        assert f'href="/releases/000002/report.{form}"' in page.text
        assert reader.get(f"/releases/000002/report.{form}").status_code == 200


@pytest.mark.parametrize("path", ["000002/report.exe", "nope/report", "nope/report.json"])
def test_what_is_not_there(reader: httpx.Client, path: str) -> None:
    assert reader.get(f"/releases/{path}").status_code == 404


def test_a_kept_summary_is_small_however_many_results(tmp_path: Path) -> None:
    report = Report(tuple(warning(number) for number in range(2000)))
    Kept(tmp_path).holds(report)
    assert (tmp_path / SUMMARY).stat().st_size < 5000
