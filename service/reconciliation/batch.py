"""Reading batches of reconciliation queries: those of 0.2 (section 4.1) and of 1.0-draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.reconciliation.errors import GIVE_ONE
from vises.service.reconciliation.terms import ENTERPRISE, MATCHED, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vises.service.reconciliation.reader import Node

MOST_QUERIES, BATCH = 100, 50
"""How many queries a batch may have, and how many clients are asked to send."""

MOST_CANDIDATES, CANDIDATES = 25, 5
_MOST_VALUES = 20
_MOST_CONDITIONS = 20
_STRICT = ("any", "should", "all")


@dataclass(frozen=True)
class Condition:
    """What is known of a thing: one of the comparisons of `MATCHED`, and the values."""

    comparison: str
    values: Sequence[str]
    required: bool = False


@dataclass(frozen=True)
class Query:
    """One query: a name (empty: none), types, how many candidates, and what else is known."""

    name: str
    types: Sequence[str]
    limit: int
    conditions: Sequence[Condition]

    def values(self, comparison: str) -> list[str]:
        """Return the values that were given for a comparison."""
        return [v for c in self.conditions if c.comparison == comparison for v in c.values]


def read_batch(sent: Node) -> dict[str, Query]:
    """Return the queries of a batch of 0.2 by their keys. Raises `ReconciliationInvalid`."""
    members = sent.members()
    if len(members) > MOST_QUERIES:
        raise _too_many(sent, len(members))
    return {key: _query(node) for key, node in members.items()}


def read_draft(sent: Node) -> list[Query]:
    """Return the queries of a batch of 1.0-draft. Raises `ReconciliationInvalid`."""
    queries = sent.members(["queries"], ["queries"])["queries"]
    if isinstance(queries.value, list) and len(queries.value) > MOST_QUERIES:
        raise _too_many(queries, len(queries.value))
    return [_draft_query(node) for node in queries.items(MOST_QUERIES)]


def _too_many(node: Node, number: int) -> Exception:
    return node.wrong(
        sentence("batch-has", "The batch has {count:,} queries.", count=number),
        sentence(
            "batch-best", "Send {most} at most; {best} are best.", most=MOST_QUERIES, best=BATCH
        ),
    )


def _query(node: Node) -> Query:
    members = node.members(
        allowed=["query", "type", "limit", "properties", "type_strict"],
    )
    name = members["query"].text() if "query" in members else ""
    conditions = []
    if "properties" in members:
        for item in members["properties"].items(_MOST_CONDITIONS):
            found = item.members(["pid", "v"], ["pid", "v"])
            conditions.append(
                Condition(MATCHED[found["pid"].one_of(MATCHED)][0], _values(found["v"]))
            )
    if "query" not in members and not conditions:
        neither = sentence(
            "no-query-no-properties", "The query has neither 'query' nor 'properties'."
        )
        raise node.wrong(neither, GIVE_ONE)
    types = _types(members["type"]) if "type" in members else [ENTERPRISE]
    if "type_strict" in members and members["type_strict"].one_of(_STRICT) == "all":
        types = types if len(set(types)) == 1 else []
    return Query(name, types, _limit(members), conditions)


def _draft_query(node: Node) -> Query:
    members = node.members(["conditions"], ["type", "limit", "lang", "dir", "conditions"])
    for name in {"lang", "dir"} & members.keys():
        members[name].text()
    names: list[str] = []
    conditions = []
    for item in members["conditions"].items(_MOST_CONDITIONS):
        condition = _draft_condition(item)
        if isinstance(condition, Condition):
            conditions.append(condition)
        else:
            names += condition
    if not names and not conditions:
        raise members["conditions"].wrong(
            sentence("condition-absent", "There is no condition."),
            sentence("give-condition", "Give at least one."),
        )
    if len(names) > 1:
        raise members["conditions"].wrong(
            sentence("several-names", "There is more than one name."),
            sentence("give-one-name", "Give one name."),
        )
    types = [members["type"].one_of(TYPES)] if "type" in members else [ENTERPRISE]
    return Query("".join(names), types, _limit(members), conditions)


def _draft_condition(node: Node) -> Condition | list[str]:
    """Return a condition; of one that is about the name, its values."""
    optional = ["propertyId", "required", "matchQuantifier", "matchQualifier"]
    needed = ["matchType", "propertyValue"]
    members = node.members(needed, [*needed, *optional])
    values = _values(members["propertyValue"])
    if "matchQuantifier" in members:
        members["matchQuantifier"].one_of(["any"])
    if "matchQualifier" in members:
        raise members["matchQualifier"].wrong(
            sentence("no-qualifiers", "No property has match qualifiers here."),
            sentence("leave-out", "Leave it out."),
        )
    required = "required" in members and members["required"].truth()
    if members["matchType"].one_of(["name", "property"]) == "name":
        return values
    if "propertyId" not in members:
        raise node.wrong(
            sentence("no-property-id", "The condition has no 'propertyId'."),
            sentence("name-property", "Name the property."),
        )
    comparison = MATCHED[members["propertyId"].one_of(MATCHED)][0]
    return Condition(comparison, values, required)


def _limit(members: Mapping[str, Node]) -> int:
    return members["limit"].number(MOST_CANDIDATES) if "limit" in members else CANDIDATES


def _types(node: Node) -> list[str]:
    if isinstance(node.value, list):
        return [item.one_of(TYPES) for item in node.items(len(TYPES))] or [ENTERPRISE]
    return [node.one_of(TYPES)]


def _values(node: Node) -> list[str]:
    nodes = node.items(_MOST_VALUES) if isinstance(node.value, list) else [node]
    return list(_texts(nodes))


def _texts(nodes: Sequence[Node] | Iterator[Node]) -> Iterator[str]:
    """Yield values as texts: of something reconciled before, its identifier."""
    for node in nodes:
        if isinstance(node.value, bool):
            yield str(node.value).lower()
        elif isinstance(node.value, int | float):
            whole = node.value == int(node.value)
            yield type(node)(str(int(node.value) if whole else node.value), node.place).text()
        elif isinstance(node.value, dict):
            yield node.members(["id"])["id"].text()
        else:
            yield node.text()
