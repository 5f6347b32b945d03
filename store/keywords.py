"""Whether a query uses a keyword, decided by the engine's own parser.

Looking for a word in a query is easy to get wrong: it may stand in a string, a comment, an IRI or
a name, and the engine's grammar reads ``1SERVICE<iri>{}``, ``SERVICESILENT:x{}`` and
``?a<?b)SERVICE?x#>`` as calls, which a tokenizer written after the specification does not. So
every occurrence of the word is replaced by one that no query uses, of the same length, and the
result is parsed: what was text or a name stays one, what was the keyword no longer parses.
"""

from __future__ import annotations

import re
import typing
from itertools import permutations
from typing import TYPE_CHECKING

from pyoxigraph import Literal, Store, Variable

from vises.store.syntax import FIRST_WORD

if TYPE_CHECKING:
    from collections.abc import Callable

_ESCAPED = re.compile(r"\\\\|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_RARE = "qzxjkvwyfgbh"
_BASE = "http://base.invalid/"
"""A query may have relative IRIs (`QueryRequest.base_iri`), which parse with any base."""


Kind = typing.Literal["table", "graph", "boolean"]
"""What a query answers with: SELECT, CONSTRUCT or DESCRIBE, ASK."""


def kind_of(query: str) -> Kind:
    """Return what a query answers with; a table where its first word is none of the four forms.

    That word says it (SPARQL 1.1 Query Language, section 19.8, rule 2). Nothing is parsed: the
    service asks in its own process, which a query that nests deeply would hold or end.
    """
    found = FIRST_WORD.match(unescaped(query))
    word = found[1].upper() if found else ""
    if word in {"CONSTRUCT", "DESCRIBE"}:
        return "graph"
    return "boolean" if word == "ASK" else "table"


def uses_keyword(query: str, keyword: str) -> bool:
    """Return whether the query has `keyword`, in letters of any case, where it works as one.

    Letters written as codepoint escapes count as the letters (SPARQL 1.1 Query Language, section
    19.2). A query that does not parse uses no keyword. Nothing is evaluated, no SERVICE is called.
    """
    return uses_word(query, keyword, _parses)


def uses_word(query: str, keyword: str, parses: Callable[[str], bool]) -> bool:
    """Return the same for whatever a function parses, which says whether it could."""
    text = _ESCAPED.sub(_letter, query) if "\\" in query else query
    if keyword.lower() not in text.lower():
        return False
    return not parses(_without(text, keyword)) and (parses(query) or parses(text))


def parse_error(query: str, base_iri: str | None = None) -> SyntaxError | None:
    """Parse a query without evaluating it, and return what is wrong with it.

    Relative IRIs are wrong without `base_iri`.

    pyoxigraph refuses a substitution for a variable that the query does not have; it does so after
    parsing and before evaluating, for each of the four query forms.
    """
    try:
        _refused(query, base_iri)
    except SyntaxError as error:
        return error
    return None


def returns_variable(query: str, name: str) -> bool:
    """Return whether a query, which must parse, takes a substitution for a variable.

    Those are the variables that SELECT returns, and any in the pattern of the other forms.
    pyoxigraph names one of the variables that it has no place for, and the other one given is none
    of the query: so it is asked until one that is missing would have been named, but for one in
    2^40.
    """
    missing = f"?{name} "
    return not any(missing in _refused(query, None, Variable(name)) for _ in range(40))


def _refused(query: str, base_iri: str | None, *before: Variable) -> str:
    """Return which variable a query has no place for: one of those given, or one of no query."""
    nowhere = Variable(_spare(query.lower(), len(_RARE)))
    try:
        Store().query(
            query, base_iri=base_iri, substitutions=dict.fromkeys((*before, nowhere), Literal(""))
        )
    except RuntimeError as error:
        return str(error)
    raise AssertionError(query)


def unescaped(query: str) -> str:
    """Return a query with every codepoint escape replaced by its letter (section 19.2)."""
    return _ESCAPED.sub(_letter_or_sign, query)


def _parses(query: str) -> bool:
    return parse_error(query, _BASE) is None


def _letter_or_sign(escape: re.Match[str]) -> str:
    return chr(int(escape[1] or escape[2] or "5C", 16) % 0x110000)


def _letter(escape: re.Match[str]) -> str:
    """Return the ASCII letter that is written as an escape; any other match as it stands."""
    letter = _letter_or_sign(escape)
    return letter if letter.isascii() and letter.isalpha() else escape[0]


def _without(text: str, keyword: str) -> str:
    """Replace the word, letter by letter and case by case, by one that is not in the text."""
    spare = _spare(text.lower(), len(keyword))

    def replace(found: re.Match[str]) -> str:
        pairs = zip(found[0], spare, strict=True)
        return "".join(new.upper() if old.isupper() else new for old, new in pairs)

    return re.sub(keyword, replace, text, flags=re.IGNORECASE | re.ASCII)


def _spare(lower: str, length: int) -> str:
    """Return a word of different letters that is not in a text of small letters."""
    return next(w for w in map("".join, permutations(_RARE, length)) if w not in lower)
