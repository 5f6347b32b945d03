"""What the servers do differently from the standards, learned from their Server header.

Measured on Virtuoso 7.2.5 and the Oxigraph server 0.5.13 (docs/operations.md, Remote engines).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_ROWS = 1 << 20
_CUT_HEADERS = ("X-SPARQL-MaxRows", "X-SQL-State")


@dataclass(frozen=True)
class Dialect:
    """How to ask a kind of server, and what to make of its answers.

    `results` is the media type to ask solutions in. `whole_graphs` says that a constructed graph
    is whole or an error.
    """

    results: str
    whole_graphs: bool

    def cut_sign(self, headers: Mapping[str, str]) -> str | None:
        """Return the header by which a server says that it left rows out."""
        return next((f"{h}: {headers[h]}" for h in _CUT_HEADERS if h in headers), None)

    def reader(self) -> Reader:
        """Return what the bytes of an answer go through before they are parsed."""
        return Reader()


class Reader:
    """Passes bytes through as they are."""

    def feed(self, data: bytes) -> bytes:
        """Take the next bytes and return what is ready."""
        return data

    def end(self) -> bytes:
        """Return what was held back."""
        return b""

    def full(self) -> bool:
        """Whether there are as many rows as the server ever gives."""
        return False


class _VirtuosoReader(Reader):
    """Gives blank nodes a label that the XML results format allows, and counts the rows.

    Neither sign can be part of a value: there ``<`` is written ``&lt;``.
    """

    def __init__(self) -> None:
        self._held = b""
        self._rows = 0

    def feed(self, data: bytes) -> bytes:
        lines, newline, rest = data.rpartition(b"\n")
        if not newline:
            self._held += data
            return b""
        ready, self._held = self._held + lines + newline, rest
        return self._rewritten(ready)

    def end(self) -> bytes:
        return self._rewritten(self._held)

    def full(self) -> bool:
        return self._rows >= _MOST_ROWS

    def _rewritten(self, data: bytes) -> bytes:
        self._rows += data.count(b"</result>")
        return data.replace(b"<bnode>nodeID://", b"<bnode>")


class _Virtuoso(Dialect):
    """Virtuoso cuts constructed graphs without a sign, and writes booleans as 1 in JSON."""

    def reader(self) -> Reader:
        return _VirtuosoReader()


STANDARD = Dialect("application/sparql-results+json", whole_graphs=True)
VIRTUOSO = _Virtuoso("application/sparql-results+xml", whole_graphs=False)


def dialect_of(headers: Mapping[str, str]) -> Dialect:
    """Return the dialect of a server by the headers of any of its responses."""
    return VIRTUOSO if headers.get("Server", "").startswith("Virtuoso") else STANDARD
