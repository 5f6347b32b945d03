"""What becomes a member of a stream: each subject that a change touched, as it is after it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode

from vises.store.difference import as_lines, graph_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import Store

    from vises.store.difference import Difference

CREATE, UPDATE, DELETE = "Create", "Update", "Delete"
"""What happened to a subject: the types of Activity Streams 2.0 (section 3 of its vocabulary)."""


@dataclass(frozen=True)
class Member:
    """A subject, as N-Triples writes it, what happened to it, and its lines of N-Quads since."""

    subject: str
    kind: str
    lines: list[bytes]


Touched = dict[str, dict[str, list[int]]]
"""By graph and subject, how many statements were removed and how many added."""


def touched(differences: Iterable[Difference]) -> Touched:
    """Return what differences touched. Memory grows with the number of subjects."""
    found: Touched = defaultdict(dict)
    for difference in differences:
        for column, lines in enumerate((difference.removed, difference.added)):
            for line in lines:
                subject = line.partition(b" ")[0].decode()
                counts = found[graph_of(line)].setdefault(subject, [0, 0])
                counts[column] += 1
    return found


def snapshot_members(store: Store, graph: NamedNode) -> Iterator[Member]:
    """Yield every subject of a graph as created; the store gives a subject's quads in a row."""
    quads = store.quads_for_pattern(None, None, None, graph)
    for subject, same in groupby(quads, key=lambda quad: quad.subject):
        yield Member(str(subject), CREATE, sorted(as_lines(same)))


def changed_members(
    store: Store, graph: NamedNode, subjects: Mapping[str, list[int]]
) -> Iterator[Member]:
    """Yield the subjects that were touched, in the order of their names."""
    for subject in sorted(subjects):
        removed, added = subjects[subject]
        term = BlankNode(subject[2:]) if subject.startswith("_:") else NamedNode(subject[1:-1])
        quads = store.quads_for_pattern(term, None, None, graph)
        lines = sorted(as_lines(quads))
        before = len(lines) - added + removed
        kind = UPDATE if before and lines else CREATE if lines else DELETE
        yield Member(subject, kind, lines)
