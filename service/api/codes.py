"""The code lists of a release, so that a client may write a code where an IRI is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import VOCABULARY_BASE
from vises.service.api.queries import api_query
from vises.service.cache import PerRelease

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vises.service.graph import Graph, Row

_LISTS = VOCABULARY_BASE + "code/"


class Codes:
    """The concepts of each code list by what they can be called: the notation, the end of the IRI.

    The measures of figures are under the IRI of the ontology.
    """

    def __init__(self, base: str, rows: Iterable[Row]) -> None:
        """Read the solutions of queries/api/codes.rq; `base` is that of the data."""
        self.base = base
        self._concepts: dict[str, dict[str, NamedNode]] = {}
        self._iris: dict[str, set[str]] = {}
        for row in rows:
            scheme, concept = row["scheme"], row["concept"]
            if isinstance(scheme, NamedNode) and isinstance(concept, NamedNode):
                self._add(scheme.value, concept, row.get("notation"))

    def _add(self, scheme: str, concept: NamedNode, notation: object) -> None:
        self._iris.setdefault(scheme, set()).add(concept.value)
        names = self._concepts.setdefault(scheme, {})
        names.setdefault(concept.value.removeprefix(scheme)[1:], concept)
        if isinstance(notation, Literal):
            names.setdefault(notation.value, concept)

    @property
    def lists(self) -> Mapping[str, str]:
        """The IRIs of our code lists by their short names, such as `nuts`."""
        ours = sorted(scheme for scheme in self._iris if scheme.startswith(_LISTS))
        return {scheme.removeprefix(_LISTS): scheme for scheme in ours}

    @property
    def prefixes(self) -> Mapping[str, str]:
        """The namespaces of our code lists by their short names."""
        return {name: f"{scheme}/" for name, scheme in self.lists.items()}

    def has_list(self, scheme: str) -> bool:
        """Tell whether the release has a code list."""
        return scheme in self._iris

    def has(self, scheme: str, iri: str) -> bool:
        """Tell whether a concept is in a code list."""
        return iri in self._iris.get(scheme, ())

    def find(self, scheme: str, code: str) -> NamedNode | None:
        """Return the concept of a code in a list, in whatever capitals; None for none."""
        names = self._concepts.get(scheme, {})
        return names.get(code) or next(
            (names[name] for name in names if name.casefold() == code.casefold()), None
        )

    def concepts(self, scheme: str) -> list[NamedNode]:
        """Return the concepts of a list, none of a list that there is not."""
        return [NamedNode(iri) for iri in sorted(self._iris.get(scheme, ()))]

    def notations(self, scheme: str) -> list[str]:
        """Return what the concepts of a list are called."""
        return sorted(self._concepts.get(scheme, ()))


class CodesKeeper:
    """Answers for the code lists of a release."""

    def __init__(self, base: str) -> None:
        """Hold nothing yet; `base` is that of the data."""
        self._base = base
        self._codes: PerRelease[Codes] = PerRelease()

    async def codes(self, graph: Graph) -> Codes:
        """Return the code lists of a release, as far as a request may read it."""

        async def compute() -> Codes:
            return Codes(self._base, await graph.rows(api_query("codes")))

        return await self._codes.get(graph.key, compute)
