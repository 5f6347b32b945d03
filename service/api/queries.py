"""The queries behind the lists: one file for each kind of thing, with a block for each filter."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from vises.service.api.parameters import bound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.api.parameters import Value

_PAGE = re.compile(r"\{ SELECT \?item .*\}$", re.MULTILINE)
_FILTER = re.compile(r"^  # filter (\w+)\n((?:(?!  # |\}).*\n)*)", re.MULTILINE)


@cache
def api_query(name: str) -> str:
    """Return the text of queries/api/NAME.rq."""
    return (files("vises") / "queries" / "api" / f"{name}.rq").read_text("utf-8")


def filters_in(query: str) -> list[str]:
    """Return the names of the filters of a query: its blocks that begin with ``# filter NAME``."""
    return [match[1] for match in _FILTER.finditer(query)]


def filtered(query: str, values: Mapping[str, Sequence[Value]]) -> str:
    """Return a query with those of its filters that have values, and these bound in them."""
    kept = _FILTER.sub(lambda match: match[2] if match[1] in values else "", query)
    return bound(kept, values)


def told(page: str, properties: Sequence[Value]) -> str:
    """Return the query for what is said of the things that a query of ours selects as ?item.

    `properties` are those to tell (none: all). The things are in the order of `page`: the engine
    goes through them one by one, as there are fewer of them than statements.
    """
    prologue, select = page.split("\nSELECT ", 1)
    values = {"property": properties} if properties else {}
    query = filtered(api_query("listed"), values)
    return f"{prologue}\n{_PAGE.sub(lambda _: f'{{ SELECT {select}}}', query, count=1)}"
