"""Code lists from their statements: trees with bounds, circles, several parents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.codes.scheme import Scheme
from vises.service.codes.tree import tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vises.service.graph import Row

BASE = "https://data.example/code/"


def iri(name: str) -> NamedNode:
    return NamedNode(BASE + name)


def scheme(broader: Iterable[tuple[str, str]], *alone: str) -> Scheme:
    """Return a list whose codes are called by their notations."""
    pairs = list(broader)
    names = sorted({name for pair in pairs for name in pair} | set(alone))
    rows: list[Row] = [
        {"concept": iri(n), "property": term("skos:notation"), "value": Literal(n)} for n in names
    ]
    rows += [
        {"concept": iri(low), "property": term("skos:broader"), "value": iri(high)}
        for low, high in pairs
    ]
    return Scheme.read(rows)


def drawn(found: Scheme, most: int = 100) -> str:
    nodes, left_out = tree(found, found.top, most)

    def text(level: list) -> str:  # type: ignore[type-arg]
        return " ".join(
            (n.concept.notation or "?")
            + (f"({text(n.children)})" if n.children else "")
            + (f"+{n.left_out}" if n.left_out else "")
            for n in level
        )

    return text(nodes) + (f" +{left_out}" if left_out else "")


def test_a_tree_follows_the_notations() -> None:
    assert (
        drawn(scheme([("A2", "A"), ("A1", "A"), ("A11", "A1"), ("B1", "B")]))
        == "A(A1(A11) A2) B(B1)"
    )


def test_a_level_is_shown_whole_or_not_at_all() -> None:
    found = scheme([(f"{a}{n}", a) for a in "AB" for n in range(5)])
    assert drawn(found, 12) == "A(A0 A1 A2 A3 A4) B(B0 B1 B2 B3 B4)"
    assert drawn(found, 11) == "A+5 B+5"
    assert drawn(found, 1) == "A+5 +1"
    assert [n.below for n in tree(found, found.top, 11)[0]] == [5, 5]


def test_a_code_may_stand_under_several() -> None:
    found = scheme([("X", "A"), ("X", "B"), ("A", "T"), ("B", "T")])
    assert drawn(found) == "T(A(X) B(X))"
    assert found.below(BASE + "T") == 3
    paths = [[i.removeprefix(BASE) for i in path] for path in found.paths(BASE + "X")]
    assert paths == [["T", "A"], ["T", "B"]]


def test_circles_end() -> None:
    found = scheme([("A", "B"), ("B", "C"), ("C", "A"), ("D", "D")])
    assert drawn(found) == "A(C(B))"
    assert found.below(BASE + "A") == 2
    assert found.paths(BASE + "A") == [(BASE + "C", BASE + "B")]
    assert drawn(scheme([("D", "D")], "E")) == "E"


def test_many_ways_up_are_bounded() -> None:
    layers = [[f"{level}-{n}" for n in range(4)] for level in range(12)]
    pairs = [
        (low, high)
        for lows, highs in zip(layers[1:], layers, strict=False)
        for low in lows
        for high in highs
    ]
    assert len(scheme(pairs).paths(BASE + "11-0")) == 10


def test_what_is_no_code_is_passed_over() -> None:
    rows: list[Row] = [
        {"concept": Literal("x"), "property": term("skos:notation"), "value": Literal("x")},
        {"concept": iri("A"), "property": term("skos:broader"), "value": Literal("not a code")},
    ]
    found = Scheme.read(rows)
    assert list(found.concepts) == [BASE + "A"]
    assert drawn(found) == "?"
