"""The demonstration graph, served on the loopback."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.background import wait_for
from vises.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.conftest import Served


@pytest.fixture(scope="session")
def demonstration(
    tmp_path_factory: pytest.TempPathFactory,
    demonstration_data: Path,
    serve: Callable[..., AbstractContextManager[Served]],
) -> Iterator[str]:
    """Return the address of a running demonstration."""
    data = tmp_path_factory.mktemp("client") / "data"
    subprocess.run(["cp", "-a", demonstration_data, data], check=True)
    with serve(data, VISES_WORKERS="2", VISES_CLIENT_SECONDS="6000/6000") as served:
        wait_for(served.address, "/api/v1/enterprises")
        yield served.address


@pytest.fixture
def vises(demonstration: str) -> Iterator[Client]:
    with Client(demonstration) as found:
        yield found
