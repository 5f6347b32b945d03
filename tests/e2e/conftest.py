"""The demonstration as a visitor meets it: built and served by the command line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.background import wait_for

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

PARTNER = "https://w3id.org/vises/graph/partner/atelier"
DELIVERY = """<https://atelier.example/org>
    a <https://ontology.commonapproach.org/cids#Organization> ;
    <http://ontology.eil.utoronto.ca/tove/organization#hasLegalName> "Atelier" ."""
"""What a partner delivers, so that its inbox has a page."""


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
    rights = ["tokens", "create", "--name", "Atelier", "--write", "--graph", PARTNER]
    token = subprocess.run([*command, *rights], env=environ, check=True, capture_output=True)
    with subprocess.Popen(
        [*command, "serve"], env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, "the service did not start"
            address = found[0].rstrip("/")
            deliver(address, token.stdout.decode().strip())
            wait_for(address, "/api/v1/enterprises", "/ldes")
            yield address
        finally:
            process.terminate()
            process.wait(20)


def deliver(address: str, token: str) -> None:
    """Deliver what the partner has."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/turtle"}
    answer = httpx.post(f"{address}/inbox/atelier", content=DELIVERY, headers=headers, timeout=300)
    assert answer.status_code == 201, answer.text


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
        context.set_default_timeout(60_000)
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
