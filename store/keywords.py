"""Whether a query uses a keyword, decided by the engine's own parser.

Looking for a word in a query is easy to get wrong: it may stand in a string, a comment, an IRI or
a name, and the engine's grammar reads ``1SERVICE<iri>{}``, ``SERVICESILENT:x{}`` and
``?a<?b)SERVICE?x#>`` as calls, which a tokenizer after the specification does not. So every
occurrence of the word is replaced by one that no query uses, of the same length, and the result is
parsed: what was text or a name stays one, what was the keyword no longer parses.
"""

from __future__ import annotations

import re
from itertools import permutations

from pyoxigraph import Store

_ESCAPED = re.compile(r"\\\\|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_RARE = "qzxjkvwy"


def uses_keyword(query: str, keyword: str) -> bool:
    """Return whether the query has `keyword`, in letters of any case, where it works as one.

    Letters written as codepoint escapes count as the letters (SPARQL 1.1 Query Language, section
    19.2). A query that does not parse even without the word counts as using it, if it has the word
    at all: the caller learns why from `vises.store.syntax`. Nothing is evaluated on data, and no
    SERVICE is called.
    """
    text = _ESCAPED.sub(_letter, query)
    if keyword.lower() not in text.lower():
        return False
    try:
        Store().query(_without(text, keyword))
    except SyntaxError:
        return True
    except (OSError, RuntimeError, ValueError):
        return False
    return False


def _letter(escape: re.Match[str]) -> str:
    """Return the ASCII letter that is written as an escape; any other match as it stands."""
    digits = escape[1] or escape[2]
    code = int(digits, 16) if digits else 0
    letter = chr(code) if code < 128 else ""  # noqa: PLR2004 (ASCII)
    return letter if letter.isalpha() else escape[0]


def _without(text: str, keyword: str) -> str:
    """Replace the word, case by case, by letters that do not stand in the text in that order."""
    lower = text.lower()
    spare = next(
        word
        for word in map("".join, permutations(_RARE, len(keyword)))
        if word not in lower
    )

    def replace(found: re.Match[str]) -> str:
        pairs = zip(found[0], spare, strict=True)
        return "".join(new.upper() if old.isupper() else new for old, new in pairs)

    return re.sub(re.escape(keyword), replace, text, flags=re.IGNORECASE | re.ASCII)
