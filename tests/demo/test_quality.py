"""The demonstration graph as it is built passes the checks on cubes, code lists and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vises.demo.build import build
from vises.namespaces import VOCABULARY_BASE
from vises.progress import Silence
from vises.store.releases import ReleaseStore
from vises.validation.gate import package_gate
from vises.validation.quality import checks, examine, exceptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Store


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Return the demonstration graph, published into a folder of its own."""
    folder = tmp_path_factory.mktemp("demo")
    releases = ReleaseStore(folder)
    gate = package_gate()
    assert build(releases, gate, VOCABULARY_BASE, folder, Silence())
    current = releases.current()
    assert current is not None
    with releases.open(current.id) as store:
        yield store


def test_nothing_is_found_but_what_is_known(demo: Store) -> None:
    ours = [check for check in checks() if check.id.startswith(("qb-ic-", "skos-", "statistics-"))]
    found = examine(demo, ours, exceptions())
    assert [finding for finding in found if finding.reason is None] == []
    assert {finding.check for finding in found} == {"qb-ic-17"}
