"""The demonstration graph as it is built passes the checks on cubes, code lists and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vises.namespaces import VOCABULARY_BASE, Iris, term
from vises.store.releases import ReleaseStore
from vises.validation.quality import checks, examine, exceptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyoxigraph import Store


@pytest.fixture(scope="module")
def demo(demonstration_data: Path) -> Iterator[Store]:
    releases = ReleaseStore(demonstration_data)
    current = releases.current()
    assert current is not None
    with releases.open(current.id) as store:
        yield store


def test_nothing_is_found_but_what_is_known(demo: Store) -> None:
    ours = [check for check in checks() if check.id.startswith(("qb-ic-", "skos-", "statistics-"))]
    found = examine(demo, ours, exceptions())
    assert [finding for finding in found if finding.reason is None] == []
    assert {finding.check for finding in found} == {"qb-ic-17"}


@pytest.mark.parametrize(
    ("dataset", "told", "withheld"),
    [
        ("demo-derived", "vises:RegionalFigure", "vises:Suppression"),
        ("demo-sums", "vises:AggregateResult", "vises:AggregateSuppression"),
    ],
)
def test_what_is_derived_shows_cells_that_are_told_and_withheld(
    demo: Store, dataset: str, told: str, withheld: str
) -> None:
    graph = Iris(VOCABULARY_BASE).graph(dataset)
    for name in (told, withheld):
        cells = list(demo.quads_for_pattern(None, term("rdf:type"), term(name), graph))
        marked = demo.quads_for_pattern(None, term("vises:fictitious"), None, graph)
        assert cells
        assert {cell.subject for cell in cells} <= {quad.subject for quad in marked}
