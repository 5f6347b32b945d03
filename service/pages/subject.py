"""A resource whose page is asked for, and how one lays it out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode, Quad

from vises.service.credits import Credits
from vises.service.language import language
from vises.service.pages import resource
from vises.service.pages.description import Description
from vises.service.pages.labels import TYPE
from vises.service.texts import texts

if TYPE_CHECKING:
    from vises.service.iris import Addresses
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.visit import Visit
    from vises.store.engine import Described


class Laid(NamedTuple):
    """A template and what it lays out."""

    template: str
    context: dict[str, object]


@dataclass(frozen=True)
class Subject:
    """A resource, the quads about it (`Graph.describe`), and the visit that asks for its page.

    `described` says how much the quads leave out.
    """

    visit: Visit
    addresses: Addresses
    iri: NamedNode
    quads: Sequence[Quad]
    described: Described

    @property
    def types(self) -> frozenset[str]:
        """The classes of the resource."""
        own = (q for q in self.quads if q.subject == self.iri and q.predicate == TYPE)
        return frozenset(q.object.value for q in own if isinstance(q.object, NamedNode))

    def portrait(self, most: int, without: Container[NamedNode] = ()) -> Description:
        """Return what is said of the resource itself: see `Description.portrait`."""
        about = Description.of(self.iri, self.quads, 0, self.described.left_out)
        return Description.portrait(about, most, without)

    async def speaker(self, mentioned: Iterable[NamedNode]) -> Speaker:
        """Return a speaker who knows the names of everything that is mentioned or credited."""
        return await resource.speaker(
            self.visit.graph,
            {*mentioned, *Credits.of(self).mentioned()},
            words=texts(language(self.visit.request)),
            outline=self.visit.facts.outline,
            addresses=self.addresses,
        )


Layout = Callable[[Subject], Awaitable[Laid]]
Layouts = Mapping[str, Layout]
"""How things are laid out, by the IRI of their class."""
