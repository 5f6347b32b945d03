"""How many answers there are, by the values of the fields of an index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vises.service.search.schema import COUNTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tantivy import Query, Searcher

MOST_VALUES = 1000
"""Of how many values of a field the numbers are told."""

Numbers = Mapping[str, Mapping[str, int]]
"""Numbers of answers by the values of fields, or by those of two fields."""

NO_VALUE = ""
"""What stands for the value of a field in the numbers of what has none."""


def counts(searcher: Searcher, query: Query) -> Numbers:
    """Return the numbers of answers by the values of each field of `COUNTED`."""
    found = searcher.aggregate(query, {name: _terms(name) for name in COUNTED})
    return {name: _numbers(found[name]) for name in COUNTED}


def pairs(searcher: Searcher, query: Query, by: Sequence[str]) -> Numbers:
    """Return the numbers of answers by the values of two fields of `COUNTED`."""
    first, second = by
    inner = {"terms": {**_terms(second)["terms"], "missing": NO_VALUE}}
    wanted = {first: {**_terms(first), "aggs": {second: inner}}}
    found = searcher.aggregate(query, wanted)[first]
    return {bucket["key"]: _numbers(bucket[second]) for bucket in found["buckets"]}


def _terms(name: str) -> dict[str, Any]:
    return {"terms": {"field": name, "size": MOST_VALUES}}


def _numbers(found: Mapping[str, Any]) -> dict[str, int]:
    return {bucket["key"]: bucket["doc_count"] for bucket in found["buckets"]}
