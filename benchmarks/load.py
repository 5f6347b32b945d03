"""Load on a server, made by wrk (Debian: wrk): the same request with another number each time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import httpx

from vises.namespaces import VOCABULARY_BASE

if TYPE_CHECKING:
    from pathlib import Path

CONNECTIONS = 8
_LUA = """
local before, after, most = "{before}", "{after}", {most}
local headers = {{ Accept = "{accept}" }}
function init(args) math.randomseed(7) end
function request()
  local number = string.format("%09d", math.random(0, most - 1))
  return wrk.format("GET", before .. number .. after, headers)
end
function done(summary, latency, requests)
  local errors = summary.errors.status + summary.errors.read + summary.errors.timeout
  local rate = (summary.requests - summary.errors.status) / summary.duration * 1e6
  io.write(string.format('{{"rate": %f, "errors": %d}}', rate, errors))
end
"""


def demand_wrk() -> None:
    """End where wrk is not on this machine."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is not on this machine (Debian: apt-get install wrk).")


class Load(NamedTuple):
    """How many requests a second were answered, and how many of all were not answered well."""

    rate: float
    errors: int


def rate(folder: Path, address: tuple[str, str], accept: str, seconds: int, most: int) -> float:
    """Return how many requests a second are answered on 8 connections. Ends where one is not."""
    found = load(folder, address, accept, seconds, most)
    if found.errors:
        sys.exit(f"{address[0]}: {found.errors} of the answers were errors.")
    return found.rate


def lookups_at(address: str) -> tuple[str, str]:
    """Return the address of queries for an enterprise by its number, as `load` takes it."""
    before = quote(f"SELECT ?p ?o WHERE {{ <{VOCABULARY_BASE}enterprise/fr-", safe="")
    return f"{address}?query={before}", quote("> ?p ?o }", safe="")


def load(folder: Path, address: tuple[str, str], accept: str, seconds: int, most: int) -> Load:
    """Return how many requests a second are answered well on 8 connections.

    `address` is what stands before and after the number of nine digits, one of `most`; both are
    percent-encoded. `folder` is where the script of wrk goes.
    """
    url = httpx.URL(address[0])
    before = address[0].split(url.netloc.decode(), 1)[1]
    script = folder / "load.lua"
    script.write_text(_LUA.format(before=before, after=address[1], accept=accept, most=most))
    origin = f"http://{url.host}:{url.port}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), origin]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout[done.stdout.rindex("{") :])
    return Load(found["rate"], int(found["errors"]))
