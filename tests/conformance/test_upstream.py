"""What docs/upstream.md says of other software still holds."""

from __future__ import annotations

import doctest
import re
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "upstream.md"


def test_every_reproduction_still_gives_what_the_page_says() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, verbose=False)
    assert found.attempted > 15
    assert found.failed == 0, "an entry of docs/upstream.md no longer holds: see the output above"


def test_the_page_names_the_versions_that_are_installed() -> None:
    text = PAGE.read_text("utf-8")
    for package in ("pyoxigraph", "uvicorn"):
        assert re.search(rf"\b{re.escape(version(package))}\b", text), package
