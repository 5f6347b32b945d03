"""The published schemas of the API, and the service once it can match."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from tests.background import made, until

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

Accepts = Callable[[str, object], None]


@pytest.fixture(scope="session")
def suite(shared: Path) -> Path:
    """Return the folder of schemas and examples that the editors of 0.2 publish."""
    return shared / "suites" / "reconciliation-0.2"


@pytest.fixture(scope="session")
def accepts(suite: Path) -> Accepts:
    """Return what fails unless a schema, by its name, accepts a message."""
    schemas = {path.stem: json.loads(path.read_text()) for path in suite.glob("schemas/*.json")}
    resources = [DRAFT7.create_resource(contents) for contents in schemas.values()]
    registry = Registry().with_resources(
        (resource.contents["$id"], resource) for resource in resources
    )

    def check(name: str, message: object) -> None:
        Draft7Validator(schemas[name], registry=registry).validate(message)

    return check


@pytest.fixture
def matching(client: httpx.Client) -> httpx.Client:
    """Return a client of the service once its index is there."""
    until(lambda: client.get("/api/v1/search", params={"q": "atelier"}), made)
    return client
