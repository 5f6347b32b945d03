"""Sub-selects that lose `$this`, of which SHACL demands a failure (appendix A)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal

from vises.namespaces import term
from vises.validation.incremental.path import Opaque

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.validation.incremental.description import Description
    from vises.validation.validator import Term

_QUERIES = frozenset({term("sh:select"), term("sh:ask")})
_SELECT = re.compile(r"\bselect\b", re.IGNORECASE)
THIS = "this"


def losing_this(description: Description) -> Term | None:
    """Return the first constraint with a sub-select that does not return `$this`; None without one.

    A query that does not parse is left to the engine.
    """
    for statement in description.statements:
        if statement.predicate in _QUERIES and isinstance(statement.object, Literal):
            text = statement.object.value
            inner = len(_SELECT.findall(text)) - (statement.predicate == term("sh:select"))
            if inner > 0 and _loses(description, statement.subject, text):
                return statement.subject
    return None


def _loses(description: Description, query: Term, text: str) -> bool:
    from vises.validation.incremental.queries import parsed  # noqa: PLC0415 (it takes 30 MiB)

    try:
        tree = parsed(description, query, text)
    except Opaque:
        return False
    return any(THIS not in names for names in _projections(tree))


def _projections(node: Any) -> Iterator[set[str]]:  # noqa: ANN401 (rdflib's tree)
    """Yield the variables that each sub-select names; one that returns all has none."""
    if getattr(node, "name", "") == "SubSelect":
        named = dict.get(node, "projection") or ()  # rdflib's own raises for what is not there
        if named:
            yield {str(dict.get(v, "var") or dict.get(v, "evar")) for v in named}
    parts = node.values() if isinstance(node, dict) else node if _is_list(node) else ()
    for part in parts:
        yield from _projections(part)


def _is_list(node: object) -> bool:
    """Tell whether a part of the tree has parts that are not letters."""
    return hasattr(node, "__iter__") and not isinstance(node, str | dict)
