"""Saying where a query stops making sense, and why, so that its writer can mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from vises.errors import sentence
from vises.namespaces import PREFIXES
from vises.store.engine import Mistake, QuerySyntaxError
from vises.store.update.request import UpdateSyntaxError

if TYPE_CHECKING:
    from collections.abc import Mapping

Problem = TypeVar("Problem", bound=QuerySyntaxError)

_MESSAGE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_GAP = r"(?:\s|#[^\r\n]*)*+"
_PROLOGUE = (
    rf"(?:\s|#[^\r\n]*|BASE{_GAP}<[^>]*>|PREFIX{_GAP}[^\s:]*:{_GAP}<[^>]*>"
    rf"|VERSION{_GAP}(?:\"[^\"\r\n]*\"|'[^'\r\n]*'))*+"
)
_UPDATE = re.compile(
    _PROLOGUE + r"(INSERT|DELETE|WITH|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY)\b", re.IGNORECASE
)
_NOTHING = re.compile(_PROLOGUE + r"\Z", re.IGNORECASE)
FIRST_WORD = re.compile(_PROLOGUE + r"(\w+)", re.IGNORECASE)
_FORMS = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
_TEXT = re.compile(
    r'''"""(?:\\.|[^\\])*?"""|'{3}(?:\\.|[^\\])*?'{3}'''
    r"""|<[^<>\s"{}|^`\\]*>|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\#[^\n]*""",
    re.DOTALL,
)
_LIKE_IRI = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^<>\n]*>")
_DECLARED = re.compile(r"PREFIX\s*([^\s:]*):", re.IGNORECASE)
_USED = re.compile(r"(?<![\w?$@:.%-])([^\W\d_][\w.-]*)?:")
_PAIRS = {"(": ")", "{": "}", "[": "]"}
_SHOWN_WIDTH = 100
_MOST_EXPECTED = 12


@dataclass(frozen=True)
class _Finding:
    """A name for what is wrong, and what to do about it.

    `sentence` and `remedy` may hold `{names}` of `values`; `offset` is where in the query it is,
    None where the parser told it best.
    """

    reason: str
    sentence: str
    remedy: str
    offset: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)


_RULES = {
    "The SELECT contains a variable that is unbound": _Finding(
        "ungrouped",
        "SELECT returns a variable that is neither grouped nor computed.",
        "With GROUP BY, return what it names, and COUNT, SUM or SAMPLE of anything else.",
    ),
    "SELECT * is not authorized with GROUP BY": _Finding(
        "star-grouped",
        "SELECT * and GROUP BY do not go together.",
        "Name what to return: what GROUP BY names, and COUNT, SUM or SAMPLE of anything else.",
    ),
    "Duplicated variable name in SELECT": _Finding(
        "same-name", "SELECT returns two columns of the same name.", "Rename one of them."
    ),
    "IRI parsing failed": _Finding(
        "bad-iri",
        "An IRI before this place cannot be read.",
        "Write it whole, as <https://...>, without a space, or with a prefix.",
    ),
    "should be a non negative integer": _Finding(
        "too-large",
        "This number is too large for LIMIT or OFFSET.",
        "Write a smaller one, or none.",
    ),
}
"""What pyoxigraph says in words, and what we say."""


def syntax_error(query: str, message: str) -> QuerySyntaxError:
    """Return the error for what pyoxigraph says of a query it cannot parse.

    The parser tells how far it came, which is often past the mistake; a bracket or quote that has
    no partner, a prefix that nothing declares and a first word that begins no query are found here.
    The detail has the line of the query with a caret below the column.
    """
    found = position(message)
    if found is None:
        return QuerySyntaxError(
            f"{message.rstrip('.')}.", remedy=sentence("correct-query", "Correct the query.")
        )
    line, column, expected = found
    return _marked(QuerySyntaxError, query, _finding(query, line, column, expected), line, column)


def update_syntax_error(update: str, expected: str, line: int, column: int) -> UpdateSyntaxError:
    """Return the same for an update, and where and what pyoxigraph expected."""
    code = _TEXT.sub(_blank, update)
    found = (
        _undeclared(code)
        or _lone_quote(code)
        or _lone_bracket(update, code)
        or _told(code, line, column, expected)
    )
    said, remedy = (text.replace("query", "update") for text in (found.sentence, found.remedy))
    found = replace(found, sentence=said, remedy=remedy)
    return _marked(UpdateSyntaxError, update, found, line, column)


def position(message: str) -> tuple[int, int, str] | None:
    """Return line, column and what was expected from what pyoxigraph says of a text."""
    found = _MESSAGE.match(message)
    return (int(found[1]), int(found[2]), found[3]) if found else None


def _marked(kind: type[Problem], query: str, found: _Finding, line: int, column: int) -> Problem:
    if found.offset is not None:
        line, column = _line_and_column(query, found.offset)
    return kind(
        f"{found.sentence.format(**found.values)}\n{_excerpt(query, line, column)}",
        place=f"line {line}, column {column}",
        remedy=found.remedy.format(**found.values),
        mistake=Mistake(line, column, found.reason, found.values),
    )


def _finding(query: str, line: int, column: int, expected: str) -> _Finding:
    if _NOTHING.match(query):
        return _Finding("empty", "The query is empty.", "Write one.")
    code = _TEXT.sub(_blank, query)
    return (
        _update(query)
        or _bad_iri(code, expected)
        or _undeclared(code)
        or _lone_quote(code)
        or _lone_bracket(query, code)
        or _no_form(query)
        or _told(code, line, column, expected)
    )


