"""What every SHACL engine looks like from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from vises.validation.report import Report


class Validator(Protocol):
    """A SHACL engine (https://www.w3.org/TR/shacl/) with its shapes compiled.

    `name` is the engine and its version.
    """

    @property
    def name(self) -> str:
        """The engine and its version, such as ``shacl 0.3.4``."""

    def validate(self, data: bytes) -> Report:
        """Judge a data graph.

        `data` is N-Triples in UTF-8. The report has every result, in a fixed order. Raises
        `RdfSyntaxError` where the data does not parse and `ShapesError` where the engine finds
        the shapes ill-formed only now.
        """
