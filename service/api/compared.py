"""A question asked of two releases: what only the earlier one answers, and what only the later."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.errors import BadRequest, sentence
from vises.service.api.errors import ParameterInvalid
from vises.service.graph import Graph
from vises.service.sentences import given_twice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.errors import Sentence
    from vises.service.api.call import Call
    from vises.service.api.parameters import Value
    from vises.service.graph import Row, Term
    from vises.service.site import Reading, Site

RELEASES = ("before", "after")
MOST_ROWS = 50_000
"""How many rows of each release, or changed statements, are compared; they are held in memory."""

_STATEMENTS = {"?dataset", "?entity", "?property", "?value"}
_LEFT_OUT = "leftOut"


class TooMuchToCompare(BadRequest):
    """The answers of two releases are too long to be compared while somebody waits."""

    kind = "too-much-to-compare"
    title = "There is too much to compare"


@dataclass(frozen=True)
class Comparison:
    """A query and the two releases that it is asked of, each as far as the request may read it."""

    site: Site
    before: Reading
    after: Reading
    query: str
    left_out: tuple[str, ...]

    @classmethod
    def of(
        cls, site: Site, call: Call, values: Mapping[str, Sequence[Value]], query: str
    ) -> Comparison:
        """Return the comparison that a request asks for.

        The releases are those of the parameters `before` and `after`; else the one that answers the
        request, and its parent. Raises `ParameterInvalid`, and what naming a release does.
        """
        for name in RELEASES:
            if len(call.given.get(name, ())) > 1:
                raise given_twice(ParameterInvalid, name)
        later, earlier = call.given.get("after"), call.given.get("before")
        rights = call.reading.rights
        after = site.reading(later[0], rights) if later else call.reading
        parent = after.release.parent or after.release.id
        before = site.reading(earlier[0] if earlier else parent, rights)
        left_out = tuple(value.value for value in values.get(_LEFT_OUT, ()))
        return cls(site, before, after, query, left_out or ("provenance",))

    @property
    def ids(self) -> tuple[str, str]:
        """The ids of the two releases."""
        return self.before.release.id, self.after.release.id

    async def rows(self) -> list[Row]:
        """Return the rows in which they differ, each with `change`: "removed" or "added".

        Raises `TooMuchToCompare`, and what asking a release does.
        """
        if all(name in self.query for name in _STATEMENTS):
            return await asyncio.to_thread(self._statements)
        earlier, later = await self._asked(self.before), await self._asked(self.after)
        return [
            *_beyond("removed", earlier, later),
            *_beyond("added", later, earlier),
        ]

    async def _asked(self, reading: Reading) -> list[Row]:
        graph = Graph.of(self.site, reading)
        rows = await graph.rows(f"{self.query.rstrip()}\nLIMIT {MOST_ROWS + 1}\n")
        if len(rows) > MOST_ROWS:
            raise _too_much(
                sentence(
                    "release-answers-more",
                    "Release {release} answers with more than {most:,} rows.",
                    release=reading.release.id,
                    most=MOST_ROWS,
                )
            )
        return rows

    def _statements(self) -> list[Row]:
        """Return the statements that differ, from the changes that the releases keep."""
        first, last = sorted(self.ids)
        between = (r for r in self.site.releases.list() if first < r.id <= last)
        if sum(r.added + r.removed for r in between) > MOST_ROWS:
            raise _too_much(
                sentence(
                    "more-changed",
                    "More than {most:,} statements changed between the two.",
                    most=MOST_ROWS,
                )
            )
        hidden = self.before.rights.hidden | self.after.rights.hidden
        found = [
            _row("added" if added else "removed", quad.graph_name, *quad.triple)
            for added, quad in self.site.releases.changed_quads(*self.ids)
            if isinstance(quad.graph_name, NamedNode)
            and quad.graph_name.value not in hidden
            and not quad.graph_name.value.endswith(tuple(f"/graph/{n}" for n in self.left_out))
        ]
        return sorted(found, key=lambda row: [str(term) for term in row.values()])


def _row(change: str, dataset: NamedNode, *triple: Term) -> Row:
    entity, prop, value = triple
    return {
        "change": Literal(change),
        "dataset": dataset,
        "entity": entity,
        "property": prop,
        "value": value,
    }


def _beyond(change: str, rows: Sequence[Row], others: Iterable[Row]) -> list[Row]:
    """Return the rows that the others lack, each as often as it lacks there."""
    known = Counter(_key(row) for row in others)
    found: list[Row] = []
    for row in rows:
        key = _key(row)
        if known[key]:
            known[key] -= 1
        else:
            found.append({"change": Literal(change), **row})
    return found


def _key(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(term)) for name, term in row.items()))


def _too_much(what: Sentence) -> TooMuchToCompare:
    return TooMuchToCompare(
        what,
        remedy=sentence(
            "compare-closer",
            "Compare releases that lie closer together, or run `vises query --question ID "
            "--compared-with RELEASE` where the data are.",
        ),
    )
