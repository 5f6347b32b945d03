"""Protecting a table, and attacking it before it is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.ingest.disclosure.rules import Reason, Rule
    from vises.ingest.disclosure.table import Key, Table


class NotSafe(Refused):
    """A table from which a hidden cell can be computed; it is not published."""

    kind = "not-safe"
    title = "The table would say too much"


def protected(table: Table, rule: Rule, name: str, place: str) -> Mapping[Key, Reason]:
    """Return the cells of a table to publish without their number, and why.

    `name` is what the table is of and `place` where its records are from. Raises `NotSafe` where
    the attack still finds too much.
    """
    from vises.ingest.disclosure.suppression import (  # noqa: PLC0415 (SciPy takes 0.9 s to import)
        exposed,
        suppress,
    )

    hidden = suppress(table, rule)
    if told := exposed(table, rule, hidden):
        raise NotSafe(
            f"{len(told)} hidden cells of {name} can be computed.",
            place=place,
            remedy="Publish fewer levels (--level); please report it.",
        )
    return hidden
