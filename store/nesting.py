"""How deeply triple terms may stand in one another (RDF 1.2 Concepts, section 3.4).

Nobody nests them by hand; the engine reads them by recursion, and one nested some thousand times
ends its process.
"""

from __future__ import annotations

import re

from pyoxigraph import Triple

from vises.errors import sentence

MOST_NESTED = 16
TOO_NESTED = sentence(
    "terms-nested",
    "Triple terms stand in one another more than {most} times.",
    most=MOST_NESTED,
)
_TEXT = re.compile(rb'"(?:[^"\\\r\n]|\\.)*"')
_BEGINS, _ENDS = b"<<(", b")>>"
_SIGNS = re.compile(b"|".join(map(re.escape, (_BEGINS, _ENDS))))

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
    """Tell the same of N-Quads before they are parsed."""
    if _BEGINS not in document:
        return False
    depth = 0
    for sign in _SIGNS.finditer(_TEXT.sub(b"", document)):
        depth = depth + 1 if sign[0] == _BEGINS else max(0, depth - 1)
        if depth > MOST_NESTED:
            return True
    return False
