"""What every description in the catalogue refers to: addresses, the publisher, texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from vises.languages import LANGUAGES
from vises.namespaces import VOCABULARY_BASE, Iris
from vises.service.catalogue.terms import authority, name
from vises.service.iris import Addresses, in_release, last_part
from vises.service.texts import texts
from vises.store.streams.terms import StreamIris

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from vises.service.catalogue.entries import Entry

PATH = "/catalog"
OURS = "organisation/vises-contributors"
PROVENANCE = "provenance"
"""The name of the graph that ingest writes and nobody describes."""

LICENCE = NamedNode("https://creativecommons.org/licenses/by/4.0/")
"""The licence of the catalogue itself, which is that of all descriptions of ours."""


@dataclass(frozen=True)
class Frame:
    """The service as the catalogue describes it.

    `origin` is where the public finds it; `base` what the IRIs of its data start with; `release`
    the id that the request named (None: none) and `release_id` that of the release which answers.
    `publisher_name`, `publisher_kind` and `contact_address` are settings; `spatial` are the regions
    and `period` the days that the datasets cover together (none: unknown), `entries` are
    those datasets. `closed` are the graphs that not everyone may read.
    `standards` are those that datasets were judged to meet, by their IRIs.
    """

    origin: str
    base: str
    release: str | None
    release_id: str
    publisher_name: str
    publisher_kind: str
    contact_address: str
    spatial: Sequence[NamedNode]
    period: tuple[str, str] | None
    entries: Sequence[Entry]
    standards: Mapping[str, Sequence[NamedNode]] = field(default_factory=dict)
    closed: Collection[str] = ()

    def stream(self, entry: Entry) -> str | None:
        """Return the address of a dataset's event stream, None where it is not open to everyone."""
        graph = entry.iri.value
        return (
            None
            if graph in self.closed
            else f"{self.origin}/ldes/{StreamIris(self.base, graph).name}"
        )

    @property
    def document(self) -> str:
        """The address of the catalogue without a form, of which its parts are fragments."""
        return self.origin + PATH

    @property
    def catalogue(self) -> NamedNode:
        """The IRI of the catalogue."""
        return self.part("catalogue")

    @property
    def publisher(self) -> NamedNode:
        """The IRI of whom the settings name."""
        return self.part("publisher")

    @property
    def publisher_type(self) -> NamedNode:
        """The kind of publisher that is, in the list of ADMS."""
        kind = quote(self.publisher_kind, safe="()")
        return NamedNode(f"http://purl.org/adms/publishertype/{kind}")

    @property
    def contact(self) -> NamedNode:
        """The IRI of whom to write to."""
        return self.part("contact")

    @property
    def licences(self) -> NamedNode:
        """What stands for the licences of the datasets where they differ."""
        return self.part("licences")

    @property
    def theme(self) -> NamedNode:
        """What the whole service is about: population and society."""
        return authority("data-theme/SOCI")

    @property
    def ours(self) -> frozenset[str]:
        """The IRIs in the data that stand for the publisher itself."""
        return frozenset({self.base + OURS, VOCABULARY_BASE + OURS})

    def part(self, fragment: str) -> NamedNode:
        """Return the IRI of a part of the catalogue's document."""
        return NamedNode(f"{self.document}#{fragment}")

    def page(self, iri: NamedNode) -> str:
        """Return the absolute address of the page about a thing."""
        return self.address(Addresses(self.base, self.release).href(iri.value) or PATH)

    def address(self, path: str) -> str:
        """Return an absolute address; one of elsewhere stays as it is."""
        return self.origin + path if path.startswith("/") else path

    def here(self, path: str) -> str:
        """Return the absolute address of a path in the release that the request named."""
        return self.origin + in_release(path, self.release)

    def local(self, iri: NamedNode) -> str:
        """Return the name of a dataset under the base; the whole IRI where it is not there."""
        return iri.value.removeprefix(Iris(self.base).graph("").value)

    def key(self, iri: NamedNode) -> str:
        """Return what names a dataset within a fragment."""
        return quote(self.local(iri), safe="")

    @staticmethod
    def texts(key: str, **values: object) -> list[Literal]:
        """Return a text in each language."""
        return [Literal(texts(tag)(key, **values), language=tag) for tag in LANGUAGES]

    def named(self, iri: NamedNode, title: str, about: str) -> Iterator[Triple]:
        """Yield the title and the description of a thing, by the keys of texts."""
        for prop, key in (("dcterms:title", title), ("dcterms:description", about)):
            for text in self.texts(key):
                yield Triple(iri, name(prop), text)

    def titles(self, entry: Entry) -> list[Literal]:
        """Return what a dataset is called; the name of its graph where nobody said it."""
        return (
            entry.titles
            or self._own(entry, "catalogue.provenance")
            or [Literal(last_part(entry.iri.value))]
        )

    def descriptions(self, entry: Entry) -> list[Literal]:
        """Return what a dataset holds; that nobody described it where that is so."""
        said = entry.texts("dcterms:description") or self._own(entry, "catalogue.provenance-about")
        return said or self.texts("catalogue.undescribed")

    def licence_of(self, entry: Entry) -> NamedNode | None:
        """Return the licence of a dataset; the service's own record of provenance has ours."""
        return LICENCE if self.local(entry.iri) == PROVENANCE else entry.licence

    @property
    def licence(self) -> NamedNode | None:
        """The licence that every dataset has, None where they differ or one has none."""
        found = {self.licence_of(entry) for entry in self.entries}
        return found.pop() if len(found) == 1 else None

    def _own(self, entry: Entry, key: str) -> list[Literal]:
        """Return a text about the graph that the service itself writes, none of another one."""
        if self.local(entry.iri) != PROVENANCE:
            return []
        return self.texts(key)
