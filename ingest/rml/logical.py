"""Logical sources of a mapping: the file, how it is iterated over (RML-IO), its references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal

from vises.errors import sentence
from vises.ingest.rml import vocabulary
from vises.ingest.rml.document import show
from vises.ingest.rml.jsonpath import normal, parse_path
from vises.ingest.rml.model import Formulation, LogicalSource

if TYPE_CHECKING:
    from vises.ingest.rml.components import Component, Components
    from vises.ingest.rml.document import Statement

_SOURCE = frozenset({"path", "root", "null", *vocabulary.FOUND_OUT})
_PROPERTIES = frozenset({"source", "referenceFormulation", "iterator"})


def logical_source(components: Components, owner: Component) -> LogicalSource:
    """Return the logical source of a triples map; raises `MappingError` for what it may not say."""
    statement = owner.one("logicalSource")
    component = components.open(statement.value, "logical source", _PROPERTIES, line=statement.line)
    stated = component.one("referenceFormulation")
    formulation = vocabulary.FORMULATIONS.get(str(stated.value))
    if formulation is None:
        raise component.document.error(
            stated.line,
            sentence(
                "no-formulation",
                "The reference formulation {value} is not supported.",
                value=show(stated.value),
            ),
            sentence(
                "formulations",
                "Tables of every kind are read as rml:CSV, JSON and JSON Lines as rml:JSONPath.",
            ),
        )
    path, from_mapping = _path(components, component)
    return LogicalSource(
        path,
        component.line,
        formulation,
        _iterator(component, formulation),
        typed=stated.value == vocabulary.RML_JSON_PATH,
        from_mapping=from_mapping,
    )


def reference(owner: Component, statement: Statement, formulation: Formulation) -> str:
    """Return what a reference is called: the column, or the path in its shortest form."""
    return column(owner, statement, owner.text(statement), formulation)


def column(owner: Component, statement: Statement, text: str, formulation: Formulation) -> str:
    """Return what a reference inside a statement is called.

    Raises `MappingError` for a JSONPath outside the subset.
    """
    if formulation is Formulation.CSV:
        return text
    try:
        return normal(parse_path(text))
    except ValueError as error:
        raise owner.document.error(
            statement.line,
            error.args[0],
            sentence(
                "jsonpath-steps",
                "Supported are .name, ['name'], [0], .* and [*], one after the other.",
            ),
        ) from None


def _path(components: Components, component: Component) -> tuple[str, bool]:
    """Return the path of the file, and whether it starts where the mapping is."""
    source = component.one("source")
    if isinstance(source.value, Literal):
        return component.text(source), False
    described = components.open(source.value, "source", _SOURCE, line=source.line)
    root = described.optional("root")
    if root and root.value not in vocabulary.ROOTS:
        raise described.document.error(
            root.line,
            sentence("no-root", "The root {value} is not supported.", value=show(root.value)),
        )
    for null in described.all("null"):
        if null.value != Literal(""):
            raise described.document.error(
                null.line,
                sentence(
                    "no-null",
                    "{value} as a null value is not supported.",
                    value=show(null.value),
                ),
                sentence("empty-cell-null", "The empty cell, and no other, has no value."),
            )
    for name, allowed in vocabulary.FOUND_OUT.items():
        for stated in described.all(name):
            if stated.value not in allowed:
                raise described.document.error(
                    stated.line,
                    sentence(
                        "unsupported-of-file",
                        "{value} as the {name} of a file is not supported.",
                        value=show(stated.value),
                        name=name,
                    ),
                )
    from_mapping = root is not None and root.value == vocabulary.MAPPING_DIRECTORY
    return described.text(described.one("path")), from_mapping


def _iterator(component: Component, formulation: Formulation) -> str | None:
    stated = component.optional("iterator")
    if stated is None:
        return None
    if formulation is Formulation.CSV:
        raise component.document.error(
            stated.line,
            sentence("no-iterator", "A table has no iterator: it is read row by row."),
            sentence(
                "leave-out-or-jsonpath",
                "Leave it out, or name rml:JSONPath as the reference formulation.",
            ),
        )
    path = reference(component, stated, formulation)
    return None if path == "$" else path
