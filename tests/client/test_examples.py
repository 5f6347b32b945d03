"""The examples in the description of the API find something in the demonstration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vises.service.questions import questions

if TYPE_CHECKING:
    from collections.abc import Iterator

ELSEWHERE = [q.id for q in questions().values() if q.endpoints or q.compared]
"""Questions that need a partner, or two releases that differ."""


def example(parameter: dict[str, Any]) -> object:
    several = parameter.get("examples", {"": {"value": parameter.get("example")}})
    return next(iter(several.values()))["value"]


def paths(client: httpx.Client) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each path and those of its parameters that have an example."""
    document = client.get("/api/openapi.json").json()
    for path, methods in document["paths"].items():
        if path.startswith("/api/v1/") and path.rpartition("/")[2] not in ELSEWHERE:
            parameters = methods["get"]["parameters"]
            yield path, [p for p in parameters if "example" in p or "examples" in p]


@pytest.fixture
def client(demonstration: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=demonstration, timeout=60) as found:
        yield found


def test_each_example_finds_something(client: httpx.Client) -> None:
    for path, parameters in paths(client):
        address = path.format_map({p["name"]: example(p) for p in parameters})
        asked = [p for p in parameters if p["in"] == "query"]
        needed = {p["name"]: example(p) for p in asked if p.get("required")}
        for tried in [{}, *({p["name"]: example(p)} for p in asked)]:
            answer = client.get(address, params={**needed, **tried})
            assert answer.status_code == 200, (address, tried, answer.text)
            told = answer.json()
            parts = ("items", "rows", "results", "questions", "id")
            assert any(told.get(part) for part in parts), (address, tried)
            if "fields" in tried:
                things = told.get("items", [told])
                assert any({*str(tried["fields"]).split(",")} <= thing.keys() for thing in things)
