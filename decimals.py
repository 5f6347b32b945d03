"""JSON numbers as decimals: JSON-LD writes those with a fraction as a double has them (1.25E1).

That is no form of xsd:decimal (JSON-LD 1.1 API, section 8.6; XSD 1.1, part 2, 3.3.3).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from pyoxigraph import Literal, Quad, RdfFormat

from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterable

_DECIMAL = term("xsd:decimal")
_AS_DOUBLE = re.compile(r"(-?[0-9])(?:\.0|(\.[0-9]+))(E-?[0-9]{1,2})")
"""A double in its canonical form, of an exponent that can be written out."""


def with_decimals(quads: Iterable[Quad], syntax: RdfFormat) -> Iterable[Quad]:
    """Return the statements of a document, where JSON-LD's decimals are written as decimals.

    All digits are kept. What is no number that a parser of JSON-LD wrote stays as it is.
    """
    return map(_written_out, quads) if syntax == RdfFormat.JSON_LD else quads


def _written_out(quad: Quad) -> Quad:
    value = quad.object
    if not isinstance(value, Literal) or value.datatype != _DECIMAL:
        return quad
    found = _AS_DOUBLE.fullmatch(value.value)
    if found is None:
        return quad
    whole, fraction, exponent = found.groups(default="")
    number = Literal(f"{Decimal(whole + fraction + exponent):f}", datatype=_DECIMAL)
    return Quad(quad.subject, quad.predicate, number, quad.graph_name)
