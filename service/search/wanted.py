"""What a request searches for: the parameters of its address, and back."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from vises.errors import BadRequest, sentence
from vises.service.numbers import whole_number
from vises.service.search.things import KINDS
from vises.service.search.words import MOST_CHARACTERS
from vises.service.sentences import give_one_of

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

    from vises.errors import Sentence

LIMITS = ("kind", "region", "family", "activity", "theme", "ceased", "fictitious")
"""The parameters that limit an answer, each with the code of what it is limited to."""
NAMES = ("q", *LIMITS, "page", "size")

PAGE_RESULTS = 20
MOST_ON_A_PAGE = 100
MOST_RESULTS = 1000
"""How far one may leaf through an answer; who wants more asks for less at once."""

TRUTHS = ("yes", "no")


class SearchParameter(BadRequest):
    """A parameter of a search has a value that it cannot have."""

    kind = "search-parameter"
    title = "A parameter of the search is not right"


@dataclass(frozen=True)
class Wanted:
    """A search: the text, the codes that limit it by parameter, which page, and how long.

    The text is one line, without characters that none shows. It ends in a space where its last word
    is whole.
    """

    text: str
    limits: tuple[tuple[str, str], ...]
    page: int = 1
    size: int = PAGE_RESULTS

    @classmethod
    def read(cls, parameters: QueryParams) -> Wanted:
        """Read the parameters of a request. Raises `SearchParameter`."""
        limits = [(name, parameters[name]) for name in LIMITS if parameters.get(name)]
        wanted = cls(
            text=_one_line(parameters.get("q", "")),
            limits=tuple(limits),
            size=_number(parameters, "size", PAGE_RESULTS, MOST_ON_A_PAGE),
        )
        checked = {"kind": tuple(KINDS), "ceased": TRUTHS, "fictitious": TRUTHS}
        for name, value in limits:
            if name in checked and value not in checked[name]:
                raise wrong(name, value, give_one_of(checked[name]))
        return replace(wanted, page=_number(parameters, "page", 1, wanted.most_pages))

    @property
    def offset(self) -> int:
        """How many results come before the page."""
        return (self.page - 1) * self.size

    @property
    def most_pages(self) -> int:
        """How many pages of this length one may leaf through."""
        return MOST_RESULTS // self.size

    def pages(self, total: int) -> int:
        """Return how many pages an answer has, at least 1."""
        return max(1, min(self.most_pages, -(-total // self.size)))

    def limit(self, name: str) -> str | None:
        """Return the code that a parameter limits the answer to."""
        return dict(self.limits).get(name)

    def on_page(self, page: int) -> Wanted:
        """Return the same search on another page."""
        return replace(self, page=page)

    def limited(self, name: str, value: str | None) -> Wanted:
        """Return the same search with another limit, None for without it; on its first page."""
        limits = {**dict(self.limits), name: value}
        kept = tuple((n, v) for n in LIMITS if (v := limits.get(n)) is not None)
        return replace(self, limits=kept, page=1)

    def address(self, path: str) -> str:
        """Return the address of this search at a path."""
        pairs = [("q", self.shown)] if self.text else []
        pairs += list(self.limits)
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        if self.size != PAGE_RESULTS:
            pairs.append(("size", str(self.size)))
        return f"{path}?{urlencode(pairs)}" if pairs else path

    @property
    def shown(self) -> str:
        """As much of the text as a page repeats, which is what is looked for."""
        return self.text[:MOST_CHARACTERS]


def wrong(name: str, value: str, remedy: Sentence) -> SearchParameter:
    """Return the error for a value that a parameter cannot have."""
    return SearchParameter(
        sentence("no-value-of", "{value} is no {name}.", value=repr(value[:40]), name=name),
        place=f"parameter {name}",
        remedy=remedy,
    )


def _one_line(text: str) -> str:
    kinds = ((c, unicodedata.category(c)) for c in text)
    plain = "".join(" " if kind in {"Cc", "Cs", "Co"} else c for c, kind in kinds if kind != "Cf")
    line = " ".join(plain.split())
    return f"{line} " if line and plain[-1].isspace() else line


def _number(parameters: QueryParams, name: str, usual: int, most: int) -> int:
    value = parameters.get(name) or str(usual)
    number = whole_number(value)
    if not number or number > most:
        remedy = sentence("give-number", "Give a whole number from 1 to {most}.", most=most)
        raise wrong(name, value, remedy)
    return number
