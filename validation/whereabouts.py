"""Which statement a validation result is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vises.validation.report import Result


class Whereabouts:
    """The first statement of each kind that concerns a focus node, by its number.

    That is the statement with the value, else one with the property, else the first one on the
    focus node, else the first one that uses it. Memory is that of the results.
    """

    def __init__(self, statements: Iterable[bytes], results: Iterable[Result]) -> None:
        """Read statements (lines of N-Triples, counted from 0) for what concerns some results."""
        wanted = {result.focus.encode() for result in results}
        self._index: dict[tuple[bytes, ...], int] = {}
        first = self._index.setdefault
        for number, line in enumerate(statements):
            subject, predicate, rest = line.split(b" ", 2)
            value = rest.removesuffix(b" .")
            if subject in wanted:
                first((subject,), number)
                first((subject, predicate), number)
                first((subject, predicate, value), number)
            if predicate in wanted:
                first((b"", predicate), number)
            if value in wanted:
                first((b"", value), number)

    def of(self, result: Result) -> int | None:
        """Return the number of the statement that a result is about; None where there is none."""
        focus = result.focus.encode()
        path, value = (result.path or "").encode(), (result.value or "").encode()
        for key in ((focus, path, value), (focus, path), (focus,), (b"", focus)):
            if (number := self._index.get(key)) is not None:
                return number
        return None
