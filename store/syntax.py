"""Saying where a query stops making sense, and why, so that its writer can mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vises.namespaces import PREFIXES
from vises.store.engine import QuerySyntaxError

_MESSAGE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_PROLOGUE = r"(?:\s|#[^\n]*|BASE\s*<[^>]*>|PREFIX\s*[^\s:]*:\s*<[^>]*>)*+"
_UPDATE = re.compile(
    _PROLOGUE + r"(INSERT|DELETE|WITH|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY)\b", re.IGNORECASE
)
_FIRST_WORD = re.compile(_PROLOGUE + r"(\w+)", re.IGNORECASE)
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_TEXT = re.compile(
    r'''"""(?:\\.|[^\\])*?"""|'{3}(?:\\.|[^\\])*?'{3}'''
    r"""|<[^<>\s"{}|^`\\]*>|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\#[^\n]*""",
    re.DOTALL,
)
_DECLARED = re.compile(r"PREFIX\s*([^\s:]*):", re.IGNORECASE)
_USED = re.compile(r"(?<![\w?$@:.%-])([^\W\d_][\w.-]*)?:")
_PAIRS = {"(": ")", "{": "}", "[": "]"}
_RULES = {
    "The SELECT contains a variable that is unbound": (
        "SELECT returns a variable that is neither grouped nor computed.",
        "With GROUP BY, return what it names, and COUNT, SUM or SAMPLE of anything else.",
    ),
    "SELECT * is not authorized with GROUP BY": (
        "SELECT * and GROUP BY do not go together.",
        "Name what to return: what GROUP BY names, and COUNT, SUM or SAMPLE of anything else.",
    ),
    "Duplicated variable name in SELECT": (
        "SELECT returns two columns of the same name.",
        "Rename one of them.",
    ),
    "IRI parsing failed": (
        "An IRI before this place cannot be read.",
        "Write it whole, as <https://...>, without a space, or with a prefix.",
    ),
}
"""What pyoxigraph says in words, and what we say."""
_SHOWN_WIDTH = 100
_MOST_EXPECTED = 12


@dataclass(frozen=True)
class _Finding:
    """What is wrong and what to do; where, as an offset in the query, if better known than told."""

    reason: str
    remedy: str
    offset: int | None = None


def syntax_error(query: str, message: str) -> QuerySyntaxError:
    """Return the error for what pyoxigraph says of a query it cannot parse.

    The parser tells how far it came, which is often past the mistake; a bracket or quote that has
    no partner, a prefix that nothing declares and a first word that begins no query are found here.
    The detail has the line of the query with a caret below the column.
    """
    told = _MESSAGE.match(message)
    if told is None:
        return QuerySyntaxError(f"{message.rstrip('.')}.", remedy="Correct the query.")
    line, column = int(told[1]), int(told[2])
    found = _finding(query, line, column, told[3])
    if found.offset is not None:
        line, column = _position(query, found.offset)
    return QuerySyntaxError(
        f"{found.reason}\n{_excerpt(query, line, column)}",
        place=f"line {line}, column {column}",
        remedy=found.remedy,
        line=line,
        column=column,
    )


