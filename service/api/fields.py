"""The parameter `fields`: which properties of things an answer has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.errors import sentence
from vises.service.api.context import context
from vises.service.api.errors import nearest, quoted, wrong
from vises.service.pages.labels import TYPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.service.api.call import Call
    from vises.service.api.things import Statements

FIELDS = "fields"
_ALL = "*"
_ALWAYS = ("id", "href", "label", "type")
"""Members that every answer has."""


def fields_of(call: Call, usual: Sequence[NamedNode] = ()) -> list[NamedNode]:
    """Return the properties that the answer is to have; none: all. Raises `ParameterInvalid`."""
    names = [n.strip() for text in call.given.get(FIELDS, ()) for n in text.split(",") if n.strip()]
    if not names:
        return [*usual]
    if _ALL in names:
        return []
    return [_property(name) for name in names if name not in _ALWAYS] or [TYPE]


def cut(statements: Statements, wanted: Sequence[NamedNode]) -> Statements:
    """Return those statements whose property is wanted; the type always is."""
    if not wanted:
        return statements
    names = {TYPE.value, *(prop.value for prop in wanted)}
    return {prop: values for prop, values in statements.items() if prop in names}


def _property(name: str) -> NamedNode:
    try:
        return NamedNode(context().iri(name) or "")
    except ValueError:
        near = ", ".join(nearest(name, context().keys)) or "legalName,region"
        raise wrong(
            FIELDS,
            sentence("no-such-property", "There is no property {name}.", name=quoted(name)),
            sentence(
                "give-properties",
                "Give names with commas between them, such as {names}; or {all} for all.",
                names=near,
                all=_ALL,
            ),
        ) from None
