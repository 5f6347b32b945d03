"""The demonstration graph, served on the loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from vises.client import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.conftest import Served


@pytest.fixture(scope="session")
def demonstration(
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[..., AbstractContextManager[Served]],
) -> Iterator[str]:
    """Return the address of a running demonstration."""
    data = tmp_path_factory.mktemp("demonstration") / "data"
    command = [sys.executable, "-m", "vises", "demo"]
    environ = {**os.environ, "VISES_DATA": str(data)}
    subprocess.run(command, env=environ, check=True, capture_output=True, timeout=300)
    with serve(data, VISES_WORKERS="2", VISES_CLIENT_SECONDS="6000/6000") as served:
        yield served.address


@pytest.fixture
def vises(demonstration: str) -> Iterator[Client]:
    with Client(demonstration) as found:
        yield found
