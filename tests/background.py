"""Waiting for what a service does in the background: with tests beside, that may take a while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_SECONDS = 300

T = TypeVar("T")


def until(look: Callable[[], T], done: Callable[[T], bool] = bool) -> T:
    """Look again and again until what is seen will do, and return it."""
    end = time.monotonic() + MOST_SECONDS
    while not done(seen := look()):
        assert time.monotonic() < end, f"still {seen!r}"
        time.sleep(0.05)
    return seen


def made(answer: httpx.Response) -> bool:
    """Tell whether what an answer needs is no longer being made (503)."""
    return answer.status_code != httpx.codes.SERVICE_UNAVAILABLE


def wait_for(address: str, *paths: str) -> None:
    """Wait until each of some paths of a service is answered."""
    for path in paths:
        until(lambda path=path: httpx.get(f"{address}{path}", timeout=60).is_success)  # type: ignore[misc]
