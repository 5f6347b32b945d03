"""Pages that were given before: what a page costs when it is asked for again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vises.service.app import create_app
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from vises.settings import Settings
    from vises.store.engine import Answer

Run = Callable[[Any], AbstractContextManager[str]]


class Counting(WorkerPool):
    """A pool that counts what it is asked."""

    asked = 0

    async def answer(self, *request: Any) -> Answer:  # noqa: ANN401 (whatever a pool takes)
        self.asked += 1
        return await super().answer(*request)


@pytest.mark.parametrize("path", ["/enterprise/fr-1.html", "/indicators", "/codes", "/"])
def test_a_page_is_made_once_for_a_release_and_a_language(
    settings: Settings, run: Run, path: str
) -> None:
    releases = ReleaseStore(settings.data)
    engine = Counting(releases, size=1, query_seconds=20, mebibytes=2048)
    with (
        run(create_app(settings, releases, engine)) as address,
        httpx.Client(base_url=address, timeout=20, headers={"Accept": "text/html"}) as client,
    ):
        english = client.get(path, headers={"Accept-Language": "en"})
        assert english.status_code == 200
        before = engine.asked
        again = client.get(path, headers={"Accept-Language": "en"})
        assert (again.content, again.headers["etag"]) == (english.content, english.headers["etag"])
        assert engine.asked == before
        french = client.get(path, headers={"Accept-Language": "fr"})
        assert french.headers["content-language"] == "fr"
        assert french.content != english.content
