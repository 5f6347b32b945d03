"""Codes hang together as the data say, whatever the data say."""

from __future__ import annotations

from importlib.resources import files

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from vises.namespaces import VOCABULARY_BASE
from vises.service.api.kinds import KINDS
from vises.service.api.queries import filtered
from vises.service.search.codes import ACTIVITIES, Codes


@pytest.mark.parametrize("ring", [1, 2, 3, 20])
@pytest.mark.parametrize("way", [0, 1, 20])
def test_a_hierarchy_in_a_circle_is_left(way: int, ring: int) -> None:
    """One at the end of a long way was climbed for ever."""
    codes = Codes(above={str(n): str(n + 1) for n in range(way + ring - 1)})
    codes.above[str(way + ring - 1)] = str(way)
    path = codes.path("0")
    assert path[-1] == "0"
    assert len(path) == len(set(path)) == min(way + ring, 13)
    assert codes.totals({"0": 2}) == dict.fromkeys(path, 2)


def test_a_list_and_a_search_limit_by_the_same_activities() -> None:
    """The list knew those of one revision of NACE, and half of the enterprises have the other."""
    store = Store()
    for path in (files("vises") / "ontology/codes").iterdir():
        store.load(path.read_bytes(), format=RdfFormat.TURTLE)
    solutions = store.query((files("vises") / "queries/pages/search-codes.rq").read_text("utf-8"))
    names = [variable.value for variable in solutions.variables]
    codes = Codes.read({name: row[name] for name in names} for row in solutions)
    activities = [code for code in codes.all() if "/nace-rev2" in code]
    current = [code for code in activities if code.startswith(ACTIVITIES)]
    assert len(current) > 100
    for code in current:
        query = filtered(KINDS["enterprises"].query, {"activity": [NamedNode(code)]})
        found = {row["code"].value for row in store.query(query)}
        assert found & set(activities) == set(codes.within(code, activities)), code
    assert f"{VOCABULARY_BASE}code/nace-rev2/88" in codes.within(f"{ACTIVITIES}88", activities)
