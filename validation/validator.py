"""What every SHACL engine looks like from here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

if TYPE_CHECKING:
    from vises.validation.report import Report

Resource = NamedNode | BlankNode | Triple
Term = Resource | Literal
"""What can be the subject and the object of a statement, as pyoxigraph types them."""

Focus = Mapping[Term, Collection[Resource]]
"""The instances of each class, subclasses included, that are to be judged."""


class Validator(Protocol):
    """A SHACL engine (https://www.w3.org/TR/shacl/) with its shapes compiled.

    `name` is the engine and its version.
    """

    @property
    def name(self) -> str:
        """The engine and its version, such as ``shacl 0.3.4``."""

    def validate(self, data: bytes, focus: Focus | None = None) -> Report:
        """Judge a data graph.

        `data` is N-Triples in UTF-8. With `focus`, the focus nodes of class targets are those it
        lists; without, all instances in the data. The report has every result, in a fixed order.
        Raises `RdfSyntaxError` where the data does not parse and `ShapesError` where the engine
        finds the shapes ill-formed only now.
        """
