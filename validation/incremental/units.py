"""Shapes with targets, and which of them are judged together.

The unit of judgement is the pair of a `Unit` and a focus node. Shapes with targets that share a
property shape are one unit, since a result names the property shape and not the target that led to
it; so are all shapes that results can only name as ``[]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
)

from vises.namespaces import term
from vises.validation.incremental.description import TARGETS
from vises.validation.incremental.footprint import Footprint, footprint
from vises.validation.reachable import reachable
from vises.validation.targets import LIST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vises.validation.incremental.description import Description
    from vises.validation.validator import Resource, Term

ANONYMOUS = "[]"

_PROPERTY, _PATH, _TYPE = map(term, ("sh:property", "sh:path", "rdf:type"))
_SHAPES = frozenset({term("sh:NodeShape"), term("sh:PropertyShape")})


@dataclass(frozen=True)
class Root:
    """A shape with targets: the values of each kind of target, and what the shape reads.

    `listed` is the predicate that lists its focus nodes to the engine, and `listed_alike` the one
    that lists those of all shapes with the same targets at once.
    """

    node: Resource
    targets: Mapping[str, frozenset[Term]]
    footprint: Footprint
    listed: NamedNode
    listed_alike: NamedNode

    @cached_property
    def objects(self) -> tuple[NamedNode, ...]:
        """The predicates whose values are its focus nodes."""
        return tuple(p for p in self.targets["objects"] if isinstance(p, NamedNode))

    def __hash__(self) -> int:
        """Take the predicate of its list for all."""
        return hash(self.listed)


@dataclass(frozen=True)
class Unit:
    """Shapes that are judged together.

    `digest` identifies their definition; `sources` are what results name as their shape. Where the
    unit is `deep`, results may be on other nodes than the focus node of the target. `opaque` says
    why it cannot be judged but on the whole data graph.
    """

    digest: str
    name: str
    roots: tuple[Root, ...]
    sources: frozenset[str]
    deep: bool
    opaque: str | None

    @cached_property
    def is_told_by_description(self) -> bool:
        """Whether types and properties alone tell that a node is a focus node, judged with others.

        Results are then kept by the nodes that they are on.
        """
        return not (self.deep or self.opaque) and not any(
            root.targets["objects"] or root.targets["node"] for root in self.roots
        )

    def __hash__(self) -> int:
        """Take the digest for all."""
        return hash(self.digest)


def units_of(description: Description, engine: str) -> tuple[Unit, ...]:
    """Return the units of a shapes graph; the name of the engine goes into their digests."""
    roots = _roots(description)
    families: list[tuple[list[Root], set[str]]] = []
    for node, root in roots.items():
        members, sources = [root], _sources(description, node)
        apart = []
        for family in families:
            if sources.isdisjoint(family[1]):
                apart.append(family)
            else:
                members = family[0] + members
                sources |= family[1]
        families = [*apart, (members, sources)]
    return tuple(
        _unit(description, engine, tuple(members), frozenset(sources))
        for members, sources in families
    )


def rewritten(description: Description, units: Iterable[Unit]) -> Iterator[Quad]:
    """Yield the shapes graph with each target as one on a list (`Root.listed`).

    Where a description tells who the focus nodes are, also as one on the list that shapes with the
    same targets share.
    """
    yield from _without_targets(description)
    for unit in units:
        for root in unit.roots:
            yield Quad(root.node, TARGETS["objects"], root.listed)
            if unit.is_told_by_description:
                yield Quad(root.node, TARGETS["objects"], root.listed_alike)


def restricted(description: Description, units: Iterable[Unit]) -> Iterator[Quad]:
    """Yield the shapes graph with the targets of some units, and no others."""
    kept = {root.node for unit in units for root in unit.roots}
    yield from _without_targets(description, kept)


def _without_targets(description: Description, kept: Iterable[Term] = ()) -> Iterator[Quad]:
    whole = set(kept)
    classes = {node for node in description.roots() if description.implicit_class(node)}
    for quad in description.statements:
        target = quad.predicate in TARGETS.values()
        implicit = quad.subject in classes and quad.predicate == _TYPE
        if quad.subject in whole or not (target or (implicit and quad.object not in _SHAPES)):
            yield quad


def _roots(description: Description) -> Mapping[Resource, Root]:
    roots = {}
    alike: dict[frozenset[tuple[str, frozenset[Term]]], NamedNode] = {}
    for number, node in enumerate(description.roots()):
        targets = _targets(description, node)
        listed = NamedNode(f"{LIST.value}:{number}")
        shared = alike.setdefault(frozenset(targets.items()), NamedNode(f"{listed.value}:alike"))
        roots[node] = Root(node, targets, footprint(description, node), listed, shared)
    return roots


def _targets(description: Description, node: Resource) -> Mapping[str, frozenset[Term]]:
    targets = {
        kind: frozenset(description.values(node, predicate)) for kind, predicate in TARGETS.items()
    }
    if description.implicit_class(node):
        targets["class"] |= {node}
    return targets


def _reported(description: Description, node: Term) -> set[Term]:
    """Return the shapes whose results a shape with a target passes on: those of sh:property."""
    return reachable([node], lambda shape: description.values(shape, _PROPERTY))


def _sources(description: Description, node: Term) -> set[str]:
    """Return what results may name; a shape without IRI is named by the nearest around it."""
    found = {n.value for n in _reported(description, node) if isinstance(n, NamedNode)}
    if isinstance(node, BlankNode):
        found.add(ANONYMOUS)
    return found


def _unit(
    description: Description, engine: str, roots: tuple[Root, ...], sources: frozenset[str]
) -> Unit:
    reported = {node for root in roots for node in _reported(description, root.node)}
    reasons = [r.footprint.opaque for r in roots if r.footprint.opaque]
    names = sorted(r.node.value for r in roots if isinstance(r.node, NamedNode))
    return Unit(
        digest=_digest(description, engine, roots),
        name=", ".join(names) or ANONYMOUS,
        roots=roots,
        sources=sources,
        deep=any(_is_deep(description, node) for node in reported),
        opaque=reasons[0] if reasons else None,
    )


def _is_deep(description: Description, node: Term) -> bool:
    """Tell whether a shape passes on results on its value nodes (SHACL, section 4.7.2)."""
    about = description.about(node)
    return _PATH in about and _PROPERTY in about


def _digest(description: Description, engine: str, roots: Iterable[Root]) -> str:
    """Digest the definition of shapes, whatever the labels of blank nodes and the order."""
    dataset = Dataset(quad for root in roots for quad in description.closure(root.node))
    if any(isinstance(node, BlankNode) for quad in dataset for node in (quad[0], quad[2])):
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(map(str, dataset))
    return sha256("\n".join([engine, *lines]).encode()).hexdigest()[:32]
