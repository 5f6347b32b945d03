"""What a release says of the things that can be found, fact by fact, with the graphs of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from vises.namespaces import VOCABULARY_BASE, term
from vises.service.iris import last_part
from vises.service.pages.labels import FICTITIOUS, LABEL_PROPERTIES, NOTATION, TYPE, is_true
from vises.service.search.cells import ABOUT, CELLS, CLAIMED, SORTED, marks, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Store

KINDS = {
    "enterprise": ("vises:Enterprise",),
    "indicator": ("vises:Indicator",),
    "region": ("vises:Region",),
    "method": (
        "vises:Method",
        "vises:MethodVersion",
        "vises:Stage",
        "vises:Step",
        "vises:Tool",
        "vises:KeyPrinciple",
        "vises:ValorisationEffect",
        "vises:Project",
        "vises:ProjectPhase",
        "vises:Refinement",
        "vises:RefinementMeeting",
        "vises:Training",
        "vises:Trial",
        "vises:EvaluativeQuestion",
        "vises:DataCollection",
    ),
    "account": ("vises:QualitativeAccount",),
    "publication": ("vises:Publication",),
    "dataset": ("dcat:Dataset",),
    "organisation": ("org:Organization",),
    "concept": ("skos:Concept", "skos:ConceptScheme"),
    "term": ("owl:Class", "owl:ObjectProperty", "owl:DatatypeProperty"),
    "question": (),
}
"""The classes whose things can be found, by kind; what is of several kinds is of the first.

