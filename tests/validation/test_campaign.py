"""A report that changes patched is the one that validating everything gives.

``make campaign-validation`` makes ten thousand random changes and prints what it came past; here a
few hundred are made. Shapes, graphs and changes follow from a number, so that a difference can be
looked at: it names the number.
"""

from __future__ import annotations

from dataclasses import asdict
from random import Random

import pytest

from tests.validation.random_changes import REWRITTEN, Campaign, Maker, Tally
from tests.validation.random_shapes import ShapesMaker
from tests.validation.real_changes import RealMaker, demonstration
from vises.validation.shapes import ShapesError, package_shapes

SEEDS = range(1000, 1006)
CHANGES = 20
SIZES = (3, 8, 25, 80)
REAL = 20
"""One change in so many of the long campaign is one of real data, by the shapes of the package."""


def campaign(seed: int, size: int, tally: Tally, changes: int = CHANGES) -> None:
    chance = Random(seed)
    shapes = ShapesMaker(chance).graph()
    maker = Maker(chance, size)
    try:
        made = Campaign(shapes.encode(), maker, tally)
    except ShapesError:
        tally.refused += 1
        return
    made.run(changes, f"seed {seed} size {size}")
    written = {maker.quad(REWRITTEN) for _ in range(6)}
    made.compare_forms(f"seed {seed} size {size} forms", written)


def real_campaign(seed: int, changes: int, tally: Tally) -> None:
    store = demonstration()
    maker = RealMaker(Random(seed), store)
    Campaign(package_shapes(), maker, tally, store).run(changes, f"real {seed}")


@pytest.mark.parametrize("seed", SEEDS)
def test_random_changes_of_random_graphs_by_random_shapes(seed: int) -> None:
    tally = Tally()
    campaign(seed, SIZES[seed % 3], tally, changes=10)
    assert tally.differences == []
    assert tally.changes == 10


def test_changes_of_the_demonstration_by_the_shapes_of_the_package() -> None:
    tally = Tally()
    real_campaign(1, 8, tally)
    assert tally.differences == []
    assert tally.changed_reports


def test_the_campaign_finds_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the walk back from what changed, results are missed."""
    monkeypatch.setattr("vises.validation.incremental.affected._Finder.walk", lambda _: None)
    tally = Tally()
    for seed in SEEDS[:4]:
        campaign(seed, 8, tally)
    assert tally.differences


def test_the_campaign(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = request.config.getoption("--random-changes")
    tally, seed = Tally(), 0
    real_campaign(0, wanted // REAL, tally)
    while tally.changes < wanted:
        campaign(seed, SIZES[seed % len(SIZES)], tally)
        seed += 1
    with capsys.disabled():
        for name, value in asdict(tally).items():
            print(f"{name:>16} {len(value) if isinstance(value, list) else value:,}")  # noqa: T201
    assert tally.differences == []
