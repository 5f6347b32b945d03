"""The service as a program: one process and several, and how they end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vises.settings import Settings

SCRIPT = """
import os, sys
sys.executable = os.environ.get("PYTHON_OF_PARTS", sys.executable)
from vises.service.server import serve
from vises.settings import Settings
serve(Settings.from_env(os.environ), lambda found: print(found[0][1], flush=True))
"""
ASK = {"query": "ASK {}"}
SLOW = {"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"}
STREAM = {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"}


class Program:
    """A running service."""

    def __init__(self, settings: Settings, *inside: str, **environ: str) -> None:
        told = {"VISES_DATA": str(settings.data), "VISES_PORT": "0", "VISES_WORKERS": "2"}
        self.process = subprocess.Popen(
            [*inside, sys.executable, "-c", SCRIPT],
            env={**os.environ, **told, "VISES_BASE_IRI": settings.base_iri, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.address = self.process.stdout.readline().strip()
        assert self.address

    def get(self, path: str, **parameters: str) -> httpx.Response:
        return httpx.get(self.address + path, params=parameters, timeout=20)

    def metric(self, name: str) -> float:
        lines = self.get("metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    def ended(self) -> list[dict[str, Any]]:
        """Wait for the end; return what was logged."""
        _, errors = self.process.communicate(timeout=30)
        return [json.loads(line) for line in errors.splitlines()]


@pytest.fixture
def start(settings: Settings) -> Iterator[Callable[..., Program]]:
    programs: list[Program] = []

    def start_(*inside: str, **environ: str) -> Program:
        programs.append(Program(settings, *inside, **environ))
        return programs[-1]

    yield start_
    for program in programs:
        program.process.kill()
        assert program.process.stdout
        if not program.process.stdout.closed:
            program.process.communicate(timeout=30)


def children(process: int) -> set[int]:
    """Return the processes that a process has started, and they, and so on."""
    found: set[int] = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("ascii", "replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            child = int(stat.parent.name)
            found |= {child} | children(child)
    return found


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def alive(processes: set[int]) -> set[int]:
    return {p for p in processes if Path(f"/proc/{p}").exists()}


def test_a_running_answer_ends_and_new_ones_are_refused(start: Callable[..., Program]) -> None:
    program = start()
    family = children(program.process.pid)
    assert len(query_processes(family)) == 3, "two, and one that stands by"
    with httpx.Client(base_url=program.address, timeout=20) as client:
        query = {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"}
        with client.stream("GET", "sparql", params=query, headers={"Accept": "text/csv"}) as answer:
            chunks = answer.iter_bytes()
            received = [next(chunks)]
            program.process.send_signal(signal.SIGTERM)

            def refused() -> bool:
                try:
                    httpx.get(f"{program.address}/healthz", timeout=0.3)
                except httpx.ConnectError:
                    return True
                except httpx.TransportError:
                    return False  # it came in between the signal and the closing of the socket
                return False

            wait_for(refused)
            received += chunks
    assert b"".join(received).count(b"\r\n") == 20_001
    lines = program.ended()
    assert program.process.returncode == -signal.SIGTERM
    (answered,) = [line for line in lines if line.get("path") == "/sparql"]
    assert answered["outcome"] == "answered"
    assert not alive(family)


def test_an_answer_without_end_is_broken_off(start: Callable[..., Program]) -> None:
    program = start()
    family = children(program.process.pid)
    outcome: list[Exception] = []

    def ask() -> None:
        try:
            program.get("sparql", **SLOW)
        except httpx.HTTPError as error:
            outcome.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.5)
    begun = time.monotonic()
    program.process.send_signal(signal.SIGTERM)
    lines = program.ended()
    asking.join(20)
    assert time.monotonic() - begun < 15
    assert not alive(family)
    demand_ended_as_meant(lines)


def test_a_download_that_nobody_reads_to_its_end_is_broken_off(
    start: Callable[..., Program],
) -> None:
    program = start()
    with (
        httpx.Client(base_url=program.address, timeout=20) as client,
        client.stream("GET", "sparql", params=STREAM, headers={"Accept": "text/csv"}) as answer,
    ):
        chunks = answer.iter_bytes()
        next(chunks)
        program.process.send_signal(signal.SIGTERM)
        lines = program.ended()
        with pytest.raises(httpx.TransportError):
            list(chunks)
    demand_ended_as_meant(lines)


def demand_ended_as_meant(lines: Sequence[dict[str, object]]) -> None:
    """Demand one line of information for an answer that was broken off, and no error."""
    (ended,) = [line for line in lines if line["event"] == "ended"]
    assert (ended["level"], ended["broken_off"], ended["after_seconds"]) == ("info", 1, 5)
    assert [line for line in lines if line["event"] == "log"] == []


def test_limits_of_a_client(start: Callable[..., Program]) -> None:
    program = start(VISES_CLIENT_SECONDS="1/1", VISES_QUERY_SECONDS="2")
    assert program.get("sparql", **ASK).status_code == 200
    late = program.get("sparql", **SLOW)
    assert (late.status_code, late.json()["type"][-13:]) == (503, "query-timeout")
    limited = program.get("sparql", query="ASK { ?s ?p ?o }")
    assert limited.status_code == 429
    assert int(limited.headers["retry-after"]) > 30
    problem = limited.json()
    assert problem["type"] == "https://w3id.org/vises/problems/client-limited"
    assert problem["violated-policies"] == ["seconds"]
    assert problem["request"] == limited.headers["x-request-id"]
    assert limited.headers["ratelimit"].startswith('"seconds";r=0;')
    assert limited.headers["access-control-allow-origin"] == "*"
    assert program.get("readyz").status_code == 200
    assert program.metric("vises_worker_processes_ended_total") == 1
    program.process.send_signal(signal.SIGTERM)
    outcomes = [line["outcome"] for line in program.ended() if line.get("path") == "/sparql"]
    assert outcomes == ["answered", "query-timeout", "limited"]


def test_queries_that_fail_close_no_page(start: Callable[..., Program]) -> None:
    program = start(VISES_CLIENT_ERRORS="0.001/2")
    page = {"Accept": "text/html"}
    with httpx.Client(base_url=program.address, timeout=60) as client:
        bad = {"query": "SELECT nothing"}
        statuses = [client.get("sparql", params=bad).status_code for _ in range(3)]
        assert statuses == [400, 400, 429]
        refused = client.get("sparql", params={"query": "ASK { ?s ?p ?o }"}, headers=page)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 30
        assert client.get("sparql", params={"query": "ASK { ?s ?q ?o }"}).status_code == 429
        for path in ("", "sparql", "api/questions"):
            assert client.get(path, headers=page).status_code == 200, path
        wait_for(lambda: client.get("search?q=x").status_code == 200)  # the index is there


def test_several_processes(start: Callable[..., Program]) -> None:
    program = start(VISES_PROCESSES="2", VISES_CLIENT_ERRORS="0.001/5")
    servers = {p for p in children(program.process.pid) if "supervisor" in command(p)}
    assert len(servers) == 2
    for _ in range(6):
        assert program.get("sparql", **ASK).status_code == 200
    count = 'vises_request_seconds_count{outcome="answered",route="sparql"}'
    wait_for(lambda: all(program.metric(count) == 6 for _ in range(20)))  # both have told
    assert program.metric("vises_server_processes") == 2
    assert program.metric("vises_worker_processes ") == 4
    statuses = [program.get("sparql", query="SELECT").status_code for _ in range(8)]
    assert statuses == [400] * 5 + [429] * 3, "they share the accounts of clients"

    os.kill(min(servers), signal.SIGKILL)
    wait_for(lambda: servers_told(program) == 1)
    wait_for(lambda: servers_told(program) == 2)
    assert program.metric(count) == 6, "what it had told stays"
    family = children(program.process.pid)
    program.process.send_signal(signal.SIGTERM)
    lines = program.ended()
    assert program.process.returncode == 0
    assert [line["message"] for line in lines if line["event"] == "log"] == [
        f"Server process {min(servers)} ended (-9) and is replaced."
    ]
    assert not alive(family)


def test_several_processes_end_with_the_one_that_started_them(
    start: Callable[..., Program],
) -> None:
    program = start(VISES_PROCESSES="2", VISES_WORKERS="1")
    family = children(program.process.pid)
    program.process.kill()
    wait_for(lambda: not alive(family))


def test_several_processes_that_are_starting_are_ended_at_once(
    settings: Settings, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 50\n", encoding="utf-8")
    python.chmod(0o700)
    told = {"VISES_DATA": str(settings.data), "VISES_PORT": "0", "VISES_PROCESSES": "2"}
    environ = {**os.environ, **told, "VISES_BASE_IRI": settings.base_iri}
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT], env={**environ, "PYTHON_OF_PARTS": str(python)}
    ) as process:
        wait_for(lambda: any("sleep" in command(p) for p in children(process.pid)))
        family = children(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert not alive(family)


def test_a_process_that_cannot_be_replaced_at_once_is_replaced_later(
    start: Callable[..., Program], tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o700)
    program = start(VISES_PROCESSES="2", VISES_WORKERS="1", PYTHON_OF_PARTS=str(python))
    away = python.rename(tmp_path / "away")
    servers = {p for p in children(program.process.pid) if "supervisor" in command(p)}
    os.kill(min(servers), signal.SIGKILL)
    wait_for(lambda: servers_told(program) == 1)
    time.sleep(1.5)  # it has been tried
    away.rename(python)
    wait_for(lambda: servers_told(program) == 2)
    program.process.send_signal(signal.SIGTERM)
    told = [line["message"] for line in program.ended() if line["event"] == "log"]
    assert any(message.startswith("A server process could not be started: ") for message in told)


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
def test_protections_that_are_missing_are_told_at_the_start(start: Callable[..., Program]) -> None:
    """The service runs in a user namespace that may make no other ones, as in some containers."""
    script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    inside = ["unshare", "-U", "-r", "sh", "-c", script, "sh"]
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no user namespaces here")
    program = start(*inside)
    refused = program.get("sparql", query="SELECT * { SERVICE <http://127.0.0.1:1/> {} }")
    assert refused.json()["type"].endswith("/federation-refused")
    program.process.send_signal(signal.SIGTERM)
    told, request = program.ended()
    assert told["level"] == "warning"
    assert told["message"].startswith("Query processes can reach the network; SERVICE is refused")
    assert request["status"] == 400


def command(process: int) -> str:
    """Return the command line of a process, nothing where it is gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def query_processes(family: set[int]) -> set[int]:
    """Return those that answer queries: indexes and downloads are made by others, for a while."""
    return {process for process in family if "vises.store.worker" in command(process)}


def servers_told(program: Program) -> float | None:
    """Return how many server processes there are, None where one that dies has the connection.

    Each has a socket of its own, so the kernel gives it connections until it is gone.
    """
    try:
        return program.metric("vises_server_processes")
    except httpx.TransportError:
        return None


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_data_folder_that_nobody_can_serve_ends_all(
    settings: Settings, tmp_path: Path, processes: str
) -> None:
    environ = {**os.environ, "VISES_DATA": str(tmp_path), "VISES_PORT": "0"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={
            **environ,
            "PYTHON_OF_PARTS": "/bin/false",
            "VISES_PROCESSES": processes,
            "VISES_BASE_IRI": settings.base_iri,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "StartFailed" in done.stderr
    if processes == "1":
        (said,) = [line for line in done.stderr.splitlines() if line.startswith("{")]
        why = "A query process did not start: it said nothing (exit code 1). "
        assert json.loads(said)["message"].startswith(why)
        assert "Traceback" not in said
