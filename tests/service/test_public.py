"""The service behind a proxy that knows it by another address."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vises.service.app import create_app
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.settings import Settings

QUERY = {"query": "ASK {}"}
PUBLIC = "https://vises.example:8443"


@pytest.mark.parametrize("host", ["inner:8000", "hostile.example", "a<b"])
def test_every_absolute_address_is_the_public_one(
    settings: Settings, fake_engine: Callable[..., Any], run: Callable[..., Any], host: str
) -> None:
    here = replace(settings, public_url=PUBLIC)
    app = create_app(here, ReleaseStore(settings.data), fake_engine())
    headers = {"Host": host, "Accept": "text/turtle", "X-Forwarded-Host": "hostile.example"}
    with run(app) as address, httpx.Client(base_url=address, headers=headers) as client:
        description = client.get("/sparql").text
        void = client.get("/.well-known/void").text
        timemap = client.get("/timemap/ontology").text
    assert f"<{PUBLIC}/sparql>" in description
    assert f"<{PUBLIC}/.well-known/void#dataset>" in description
    assert f"<{PUBLIC}/.well-known/void>" in void
    assert f"<{PUBLIC}/ontology>" in timemap
    assert not any(h in text for text in (description, void, timemap) for h in (host, "hostile"))
