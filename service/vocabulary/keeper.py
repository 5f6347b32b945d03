"""The ontology, the shapes and the alignments of a release, read once for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Quad

from vises.namespaces import Iris
from vises.service.cache import PerRelease
from vises.service.language import language
from vises.service.pages import resource
from vises.service.pages.labels import Labels
from vises.service.pages.mentions import Speaker
from vises.service.texts import texts
from vises.service.vocabulary.about import About
from vises.service.vocabulary.terms import Term, terms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.graph import Graph, Row
    from vises.service.iris import Addresses
    from vises.service.pages.visit import Visit


@dataclass(frozen=True)
class Vocabulary:
    """What the three documents say, the terms of the ontology by name, and what all is called."""

    ontology: About
    shapes: About
    alignments: About
    terms: Mapping[str, Term]
    names: Sequence[Row]

    def speaker(self, visit: Visit, addresses: Addresses) -> Speaker:
        """Return who knows the names of everything in the documents."""
        words = texts(language(visit.request))
        labels = Labels.read(words.language, self.names)
        return Speaker(words, labels, visit.facts.outline, addresses)


class VocabularyKeeper:
    """Answers for the vocabulary of a release."""

    def __init__(self, base: str) -> None:
        """Hold nothing yet; `base` is that of the IRIs of the data."""
        self._iris = Iris(base)
        self._kept: PerRelease[Vocabulary] = PerRelease()

    async def vocabulary(self, graph: Graph) -> Vocabulary:
        """Return the vocabulary of a release. Raises what `Graph.select` does."""

        async def compute() -> Vocabulary:
            ontology, shapes, alignments = [
                await self._about(graph, name) for name in ("ontology", "shapes", "alignments")
            ]
            named = resource.named_in((*ontology.quads, *shapes.quads, *alignments.quads))
            ordered = sorted(named, key=lambda iri: iri.value)
            names = await graph.select("labels", resources=ordered)
            by_name = {t.name: t for t in terms(ontology)}
            return Vocabulary(ontology, shapes, alignments, by_name, names)

        return await self._kept.get(graph.key, compute)

    async def _about(self, graph: Graph, dataset: str) -> About:
        name = self._iris.graph(dataset)
        rows = await graph.select("triples", graphs=(name.value,))
        return About(
            Quad(row["subject"], row["property"], row["value"], name)  # type: ignore[arg-type]
            for row in rows
        )
