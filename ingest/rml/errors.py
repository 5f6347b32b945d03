"""What can be wrong with a mapping, and with a value that a mapping is applied to."""

from __future__ import annotations

from vises.errors import BadInput


class MappingError(BadInput):
    """A mapping cannot be read, uses a construct outside the subset, or does not fit its source."""

    kind = "mapping"
    title = "The mapping cannot be used"


class DataError(BadInput):
    """A value cannot become the RDF term that the mapping asks for (R2RML, section 3.4).

    `column` is the column's name (several are separated by a comma), `value` the value as it
    stands in the row or, where several columns make one term, the text they make together, and
    `reason` says in a few words what is wrong with it.
    """

    kind = "row-value"
    title = "A value cannot become an RDF term"

    def __init__(self, column: str, value: str, reason: str) -> None:
        """Keep the three facts, from which a quarantine entry is made."""
        super().__init__(f"The value {value!r} of column {column!r} {reason}.")
        self.column = column
        self.value = value
        self.reason = reason

    def __reduce__(self) -> tuple[type[DataError], tuple[str, str, str]]:
        """Survive the way back from a worker process."""
        return DataError, (self.column, self.value, self.reason)