def _blank(text: re.Match[str]) -> str:
    """Return as many spaces as a string, IRI or comment has characters; its lines stay lines."""
    return re.sub(r"[^\n]", " ", text[0])


def _update(query: str) -> _Finding | None:
    update = _UPDATE.match(query)
    if update is None:
        return None
    return _Finding(
        "update",
        "This is an update ({word}), and only queries are answered here.",
        "Use SELECT, ASK, CONSTRUCT or DESCRIBE.",
        update.start(1),
        {"word": update[1].upper()},
    )


def _bad_iri(code: str, expected: str) -> _Finding | None:
    """Find an IRI that is none, before what stands in it is taken for a prefix."""
    told = "IRI parsing failed"
    return _RULES[told] if told in expected and _LIKE_IRI.search(code) else None


def _undeclared(code: str) -> _Finding | None:
    """Find the first prefix that a name has and nothing declares."""
    declared = set(_DECLARED.findall(code))
    for used in _USED.finditer(code):
        prefix = used[1] or ""
        if prefix not in declared:
            return _Finding(
                "undeclared-prefix",
                "The prefix {prefix}: is not declared.",
                "Put PREFIX {prefix}: <{iri}> at the top of the query.",
                used.start(),
                {"prefix": prefix, "iri": PREFIXES.get(prefix, "...")},
            )
    return None


def _lone_quote(code: str) -> _Finding | None:
    """Find a quote that no other one closes on its line: all that are closed are blank by now."""
    quote = re.search("[\"']", code)
    if quote is None:
        return None
    return _Finding(
        "lone-quote",
        "Nothing closes the quote {quote} that opens here.",
        "Close it on the same line, or write three quotes where the text has several lines.",
        quote.start(),
        {"quote": quote[0]},
    )


def _lone_bracket(query: str, code: str) -> _Finding | None:
    """Find the first bracket that closes nothing, closes another one, or is not closed."""
    opened: list[int] = []
    for bracket in re.finditer(r"[(){}\[\]]", code):
        if bracket[0] in _PAIRS:
            opened.append(bracket.start())
        elif not opened:
            return _Finding(
                "closes-nothing",
                "This {bracket} is one too much: nothing before it is open.",
                "Take it away, or open what it closes.",
                bracket.start(),
                {"bracket": bracket[0]},
            )
        elif _PAIRS[code[opened[-1]]] == bracket[0]:
            opened.pop()
        else:
            return _crossing(query, opened[-1], bracket.start())
    if not opened:
        return None
    last = code[opened[-1]]
    return _Finding(
        "never-closed",
        "The query ends too early: nothing closes the {bracket} that opens here.",
        "Close it with {closing}.",
        opened[-1],
        {"bracket": last, "closing": _PAIRS[last]},
    )


def _crossing(query: str, opening: int, closing: int) -> _Finding:
    line, column = _line_and_column(query, opening)
    values = {
        "bracket": query[closing],
        "opening": query[opening],
        "closing": _PAIRS[query[opening]],
    }
    return _Finding(
        "closes-another",
        "This {bracket} comes before the {opening} of line {line}, column {column} is closed.",
        "Close that one first with {closing}.",
        closing,
        {**values, "line": str(line), "column": str(column)},
    )


def _no_form(query: str) -> _Finding | None:
    word = FIRST_WORD.match(query)
    if word is None or word[1].upper() in _FORMS:
        return None
    values = {"word": word[1]}
    if word[1].upper() in {"PREFIX", "BASE"}:
        remedy = "Write PREFIX name: <iri> or BASE <iri>."
        return _Finding(
            "bad-prologue", "This {word} cannot be read.", remedy, word.start(1), values
        )
    return _Finding(
        "no-form",
        "No query begins with {word}.",
        "Begin with SELECT, ASK, CONSTRUCT or DESCRIBE, after the prefixes.",
        word.start(1),
        values,
    )


def _told(code: str, line: int, column: int, expected: str) -> _Finding:
    """Put the message of the parser into words; `code` is the query without strings and IRIs."""
    for told, finding in _RULES.items():
        if told in expected:
            return finding
    wanted = [e.strip() for e in dict.fromkeys(expected.split(", "))]
    wanted = [e for e in wanted if not e.startswith(("[", "|", "<unreported"))]
    ended = not "\n".join(code.split("\n")[line - 1 :])[column - 1 :].strip()
    if not wanted or (ended and code.rstrip().endswith("}")):
        return _Finding(
            "broken-rule",
            "A rule of SPARQL is broken before this place.",
            "Look for a function without a prefix, a condition without brackets, a variable that "
            "gets a value twice, or a blank node that stands in two groups.",
        )
    if ended:
        return _Finding("early-end", "The query ends too early.", "Write what is missing.")
    said = "The query stops making sense here or just before."
    remedy = "Look at what stands before the caret."
    if len(wanted) == 1:
        return _Finding("unexpected", said, remedy)
    more = " ..." if len(wanted) > _MOST_EXPECTED else ""
    possible = {"possible": " ".join(wanted[:_MOST_EXPECTED]) + more}
    said += " Possible would be: {possible}"
    return _Finding("unexpected-of", said, remedy, values=possible)


def _line_and_column(query: str, offset: int) -> tuple[int, int]:
    """Return the line and the column of an offset, both from 1."""
    before = query[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _excerpt(query: str, line: int, column: int) -> str:
    text = query.split("\n")[line - 1].replace("\t", " ").replace("\r", " ")
    start = max(0, column - 1 - _SHOWN_WIDTH // 2)
    return f"{text[start : start + _SHOWN_WIDTH]}\n{' ' * (column - 1 - start)}^"
