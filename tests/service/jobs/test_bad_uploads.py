"""What is refused, and what breaks off: nothing half-published, nothing left behind."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import struct
import subprocess
import time
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from tests.service.jobs.conftest import tokens
from vises.service.jobs.job import JobFolder
from vises.service.jobs.upload import LONGEST_NAME, safe_name
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.conftest import Served
    from tests.service.jobs.conftest import Counter

UNITS = (
    b"siren,denominationUniteLegale,categorieJuridiqueUniteLegale,"
    b"economieSocialeSolidaireUniteLegale\n"
    b"000000018,ATELIER INVENTE,9220,O\n"
)
ZIP = {"Content-Type": "application/zip"}
PARTS = {"Content-Type": "multipart/form-data; boundary=xyz"}
NAMED = b'--xyz\r\nContent-Disposition: form-data; filename="a.csv"\r\n'


def zipped(content: bytes, name: str = "StockUniteLegale_utf8.csv") -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return output.getvalue()


def kind(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).rpartition("/")[2]


def jobs(counter: Counter) -> list[str]:
    return [job.id for job in JobFolder(counter.data).all()]


@pytest.mark.parametrize("path", ["/ingest/nothing", "/ingest/jobs"])
def test_an_unknown_source(counter: Counter, path: str) -> None:
    assert counter.send(UNITS, path).status_code in {404, 405}
    assert counter.left == []


def test_no_token_or_one_without_the_right(counter: Counter) -> None:
    answer = counter.send(UNITS, token=counter.writer)
    assert kind(answer) == (403, "write-forbidden")
    assert "--ingest" in answer.json()["remedy"]
    assert kind(counter.send(UNITS, params={"dataset": "other"})) == (403, "write-forbidden")
    assert kind(counter.send(UNITS, token="vises_nothing")) == (401, "token-refused")
    nobody = httpx.post(
        f"{counter.address}/ingest/sirene", content=UNITS, headers={"Content-Type": "text/csv"}
    )
    assert kind(nobody) == (401, "token-needed")
    assert "`vises tokens create --ingest`" in nobody.json()["remedy"]
    assert nobody.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("params", "what"),
    [
        ({"dataset": "../x"}, "cannot be the name"),
        ({"dataset": "provenance"}, "cannot be the name"),
        ({"dataset": "a" * 101}, "cannot be the name"),
        ({"as-of": "20260131"}, "not a date"),
        ({"as-of": "2026-02-30"}, "not a date"),
        ({"max-refused": "many"}, "not a number of rows"),
        ({"dry-run": "perhaps"}, "not true or false"),
        ({"dry-run": ""}, "not true or false"),
        ({"dry-run": ["true", "false"]}, "more than once"),
        ({"dataset": ""}, "cannot be the name"),
        ({"as-of": ""}, "not a date"),
        ({"dry_run": "true"}, "no parameter 'dry_run'"),
    ],
)
def test_wrong_parameters(counter: Counter, params: dict[str, str | list[str]], what: str) -> None:
    before = jobs(counter)
    answer = counter.send(UNITS, params=params)
    assert answer.status_code == 400
    assert what in answer.json()["detail"]
    assert answer.json()["place"] in {f"parameter {name}" for name in params} | {"address"}
    assert jobs(counter) == before


def test_a_parameter_without_a_value_does_not_publish(counter: Counter) -> None:
    before = jobs(counter)
    with counter.client(**{"Content-Type": "text/csv"}) as client:
        answer = client.post("/ingest/sirene?fictitious=true&dry-run", content=UNITS)
    assert kind(answer) == (400, "bad-request")
    assert answer.json()["place"] == "parameter dry-run"
    assert jobs(counter) == before


@pytest.mark.parametrize("letter", ["絵", "é", "a", "."])
def test_a_name_of_any_length_is_kept_as_far_as_a_file_can_have_it(letter: str) -> None:
    name = safe_name(f"{letter * 300}.csv")
    assert len(name.encode()) <= 200
    assert name.endswith(f"{letter}.csv".lstrip("."))
    assert not name.startswith(".")


@pytest.mark.parametrize("media", ["text/turtle", "", "multipart/mixed; boundary=x", "text/html"])
def test_a_wrong_content_type(counter: Counter, media: str) -> None:
    answer = counter.send(UNITS, headers={"Content-Type": media})
    assert kind(answer) == (415, "unsupported-media-type")
    assert "multipart/form-data" in answer.json()["remedy"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no boundary",
        b"--xyz\r\n",
        b'--xyz\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\na,b\r\n',
        b'--xyz\r\nContent-Disposition: form-data; name="f"\r\n\r\na,b\r\n--xyz--\r\n',
        b"--xyz--\r\n",
        NAMED + b"Content-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--xyz--\r\n",
        NAMED + b"\r\na\r\n" + NAMED.replace(b"a.csv", b"../A.csv") + b"\r\nb\r\n--xyz--\r\n",
        b"--xyz\r\n" + b"x" * 20_000 + b"\r\n\r\n\r\n--xyz--\r\n",
    ],
)
def test_a_broken_multipart(counter: Counter, body: bytes) -> None:
    before = jobs(counter)
    assert kind(counter.send(body, headers=PARTS)) == (400, "protocol")
    assert (jobs(counter), counter.left) == (before, [])


def test_a_multipart_without_a_boundary(counter: Counter) -> None:
    answer = counter.send(UNITS, headers={"Content-Type": "multipart/form-data"})
    assert kind(answer) == (400, "protocol")


def test_a_body_over_the_bound_is_refused_before_it_is_read(counter: Counter) -> None:
    parts = urlsplit(counter.address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as line:
        head = (
            f"POST /ingest/sirene HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {counter.token}\r\n"
            f"Content-Type: text/csv\r\nContent-Length: {5 << 20}\r\n\r\n"
        )
        line.sendall(head.encode())
        assert b" 413 " in line.recv(100)


def test_a_body_without_a_length_is_bounded_too(counter: Counter) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * (1 << 16)

    headers = {"Content-Type": "text/csv"}
    with counter.client() as client:
        answer = client.post("/ingest/sirene", content=endless(), headers=headers)
    assert kind(answer) == (413, "request-too-large")
    assert counter.left == []


def test_a_client_that_hangs_up(counter: Counter) -> None:
    before = jobs(counter)
    parts = urlsplit(counter.address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as line:
        head = (
            f"POST /ingest/sirene HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {counter.token}\r\n"
            "Content-Type: text/csv\r\nContent-Length: 100000\r\n\r\n"
        )
        line.sendall(head.encode() + UNITS)
        deadline = time.monotonic() + 20
        while not counter.left and time.monotonic() < deadline:
            time.sleep(0.02)
        assert counter.left
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    while counter.left and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (jobs(counter), counter.left) == (before, [])


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (zipped(UNITS)[:-30], "bad-zip"),
        (zipped(b"a" * (70 << 20)), "bad-zip"),
        (b"PK\x03\x04 is no zip", "bad-zip"),
    ],
)
def test_a_truncated_zip_and_a_bomb(counter: Counter, body: bytes, wanted: str) -> None:
    assert len(body) < 1 << 20
    job = counter.wait(counter.send(body, headers=ZIP))
    assert job["state"] == "failed"
    assert job["problem"]["type"].endswith(f"/{wanted}")
    assert job["problem"]["place"].startswith("upload.zip")


def test_several_files_in_one_multipart_and_hostile_names(counter: Counter) -> None:
    places = (
        "siren,etablissementSiege,codePostalEtablissement,libelleCommuneEtablissement,"
        "codeCommuneEtablissement,statutDiffusionEtablissement\n000000018,true,59000,LILLE,59350,O\n"
    )
    parts = [
        ("file", ("../../StockUniteLegale_utf8.csv", UNITS, "text/csv")),
        ("file", ("StockEtablissement_utf8.csv", places.encode(), "text/csv")),
    ]
    with counter.client() as client:
        answer = client.post("/ingest/sirene?fictitious=true&dry-run=true", files=parts)
    job = counter.wait(answer)
    assert job["state"] == "rehearsed", job
    assert sorted(job["files"]) == ["StockEtablissement_utf8.csv", "StockUniteLegale_utf8.csv"]
    assert [f["published"] for f in job["report"]["files"]] == [1, 1]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("€" * 120 + ".csv", "€" * 65 + ".csv"),
        ("x" + "." * LONGEST_NAME, "upload"),
        ("é" * 300, "é" * (LONGEST_NAME // 2)),
    ],
)
def test_a_long_name_of_a_file_is_shortened(tmp_path: Path, name: str, kept: str) -> None:
    assert safe_name(name) == kept
    (tmp_path / kept).touch()


def _process_of(address: str) -> int:
    """Return the process of a job."""
    identifier = address.rpartition("/")[2]
    found = subprocess.run(
        ["pgrep", "-f", f"jobs.work .*{identifier}"], capture_output=True, text=True, check=False
    )
    return int(found.stdout.split()[0]) if found.stdout.strip() else 0


def test_a_job_whose_process_dies_does_not_take_the_service_along(counter: Counter) -> None:
    answer = counter.send(UNITS, params={"dataset": "sirene-died"})
    deadline = time.monotonic() + 20
    while not (process := _process_of(answer.headers["Location"])):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process, signal.SIGKILL)
    job = counter.wait(answer)
    assert (job["state"], job["problem"]["type"].rpartition("/")[2]) == ("failed", "job-died")
    release = ReleaseStore(counter.data).current()
    assert release is None or not any(g.endswith("/sirene-died") for g in release.counts)


def test_a_job_that_the_disk_stops_is_not_told_of_memory(counter: Counter) -> None:
    with counter.busy():
        answer = counter.send(params={"dataset": "sirene-disk"})
        folder = JobFolder(counter.data).root / answer.json()["id"]
        (folder / "progress.part").mkdir()  # the file of this name cannot be written then
    job = counter.wait(answer)
    assert (job["state"], job["problem"]["type"].rpartition("/")[2]) == ("failed", "unavailable")
    assert counter.data.name not in str(job)


def test_a_service_that_is_killed_says_at_its_next_start_what_it_was_doing(
    serve: Callable[..., AbstractContextManager[Served]], tmp_path: Path
) -> None:
    data, base = tmp_path / "data", "https://data.example/"
    data.mkdir()
    token, *_ = tokens(data, base)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"}

    def send(address: str) -> str:
        url = f"{address}/ingest/sirene?fictitious=true"
        answer = httpx.post(url, content=UNITS, headers=headers, timeout=30)
        assert answer.status_code == 202, answer.text
        return answer.headers["Location"]

    with serve(data, VISES_BASE_IRI=base, VISES_WORKERS="1") as first:
        running, waiting = send(first.address), send(first.address)
        deadline = time.monotonic() + 20
        while not (process := _process_of(running)):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
        while _process_of(running):
            assert time.monotonic() < deadline, "it works on after its service"
            time.sleep(0.05)
        assert process
    assert json.loads((JobFolder(data).root / running[-32:] / "job.json").read_bytes())[
        "state"
    ] == ("running")
    with serve(data, VISES_BASE_IRI=base, VISES_WORKERS="1") as second:
        states: dict[str, str] = {}
        deadline = time.monotonic() + 240
        while not {"published", "interrupted"} <= set(states.values()):
            assert time.monotonic() < deadline, states
            for address in (running, waiting):
                got = httpx.get(f"{second.address}{address}", headers=headers, timeout=30)
                states[address] = got.json()["state"]
            time.sleep(0.1)
    assert states == {running: "interrupted", waiting: "published"}
