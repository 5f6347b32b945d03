"""What a process that may be killed can be told to do to a data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from vises.progress import Silence
from vises.store.retention import Retention
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Transaction

SMALL = NamedNode("https://example.org/graph/small")
LARGE = NamedNode("https://example.org/graph/large")


class Accepting:
    """A gate that accepts, and the verdict that it gives."""

    accepted = True
    violations = 0
    warnings = 0

    def __call__(self, _: object) -> Accepting:
        return self

    def summary(self) -> str:
        return ""

    def turtle(self) -> list[bytes]:
        return [b"# a report\n"]


def apply(releases: ReleaseStore, value: str) -> str | None:
    """Replace what the small graph holds, so that a half applied change shows."""
    quads = frozenset(
        Quad(
            NamedNode(f"https://example.org/{number}"),
            NamedNode("https://example.org/p"),
            Literal(value),
            SMALL,
        )
        for number in range(50)
    )
    with _transaction(releases) as transaction:
        old = frozenset(transaction.store.quads_for_pattern(None, None, None, SMALL))
        transaction.apply(Change(old, quads))
    return transaction.release.id if transaction.release else None


def replace(releases: ReleaseStore, path: str) -> str | None:
    """Load the large graph, or replace it."""
    with _transaction(releases) as transaction:
        transaction.replace_graph(LARGE, Path(path))
    return transaction.release.id if transaction.release else None


def hurry(releases: ReleaseStore, value: str) -> str | None:
    """Change something if nobody else does."""
    nothing = Change(frozenset(), frozenset())
    with releases.transaction(
        author="a tester", message=value, gate=Accepting(), wait_seconds=0.1
    ) as transaction:
        transaction.apply(nothing)
    return None


def rollback(releases: ReleaseStore, release_id: str) -> str | None:
    release = releases.rollback(release_id, author="a tester")
    return release.id if release else None


def prune(releases: ReleaseStore, reader_seconds: str) -> str | None:
    nothing = Retention(last=0, hourly=0, daily=0, monthly=0)
    pruned = releases.prune(nothing, reader_seconds=float(reader_seconds))
    return " ".join(pruned.gone)


def backup(releases: ReleaseStore, target: str) -> str | None:
    return " ".join(releases.backup(Path(target), Silence()))


def restore(releases: ReleaseStore, source: str) -> str | None:
    return " ".join(releases.restore(Path(source), Silence()))


def repair(releases: ReleaseStore, _: str) -> str | None:
    return " ".join(releases.recover(thorough=True, progress=Silence()))


def recover(releases: ReleaseStore, _: str) -> str | None:
    return " ".join(releases.recover(thorough=False, progress=Silence()))


def verify(releases: ReleaseStore, release_id: str) -> str | None:
    return "\n".join(releases.verify(release_id, Silence(), content=False))


def redo(releases: ReleaseStore, release_id: str) -> str | None:
    return releases.redo(release_id, author="a tester").id


def compact(releases: ReleaseStore, _: str) -> str | None:
    return "done" if releases.compact() else ""


def tag(releases: ReleaseStore, name: str) -> str | None:
    releases.tag(name, "000001")
    return name


def _transaction(releases: ReleaseStore) -> AbstractContextManager[Transaction]:
    return releases.transaction(author="a tester", message="a test", gate=Accepting())


OPERATIONS: dict[str, Callable[[ReleaseStore, str], str | None]] = {
    "apply": apply,
    "hurry": hurry,
    "replace": replace,
    "rollback": rollback,
    "prune": prune,
    "backup": backup,
    "restore": restore,
    "repair": repair,
    "recover": recover,
    "verify": verify,
    "redo": redo,
    "compact": compact,
    "tag": tag,
}
