"""Property paths (SHACL, section 2.3.1; SPARQL 1.1, section 9) taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.namespaces import term

if TYPE_CHECKING:
    from vises.validation.incremental.description import Description
    from vises.validation.validator import Term


class Opaque(Exception):
    """What a shape reads cannot be bounded; the sentence says why."""


@dataclass(frozen=True)
class Inverse:
    """The other way round."""

    path: Path


@dataclass(frozen=True)
class Chain:
    """One after the other."""

    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Alternative:
    """Any of them."""

    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Repeated:
    """Again and again: `none` tells whether not at all will do, `many` whether more than once."""

    path: Path
    none: bool
    many: bool


Path = NamedNode | Inverse | Chain | Alternative | Repeated

_INVERSE, _ALTERNATIVE, _FIRST = map(term, ("sh:inversePath", "sh:alternativePath", "rdf:first"))
_REPEATED = {
    term("sh:zeroOrMorePath"): (True, True),
    term("sh:oneOrMorePath"): (False, True),
    term("sh:zeroOrOnePath"): (True, False),
}


def path_of(description: Description, node: Term) -> Path:
    """Return the path that a node of a shapes graph stands for. Raises `Opaque` for no path."""
    if isinstance(node, NamedNode):
        return node
    about = description.about(node)
    if _FIRST in about:
        return Chain(_members(description, node))
    for predicate, (inner, *_) in about.items():
        if predicate == _INVERSE:
            return Inverse(path_of(description, inner))
        if predicate == _ALTERNATIVE:
            return Alternative(_members(description, inner))
        if predicate in _REPEATED:
            return Repeated(path_of(description, inner), *_REPEATED[predicate])
    raise Opaque(f"{node} is no property path")


def _members(description: Description, head: Term) -> tuple[Path, ...]:
    return tuple(path_of(description, member) for member in description.members(head))
