"""How deeply triple terms may stand in one another (RDF 1.2 Concepts, section 3.4).

Nobody nests them by hand; the engine reads them by recursion, and one nested some thousand times
ends its process.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from pyoxigraph import Triple

from vises.errors import sentence
from vises.namespaces import PREFIXES

MOST_NESTED = 16
TOO_NESTED = sentence(
    "terms-nested",
    "Triple terms stand in one another more than {most} times.",
    most=MOST_NESTED,
)
_BEGINS, _ENDS = b"<<(", b")>>"
_TOKENS = re.compile(
    rb'''\\.|"""(?:\\.|[^\\])*?"""|'{3}(?:\\.|[^\\])*?'{3}|"(?:\\.|[^"\\\r\n])*"'''
    rb"""|'(?:\\.|[^'\\\r\n])*'|<[^<>"{}|^`\x00-\x20]*>|#[^\r\n]*|<<\(|\)>>""",
    re.DOTALL,
)
_TRIPLE = f"{PREFIXES['rdf']} parseType"

NAME_INNER = sentence("name-inner", "Give the inner ones names of their own.")


def too_deep(term: object) -> bool:
    """Tell whether a term is a triple with more than `MOST_NESTED` others in one another."""
    depth = 0
    while isinstance(term, Triple):
        term = term.object
        depth += 1
        if depth > MOST_NESTED:
            return True
    return False


def nests_too_deeply(document: bytes) -> bool:
    """Tell the same of N-Quads, or of Turtle, before they are parsed."""
    if _BEGINS not in document:
        return False
    depth = 0
    for token in _TOKENS.finditer(document):
        if token[0] == _BEGINS:
            depth += 1
        elif token[0] == _ENDS:
            depth = max(0, depth - 1)
        if depth > MOST_NESTED:
            return True
    return False


def xml_nests_too_deeply(document: bytes) -> bool:
    """Tell the same of RDF/XML (RDF 1.2 XML Syntax, parseType="Triple").

    What is not well-formed is left to who parses it.
    """
    opened: list[bool] = []
    depth = 0

    def begin(_: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        opened.append(attributes.get(_TRIPLE) == "Triple")
        depth += opened[-1]
        if depth > MOST_NESTED:
            raise _TooDeep

    def end(_: str) -> None:
        nonlocal depth
        depth -= opened.pop()

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        parser.Parse(document, True)  # noqa: FBT003 (expat's interface: that was all)
    except expat.ExpatError:
        return False
    except _TooDeep:
        return True
    return False


class _TooDeep(Exception):
    pass
