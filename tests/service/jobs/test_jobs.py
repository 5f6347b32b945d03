"""Files over HTTP: what becomes of them, and who may see that."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from vises.errors import sentence
from vises.namespaces import term
from vises.service.access import granting
from vises.service.access.file import AccessFile
from vises.service.jobs.job import KEPT, PROGRESS, JobFolder, State, now
from vises.service.jobs.keeper import MOST_WAITING
from vises.service.jobs.work import Written
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.jobs.conftest import Counter

UNITS = (
    "siren,denominationUniteLegale,categorieJuridiqueUniteLegale,"
    "economieSocialeSolidaireUniteLegale\n"
    "000000018,ATELIER INVENTÉ,9220,O\n000000026,COOPÉRATIVE INVENTÉE,5460,O\n"
)
REFUSED = "000000027,=1+1,9220,O\n"


@pytest.fixture(scope="module")
def published(counter: Counter) -> dict[str, Any]:
    """Return a job that published two units and refused one."""
    return counter.wait(counter.send(UNITS + REFUSED, params={"max-refused": "1"}))


def test_files_are_published_and_the_job_says_so(
    counter: Counter, published: dict[str, Any]
) -> None:
    assert published["state"] == "published", published
    (counts,) = published["report"]["files"]
    assert (counts["rows_in"], counts["published"], counts["quarantined"]) == (3, 2, 1)
    release = ReleaseStore(counter.data).current()
    assert release is not None
    assert (release.id, release.author) == (published["report"]["release"], "CRESS")
    assert published["progress"] is None
    assert not (JobFolder(counter.data).root / published["id"] / "input").exists()
    assert counter.data.name not in str(published)


def test_the_refused_rows_are_there_in_the_language_of_who_asks(
    counter: Counter, published: dict[str, Any]
) -> None:
    results = published["results"]
    with counter.client(**{"Accept-Language": "nl"}) as client:
        table = client.get(results["quarantine.csv"])
        lines = client.get(results["quarantine.jsonl"])
        book = client.get(results["quarantine.xlsx"])
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert table.headers["Cache-Control"] == "no-store"
    text = table.content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    assert (row["_line"], row["_rule"], row["siren"]) == ("4", "siren-check-digit", "000000027")
    assert row["_reason"].startswith("De SIREN heeft geen")
    assert json.loads(lines.text)["reason"] == row["_reason"]
    assert book.content.startswith(b"PK")


def test_a_job_is_for_its_owner_alone(counter: Counter, published: dict[str, Any]) -> None:
    addresses = [published["address"], *published["results"].values()]
    with counter.client(counter.other) as other:
        assert {other.get(a).status_code for a in addresses} == {404}
        assert other.delete(published["address"]).status_code == 404
        assert other.get("/ingest/jobs").json() == {"jobs": []}
    with counter.client() as mine:
        assert mine.get("/ingest/jobs").json()["jobs"][0]["id"] == published["id"]
        for address in (*addresses, "/ingest/jobs"):
            del mine.headers["Authorization"]
            answer = mine.get(address)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            mine.headers["Authorization"] = f"Bearer {counter.token}"


def test_the_same_files_again_change_nothing(counter: Counter, published: dict[str, Any]) -> None:
    again = counter.wait(counter.send(UNITS + REFUSED, params={"max-refused": "1"}))
    assert (again["state"], again["report"]["release"]) == (
        *("unchanged", published["report"]["release"]),
    )


def test_a_dry_run_shows_triples_and_the_validation_and_publishes_nothing(
    counter: Counter, published: dict[str, Any]
) -> None:
    text = UNITS.replace("ATELIER", "FABRIQUE")
    job = counter.wait(counter.send(text, params={"dry-run": "true", "dataset": "sirene-2"}))
    assert job["state"] == "rehearsed", job
    release = ReleaseStore(counter.data).current()
    assert release is not None
    assert release.id == published["report"]["release"]
    assert job["report"]["release"] is None
    assert job["report"]["triples"] > 10
    with counter.client() as client:
        preview = client.get(job["results"]["preview.ttl"])
        report = client.get(job["results"]["validation.ttl"])
        page = client.get(job["results"]["validation.html"], headers={"Accept-Language": "fr"})
    assert preview.headers["Content-Type"] == "text/turtle; charset=utf-8"
    triples = [q.triple for q in parse(preview.content, format=RdfFormat.TURTLE)]
    assert "FABRIQUE INVENTÉ" in {t.object.value for t in triples if hasattr(t.object, "value")}
    conforms = [
        q for q in parse(report.content, RdfFormat.TURTLE) if q.predicate == term("sh:conforms")
    ]
    assert conforms[0].object.value == "true"
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-store"
    assert 'class="outcome accepted"' in page.text
    assert 'lang="fr"' in page.text


def test_what_the_gate_refuses_is_told_with_the_rows(counter: Counter) -> None:
    links = "enterprise,matches,basis\nfr-000000034,be-0000002671,declared\n"
    job = counter.wait(counter.send(links, "/ingest/identity", params={"dataset": "sirene-links"}))
    assert job["state"] == "failed", job
    assert job["problem"]["type"].endswith("/problems/change-refused")
    with counter.client(**{"Accept-Language": "nl"}) as client:
        told = client.get(job["address"]).json()["problem"]
    assert told["detail"] == "Geweigerd; fouten: 1, waarschuwingen: 0, opmerkingen: 0."
    with counter.client() as client:
        page = client.get(job["results"]["validation.html"])
        turtle = client.get(job["results"]["validation.ttl"])
    assert ", line 2, column enterprise" in page.text
    assert "lineNumber> 2" in turtle.text


def test_what_goes_wrong_is_a_problem_of_the_job(
    counter: Counter, published: dict[str, Any]
) -> None:
    job = counter.wait(counter.send(UNITS + REFUSED + REFUSED, params={"max-refused": "0"}))
    assert job["state"] == "failed"
    problem = job["problem"]
    assert problem["type"].endswith("/problems/too-many-refused")
    assert problem["detail"].startswith("2 of 4 rows were refused")
    assert set(job["results"]) == {"quarantine.csv", "quarantine.jsonl", "quarantine.xlsx"}
    assert counter.data.name not in str(job)
    with counter.client(**{"Accept-Language": "fr"}) as client:
        told = client.get(job["address"]).json()["problem"]
    assert told["detail"].startswith("2 lignes sur 4 ont été refusées, plus que 0.")
    assert told["remedy"].startswith("Chaque ligne refusée est dans la quarantaine de ce travail")
    with counter.client(Accept="text/html", **{"Accept-Language": "fr"}) as client:
        page = client.get(job["address"])
        kind = client.get(problem["type"].replace("https://w3id.org/vises", ""))
    assert "Trop de lignes ont été refusées" in page.text
    assert told["detail"] in page.text
    assert kind.status_code == 200
    release = ReleaseStore(counter.data).current()
    assert release is not None
    assert release.id == published["report"]["release"]


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Intégration"), ("nl", "Opname"), ("en", "Ingest")]
)
def test_the_page_of_a_job(
    counter: Counter, published: dict[str, Any], language: str, title: str
) -> None:
    headers = {"Accept": "text/html", "Accept-Language": language}
    with counter.client(**headers) as client:
        page = client.get(published["address"])
        assert page.status_code == 200
        assert f"<h1>{title}" in page.text
        assert "<script>" not in page.text
        assert 'value="quarantine.xlsx"' in page.text
        del client.headers["Authorization"]
        asks = client.get(published["address"])
        assert asks.status_code == 401
        assert 'type="password"' in asks.text
        assert published["dataset"] not in asks.text.replace("/sirene", "")
        form = {"token": counter.token}
        assert f"<h1>{title}" in client.post(published["address"], data=form).text
        got = client.post(published["address"], data={**form, "result": "quarantine.csv"})
        assert got.headers["Content-Disposition"] == 'attachment; filename="quarantine.csv"'
        assert client.post(published["address"], data={"token": "x"}).status_code == 401
        assert client.post(published["address"], json=form).status_code == 415
        for answer in (page, asks, got):
            assert counter.token not in answer.text


def test_jobs_wait_for_each_other_can_be_cancelled_and_are_bounded(counter: Counter) -> None:
    with counter.busy(), counter.client() as client:
        answers = [counter.send() for _ in range(2)]
        assert [a.status_code for a in answers] == [202, 202]
        first, second = (a.headers["Location"] for a in answers)
        assert client.get(first).json()["state"] == "waiting"
        assert client.delete(first).status_code == 204
        assert client.get(first).json()["cancelled"] is True
        more = [counter.send() for _ in range(MOST_WAITING - 2)]
        full = counter.send()
        assert (full.status_code, full.headers["Retry-After"]) == (503, "60")
        assert full.json()["type"].endswith("/queue-full")
        for answer in more:
            client.delete(answer.headers["Location"])
    assert counter.wait(answers[0])["state"] == "cancelled"
    assert counter.wait(answers[1])["state"] in {"published", "unchanged"}
    with counter.client() as client:
        assert client.delete(second).status_code == 204
        assert client.get(second).status_code == 404


def test_a_job_that_runs_is_cancelled(counter: Counter) -> None:
    answer = counter.send(UNITS, params={"dataset": "sirene-cancelled"})
    with counter.client() as client:
        while client.get(answer.headers["Location"]).json()["state"] == "waiting":
            time.sleep(0.02)
        client.delete(answer.headers["Location"])
    job = counter.wait(answer)
    release = ReleaseStore(counter.data).current()
    assert release is not None
    there = any(graph.endswith("/sirene-cancelled") for graph in release.counts)
    assert job["state"] == ("published" if there else "cancelled")


def test_a_validation_report_may_tell_of_closed_datasets(
    counter: Counter, published: dict[str, Any]
) -> None:
    folder = JobFolder(counter.data)
    report = folder.root / published["id"] / "validation.ttl"
    report.write_text("", encoding="utf-8")
    file, graphs = AccessFile(counter.data), ["https://data.example/graph/draft"]
    with counter.client() as client:
        address = f"{published['address']}/validation.ttl"
        assert client.get(address).status_code == 200
        granting.close(file, graphs)
        deadline = time.monotonic() + 10
        while client.get(address).status_code == 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert "closed datasets" in client.get(address).json()["detail"]
        granting.reopen(file, graphs)
    report.unlink()


def test_progress_is_written_down(tmp_path: Path) -> None:
    progress = Written(tmp_path / "p.json", batch="b")
    progress.start(sentence("step-checking", "checking {file}", file="a.csv"), 100)
    progress.count(10, 7, 2)
    progress.advance(50)
    progress.note("half of it")
    told = json.loads((tmp_path / "p.json").read_text("utf-8"))
    assert told["steps"] == {
        "en": "checking a.csv",
        "fr": "contrôle de a.csv",
        "nl": "a.csv nakijken",
    }
    assert {n: told[n] for n in ("bytes", "of", "rows", "published", "quarantined")} == {
        "bytes": 50,
        "of": 100,
        "rows": 10,
        "published": 7,
        "quarantined": 2,
    }
    assert told["seconds_left"] >= 0
    assert (told["note"], told["batch"]) == ("half of it", "b")


def test_a_step_is_told_in_the_language_of_who_asks(
    counter: Counter, published: dict[str, Any]
) -> None:
    folder = JobFolder(counter.data)
    job = folder.make("CRESS", folder.read(published["id"]).asked, [])
    progress = Written(folder.of(job) / PROGRESS)
    progress.start(sentence("step-loading", "loading"), 100)
    with counter.client(**{"Accept-Language": "nl"}) as client:
        assert client.get(job.address).json()["progress"]["step"] == "laden"
        page = client.get(job.address, headers={"Accept": "text/html"}).text
    assert '<label for="progress">laden</label>' in page
    folder.end(job, State.cancelled)


@pytest.mark.parametrize("year", [2020, 2999], ids=["long ago", "the clock was set back"])
def test_old_jobs_are_swept(counter: Counter, published: dict[str, Any], year: int) -> None:
    folder = JobFolder(counter.data)
    job = folder.make("CRESS", folder.read(published["id"]).asked, [])
    folder.end(job, State.cancelled)
    path = folder.of(job) / "job.json"
    record = json.loads(path.read_text("utf-8"))
    record["ended"] = f"{year}-01-01T00:00:00+00:00"
    path.write_text(json.dumps(record), encoding="utf-8")
    assert KEPT.days == 7
    folder.sweep()
    assert not folder.of(job).exists()
    assert folder.read(published["id"])


@pytest.mark.parametrize(
    "damaged", [b"", b"[]", b'{"owner": "x"}', b'{"id": "x", "owner": "x", "state": "resting"}']
)
def test_a_job_whose_record_is_damaged_does_not_hold_up_the_others(
    counter: Counter, published: dict[str, Any], damaged: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    folder = JobFolder(counter.data)
    job = folder.make("CRESS", folder.read(published["id"]).asked, [])
    record = folder.of(job) / "job.json"
    record.write_bytes(damaged)
    assert counter.wait(counter.send())["state"] in {"published", "unchanged"}
    with counter.client() as client:
        assert client.get(job.address).status_code == 404
        assert published["id"] in {each["id"] for each in client.get("/ingest/jobs").json()["jobs"]}
    folder.sweep()
    assert job.id in caplog.text
    assert record.exists()
    old = time.time() - KEPT.total_seconds() - 60
    os.utime(folder.of(job), (old, old))
    folder.sweep()
    assert not folder.of(job).exists()


def test_progress_that_a_power_cut_took_is_none(
    counter: Counter, published: dict[str, Any]
) -> None:
    folder = JobFolder(counter.data)
    job = replace(folder.read(published["id"]), id="0" * 31 + "1", started=now())
    (folder.of(job)).mkdir()
    (folder.of(job) / PROGRESS).write_bytes(b"")
    folder.write(replace(job, state=State.running))
    deadline = time.monotonic() + 60
    while folder.read(job.id).state is State.running:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert folder.read(job.id).state is State.interrupted


@pytest.mark.parametrize("name", ["0" * 32, "x", "..%2f..%2fetc", "0" * 31 + "g"])
def test_no_such_job(counter: Counter, name: str) -> None:
    with counter.client() as client:
        answer = client.get(f"/ingest/jobs/{name}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/ingest/sirene", "POST, OPTIONS"),
        ("/ingest/jobs", "GET, HEAD, OPTIONS"),
        ("/ingest/jobs/0", "GET, HEAD, POST, DELETE, OPTIONS"),
        ("/ingest/jobs/0/preview.ttl", "GET, HEAD, OPTIONS"),
        ("/ingest/openapi.json", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_script_of_another_site_is_told_what_it_may_ask(
    counter: Counter, path: str, methods: str
) -> None:
    asks = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    answer = httpx.options(f"{counter.address}{path}", headers=asks)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == answer.headers["Allow"] == methods
    named = answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"Authorization", "Content-Type", "Content-Disposition"} <= {*named}
