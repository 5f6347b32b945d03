"""Requests to the service: from one release, with patience, and with its problems as errors."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import TYPE_CHECKING

import httpx

from vises.client.errors import ServiceProblem, Unreachable
from vises.waiting import seconds_asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CURRENT = "current"
MOST_WAIT = 120.0
"""How many seconds a pause lasts at most; who is told to wait longer gets the problem."""

Parameters = list[tuple[str, str | int | float | bool | None]]


class Transport:
    """Sends requests, each to the same release: that of the first answer, where none is named.

    `release` names one by its id or its tag; "current" asks the current one each time. What the
    service says may succeed later (Retry-After) is tried again, `retries` times; so is a request
    that got no whole answer. None of our requests changes anything.
    """

    def __init__(
        self,
        http: httpx.Client,
        release: str | None,
        retries: int,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take an httpx client whose base is the service."""
        self._http = http
        self._retries = retries
        self._sleep = sleep
        self._follows = release == CURRENT
        self.release = None if self._follows else release

    def get(
        self, path: str, parameters: Parameters, accept: str, *, body: bytes | None = None
    ) -> httpx.Response:
        """Return the answer to a GET, or to the POST of a query.

        Raises `ServiceProblem` and `Unreachable`.
        """
        if self.release is not None:
            parameters = [p for p in parameters if p[0] != "release"]
            parameters.append(("release", self.release))
        headers = {"Accept": accept}
        if body is not None:
            headers["Content-Type"] = "application/sparql-query"
        response = self._patiently(path, parameters, headers, body)
        found = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if found != accept:
            raise Unreachable(
                f"{self._http.base_url} answered with {found or 'no type'}, not with {accept}.",
                remedy="Check the address: something else may answer there, such as a proxy.",
            )
        if not self._follows:
            self.release = response.headers.get("x-release", self.release)
        return response

    def _patiently(
        self, path: str, parameters: Parameters, headers: Mapping[str, str], body: bytes | None
    ) -> httpx.Response:
        method = "GET" if body is None else "POST"
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                response = self._http.request(
                    method, path, params=parameters, headers=headers, content=body
                )
            except httpx.RequestError as error:
                if last:
                    raise self._unreachable(error) from error
                self._sleep(0.5 * 2**attempt)
                continue
            if response.is_success:
                return response
            pause = seconds_asked(response.headers.get("retry-after", ""))
            if last or pause is None or pause > MOST_WAIT:
                break
            self._sleep(pause)
        raise _problem(response)

    def _unreachable(self, error: httpx.RequestError) -> Unreachable:
        return Unreachable(
            f"{self._http.base_url} gave no whole answer: {error or type(error).__name__}.",
            remedy="Check the address and the network, or give a longer timeout.",
        )


def user_agent() -> str:
    """Return what the client calls itself."""
    return f"vises-client/{version('vises')} python-httpx/{httpx.__version__}"


def _problem(response: httpx.Response) -> ServiceProblem:
    try:
        document = response.json()
    except ValueError:
        document = {}
    return ServiceProblem(response.status_code, document if isinstance(document, dict) else {})
