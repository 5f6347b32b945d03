"""Walking through the enterprises from one on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.background import made, until

if TYPE_CHECKING:
    import httpx


def first(client: httpx.Client, query: str) -> httpx.Response:
    """Return the first page of a walk, once the index is there."""
    answer = until(lambda: client.get(f"/api/v1/enterprises?{query}"), made)
    assert answer.status_code == 200, answer.text
    return answer


def walked(client: httpx.Client, query: str) -> list[str]:
    answer, found = first(client, query), []
    while True:
        found += [item["id"] for item in answer.json()["items"]]
        assert answer.json()["offset"] is None
        if "next" not in answer.links:
            return found
        assert "release=" in answer.links["next"]["url"]
        answer = client.get(answer.links["next"]["url"])


@pytest.mark.parametrize("size", [1, 2, 50])
def test_a_walk_meets_each_thing_once(client: httpx.Client, size: int) -> None:
    every = {item["id"] for item in client.get("/api/enterprises").json()["items"]}
    found = walked(client, f"after=&size={size}")
    assert len(found) == len(every) > 1
    assert set(found) == every
    assert found == walked(client, "after=")


@pytest.mark.parametrize(
    "query",
    ["region=FRE", "region=BE3&region=FRE", "family=association", "legalForm=9220", "sse=true"],
)
def test_filters_narrow_a_walk_as_they_narrow_a_page(client: httpx.Client, query: str) -> None:
    pages = client.get(f"/api/enterprises?{query}").json()
    assert set(walked(client, f"{query}&after=&size=1")) == {i["id"] for i in pages["items"]}
    told = {item["id"]: item for item in first(client, f"{query}&after=").json()["items"]}
    assert told == {item["id"]: item for item in pages["items"]}


def test_after_the_last_there_is_nothing(client: httpx.Client) -> None:
    last = walked(client, "after=")[-1]
    assert first(client, f"after={last}").json()["items"] == []
    assert first(client, "after=x:never-heard-of").status_code == 200


@pytest.mark.parametrize("sort", ["", "&sort=name"])
def test_however_far_a_page_is_it_is_answered(client: httpx.Client, sort: str) -> None:
    """The engine made room for all that comes before, and the process of the search died of it."""
    every = first(client, "size=1").json()["total"]
    answer = client.get(f"/api/v1/enterprises?offset=1000000000{sort}")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["items"], answer.json()["total"]) == ([], every)


@pytest.mark.parametrize(
    "query",
    [
        "after=&page=2",
        "after=&offset=1",
        "after=&after=",
        "after=a%20b",
        "after=&sort=name",
    ],
)
def test_what_cannot_be_walked_is_refused(client: httpx.Client, query: str) -> None:
    answer = client.get(f"/api/enterprises?{query}")
    assert (answer.status_code, answer.json()["place"]) == (400, "parameter after")


def test_only_what_the_index_knows_is_walked(client: httpx.Client) -> None:
    assert client.get("/api/results?after=").status_code == 400
