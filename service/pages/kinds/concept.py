"""The page of a code: its place in its list, what it stands for elsewhere, and who uses it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode

from vises.namespaces import PREFIXES, term
from vises.service.citation import citation
from vises.service.codes.scheme import VALID_FROM, VALID_THROUGH, Scheme
from vises.service.codes.tree import tree
from vises.service.pages.compose import compose
from vises.service.pages.description import Description
from vises.service.pages.labels import LABEL_PROPERTIES, best_label
from vises.service.pages.subject import Laid
from vises.service.pages.values import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.graph import Row
    from vises.service.pages.labels import Name
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.pages.subject import Subject

FACETS = {"nuts": "region", "family": "family", "nace-rev2.1": "activity", "theme": "theme"}
"""The parameters of the search that take codes, by the name of their list."""

MOST_COUNTED = 10_000
"""Up to how many uses are counted: the limit of queries/pages/concept-uses.rq, less one."""

PREFERRED = term("skos:prefLabel")
_NAMES = (PREFERRED, term("skos:altLabel"))
_RELATIONS = tuple(
    term(f"skos:{name}")
    for name in (
        "exactMatch",
        "closeMatch",
        "broadMatch",
        "narrowMatch",
        "relatedMatch",
        "related",
    )
)
_IN_THE_HEAD = {
    *_RELATIONS,
    *_NAMES,
    term("skos:broader"),
    term("skos:narrower"),
    term("skos:inScheme"),
    term("skos:topConceptOf"),
    term("skos:notation"),
    term("rdf:type"),
    VALID_FROM,
    VALID_THROUGH,
}


@dataclass(frozen=True)
class Mapping:
    """A code elsewhere, and the relation that is said; `back` where it is said of the other one."""

    relation: str
    other: Mention
    back: bool


@dataclass(frozen=True)
class Use:
    """How many things of a class refer to the code by a property, and the query that finds them."""

    kind: Mention | None
    property: Mention
    things: int
    query: str


@dataclass(frozen=True)
class Validity:
    """From when until when a code is valid, and whether that is over."""

    begin: str | None
    end: str | None
    over: bool


async def lay_out_concept(subject: Subject) -> Laid:
    """Return the page of a code. Raises what `Graph.select` does."""
    graph, iri = subject.visit.graph, subject.iri
    place = Scheme.read(await graph.select("concept-place", resources=[iri]))
    below = Scheme.read(await graph.select("concept-narrower", resources=[iri]))
    deeper = await graph.select("concept-narrower", resources=map(NamedNode, below.concepts))
    under = Scheme({**Scheme.read(deeper).concepts, **below.concepts})
    nodes, left_out = tree(under, under.children.get(iri.value, ()))
    mappings = await graph.select("concept-mappings", resources=[iri])
    uses = await graph.select("concept-uses", resources=[iri])
    own = [q for q in subject.quads if q.subject == iri]
    parts = [q for q in subject.quads if iri not in {q.subject, q.object}]
    described = Description(iri, own, parts, ())
    mentioned = described.mentioned() | {NamedNode(i) for i in place.concepts}
    mentioned |= {NamedNode(n.concept.iri) for root in nodes for n in root.all()}
    mentioned |= {t for row in (*mappings, *uses) for t in row.values() if isinstance(t, NamedNode)}
    mentioned |= {NamedNode(s) for c in place.concepts.values() for s in c.schemes}
    speaker = await subject.speaker(mentioned)
    rest = Description(iri, [q for q in own if q.predicate not in _IN_THE_HEAD], parts, ())
    said = [(q.predicate, q.object) for q in own if isinstance(q.object, Literal)]
    concept = place.concepts.get(iri.value)
    return Laid(
        "concept.html",
        {
            "page": compose(described, speaker),
            "cited": citation(subject, speaker),
            "groups": compose(rest, speaker).groups,
            "speaker": speaker,
            "notations": sorted(o.value for p, o in said if p == term("skos:notation")),
            "names": _names(said),
            "validity": _validity(said, speaker),
            "schemes": [speaker.thing(s) for s in (concept.schemes if concept else ())],
            "paths": [[speaker.thing(i) for i in path] for path in place.paths(iri.value) if path],
            "nodes": nodes,
            "left_out": left_out,
            "mappings": _by_relation(_mappings(mappings, speaker)),
            "uses": list(_uses(uses, iri, speaker)),
            "most_counted": MOST_COUNTED,
            "search": _search(iri.value, speaker),
        },
    )


def _search(iri: str, speaker: Speaker) -> str:
    """Return the address of the search for what has a code, else for what is called like it."""
    rest, _, code = iri.rpartition("/")
    facet = FACETS.get(rest.rpartition("/")[2]) if iri.startswith(PREFIXES["code"]) else None
    wanted = {facet: code} if facet else {"q": speaker.thing(iri).name.text}
    return f"/search?{urlencode(wanted)}"


def _names(said: Sequence[tuple[NamedNode, Literal]]) -> list[tuple[Name, list[Name]]]:
    """Return the name in each language, with other names in the same one."""
    found: list[tuple[Name, list[Name]]] = []
    for spoken in sorted({o.language or "" for p, o in said if p in _NAMES}):
        here = [(p, o) for p, o in said if p in _NAMES and (o.language or "") == spoken]
        of_kind = [
            [best_label([(LABEL_PROPERTIES[0], o)], spoken) for p, o in here if p == kind]
            for kind in _NAMES
        ]
        preferred, others = ([name for name in names if name] for names in of_kind)
        if preferred:
            found.append((preferred[0], [*preferred[1:], *others]))
    return found


def _validity(said: Iterable[tuple[NamedNode, Literal]], speaker: Speaker) -> Validity | None:
    days = dict(said)
    begin, end = days.get(VALID_FROM), days.get(VALID_THROUGH)
    if begin is None and end is None:
        return None
    today = datetime.now(UTC).date().isoformat()
    return Validity(
        shown(begin, speaker.words) if begin else None,
        shown(end, speaker.words) if end else None,
        over=end is not None and end.value < today,
    )


def _mappings(rows: Iterable[Row], speaker: Speaker) -> Iterable[Mapping]:
    for row in rows:
        relation, back = row["relation"], row["back"]
        if isinstance(relation, NamedNode) and isinstance(back, Literal):
            name = relation.value.rpartition("#")[2]
            yield Mapping(name, speaker.value(row["other"]), back.value == "true")


def _by_relation(mappings: Iterable[Mapping]) -> dict[str, list[Mapping]]:
    """Return the mappings by their relation, the closest relation first."""
    found: dict[str, list[Mapping]] = {r.value.rpartition("#")[2]: [] for r in _RELATIONS}
    for mapping in sorted(mappings, key=lambda m: m.other.name.text):
        found[mapping.relation].append(mapping)
    return {relation: same for relation, same in found.items() if same}


def _uses(rows: Iterable[Row], iri: NamedNode, speaker: Speaker) -> Iterable[Use]:
    for row in rows:
        kind, prop, things = row.get("class"), row.get("property"), row["things"]
        if not isinstance(prop, NamedNode) or not isinstance(things, Literal):
            continue
        types = (kind.value,) if isinstance(kind, NamedNode) else ()
        a_kind = f" ;\n    a {kind}" if kind else ""
        query = f"SELECT DISTINCT ?thing\nWHERE {{\n  ?thing {prop} {iri}{a_kind} .\n}}\n"
        yield Use(
            speaker.thing(types[0]) if types else None,
            speaker.property(prop.value, types),
            int(things.value),
            urlencode({"query": query}),
        )
