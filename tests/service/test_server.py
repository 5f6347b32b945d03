"""Listening, and what is said where it cannot be done."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from vises.service.server import HostUnknown, PortInUse, addresses, listen

if TYPE_CHECKING:
    from pathlib import Path

    from vises.settings import Settings

SCRIPT = """
import os
from vises.service.server import serve
from vises.settings import Settings
serve(Settings.from_env(os.environ), lambda found: print(found[0][1], flush=True))
print("ended", flush=True)
"""


def test_a_port_in_use_says_which_setting_to_change() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse) as caught:
            listen("127.0.0.1", port)
    assert caught.value.exit_code == 5
    assert f"VISES_PORT={port}" in str(caught.value)


@pytest.mark.parametrize("host", ["no such host.invalid", "192.0.2.1", "a" * 300])
def test_an_address_that_is_not_ours_says_which_setting_to_change(host: str) -> None:
    with pytest.raises(HostUnknown) as caught:
        listen(host, 0)
    assert "VISES_HOST" in str(caught.value)


def test_addresses_are_such_as_a_browser_opens() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        assert addresses("127.0.0.1", listening)[0] == ("home", f"http://127.0.0.1:{port}/")
        assert addresses("0.0.0.0", listening)[0][1] == f"http://localhost:{port}/"
        assert addresses("::1", listening)[1][1] == f"http://[::1]:{port}/sparql"


def test_answers_on_a_connection_that_is_kept_do_not_wait(settings: Settings) -> None:
    process, address = start(settings, settings.data)
    at_once = 0
    with httpx.Client(timeout=20) as client:
        for number in range(500):  # on a busy machine most take longer
            begin = time.monotonic()
            assert client.get(f"{address}healthz").status_code == 200
            at_once += number > 30 and time.monotonic() - begin < 0.03
            if at_once == 4:
                break
    process.terminate()
    process.communicate(timeout=20)
    assert at_once == 4, "an answer waits for the acknowledgement of its head (40 ms)"


def start(settings: Settings, data: Path) -> tuple[subprocess.Popen[str], str]:
    environ = {
        **os.environ,
        "VISES_DATA": str(data),
        "VISES_PORT": "0",
        "VISES_WORKERS": "1",
        "VISES_BASE_IRI": settings.base_iri,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, process.stdout.readline().strip()


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_data_folder_of_another_format_is_said_to_be_one(
    settings: Settings, tmp_path: Path, processes: str
) -> None:
    data = tmp_path / "older"
    shutil.copytree(settings.data, data)
    for record in data.glob("releases/*/release.json"):
        record.write_text(record.read_text().replace('"format": 2', '"format": 1'))
    environ = {**os.environ, "VISES_DATA": str(data), "VISES_PORT": "0"}
    ended = subprocess.run(
        [sys.executable, "-m", "vises", "serve"],
        env={**environ, "VISES_PROCESSES": processes},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (5, "")
    first, *_ = ended.stderr.splitlines()
    assert first == "vises: The data folder is of another version"
    assert "format 1 of the data folder, and this version reads 2" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("lost", ["release.json", "store/CURRENT"])
def test_a_folder_in_which_no_release_is_whole_is_said_to_be_one(
    settings: Settings, tmp_path: Path, processes: str, lost: str
) -> None:
    data = tmp_path / "damaged"
    shutil.copytree(settings.data, data)
    for found in data.glob(f"releases/*/{lost}"):
        found.unlink()
    environ = {**os.environ, "VISES_DATA": str(data), "VISES_PORT": "0"}
    ended = subprocess.run(
        [sys.executable, "-m", "vises", "serve"],
        env={**environ, "VISES_PROCESSES": processes},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (5, "")
    title, where, what, do = ended.stderr.splitlines()
    assert title == "vises: The data folder is damaged"
    assert str(data / "releases") in where
    assert "None of the releases" in what
    assert "`vises releases restore`" in do


def test_control_c_ends_it_cleanly_and_nothing_else_is_printed(settings: Settings) -> None:
    process, address = start(settings, settings.data)
    assert httpx.get(f"{address}readyz", timeout=20).status_code == 200
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=20)
    assert out == "ended\n"
    (line,) = map(json.loads, errors.splitlines())
    assert (line["event"], line["path"], line["status"]) == ("request", "/readyz", 200)
    assert process.returncode == 0


def test_the_server_itself_says_nothing_of_what_was_asked(settings: Settings) -> None:
    process, address = start(settings, settings.data)
    httpx.get(f"{address}sparql", params={"query": "SELECT * { secretword"}, timeout=20)
    httpx.get(f"{address}sparql", params={"query": 'ASK { FILTER("secretword") }'}, timeout=20)
    process.terminate()
    out, errors = process.communicate(timeout=20)
    assert "secretword" not in out + errors
