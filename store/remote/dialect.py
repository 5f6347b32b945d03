"""What the servers do differently from the standards, learned from their Server header.

Measured on Virtuoso 7.2.5 and the Oxigraph server 0.5.13 (docs/operations.md, Remote engines).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.store.keywords import unescaped

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_ROWS = 1 << 20
_CHANGED = (
    b'<literal datatype="http://www.w3.org/2001/XMLSchema#duration">',
    b'<literal datatype="http://www.openlinksw.com/schemas/virtrdf#Geometry">',
)
_CUT_HEADERS = ("X-SPARQL-MaxRows", "X-SQL-State")


_TERMS = re.compile(
    r"""<[^<>\s"{}|^`\\]*>|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\#[^\n]*""", re.VERBOSE
)
_NAMES = re.compile(r"[?$]\w+|(?:[^\W\d_][\w.-]*)?:[\w.:-]*")
_WORDS = re.compile(r"[^\W\d_]+")
_STARS = re.compile(r"SELECT\s+(?:DISTINCT\s+)?\*|COUNT\s*\(\s*\*\s*\)", re.IGNORECASE)
_COMPARED = re.compile(r"[<>=!&]")
_BEYOND = re.compile(r"[/|^*+?\[\]'\"@\\%-]|!(?!=)|\d[.eE]|\(\s*\)|\{\s*\}")
_TRUSTED = frozenset(
    ("PREFIX", "SELECT", "DISTINCT", "COUNT", "AS", "WHERE", "ASK", "GRAPH", "GROUP", "BY", "A")
)


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

    def trusts(self, query: str) -> bool:  # noqa: ARG002 (a server to the standard takes each)
        """Whether a server of this kind answers a query, which must parse, as the standards say."""
        return True

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

    def doubt(self) -> str | None:
        """Return why what was read cannot be trusted, None where it can."""
        return None


class _VirtuosoReader(Reader):
    """Gives blank nodes a label that the XML results format allows, and looks at rows and types.

    None of the signs can be part of a value: there ``<`` is written ``&lt;``.
    """

    def __init__(self) -> None:
        self._held = b""
        self._rows = 0
        self._changed = False

    def feed(self, data: bytes) -> bytes:
        lines, newline, rest = data.rpartition(b"\n")
        if not newline:
            self._held += data
            return b""
        ready, self._held = self._held + lines + newline, rest
        return self._rewritten(ready)

    def end(self) -> bytes:
        return self._rewritten(self._held)

    def doubt(self) -> str | None:
        if self._rows >= _MOST_ROWS:
            return "The engine gave as many rows as it ever does, so some may be missing."
        if self._changed:
            return "The engine gives durations and geometries in another form than it took them."
        return None

    def _rewritten(self, data: bytes) -> bytes:
        self._rows += data.count(b"</result>")
        self._changed = self._changed or any(sign in data for sign in _CHANGED)
        return data.replace(b"<bnode>nodeID://", b"<bnode>")


class _Cautious(Dialect):
    """A kind of server of which it was not measured that it answers as the standards say.

    Only one plain pattern is trusted to it, with DISTINCT, COUNT and GROUP BY: where column stores
    are fastest, and where Virtuoso, which answers 103 of 308 tests of the W3C suite differently,
    was found right.
    """

    def trusts(self, query: str) -> bool:
        text = _NAMES.sub("_", _TERMS.sub("_", unescaped(query)))
        words = [word.upper() for word in _WORDS.findall(text)]
        head, tail = text.partition("{")[0], text.rpartition("}")[2]
        return (
            _TRUSTED.issuperset(words)
            and words.count("AS") == words.count("COUNT")
            and text.count("{") == words.count("GRAPH") + 1
            and _COMPARED.search(head + tail) is None
            and _BEYOND.search(_STARS.sub(" ", text)) is None
        )


class _Virtuoso(_Cautious):
    """Virtuoso cuts constructed graphs without a sign, and writes booleans as 1 in JSON."""

    def reader(self) -> Reader:
        return _VirtuosoReader()


STANDARD = Dialect("application/sparql-results+json", whole_graphs=True)
CAUTIOUS = _Cautious("application/sparql-results+json", whole_graphs=False)
VIRTUOSO = _Virtuoso("application/sparql-results+xml", whole_graphs=False)
_KINDS = {"Oxigraph": STANDARD, "Virtuoso": VIRTUOSO}


def dialect_of(headers: Mapping[str, str]) -> Dialect:
    """Return the dialect of a server by the headers of any of its responses."""
    return _KINDS.get(headers.get("Server", "").partition("/")[0], CAUTIOUS)