def _finding(query: str, line: int, column: int, expected: str) -> _Finding:
    if not query.strip():
        return _Finding("The query is empty.", "Write one.")
    code = _TEXT.sub(_blank, query)
    return (
        _update(query)
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
    reason = f"This is an update ({update[1].upper()}), and only queries are answered here."
    return _Finding(reason, "Use SELECT, ASK, CONSTRUCT or DESCRIBE.", update.start(1))


def _undeclared(code: str) -> _Finding | None:
    """Find the first prefix that a name has and nothing declares."""
    declared = set(_DECLARED.findall(code))
    for used in _USED.finditer(code):
        prefix = used[1] or ""
        if prefix not in declared:
            iri = PREFIXES.get(prefix, "...")
            remedy = f"Put PREFIX {prefix}: <{iri}> at the top of the query."
            return _Finding(f"The prefix {prefix}: is not declared.", remedy, used.start())
    return None


def _lone_quote(code: str) -> _Finding | None:
    """Find a quote that no other one closes on its line: all that are closed are blank by now."""
    quote = re.search("[\"']", code)
    if quote is None:
        return None
    return _Finding(
        f"Nothing closes the quote {quote[0]} that opens here.",
        "Close it on the same line, or write three quotes where the text has several lines.",
        quote.start(),
    )


def _lone_bracket(query: str, code: str) -> _Finding | None:
    """Find the first bracket that closes nothing, closes another one, or is not closed."""
    opened: list[int] = []
    for bracket in re.finditer(r"[(){}\[\]]", code):
        if bracket[0] in _PAIRS:
            opened.append(bracket.start())
        elif not opened:
            reason = f"This {bracket[0]} is one too much: nothing before it is open."
            return _Finding(reason, "Take it away, or open what it closes.", bracket.start())
        elif _PAIRS[code[opened[-1]]] == bracket[0]:
            opened.pop()
        else:
            last = opened[-1]
            line, column = _position(query, last)
            return _Finding(
                f"This {bracket[0]} comes before the {code[last]} of line {line}, column {column} "
                "is closed.",
                f"Close that one first with {_PAIRS[code[last]]}.",
                bracket.start(),
            )
    if not opened:
        return None
    last = code[opened[-1]]
    reason = f"The query ends too early: nothing closes the {last} that opens here."
    return _Finding(reason, f"Close it with {_PAIRS[last]}.", opened[-1])


def _no_form(query: str) -> _Finding | None:
    word = _FIRST_WORD.match(query)
    if word is None or word[1].upper() in _FORMS:
        return None
    if word[1].upper() in {"PREFIX", "BASE"}:
        reason = f"This {word[1].upper()} cannot be read."
        return _Finding(reason, "Write PREFIX name: <iri> or BASE <iri>.", word.start(1))
    return _Finding(
        f"No query begins with {word[1]}.",
        f"Begin with {', '.join(_FORMS[:-1])} or {_FORMS[-1]}, after the prefixes.",
        word.start(1),
    )


def _told(code: str, line: int, column: int, expected: str) -> _Finding:
    """Put the message of the parser into words; `code` is the query without strings and IRIs."""
    for told, (reason, remedy) in _RULES.items():
        if told in expected:
            return _Finding(reason, remedy)
    wanted = [e.strip() for e in dict.fromkeys(expected.split(", "))]
    wanted = [e for e in wanted if not e.startswith(("[", "|", "<unreported"))]
    ended = not "\n".join(code.split("\n")[line - 1 :])[column - 1 :].strip()
    if not wanted or (ended and code.rstrip().endswith("}")):
        return _Finding(
            "A rule of SPARQL is broken before this place.",
            "Look for a function without a prefix, a condition without brackets, a variable that "
            "gets a value twice, or a blank node that stands in two groups.",
        )
    if ended:
        return _Finding("The query ends too early.", "Write what is missing.")
    reason = "The query stops making sense here or just before."
    if len(wanted) > 1:
        more = " ..." if len(wanted) > _MOST_EXPECTED else ""
        reason += f" Possible would be: {' '.join(wanted[:_MOST_EXPECTED])}{more}"
    return _Finding(reason, "Look at what stands before the caret.")


def _position(query: str, offset: int) -> tuple[int, int]:
    """Return the line and the column of an offset, both from 1."""
    before = query[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _excerpt(query: str, line: int, column: int) -> str:
    text = query.split("\n")[line - 1].replace("\t", " ").replace("\r", " ")
    start = max(0, column - 1 - _SHOWN_WIDTH // 2)
    return f"{text[start : start + _SHOWN_WIDTH]}\n{' ' * (column - 1 - start)}^"
