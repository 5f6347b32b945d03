"""The tiers of CIDS: which of them a graph meets, by the official shapes where they are at hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.ingest.cids import standard
from vises.ingest.cids.exchange import SHAPES
from vises.validation.rust import shacl_validator
from vises.validation.syntax import n_triples

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from pyoxigraph import Triple

FILES = {"Basic": "cids.basictier.shacl.ttl", "Essential": "cids.essentialtier.shacl.ttl"}
"""The tiers, the easiest first, and the files of their shapes as Common Approach calls them."""

OWN = {"Basic": SHAPES}
"""What stands in for a file that is not at hand: our own statement of what the tier requires."""


@dataclass(frozen=True)
class Tier:
    """Whether a graph meets a tier.

    `met` is None where nothing could be judged: the graph has no term of CIDS, or there are no
    shapes. `official` says that the shapes of Common Approach judged. `lacks` are the shapes that
    are not met with how often, the most frequent first; what a shape only recommends (sh:Info)
    is not among them.
    """

    name: str
    met: bool | None
    official: bool = False
    lacks: tuple[tuple[str, int], ...] = ()


def tiers(triples: Collection[Triple], folder: Path | None) -> tuple[Tier, ...]:
    """Judge a graph in CIDS terms by each tier; `folder` has the official files, as far as it does.

    Raises `ShapesError` and `RdfSyntaxError` for a file that is no shapes, and `OSError`.
    """
    return tuple(_tier(name, triples, folder) for name in FILES)


def speaks_cids(triples: Collection[Triple]) -> bool:
    """Tell whether some statement has a term in a namespace of CIDS."""
    spaces = standard.namespaces()
    return any(
        str(term).removeprefix("<").startswith(spaces)
        for triple in triples
        for term in (triple.predicate, triple.object)
    )


def _tier(name: str, triples: Collection[Triple], folder: Path | None) -> Tier:
    given = folder / FILES[name] if folder is not None else None
    official = given is not None and given.is_file()
    shapes = given if official else OWN.get(name)
    if shapes is None or not speaks_cids(triples):
        return Tier(name, None, official)
    report = shacl_validator(shapes.read_bytes(), str(shapes)).validate(n_triples(triples))
    lacks = Counter(r.shape for r in report.results if r.severity != "Info")
    found: Sequence[tuple[str, int]] = sorted(lacks.items(), key=lambda pair: (-pair[1], pair[0]))
    return Tier(name, not found, official, tuple(found))
