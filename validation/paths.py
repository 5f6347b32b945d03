"""SHACL property paths (section 2.3.1) in the syntax of SPARQL 1.1 property paths, and in Turtle.

A path that is not a single predicate is bracketed completely, so that each path has one spelling:
``(<a>/^<b>)``, ``(<a>|<b>)``, ``(<a>)*``.
"""

from __future__ import annotations

import re

_NAMES = {"*": "sh:zeroOrMorePath", "+": "sh:oneOrMorePath", "?": "sh:zeroOrOnePath"}
_TOKEN = re.compile(r"<[^>]*>|[()|/^*+?]")


def turtle_path(path: str) -> str:
    """Return the Turtle of a path in the syntax of SPARQL.

    >>> turtle_path("(<http://a>/^<http://b>)")
    '( <http://a> [ sh:inversePath <http://b> ] )'
    """
    tokens = _TOKEN.findall(path)
    tokens.reverse()
    return _turtle(tokens)


def _turtle(tokens: list[str]) -> str:
    """Read one path off the end of the reversed tokens."""
    opening = tokens.pop()
    if opening == "^":
        return f"[ sh:inversePath {_turtle(tokens)} ]"
    if opening != "(":
        return opening
    members, separator = [_turtle(tokens)], ""
    while (following := tokens.pop()) != ")":
        separator = following
        members.append(_turtle(tokens))
    if separator:
        listed = f"( {' '.join(members)} )"
        return f"[ sh:alternativePath {listed} ]" if separator == "|" else listed
    if tokens and tokens[-1] in _NAMES:
        return f"[ {_NAMES[tokens.pop()]} {members[0]} ]"
    return members[0]