Questions are no things of a release: they come with the package."""

QUESTION = "question:"
"""What the names of our questions begin with in an index, where things have their IRI."""

_ENTERPRISE = term("vises:Enterprise")
CLASSES = {term(name): kind for kind, names in KINDS.items() for name in names}

_TEXTS = frozenset(
    term(name)
    for name in (
        "skos:definition",
        "dcterms:description",
        "skos:scopeNote",
        "skos:note",
        "vises:text",
    )
)
_CODES = frozenset({NOTATION, term("vises:activityNotation")})
_LINKS = {
    term("vises:region"): "region",
    term("vises:legalForm"): "form",
    term("vises:activity"): "activity",
    term("vises:theme"): "theme",
}
_STATUS = term("vises:operatingStatus")
_CEASED = NamedNode(f"{VOCABULARY_BASE}code/operating-status/ceased")
_PLACES = frozenset({term("locn:postName"), term("locn:postCode")})
_PARTS = {
    term("cv:registeredAddress"): (_PLACES, "place"),
    term("adms:identifier"): (frozenset({NOTATION}), "code"),
}
"""The properties that lead to a thing whose own statements are indexed with the first one."""

_OWN = {
    **dict.fromkeys(LABEL_PROPERTIES, "name"),
    term("skos:altLabel"): "alias",
    **dict.fromkeys(_TEXTS, "text"),
    **dict.fromkeys(_CODES, "code"),
}
_TELLING = frozenset({TYPE, FICTITIOUS, *_OWN, *_LINKS, *_PARTS, *_PLACES, *CELLS, *CLAIMED, ABOUT})
"""The properties that decide what is found: a change of any other one changes no index."""


@dataclass(frozen=True)
class Fact:
    """One thing to be known of a thing: what it is, in which language, and from which graphs."""

    field: str
    value: str
    language: str | None
    graphs: frozenset[str]


def subjects(store: Store) -> Iterator[str]:
    """Yield the IRI of each thing that can be found, once.

    Memory grows with the things that are not enterprises, which are few, not with all of them.
    """
    for quad in store.quads_for_pattern(None, TYPE, _ENTERPRISE, None):
        if (
            isinstance(quad.subject, NamedNode)
            and _graph_of(store, quad.subject) == quad.graph_name
        ):
            yield quad.subject.value
    seen: set[str] = set()
    for name in CLASSES:
        for quad in store.quads_for_pattern(None, TYPE, name, None):
            subject = quad.subject
            if name == _ENTERPRISE or not isinstance(subject, NamedNode) or subject.value in seen:
                continue
            seen.add(subject.value)
            if _graph_of(store, subject) is None:
                yield subject.value


def facts(store: Store, iri: str) -> list[Fact]:
    """Return the facts of a thing, none where it is not of a class that can be found."""
    quads = list(store.quads_for_pattern(NamedNode(iri), None, None, None))
    if not any(quad.predicate == TYPE and quad.object in CLASSES for quad in quads):
        return []
    found = [Fact("code", last_part(iri), None, frozenset())]
    for quad in quads:
        found += _facts(store, quad)
    if any(quad.predicate == TYPE and quad.object == _ENTERPRISE for quad in quads):
        found += _listed(store, NamedNode(iri), quads)
    return found


def affected(store: Store, lines: Iterable[bytes]) -> set[str]:
    """Return the things whose facts changed lines (N-Quads) may change; `store` has the new ones.

    What a line says of an address or an identifier changes the things that it is of; what it says
    of a claim, the thing that the claim is about.
    """
    found: set[str] = set()
    parts: set[str] = set()
    claims: set[str] = set()
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        if not subject.startswith(b"<") or predicate not in _TELLING_BYTES:
            continue
        iri = subject[1:-1].decode()
        found.add(iri)
        if predicate in _PART_BYTES:
            parts.add(iri)
        elif predicate in _CLAIMED_BYTES:
            claims.add(iri)
        elif predicate == _ABOUT_BYTES and rest.startswith(b"<"):
            found.add(rest.partition(b" ")[0][1:-1].decode())
    return found | _wholes(store, parts) | _judged(store, claims)


def _wholes(store: Store, parts: Iterable[str]) -> set[str]:
    """Return the things that have one of some parts."""
    quads = (
        quad
        for part in parts
        for link in _PARTS
        for quad in store.quads_for_pattern(None, link, NamedNode(part), None)
    )
    return {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}


def _judged(store: Store, claims: Iterable[str]) -> set[str]:
    """Return the things that some claims are about."""
    quads = (q for c in claims for q in store.quads_for_pattern(NamedNode(c), ABOUT, None, None))
    return {quad.object.value for quad in quads if isinstance(quad.object, NamedNode)}


def _graph_of(store: Store, subject: NamedNode) -> object:
    """Return one graph, always the same, that calls a thing an enterprise; None without one."""
    found = next(iter(store.quads_for_pattern(subject, TYPE, _ENTERPRISE, None)), None)
    return None if found is None else found.graph_name


_TELLING_BYTES = frozenset(str(name).encode() for name in _TELLING)
_PART_BYTES = frozenset(str(name).encode() for name in {*_PLACES, NOTATION})
_CLAIMED_BYTES = frozenset(str(name).encode() for name in CLAIMED)
_ABOUT_BYTES = str(ABOUT).encode()


def _listed(store: Store, thing: NamedNode, quads: Sequence[Quad]) -> Iterator[Fact]:
    """Yield what lists show of an enterprise, and what they are narrowed by."""
    named = [quad for quad in quads if isinstance(quad.graph_name, NamedNode)]
    for quad in named:
        if quad.predicate in CELLS and isinstance(quad.graph_name, NamedNode):
            graphs = frozenset({quad.graph_name.value})
            yield Fact("cell", said(quad.predicate, quad.object), None, graphs)
            if quad.predicate == SORTED and isinstance(quad.object, Literal):
                yield Fact("first", quad.object.value, None, graphs)
    for text, graphs in marks(store, thing, named):
        yield Fact("mark", text, None, graphs)


def _facts(store: Store, quad: Quad) -> Iterator[Fact]:
    """Yield what a statement tells."""
    if not isinstance(quad.graph_name, NamedNode):
        return
    graphs = frozenset({quad.graph_name.value})
    predicate, value = quad.predicate, quad.object
    if isinstance(value, Literal):
        if predicate in _OWN:
            yield Fact(_OWN[predicate], value.value, value.language, graphs)
        elif predicate == FICTITIOUS and is_true(value):
            yield Fact("fictitious", "yes", None, graphs)
    elif isinstance(value, NamedNode):
        if predicate == TYPE and value in CLASSES:
            yield Fact("kind", CLASSES[value], value.value, graphs)
        elif predicate in _LINKS:
            yield Fact(_LINKS[predicate], value.value, None, graphs)
        elif predicate == _STATUS and value == _CEASED:
            yield Fact("ceased", "yes", None, graphs)
        elif predicate in _PARTS:
            yield from _of_part(store, value, *_PARTS[predicate], graphs)


def _of_part(
    store: Store,
    part: NamedNode,
    wanted: frozenset[NamedNode],
    field: str,
    graphs: frozenset[str],
) -> Iterator[Fact]:
    """Yield what a part of a thing tells of it: both graphs must be seen to know it."""
    for quad in store.quads_for_pattern(part, None, None, None):
        value, graph = quad.object, quad.graph_name
        if quad.predicate in wanted and isinstance(value, Literal) and isinstance(graph, NamedNode):
            yield Fact(field, value.value, value.language, graphs | {graph.value})
