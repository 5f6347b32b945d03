"""The demonstration as a visitor meets it: built and served by the command line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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
    subprocess.run([*command, "demo"], env=environ, check=True, capture_output=True, timeout=600)
    with subprocess.Popen(
        [*command, "serve"], env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address, "the service did not start"
        yield address[0].rstrip("/")
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("there is no Chromium (Debian: apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


class Visitor:
    """Opens pages, and keeps what went wrong and who was called on the way."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self._browser = browser
        self.origin = origin
        self.called: list[str] = []
        self.complaints: list[str] = []

    def open(self, path: str, **options: object) -> Page:
        context = self._browser.new_context(**{"locale": "en-GB", **options})  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("request", lambda request: self.called.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None,
        )
        page.goto(self.origin + path)
        return page


@pytest.fixture
def visitor(chromium: Browser, demonstration: str) -> Iterator[Visitor]:
    """Return a visitor; after the visit, nobody else was called and nothing complained."""
    found = Visitor(chromium, demonstration)
    yield found
    for context in chromium.contexts:
        context.close()
    outside = [u for u in found.called if not u.startswith((demonstration, "data:"))]
    assert outside == []
    assert found.complaints == []
