"""What a YAML description says of a harvest: whom to ask, for which things, and what of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, QuerySolutions, QueryTriples, Store

from vises.ingest.cataloguing import read_dataset
from vises.ingest.yamlfile import Value, read_yaml
from vises.store.keywords import uses_keyword

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vises.ingest.provenance import DatasetDescription

KEYS = (
    *("endpoint", "title", "description", "licence", "publisher", "key", "things", "construct"),
    *("page", "pause", "paging"),
)
OFFSET, KEY = "offset", "key"
"""The ways of paging: by the number of things before a page, or by the last one of them."""
PAGE, MOST_PAGE = 100, 1000
PAUSE = 1.0
_ANY = "http://vises.invalid/"
_PROLOGUE = re.compile(
    r"(?:\s+|#[^\n]*\n|PREFIX\s+[^\s:]*:\s*<[^>]*>|BASE\s+<[^>]*>)*", re.IGNORECASE
)


@dataclass(frozen=True)
class Harvest:
    """A harvest.

    `things` is a SELECT query whose one variable is `key`; it lists the things, and the service
    orders and pages it. `construct` is a CONSTRUCT query that is asked for `page` of them at a
    time, with a VALUES block for `key` behind it. `pause` are the seconds between two requests,
    `paging` is `OFFSET` or `KEY`.
    """

    endpoint: str
    description: DatasetDescription
    key: str
    things: str
    construct: str
    page: int
    pause: float
    paging: str = OFFSET


def read_harvest(path: Path) -> Harvest:
    """Read a description. Raises `InputMissing`, and `BadDescription` with line and column."""
    root = read_yaml(path)
    given = root.fields(KEYS, ("endpoint", "title", "key", "things", "construct"))
    key = given["key"].text(
        r"[A-Za-z_][A-Za-z0-9_]*", "Write a variable without its question mark."
    )
    page = (
        given["page"].text(r"[0-9]{1,4}", "Write a whole number.") if "page" in given else str(PAGE)
    )
    if not 1 <= int(page) <= MOST_PAGE:
        given["page"].fail(f"A page has {page} things.", f"Give 1 to {MOST_PAGE}.")
    seconds = r"[0-9]{1,3}(\.[0-9]+)?"
    pause = (
        given["pause"].text(seconds, "Write a number of seconds.")
        if "pause" in given
        else str(PAUSE)
    )
    harvest = Harvest(
        endpoint=given["endpoint"].text(r"https?://\S+", "Write the address of an endpoint."),
        description=read_dataset(given),
        key=key,
        things=given["things"].text(),
        construct=given["construct"].text(),
        page=int(page),
        pause=float(pause),
        paging=given["paging"].one_of((OFFSET, KEY)) if "paging" in given else OFFSET,
    )
    _judge(harvest, given)
    return harvest


def things_query(harvest: Harvest, offset: int, limit: int) -> str:
    """Return the query for things in a total order, from the one after the first `offset`."""
    return f"{harvest.things}\nORDER BY ?{harvest.key}\nLIMIT {limit} OFFSET {offset}"


def seek_query(harvest: Harvest, last: str, limit: int) -> str:
    """Return the query for things in the order of their characters, from `last` (an IRI) on.

    IRIs have no order of their own that a filter could ask for, their texts do (SPARQL 1.1, 15.1
    and 17.3).
    """
    text = f"STR(?{harvest.key})"
    wanted = f"FILTER({text} >= {Literal(last)})" if last else ""
    return f"{_around(harvest, f'?{harvest.key}')}\n{wanted} }}\nORDER BY {text}\nLIMIT {limit}"


def count_query(harvest: Harvest) -> str:
    """Return the query for how many things there are."""
    return f"{_around(harvest, '(COUNT(*) AS ?count)')} }}"


def _around(harvest: Harvest, selected: str) -> str:
    """Return a query whose pattern begins with the one for the things, and is still open."""
    found = _PROLOGUE.match(harvest.things)
    end = found.end() if found else 0
    return f"{harvest.things[:end]}\nSELECT {selected} WHERE {{ {{ {harvest.things[end:]}\n}}"


def construct_query(harvest: Harvest, things: list[str]) -> str:
    """Return the query for what is said of things, which are terms as N-Triples writes them."""
    return f"{harvest.construct}\nVALUES ?{harvest.key} {{ {' '.join(things)} }}"


def _judge(harvest: Harvest, given: Mapping[str, Value]) -> None:
    """Refuse queries that cannot be paged: they are tried on an empty store of our own."""
    for name in ("things", "construct"):
        if uses_keyword(given[name].text(), "SERVICE"):
            given[name].fail(
                "SERVICE would call a third party.", "Harvest each endpoint by itself."
            )
    asked = [things_query(harvest, 0, 1)]
    if harvest.paging == KEY:
        asked += [seek_query(harvest, _ANY, 1), count_query(harvest)]
    listed, *_ = [_tried(given["things"], each, "without ORDER BY and LIMIT") for each in asked]
    if not isinstance(listed, QuerySolutions) or [v.value for v in listed.variables] != [
        harvest.key
    ]:
        given["things"].fail(
            f"It is no SELECT query with the one variable ?{harvest.key}.",
            f"Write SELECT DISTINCT ?{harvest.key} WHERE {{ ... }}.",
        )
    if not re.search(r"\bDISTINCT\b", harvest.things, re.IGNORECASE):
        given["things"].fail("It may list a thing twice.", f"Write SELECT DISTINCT ?{harvest.key}.")
    told = _tried(given["construct"], construct_query(harvest, [f"<{_ANY}>"]), "without VALUES")
    if not isinstance(told, QueryTriples):
        given["construct"].fail("It makes no triples.", "Write CONSTRUCT { ... } WHERE { ... }.")
    if not re.search(rf"[?$]{harvest.key}\b", harvest.construct):
        given["construct"].fail(
            f"It does not have the variable ?{harvest.key}.",
            f"Say of ?{harvest.key} what is wanted: one of the things is put in its place.",
        )


def _tried(value: Value, query: str, without: str) -> object:
    try:
        return Store().query(query)
    except (SyntaxError, ValueError) as error:
        value.fail(
            f"With what is put behind it, the query does not parse: {str(error)[:200]}.",
            f"Write it {without} at its end.",
        )
