"""Waiting for what a service makes in the background: with tests beside, that may take a while."""

from __future__ import annotations

import time

import httpx

MOST_SECONDS = 300


def wait_for(address: str, *paths: str) -> None:
    """Wait until each of some paths of a service is answered."""
    end = time.monotonic() + MOST_SECONDS
    for path in paths:
        while httpx.get(f"{address}{path}", timeout=60).status_code != httpx.codes.OK:
            assert time.monotonic() < end, f"{path} is not there"
            time.sleep(0.1)
