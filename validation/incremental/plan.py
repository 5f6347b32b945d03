"""The shapes of a gate, prepared: who targets what, and who reads what."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from vises.validation.incremental.description import Description
from vises.validation.incremental.footprint import grouped
from vises.validation.incremental.units import Root, Unit, restricted, rewritten, units_of
from vises.validation.shapes import well_formed
from vises.validation.syntax import n_triples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyoxigraph import NamedNode

    from vises.validation.incremental.footprint import Step
    from vises.validation.validator import Term, Validator

_ENGINES = {"engine", "whole_graph"}


@dataclass(frozen=True)
class Plan:
    """Shapes, prepared by `plan_of`.

    `engine` judges the pairs that it is given as lists (`Root.listed`); it is what `make` made of
    the shapes `listed`. `whole_graph` judges the opaque units (None where there is none). `steps`
    has who reads a predicate, `open_steps` who reads all there are, `classes` who asks for a class
    at a state, `targets` who has a target.
    """

    make: Callable[[bytes], Validator]
    listed: bytes
    engine: Validator
    whole_graph: Validator | None
    units: tuple[Unit, ...]
    unit_of: Mapping[Root, Unit]
    digests: frozenset[str]
    by_source: Mapping[str, Unit]
    steps: Mapping[NamedNode, Sequence[tuple[Unit, Root, Step]]]
    open_steps: Sequence[tuple[Unit, Root, Step]]
    classes: Mapping[Term, Sequence[tuple[Unit, Root, int]]]
    targets: Mapping[tuple[str, Term], Sequence[tuple[Unit, Root]]]

    def __reduce__(self) -> tuple[Callable[..., Plan], tuple[object, ...]]:
        """Go to another process without the engines: one is compiled there, for bounded units."""
        parts = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _ENGINES}
        return _again, (parts,)

    def targeting(self, kind: str, value: Term) -> Sequence[tuple[Unit, Root]]:
        """Return who has a target, of a kind that `TARGETS` names."""
        return self.targets.get((kind, value), ())

    def values(self, kind: str) -> frozenset[Term]:
        """Return the values of a kind of target."""
        return frozenset(value for of, value in self.targets if of == kind)

    @cached_property
    def instances_matter(self) -> frozenset[Term]:
        """The classes that are targets, or that shapes ask for."""
        return frozenset(chain(self.classes, self.values("class")))


def plan_of(shapes: bytes, make: Callable[[bytes], Validator]) -> Plan:
    """Prepare shapes (Turtle) for the engine that `make` compiles.

    Raises `RdfSyntaxError` and `ShapesError`, and what `make` raises.
    """
    description = Description(well_formed(shapes, "shapes"))
    units = units_of(description, make(b"").name)
    opaque = [unit for unit in units if unit.opaque]
    pairs = [(unit, root) for unit in units for root in unit.roots]
    steps = [(unit, root, step) for unit, root in pairs for step in root.footprint.steps]
    listed = n_triples(rewritten(description, units))
    return Plan(
        make=make,
        listed=listed,
        engine=make(listed),
        whole_graph=make(n_triples(restricted(description, opaque))) if opaque else None,
        units=units,
        unit_of={root: unit for unit, root in pairs},
        digests=frozenset(unit.digest for unit in units),
        by_source={source: unit for unit in units for source in unit.sources},
        steps=grouped((s[2].predicate, s) for s in steps if s[2].predicate is not None),
        open_steps=[s for s in steps if s[2].predicate is None],
        classes=grouped(
            (cls, (unit, root, state))
            for unit, root in pairs
            for state, classes in root.footprint.classes.items()
            for cls in classes
        ),
        targets=grouped(
            ((kind, value), (unit, root))
            for unit, root in pairs
            for kind, values in root.targets.items()
            for value in values
        ),
    )


def _again(parts: dict[str, Any]) -> Plan:
    return Plan(engine=parts["make"](parts["listed"]), whole_graph=None, **parts)
