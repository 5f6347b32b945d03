from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from vises.errors import BadRequest
from vises.store.group import Closing, GroupCommit
from vises.store.lock import StoreBusy
from vises.store.transaction import Change, ChangeRefused, NotApplied

if TYPE_CHECKING:
    from concurrent.futures import Future

    from pyoxigraph import Quad

    from tests.store.conftest import Verdict, World
    from vises.store.group import Work
    from vises.store.record import Release
    from vises.store.transaction import Candidate, Transaction


def adding(quad: Quad) -> Change:
    return Change(frozenset(), frozenset([quad]))


def applying(change: Change) -> Work:
    return lambda transaction: transaction.apply(change)


def submitted(
    group: GroupCommit, world: World, names: str, author: str = "a"
) -> list[Future[Release | None]]:
    return [
        group.submit(applying(adding(world.quad(name))), author=author, message=f"add {name}")
        for name in names
    ]


@dataclass(frozen=True)
class Held:
    """A gate that waits, so that what comes meanwhile gathers."""

    reached: threading.Event
    opened: threading.Event


@pytest.fixture
def held(world: World) -> Held:
    held = Held(threading.Event(), threading.Event())
    gate = world.gate

    def waiting(candidate: Candidate) -> Verdict:
        held.reached.set()
        assert held.opened.wait(30)
        return gate(candidate)

    world.gate = waiting
    return held


def test_what_waits_together_is_published_together(world: World, held: Held) -> None:
    group = GroupCommit(world.releases, world.gate)
    futures = submitted(group, world, "a")
    assert held.reached.wait(30)
    futures += submitted(group, world, "bcde", author="b")
    futures += submitted(group, world, "f")
    held.opened.set()
    group.close()
    ids = [future.result().id for future in futures]
    assert ids == ["000001"] + 5 * ["000002"], "while the first was judged the others came"
    assert len(world.opened(ids[-1])) == 6
    last = world.releases.current()
    assert last.author == "b, a"
    assert last.message == "add b; add c; add d; and 2 more"
    with pytest.raises(Closing):
        submitted(group, world, "g")


def test_nobody_is_refused_for_anothers_change(world: World) -> None:
    bad = {"b", "e"}
    starting, gate = threading.Event(), world.gate

    def judge(candidate: Candidate) -> Verdict:
        assert starting.wait(30)
        names = {str(q.subject.value)[-1] for q in candidate.store}
        gate.verdict = type(gate.verdict)(accepted=not names & bad)
        return gate(candidate)

    group = GroupCommit(world.releases, judge)
    futures = submitted(group, world, "xabcdef")
    starting.set()
    group.close()
    refused = {
        name
        for name, future in zip("xabcdef", futures, strict=True)
        if isinstance(future.exception(), ChangeRefused)
    }
    assert refused == bad
    current = world.releases.current()
    assert {str(q.subject.value)[-1] for q in world.opened(current.id)} == set("xacdf")


def test_a_change_of_nothing(world: World) -> None:
    world.publish(world.quad("a"))
    group = GroupCommit(world.releases, world.gate)
    (future,) = submitted(group, world, "a")
    assert future.result(30) is None
    group.close()


def test_an_error_reaches_those_who_wait_and_the_next_ones_go_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = world.releases
    real, failing = releases.transaction, [True]

    def once_busy(**options: object) -> object:
        if failing.pop() if failing else False:
            raise StoreBusy("It is locked.")
        return real(**options)

    monkeypatch.setattr(releases, "transaction", once_busy)
    group = GroupCommit(releases, world.gate)
    (first,) = submitted(group, world, "a")
    assert isinstance(first.exception(30), StoreBusy)
    (second,) = submitted(group, world, "b")
    assert second.result(30).id == "000001"
    group.close()


def test_work_that_declines_or_fails_does_not_stop_the_others(world: World, held: Held) -> None:
    held.opened.set()
    world.publish(world.quad("x"))
    held.reached.clear()
    held.opened.clear()
    group = GroupCommit(world.releases, world.gate)
    (first,) = submitted(group, world, "a")
    assert held.reached.wait(30)
    seen: list[bool] = []

    def declining(transaction: Transaction) -> None:
        seen.append(world.quad("b").graph_name.value in transaction.digests)
        raise NotApplied("Not now.")

    def failing(transaction: Transaction) -> None:
        transaction.apply(adding(world.quad("half")))
        raise BadRequest("It is wrong.")

    (before,) = submitted(group, world, "b")
    declined = group.submit(declining, author="a", message="m")
    failed = group.submit(failing, author="a", message="m")
    (after,) = submitted(group, world, "c")
    assert not declined.cancel(), "whoever leaves does not stop the thread"
    held.opened.set()
    group.close()
    assert isinstance(declined.exception(), NotApplied)
    assert type(failed.exception()) is BadRequest
    assert first.result().id < before.result().id <= after.result().id
    assert seen
    assert all(seen)
    names = {str(q.subject.value)[-1] for q in world.opened(after.result().id)}
    assert names == set("xabc"), "nothing of the failed work is left"
