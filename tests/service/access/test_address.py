"""Tokens in addresses: refused at every address, and never repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vises.service.access.address import holds_token
from vises.service.texts import texts

if TYPE_CHECKING:
    import httpx

    from tests.service.access.conftest import World

TOKEN = "vises_00000000_" + "5" * 64


@pytest.mark.parametrize(
    ("query_string", "held"),
    [
        ("", False),
        ("query=ASK%7B%7D", False),
        ("access_token=x", True),
        ("query=ASK%7B%7D&access_token=x", True),
        ("a&token=x", True),
        ("TOKEN=x", True),
        (f"key={TOKEN}", True),
        (TOKEN, True),
        (f"key={TOKEN.upper()}", True),
        ("query=SELECT+?token+{?a+:mytoken=?token}", False),
        ("mytoken=x", False),
        ("query=vises_00000000_", False),
    ],
)
def test_what_holds_a_token(query_string: str, *, held: bool) -> None:
    assert holds_token(query_string.encode()) == held


@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
@pytest.mark.parametrize("path", ["/", "/sparql", "/enterprise/fr-1", "/figures", "/healthz", "/x"])
@pytest.mark.parametrize("field", ["access_token", "token", "key"])
def test_it_is_refused_and_not_repeated(
    client: httpx.Client, path: str, accept: str, field: str
) -> None:
    parameters = {"query": "ASK {}", field: TOKEN}
    answer = client.get(path, params=parameters, headers={"Accept": accept})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["type"].endswith("/token-in-address")
    assert TOKEN[-64:] not in answer.text + str(answer.headers)


def test_it_is_said_in_the_language_of_the_reader(client: httpx.Client) -> None:
    told = client.get(f"/?token={TOKEN}", headers={"Accept-Language": "fr"}).json()
    assert (told["place"], told["title"]) == ("adresse", texts("fr")("title.token-in-address"))
    assert told["detail"] == texts("fr")("said.token-in-address")
    assert told["remedy"] == texts("fr")("said.token-in-header")


def test_a_right_token_in_an_address_is_refused_as_any_other(world: World) -> None:
    with world.client() as client, world.client(world.reader) as reader:
        for who in (client, reader):
            answer = who.post(f"/sparql?token={world.reader}", data={"query": "ASK {}"})
            assert answer.status_code == 400
            assert world.reader not in answer.text


@pytest.mark.parametrize("path", ["/sparql", "/", "/enterprise/fr-1", "/timemap/enterprise/fr-1"])
def test_scripts_of_other_sites_may_send_a_token_in_the_header(
    client: httpx.Client, path: str
) -> None:
    asks = {
        "Origin": "https://other.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = client.options(path, headers=asks)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
    assert "authorization" in allowed
    assert "GET" in answer.headers["access-control-allow-methods"]
