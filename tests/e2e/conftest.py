"""The demonstration as a visitor meets it: built and served by the command line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a running demonstration."""
    environ = {
        **os.environ,
        "VISES_DATA": str(tmp_path_factory.mktemp("demonstration") / "data"),
        "VISES_PORT": "0",
        "VISES_WORKERS": "2",
    }
    command = [sys.executable, "-m", "vises"]
    subprocess.run([*command, "demo"], env=environ, check=True, capture_output=True, timeout=120)
    with subprocess.Popen(
        [*command, "serve"], env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address, "the service did not start"
        yield address[0].rstrip("/")
        process.terminate()
        process.wait(20)
