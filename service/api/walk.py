"""Walking through a long list from a thing on (`after=`), at the same cost wherever that is.

Pages by number skip what comes before them, which takes longer the further they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.service.api.cells import Listed
from vises.service.api.errors import wrong
from vises.service.api.kinds import AFTER, SORT
from vises.service.search.schema import order_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.api.kinds import Kind
    from vises.service.api.paging import Page
    from vises.service.api.parameters import Value

_POSITIONS = ("page", "offset")


@dataclass(frozen=True)
class Walk:
    """The things that follow `after` (an IRI; "": from the beginning), `size` at most.

    `within` has the codes of the filters by name.
    """

    after: str
    size: int
    within: Mapping[str, Sequence[str]]

    @property
    def asked(self) -> tuple[str, int, Mapping[str, Sequence[str]]]:
        """What `Finder.walk` takes besides the release: one thing more than the page has."""
        return self.after, self.size + 1, self.within

    def query(self, iris: Sequence[str]) -> str:
        """Return the query that selects these things."""
        values = " ".join(str(NamedNode(iri)) for iri in iris)
        return f"\nSELECT ?item WHERE {{ VALUES ?item {{ {values} }} }}\n"

    def ordered(self, listed: Listed) -> Listed:
        """Return the things in the order of the walk."""
        places = {f"<{iri}>": order_of(iri) for iri in (i.value for i in listed.items)}
        return Listed(dict(sorted(listed.things.items(), key=lambda pair: places[pair[0]])))

    def neighbours(self, items: Sequence[NamedNode], *, more: bool) -> dict[str, dict[str, str]]:
        """Return the parameters of the first and the next page."""
        size = {"size": str(self.size)}
        links = {"first": {AFTER: "", **size}}
        if more:
            links["next"] = {AFTER: items[-1].value, **size}
        return links


def read_walk(
    given: Mapping[str, Sequence[str]],
    kind: Kind,
    values: Mapping[str, Sequence[Value]],
    page: Page,
) -> Walk | None:
    """Return the walk that a request asks for, None where it asks for none.

    Raises `ParameterInvalid`.
    """
    if AFTER not in given:
        return None
    text = given[AFTER][-1]
    named = [name for name in (SORT, *_POSITIONS) if name in given]
    if named or len(given[AFTER]) > 1:
        raise wrong(AFTER, "A page is named in two ways.", "Give after and size alone.")
    others = sorted(values.keys() - set(kind.walked_with or ()))
    if others:
        raise wrong(
            AFTER,
            f"The list is not walked through with {', '.join(others)}.",
            f"Give no filter but {', '.join(kind.walked_with or ())}, or page in place of after.",
        )
    try:
        after = NamedNode(text).value if text else ""
    except ValueError:
        raise wrong(AFTER, "It is no IRI.", "Give the id of the last item, or nothing.") from None
    within = {name: [str(getattr(v, "value", v)) for v in vs] for name, vs in values.items()}
    return Walk(after, page.size, within)
