"""Starting with a list of partners."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from vises.service.server import serve
from vises.store.federation.federation import Federation
from vises.store.federation.partners import Partner, PartnersError

if TYPE_CHECKING:
    from pathlib import Path

    from vises.settings import Settings


def test_a_wrong_list_ends_the_start(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "partners.toml"
    path.write_text('[[partner]]\nendpoint = "https://x.example/"\nnetwork = []\n', "utf-8")
    with pytest.raises(PartnersError, match=r"line 3: network is not known"):
        serve(replace(settings, partners=path), lambda _: pytest.fail("it started"))


def test_the_federation_names_its_endpoints() -> None:
    """The service description lists them."""
    iris = ("https://a.example/sparql", "https://b.example/sparql")
    assert Federation.of(map(Partner, iris)).endpoints == iris
    assert Federation().relay() is None
    assert Federation().identity != Federation().identity
