"""The members of a release on disk, between the network and the transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, parse

from vises.ingest.replication.reading import quads_of
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pyoxigraph import Store

    from vises.ingest.replication.reading import Member

MOST_QUADS = 20_000
"""How many quads are changed at a time, unless one thing alone has more."""


def write_spool(path: Path, members: Iterable[Member], graph: str) -> None:
    """Write members to a file. Raises `OSError`, and what the members do."""
    name = NamedNode(graph)
    with path.open("w", encoding="utf-8") as file:
        for member in members:
            thing = "" if isinstance(member.thing, NamedNode) else "_:"
            lines = "".join(f"{quad} .\n" for quad in quads_of(member, name))
            file.write(json.dumps([thing, member.thing.value, lines]) + "\n")


def changes(path: Path, store: Store, graph: NamedNode) -> Iterator[Change]:
    """Yield the changes that make things as a spool says, some at a time. Raises `OSError`."""
    removed: list[Quad] = []
    added: list[Quad] = []
    with path.open(encoding="utf-8") as file:
        for text in file:
            kind, value, lines = json.loads(text)
            thing = BlankNode(value) if kind else NamedNode(value)
            removed.extend(store.quads_for_pattern(thing, None, None, graph))
            added.extend(parse(lines.encode(), RdfFormat.N_QUADS))
            if len(removed) + len(added) > MOST_QUADS:
                yield Change(frozenset(removed), frozenset(added))
                removed, added = [], []
    yield Change(frozenset(removed), frozenset(added))
