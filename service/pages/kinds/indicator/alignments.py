"""What an indicator corresponds to in other frameworks, by which relation and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.iris import last_part
from vises.service.pages.labels import LABEL_PROPERTIES, Name, best_label
from vises.service.pages.model import Mention
from vises.service.pages.values import exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyoxigraph import Quad

    from vises.service.graph import Row, Term
    from vises.service.pages.telling import Telling

RELATIONS = {
    term(f"skos:{name}"): key
    for name, key in (
        ("exactMatch", "indicator.same"),
        ("closeMatch", "indicator.close"),
        ("broadMatch", "indicator.broader"),
        ("narrowMatch", "indicator.narrower"),
        ("relatedMatch", "indicator.related"),
    )
}
"""The mapping relations of SKOS, with the words for them; the other term is the broader one of
`skos:broadMatch` (SKOS Reference, section 10.1)."""

_FRAMEWORKS = {
    "https://iris.thegiin.org/": "IRIS+",
    "http://metadata.un.org/sdg/": "SDG",
    "https://metadata.un.org/sdg/": "SDG",
    "https://ontology.commonapproach.org/": "CIDS",
    "https://codelist.commonapproach.org/": "CIDS",
    "http://purl.org/linked-data/cube#": "RDF Data Cube",
}
_CONFIDENCE = NamedNode("https://w3id.org/sssom/confidence")
_NOTE = term("rdfs:comment")


@dataclass(frozen=True)
class Alignment:
    """A correspondence: the framework, its term, the relation in words, confidence and note.

    `of_class` says that what corresponds is the class of the indicator, not the indicator.
    """

    framework: str
    target: Mention
    relation: str
    confidence: str
    note: Name | None
    of_class: bool = False


def alignments_of(
    quads: Iterable[Quad], rows: Sequence[Row], telling: Telling, *, of_class: bool = False
) -> tuple[Alignment, ...]:
    """Return the correspondences among quads, and those that indicator-alignments.rq tells of."""
    said: dict[tuple[Term, Term], list[tuple[Term, Term]]] = {}
    for row in rows:
        key = (row["relation"], row["target"])
        said.setdefault(key, []).append((row["annotation"], row["value"]))
    pairs = {(q.predicate, q.object) for q in quads} | said.keys()
    found = [
        _alignment(relation, target, said.get((relation, target), ()), telling, of_class=of_class)
        for relation, target in pairs
        if isinstance(relation, NamedNode)
        and relation in RELATIONS
        and isinstance(target, NamedNode)
    ]
    return tuple(sorted(found, key=lambda a: (a.framework, a.target.name.text, a.relation)))


def targets(rows: Sequence[Row]) -> set[NamedNode]:
    """Return the other ends of the correspondences that indicator-alignments.rq tells of."""
    return {row["target"] for row in rows if isinstance(row["target"], NamedNode)}


def _alignment(
    relation: NamedNode,
    target: NamedNode,
    said: Sequence[tuple[Term, Term]],
    telling: Telling,
    *,
    of_class: bool,
) -> Alignment:
    speaker = telling.speaker
    framework = next((f for start, f in _FRAMEWORKS.items() if target.value.startswith(start)), "")
    return Alignment(
        framework=speaker.words("indicator.sdgs") if framework == "SDG" else framework,
        target=_named(
            speaker.thing(target.value), framework, target, speaker.words("indicator.sdg")
        ),
        relation=speaker.words(RELATIONS[relation]),
        confidence=next((_percent(v, telling) for name, v in said if name == _CONFIDENCE), ""),
        note=_note(said, speaker.words.language),
        of_class=of_class,
    )


def _named(mention: Mention, framework: str, target: NamedNode, goal: str) -> Mention:
    """Return a mention by the code under which the framework knows the term."""
    code = last_part(target.value)
    names = {"IRIS+": code.upper(), "SDG": f"{goal} {code}", "CIDS": f"cids:{code}"}
    if framework not in names:
        return mention
    return Mention(Name(names[framework]), mention.href, mention.external)


def _note(said: Sequence[tuple[Term, Term]], language: str) -> Name | None:
    notes = [v for name, v in said if name == _NOTE and isinstance(v, Literal)]
    return best_label(((LABEL_PROPERTIES[0], v) for v in notes), language)


def _percent(value: Term, telling: Telling) -> str:
    """Return a confidence from 0 to 1 in per cent, nothing for what is no such number."""
    share = exact(value)
    return "" if share is None else telling.speaker.words("indicator.percent", n=round(share * 100))
