"""Pages of an answer: `page` and `size`, or `limit` and `offset`, and the links between them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from vises.errors import sentence
from vises.service.api.errors import ParameterInvalid, give, not_whole, quoted, wrong
from vises.service.sentences import given_twice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PAGING = ("page", "size", "limit", "offset")
SIZE = 100
"""How many rows a page has where the request does not say."""

MOST_SIZE = 10_000
PAGE_TWICE = sentence("page-twice", "A page is named in two ways.")
_MOST_OFFSET = 1_000_000_000
_WHOLE = re.compile(r"[0-9]{1,10}")
_PROJECTION = re.compile(r"SELECT (?:DISTINCT )?(.*?)\nWHERE \{", re.DOTALL)
_NAME = re.compile(r"\?(\w+)")
_ALIAS = re.compile(r" AS \?(\w+)\)")


@dataclass(frozen=True)
class Page:
    """The rows from `offset` on, `size` at most; `by` says how the request names them."""

    offset: int
    size: int
    by: str = "page"

    def named(self, offset: int) -> dict[str, str]:
        """Return the parameters that name the page that begins at an offset."""
        if self.by == "offset":
            return {"limit": str(self.size), "offset": str(offset)}
        return {"page": str(offset // self.size + 1), "size": str(self.size)}

    def neighbours(self, found: int, *, more: bool) -> dict[str, dict[str, str]]:
        """Return the parameters of the first, the previous, the next and the last page.

        `found` is how many rows this page has. The last page is known where this one is it.
        """
        links = {"first": self.named(0)}
        if self.offset:
            links["prev"] = self.named(max(0, self.offset - self.size))
        if more:
            links["next"] = self.named(self.offset + self.size)
        elif found or not self.offset:
            links["last"] = self.named(self.offset)
        return links

    def total(self, found: int, *, more: bool) -> int | None:
        """Return how many rows there are in all, None where that would cost another query."""
        return None if more or (self.offset and not found) else self.offset + found


def read_page(given: Mapping[str, Sequence[str]], size: int | None = SIZE) -> Page | None:
    """Return the page that a request asks for; `size` is the usual one (None: everything).

    Raises `ParameterInvalid`.
    """
    named = {name: _whole(name, given[name]) for name in PAGING if name in given}
    if {"page", "size"} & set(named) and {"limit", "offset"} & set(named):
        raise wrong(
            "page",
            PAGE_TWICE,
            sentence("name-page-once", "Give page and size, or limit and offset."),
        )
    by_offset = "limit" in named or "offset" in named
    wanted = named.get("limit" if by_offset else "size", size if not named else size or SIZE)
    if wanted is None:
        return None
    name = "limit" if by_offset else "size"
    if not 1 <= wanted <= MOST_SIZE:
        rows = sentence("page-rows", "A page has 1 to {most} rows.", most=MOST_SIZE)
        raise wrong(name, rows, give(f"{name}={SIZE}"))
    if named.get("page", 1) < 1:
        raise wrong("page", sentence("pages-from-1", "Pages are counted from 1."), give("page=1"))
    offset = named.get("offset", 0) if by_offset else (named.get("page", 1) - 1) * wanted
    if offset > _MOST_OFFSET:
        name = "offset" if by_offset else "page"
        raise wrong(name, sentence("too-far", "No answer is that long."), give("page=1"))
    return Page(offset, wanted, "offset" if by_offset else "page")


def columns_of(query: str) -> list[str]:
    """Return the variables that a query of ours selects, in order."""
    match = _PROJECTION.search(query)
    assert match is not None
    return _NAME.findall(_without_expressions(match[1]))


def paged(query: str, page: Page, *, more: int = 0) -> str:
    """Return a query for one page, and `more` rows beyond it.

    Its order is made total: rows that it leaves equal are ordered by the texts of all columns, so
    that no row is on two pages and none on no page. (Texts, because the engine cannot sort every
    mixture of types.)
    """
    keys = " ".join(f"STR(?{name})" for name in columns_of(query))
    order, clause, last = query.rstrip().rpartition("\nORDER BY ")
    assert clause
    return f"{order}{clause}{last} {keys}\nLIMIT {page.size + more} OFFSET {page.offset}\n"


def link(address: str, parameters: Sequence[tuple[str, str]], page: Mapping[str, str]) -> str:
    """Return the address of another page: the other parameters of the request go along."""
    kept = [(name, value) for name, value in parameters if name not in PAGING]
    return f"{address}?{urlencode([*kept, *page.items()])}"


def _whole(name: str, texts: Sequence[str]) -> int:
    if len(texts) > 1:
        raise given_twice(ParameterInvalid, name)
    if not _WHOLE.fullmatch(texts[0]):
        raise wrong(name, not_whole(value=quoted(texts[0])), give(f"{name}=1"))
    return int(texts[0])


def _without_expressions(projection: str) -> str:
    """Return a projection with each ``(expression AS ?name)`` as its name."""
    names, depth, inside = "", 0, ""
    for character in projection:
        depth += (character == "(") - (character == ")")
        if depth or character == ")":
            inside += character
            if not depth:
                names += f"?{_ALIAS.findall(inside)[-1]} "
                inside = ""
        else:
            names += character
    return names
