"""What is closed to a request is in no answer of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.service.conftest import Desk, Publish

SECRET = b"""
@prefix legal: <http://www.w3.org/ns/legal#> .
@prefix vises: <https://w3id.org/vises/ontology#> .
<enterprise/draft-1> a vises:Enterprise ; legal:legalName "Secret" ;
    vises:region <https://w3id.org/vises/code/nuts/FRE> .
"""


@pytest.fixture(scope="module")
def desk(
    open_desk: Callable[..., Desk], publish: Publish, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """Return a service with a second release, which adds an enterprise to a closed graph."""
    with open_desk() as found:
        publish(found.releases, tmp_path_factory.mktemp("scratch"), {"draft": SECRET})
        yield found


ADDRESSES = [
    "/api/enterprises",
    "/api/enterprises?fields=*",
    "/api/enterprises.jsonld",
    "/api/enterprises?region=nuts:FRE",
    "/api/enterprises/draft-1",
    "/api/A4?before=000001&after=000002",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_without_a_token_sees_it(desk: Desk, address: str) -> None:
    token = desk.grant("draft", read=True, write=False)
    with desk.client(token) as friend, httpx.Client(base_url=desk.address, timeout=30) as stranger:
        seen = friend.get(address)
        assert seen.status_code == 200
        assert "draft-1" in seen.text
        assert seen.headers["cache-control"] in {"private, no-cache", "no-store"}
        for _ in range(2):
            unseen = stranger.get(address)
            assert "Secret" not in unseen.text
            assert unseen.status_code == (404 if address.endswith("draft-1") else 200)
            assert "Authorization" in unseen.headers["vary"] or unseen.status_code == 404


def test_a_tag_of_the_holder_opens_nothing(desk: Desk) -> None:
    token = desk.grant("draft", read=True, write=False)
    with desk.client(token) as friend, httpx.Client(base_url=desk.address, timeout=30) as stranger:
        tag = friend.get("/api/enterprises").headers["etag"]
        again = stranger.get("/api/enterprises", headers={"If-None-Match": tag})
        assert again.status_code == 200
        assert "draft-1" not in again.text


def test_a_token_in_the_address_is_refused(desk: Desk) -> None:
    with httpx.Client(base_url=desk.address, timeout=30) as client:
        assert client.get(f"/api/S2?access_token={desk.token}").status_code == 400
