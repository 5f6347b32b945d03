"""No hidden cell can be computed: attacked with all that is published, by other means than ours."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from vises.errors import BadRequest
from vises.ingest.disclosure.hierarchy import REST, Hierarchy
from vises.ingest.disclosure.rules import Count, Magnitude, Reason, Rule
from vises.ingest.disclosure.suppression import exposed, suppress
from vises.ingest.disclosure.table import Cell, Record, Table, tabulate

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

AREAS = Hierarchy({"n1": "n", "n2": "n", "n11": "n1", "n12": "n1", "n21": "n2", "n22": "n2"})
FAMILIES = Hierarchy({"a": "total", "c": "total", "m": "total"})
DIMENSIONS = (AREAS, FAMILIES)
places = st.sampled_from(["n11", "n12", "n21", "n22", "n1", "n"])
families = st.sampled_from(["a", "a", "a", "c", "m", "total"])
amounts = st.integers(min_value=1, max_value=10_000)
records = st.lists(st.tuples(places, families, amounts), min_size=1, max_size=40)


def table_of(rows: Sequence[tuple[str, str, int]], rule: Rule) -> Table:
    found = (
        Record(f"e{n}", (area, family), amount if isinstance(rule, Magnitude) else 1)
        for n, (area, family, amount) in enumerate(rows)
    )
    return tabulate(found, DIMENSIONS)


def within(value: str, wider: str, dimension: Hierarchy) -> bool:
    """Tell whether a place is within another, from what the dimension says alone."""
    own = value.removesuffix(REST)
    return wider in dimension.above(own) or value == wider


def atoms(table: Table) -> list[tuple[str, str]]:
    """Return the narrowest cells, which every other one is a sum of."""
    keys = [cell.key for cell in table.cells]
    inner = {k for k in keys if any(is_in(o, k) and o != k for o in keys)}
    return [(k[0], k[1]) for k in keys if k not in inner]


def is_in(key: tuple[str, ...], wider: tuple[str, ...]) -> bool:
    return all(within(k, w, d) for k, w, d in zip(key, wider, DIMENSIONS, strict=True))


def attack(
    table: Table, hidden: Collection[tuple[str, ...]], target: Cell, rule: Rule
) -> tuple[float, float]:
    """Return what can be known of a cell: over the narrowest cells, not over equations as ours.

    A hidden count is not nothing, as the table names it.
    """
    parts = atoms(table)
    seen = [c for c in table.cells if c.published and c.key not in hidden]
    sums = np.array([[float(is_in(part, cell.key)) for part in parts] for cell in seen])
    known = np.array([float(cell.value) for cell in seen])
    wanted = np.array([float(is_in(part, target.key)) for part in parts])
    named = [c for c in table.cells if c.published and c.key in hidden and isinstance(rule, Count)]
    held = np.array([[-float(is_in(part, cell.key)) for part in parts] for cell in named])
    bounds = []
    for sign in (1, -1):
        found = linprog(
            sign * wanted,
            A_eq=sums.reshape(len(seen), len(parts)) if seen else None,
            b_eq=known if seen else None,
            A_ub=held if named else None,
            b_ub=[-1.0] * len(named) if named else None,
            bounds=(0, None),
        )
        bounds.append(np.inf if found.status == 3 else float(wanted @ found.x))
    return bounds[0], bounds[1]


@pytest.mark.parametrize("rule", [Count(), Magnitude()])
@given(rows=records)
@settings(max_examples=40, deadline=None)
def test_nothing_hidden_can_be_computed(rule: Rule, rows: list[tuple[str, str, int]]) -> None:
    table = table_of(rows, rule)
    hidden = suppress(table, rule)
    for cell in table.cells:
        if (reason := rule.reason(cell)) is None:
            continue
        assert not cell.published or hidden[cell.key] is rule.told(reason)
        least, greatest = attack(table, hidden, cell, rule)
        below, above = rule.distance(cell)
        slack = 1e-5 * max(cell.value, 1)
        assert least <= cell.value - below + slack
        assert greatest >= cell.value + above - slack
    assert exposed(table, rule, hidden) == {}


@given(rows=records)
@settings(max_examples=30, deadline=None)
def test_nor_by_one_who_knows_the_own_amount(rows: list[tuple[str, str, int]]) -> None:
    rule = Magnitude()
    table = table_of(rows, rule)
    hidden = suppress(table, rule)
    alone = [cell for cell in table.cells if cell.published and len(cell.enterprises) == 1]
    for spy, cell in itertools.product(alone, table.cells):
        if rule.reason(cell) is None or spy.enterprises <= cell.enterprises:
            continue
        least, greatest = attack(table, set(hidden) - {spy.key}, cell, rule)
        assert greatest - least > 0.1 * cell.value


def test_a_large_table_is_protected_and_not_emptied() -> None:
    chance = random.Random(7)
    wider = {}
    for region, part in itertools.product(range(6), range(4)):
        wider[f"r{region}"] = "country"
        wider[f"r{region}p{part}"] = f"r{region}"
    dimensions = (Hierarchy(wider), FAMILIES)
    narrow = [area for area in wider if "p" in area]
    rows = [
        Record(str(n), (chance.choice(narrow), chance.choices("acm", (60, 8, 1))[0]))
        for n in range(600)
    ]
    table = tabulate(rows, dimensions)
    hidden = suppress(table, Count())
    alone = [c.key for c in table.cells if c.published and Count().reason(c)]
    assert exposed(table, Count(), hidden) == {}
    assert exposed(table, Count(), alone) != {}, "the others are not needed"
    assert set(alone) < set(hidden)
    assert len(hidden) <= 3 * len(alone)
    assert ("country", "total") not in hidden
    assert suppress(table, Count()) == hidden


def test_sums_of_a_billion_beside_sums_of_a_hundred() -> None:
    """What is small beside others has its own distance, and the solver finds a solution."""
    for seed in range(24):
        chance = random.Random(seed)
        rows = [
            Record(
                f"e{n}",
                (chance.choice(["n11", "n12", "n21", "n1", "n"]), chance.choice("acm")),
                Fraction(round(100 * 10 ** (1 + 9 * chance.random())), 100),
            )
            for n in range(chance.choice((8, 15, 30)))
        ]
        table = tabulate(rows, DIMENSIONS)
        hidden = suppress(table, Magnitude())
        assert exposed(table, Magnitude(), hidden) == {}
        alone = [c.key for c in table.cells if c.published and Magnitude().reason(c)]
        assert alone
        assert exposed(table, Magnitude(), alone[1:]) != {}


def test_a_sum_has_all_the_digits_of_its_parts() -> None:
    rows = [Record(f"e{n}", ("n11", "a"), Fraction("40000000000.10")) for n in range(3)]
    (cell, *_) = tabulate(rows, DIMENSIONS).cells
    assert cell.value == Fraction("120000000000.30")


def test_what_a_total_has_beside_its_parts_is_protected_too() -> None:
    rows = [("n11", "a", 1)] * 6 + [("n12", "a", 1)] * 5 + [("n1", "a", 1)]
    table = table_of(rows, Count())
    hidden = suppress(table, Count())
    assert hidden, "the one enterprise in n1 and in none of its parts is the difference"
    assert all(cell.value > 2 for cell in table.cells if cell.key in hidden)


def test_no_hidden_count_is_given_away_by_a_reason_or_by_being_named() -> None:
    """Of two of at most two that are four together, both are known; so are three that are three."""
    table = table_of([("n11", "a", 1)] * 2 + [("n12", "a", 1)] * 2 + [("n21", "a", 1)] * 9, Count())
    assert set(suppress(table, Count()).values()) == {Reason.UNSAID}
    three = [("n11", "a", 1), ("n11", "c", 1), ("n11", "m", 1)]
    table = table_of([*three, *[("n12", family, 1) for family in "acm"] * 9], Count())
    parts = {("n11", family) for family in "acm"}
    assert exposed(table, Count(), parts | {("n12", family) for family in "acm"}).keys() >= parts
    assert exposed(table, Count(), suppress(table, Count())) == {}


def test_each_rule_names_itself() -> None:
    few, heavy, even = (
        Cell(("n", "a"), 100, frozenset(names), largest, published=True)
        for names, largest in (("ef", 60), ("efghi", 86), ("efghi", 85))
    )
    none = Cell(("n", "a"), 0, frozenset("e"), 0, published=True)
    assert [Magnitude().reason(c) for c in (few, heavy, even, none)] == [
        *(Reason.FEW, Reason.DOMINANCE, None, Reason.FEW)
    ]
    counts = [Cell(("n", "a"), n, frozenset(), 1, published=True) for n in range(4)]
    assert [Count().reason(cell) for cell in counts] == [None, Reason.FEW, Reason.FEW, None]


def test_what_makes_no_table_is_refused() -> None:
    with pytest.raises(BadRequest, match="within itself"):
        Hierarchy({"a": "b", "b": "a"})
    with pytest.raises(ValueError, match="negative"):
        tabulate([Record("e", ("n", "a"), -1)], DIMENSIONS)
    assert suppress(tabulate([], DIMENSIONS), Count()) == {}
