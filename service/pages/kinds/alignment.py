"""The page of an alignment: which term corresponds to which, by what relation and how surely."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.ingest.alignments import SSSOM
from vises.namespaces import compact, term
from vises.service.citation import citation
from vises.service.pages import resource
from vises.service.pages.compose import compose
from vises.service.pages.labels import Name
from vises.service.pages.model import Mention, Value
from vises.service.pages.sources import Sources
from vises.service.pages.subject import Laid
from vises.service.vocabulary.about import About
from vises.service.vocabulary.page import RELATIONS

if TYPE_CHECKING:
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.subject import Subject

MAPPING_SET, MAPPINGS = NamedNode(f"{SSSOM}MappingSet"), NamedNode(f"{SSSOM}mappings")
_JUSTIFICATION = NamedNode(f"{SSSOM}mapping_justification")
_CONFIDENCE = NamedNode(f"{SSSOM}confidence")


@dataclass(frozen=True)
class Mapping:
    """A mapping: a term, in what relation it stands to another one, how surely, and why.

    Of the term it is told which sources speak of the mapping.
    """

    source: Value
    relation: Mention | None
    target: Mention | None
    confidence: Mention | None
    justification: Mention | None
    remark: Name | None


async def lay_out_alignment(subject: Subject) -> Laid:
    """Return the page of an alignment. Raises what `Graph.select` does."""
    graph, left_out = subject.visit.graph, subject.described.left_out
    found = await resource.description(graph, subject.iri, subject.quads, left_out)
    speaker = await subject.speaker(found.mentioned())
    sources = Sources()
    about = About(found.parts)
    teller = _Teller(about, speaker, sources)
    mappings = sorted(
        (teller.mapping(iri) for iri in About(found.own).iris(subject.iri, MAPPINGS)),
        key=lambda m: [_short(end) for end in (m.source.mention, m.target) if end],
    )
    rest = replace(found, own=[q for q in found.own if q.predicate != MAPPINGS], parts=())
    context = {
        "page": compose(rest, speaker, sources=sources),
        "mappings": mappings,
        "mappings_left_out": left_out.get(MAPPINGS.value, 0),
        "justifications": list(dict.fromkeys(m.justification for m in mappings)),
        "cited": citation(subject, speaker),
    }
    return Laid("alignment.html", context)


def _short(mention: Mention) -> str:
    return (mention.code or mention.name.text).casefold()


@dataclass(frozen=True)
class _Teller:
    about: About
    speaker: Speaker
    sources: Sources

    def mapping(self, iri: NamedNode) -> Mapping:
        numbers = {self.sources.number(quad.graph_name) for quad in self.about.own(iri)}
        source = self._thing(iri, term("owl:annotatedSource")) or self.speaker.thing(iri.value)
        return Mapping(
            source=Value(source, tuple(sorted(numbers))),
            relation=self._relation(iri),
            target=self._thing(iri, term("owl:annotatedTarget")),
            confidence=self._value(iri, _CONFIDENCE),
            justification=self._value(iri, _JUSTIFICATION),
            remark=self.about.text(iri, term("rdfs:comment"), self.speaker.words.language),
        )

    def _thing(self, mapping: NamedNode, prop: NamedNode) -> Mention | None:
        """Return a term by its name, with its prefixed name, if it has one, as the code."""
        named = next(iter(self.about.iris(mapping, prop)), None)
        if named is None:
            return None
        mention, short = self.speaker.thing(named.value), compact(named.value)
        told = short in {mention.name.text, named.value}
        return mention if told else replace(mention, code=short)

    def _relation(self, mapping: NamedNode) -> Mention | None:
        """Return the relation in words, with its prefixed name; one that has none by its name."""
        named = next(iter(self.about.iris(mapping, term("owl:annotatedProperty"))), None)
        if named is None:
            return None
        short, words = compact(named.value), self.speaker.words
        if short not in RELATIONS:
            return self.speaker.thing(named.value)
        return Mention(Name(words(RELATIONS[short]), words.language), code=short)

    def _value(self, mapping: NamedNode, prop: NamedNode) -> Mention | None:
        value = self.about.value(mapping, prop)
        return None if value is None else self.speaker.value(value)
