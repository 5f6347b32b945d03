from __future__ import annotations

from typing import TYPE_CHECKING

from vises.store import edits as module
from vises.store.difference import Difference
from vises.store.edits import Edits

if TYPE_CHECKING:
    import pytest


def difference(removed: str = "", added: str = "") -> Difference:
    return Difference(
        frozenset(x.encode() for x in removed), frozenset(x.encode() for x in added), before=0
    )


def test_what_cancels_out_is_gone() -> None:
    edits = Edits()
    for graph, each in (
        ("p", difference(added="ab")),
        ("q", difference(removed="x")),
        ("p", difference(removed="a", added="c")),
        ("q", difference(added="x")),
    ):
        assert edits.keep(graph, each)
    assert edits.graphs == {"p", "q"}
    ((graph, net),) = edits.net()
    assert (graph, net.removed, net.added) == ("p", set(), {b"b", b"c"})


def test_too_much_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    edits = Edits()
    assert edits.keep("p", difference(added="ab"))
    assert not edits.keep("p", difference(added="cd"))
    assert [each.added for each in edits.pop("p")] == [{b"a", b"b"}]
    assert edits.pop("p") == []
