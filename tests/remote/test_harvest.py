"""Harvesting the engines of others, page by page."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vises.ingest.harvest.description import read_harvest
from vises.ingest.harvest.pages import Pages
from vises.progress import Silence
from vises.store.federation.partners import Partner

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.remote
HARVEST = """\
endpoint: {endpoint}
title: {{fr: T, nl: T, en: T}}
key: thing
page: 7
pause: 0
things: SELECT DISTINCT ?thing WHERE {{ ?thing <http://e.example/name> ?name }}
construct: CONSTRUCT {{ ?thing ?p ?o }} WHERE {{ ?thing ?p ?o }}
"""
DATA = "".join(
    f'<http://e.example/{n:03}> <http://e.example/name> "{n}", "é\\"{n}"@fr .\n' for n in range(40)
)


def test_the_oxigraph_server(oxigraph: Any, tmp_path: Path) -> None:  # noqa: ANN401 (its class is in conftest.py)
    graphs = oxigraph.address.graphs
    put = httpx.put(
        f"{graphs}?graph=http://e.example/g",
        content=DATA.encode(),
        headers={"Content-Type": "text/turtle"},
        trust_env=False,
    )
    assert put.is_success
    endpoint = f"{oxigraph.address.query}?union-default-graph"
    (tmp_path / "h.yml").write_text(HARVEST.format(endpoint=endpoint))
    partner = Partner(endpoint, networks=(ip_network("127.0.0.0/8"),))
    fetched = Pages(read_harvest(tmp_path / "h.yml"), tmp_path).fetch(partner, Silence())
    assert len(set(fetched.read_text("utf-8").splitlines())) == 80
