"""What can be wrong with a mapping, and with a value that a mapping is applied to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import BadInput, Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable


class MappingError(BadInput):
    """A mapping cannot be read, uses a construct outside the subset, or does not fit its source."""

    kind = "mapping"
    title = "The mapping cannot be used"


class DataError(BadInput):
    """A value cannot become the RDF term that the mapping asks for (R2RML, section 3.4).

    `column` is the column's name (several are separated by a comma), `value` the value as it
    stands in the row or, where several columns make one term, the text they make together,
    `reason` says in a few words what is wrong with it, and `expected` what it should be, in signs
    that need no language.
    """

    kind = "row-value"
    title = "A value cannot become an RDF term"

    def __init__(self, column: str, value: str, reason: str, expected: str = "") -> None:
        """Keep the facts, from which a quarantine entry is made."""
        super().__init__(f"The value {value!r} of column {column!r} {reason}.")
        self.column = column
        self.value = value
        self.reason = reason
        self.expected = expected

    def __reduce__(self) -> tuple[type[DataError], tuple[str, str, str, str]]:
        """Survive the way back from a worker process."""
        return DataError, (self.column, self.value, self.reason, self.expected)


def reads_not(source: str) -> Sentence:
    """Say that a mapping does not read a source."""
    return sentence("mapping-reads-not", "The mapping reads no source {source!r}.", source=source)


def reads(sources: Iterable[str]) -> Sentence:
    """Say which sources a mapping reads."""
    return sentence(
        "mapping-reads", "It reads {names}.", names=", ".join(map(repr, sorted(sources)))
    )


def supported(known: Iterable[str]) -> Sentence:
    """Say what can stand in a place."""
    return sentence("supported", "Supported here: {known}.", known=", ".join(known))
