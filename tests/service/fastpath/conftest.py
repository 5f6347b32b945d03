"""Two services of the same data: in one of them plain requests take the fast path.

Their graph is open, or closed to visitors.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.service.wiring import whole
from vises.service.access import granting
from vises.service.access.file import AccessFile
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.service.wiring import Service
    from vises.settings import Settings


@pytest.fixture(scope="module", params=["open", "closed"])
def both(
    request: pytest.FixtureRequest, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Service, Service]]:
    here = settings
    if request.param == "closed":
        data = tmp_path_factory.mktemp("closed") / "data"
        data.mkdir()
        for found in settings.data.iterdir():
            if found.name != "lock":
                (data / found.name).symlink_to(found)
        granting.close(AccessFile(data), [f"{settings.base_iri}graph/demo"])
        here = replace(settings, data=data)
    current = ReleaseStore(here.data).current()
    assert current is not None
    while time.time() - current.created.timestamp() < 1:
        time.sleep(0.1)  # no answer has Last-Modified before a second is over
    uncached = replace(here, cache_mebibytes=0)
    with whole(uncached) as fast_path, whole(uncached, fast_path=False) as long:
        yield fast_path, long
