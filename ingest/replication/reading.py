"""Reading the roots and the pages of a stream (LDES, TREE) from N-Quads."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from vises.ingest.replication.failures import unfit
from vises.store.nesting import nests_too_deeply, too_deep
from vises.store.streams.terms import COMPLETED, ITSELF, name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.ingest.replication.fetching import Fetched

_ID = re.compile(r"[0-9]{6,18}")
_RELEASE = re.compile(rf"#release-({_ID.pattern})")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_BLANK = re.compile(r"[A-Za-z0-9]{1,200}")
_KINDS = {name("as:Create"), name("as:Update"), name("as:Delete")}

Said = dict[NamedNode, dict[NamedNode, "list[object]"]]


@dataclass(frozen=True)
class Root:
    """The root of a stream: the release it reaches, and the roots of its datasets by graph.

    `genid` begins the IRIs that stand for blank nodes, `polling` is in seconds. `first` is the
    first page, where the root leads to pages.
    """

    address: str
    release: str
    genid: str
    polling: float
    datasets: Mapping[str, str]
    first: str | None


@dataclass(frozen=True)
class Member:
    """A member: the thing, what is said of it, of which release, and whether it is the last."""

    iri: str
    release: str
    thing: NamedNode | BlankNode
    statements: Sequence[Triple]
    last: bool


@dataclass(frozen=True)
class StreamPage:
    """A page: members in their order, the digests of releases that end on it, and what is next."""

    address: str
    members: Sequence[Member]
    digests: Mapping[str, str]
    following: str | None


def read_root(address: str, fetched: Fetched) -> Root:
    """Read a root. Raises `StreamUnfit`."""
    said, _, _ = _read(address, fetched)
    streams = [s for s, props in said.items() if name("ldes:timestampPath") in props]
    views = list({v: None for s in streams for v in said[s].get(name("tree:view"), ())})
    if len(views) != 1 or not isinstance(views[0], NamedNode):
        raise unfit(
            address,
            "It describes no event stream, or several.",
            "Give the address of a stream of VISES, such as https://vises.example/ldes.",
        )
    here = views[0]
    spaces = [v for props in said.values() for v in props.get(name("void:uriSpace"), ())]
    release = _text(said, here, "dcterms:identifier")
    genid = spaces[0].value if len(spaces) == 1 and isinstance(spaces[0], Literal) else ""
    if not _ID.fullmatch(release) or not genid:
        raise unfit(address, "It does not say which release it reaches.", _OURS)
    datasets = {
        graph.value: value.value
        for graph, props in said.items()
        for value in props.get(name("dcat:distribution"), ())
        if isinstance(value, NamedNode)
    }
    targets = _targets(said, here)
    leads_on = [t for t in targets if t not in datasets.values()]
    polling = _text(said, streams[0], "ldes:pollingInterval")
    return Root(
        here.value,
        release,
        genid,
        float(polling) if polling.isdecimal() else 60.0,
        datasets,
        leads_on[0] if leads_on else None,
    )


_OURS = "Follow a stream of VISES; others need another client."


def read_page(address: str, fetched: Fetched, graph: str, genid: str) -> StreamPage:
    """Read a page of the stream of a graph. Raises `StreamUnfit`."""
    said, members, content = _read(address, fetched)
    following = said[NamedNode(address)].get(name("as:next"), [])
    if following and not _one_iri(following):
        raise unfit(address, "It leads to more than one page, or to none.", _OURS)
    digests = {}
    for iri, props in said.items():
        match = _RELEASE.search(iri.value)
        checksums = props.get(name("spdx:checksum"), ())
        if match and checksums and isinstance(checksums[0], NamedNode):
            digests[match[1]] = _text(said, checksums[0], "spdx:checksumValue")
    if not all(map(_DIGEST.fullmatch, digests.values())):
        raise unfit(address, "It states a digest that is none.", _OURS)
    made = [_member(address, said, iri, content.get(iri, ()), (graph, genid)) for iri in members]
    return StreamPage(address, made, digests, _address(following))


def _read(
    address: str, fetched: Fetched
) -> tuple[Said, Sequence[NamedNode], Mapping[NamedNode, list[Triple]]]:
    said: Said = defaultdict(lambda: defaultdict(list))
    members: dict[NamedNode, None] = {}
    content: dict[NamedNode, list[Triple]] = defaultdict(list)
    if nests_too_deeply(fetched.body):
        raise unfit(address, "It has triple terms in one another too often.", "Tell its operator.")
    try:
        for quad in parse(fetched.body, RdfFormat.N_QUADS):
            if isinstance(quad.graph_name, NamedNode):
                content[quad.graph_name].append(quad.triple)
            elif isinstance(quad.graph_name, DefaultGraph) and isinstance(quad.subject, NamedNode):
                said[quad.subject][quad.predicate].append(quad.object)
                if quad.predicate == name("tree:member") and isinstance(quad.object, NamedNode):
                    members[quad.object] = None
    except SyntaxError as error:
        detail = f"This is not N-Quads: {error.msg}."
        raise unfit(address, detail, "Tell its operator.") from error
    if content.keys() - members.keys():
        raise unfit(address, "It has statements that belong to no member.", _OURS)
    return said, list(members), content


def _member(
    address: str,
    said: Said,
    iri: NamedNode,
    statements: Sequence[Triple],
    where: tuple[str, str],
) -> Member:
    graph, genid = where
    things = said[iri].get(name("dcterms:isVersionOf"), [])
    states = said[iri].get(name("dcterms:isPartOf"), [])
    kinds = [k for k in said[iri].get(name("rdf:type"), ()) if k in _KINDS]
    release = _RELEASE.search(states[0].value) if _one_iri(states) else None  # type: ignore[attr-defined]
    alone = said[iri].get(name("void:inDataset")) == [NamedNode(graph)]
    if not (_one_iri(things) and release and len(kinds) == 1 and alone):
        raise unfit(address, f"The member {iri.value[:200]} is not described as it must be.", _OURS)
    if (kinds[0] == name("as:Delete")) == bool(statements):
        raise unfit(address, f"What happened to {iri.value[:200]} contradicts its content.", _OURS)
    if any(triple.subject != things[0] or too_deep(triple.object) for triple in statements):
        raise unfit(address, f"The member {iri.value[:200]} speaks of something else.", _OURS)
    made = [_blank_again(triple, genid) for triple in statements]
    thing = _blank_term(things[0], genid)
    assert isinstance(thing, NamedNode | BlankNode)  # it came from an IRI
    last = COMPLETED in said[iri].get(name("adms:status"), ())
    return Member(iri.value, release[1], thing, made, last)


def _one_iri(values: Sequence[object]) -> bool:
    return len(values) == 1 and isinstance(values[0], NamedNode)


def _address(found: Sequence[object]) -> str | None:
    return found[0].value if found and isinstance(found[0], NamedNode) else None


def _targets(said: Said, here: NamedNode) -> list[str]:
    """Return the pages that a page leads to, the earliest first."""
    found: dict[str, str] = {}
    for relation in said[here].get(name("tree:relation"), ()):
        if isinstance(relation, NamedNode):
            kinds = said[relation].get(name("rdf:type"), [])
            target = said[relation].get(name("tree:node"), [])
            if name("tree:GreaterThanOrEqualToRelation") in kinds and _one_iri(target):
                time = _text(said, relation, "tree:value")
                found.setdefault(target[0].value, time)  # type: ignore[attr-defined]
    return sorted(found, key=lambda address: found[address])


def _text(said: Said, subject: NamedNode, prop: str) -> str:
    values = said[subject].get(name(prop), [])
    return values[0].value if len(values) == 1 and isinstance(values[0], Literal) else ""


def _blank_term(term: object, genid: str) -> object:
    if isinstance(term, NamedNode) and term.value.startswith(genid):
        label = term.value.removeprefix(genid)
        if label.startswith(ITSELF):
            return NamedNode(genid + label.removeprefix(ITSELF))
        return BlankNode(label) if _BLANK.fullmatch(label) else term
    if isinstance(term, Triple):
        return _blank_again(term, genid)
    return term


def _blank_again(triple: Triple, genid: str) -> Triple:
    """Return a triple with the blank nodes that its IRIs stand for (RDF 1.1, section 3.5)."""
    subject, value = _blank_term(triple.subject, genid), _blank_term(triple.object, genid)
    return Triple(subject, triple.predicate, value)  # type: ignore[arg-type]


def quads_of(member: Member, graph: NamedNode) -> list[Quad]:
    """Return the statements of a member in a graph."""
    return [Quad(t.subject, t.predicate, t.object, graph) for t in member.statements]
