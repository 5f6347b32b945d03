"""Saying where a query stops making sense, and why, so that its writer can mend it."""

from __future__ import annotations

import re

from vises.store.engine import QuerySyntaxError
from vises.store.update.request import UpdateSyntaxError

_MESSAGE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_UPDATE = re.compile(
    r"(?:\s|#[^\n]*|BASE\s*<[^>]*>|PREFIX\s*[^\s:]*:\s*<[^>]*>)*+"
    r"(INSERT|DELETE|WITH|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY)\b",
    re.IGNORECASE,
)
_TEXT = re.compile(
    r"""<[^<>\s"{}|^`\\]*>|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\#[^\n]*""", re.VERBOSE
)
_DECLARED = re.compile(r"PREFIX\s*([^\s:]*):", re.IGNORECASE)
_USED = re.compile(r"(?<![\w?$@:.%-])([^\W\d_][\w.-]*)?:")
_SHOWN_WIDTH = 100
_MOST_EXPECTED = 12


def syntax_error(query: str, message: str) -> QuerySyntaxError:
    """Return the error for what pyoxigraph says of a query it cannot parse.

    The detail has the line of the query with a caret below the column.
    """
    found = position(message)
    if found is None:
        return QuerySyntaxError(f"{message.rstrip('.')}.", remedy="Correct the query.")
    line, column, expected = found
    reason, remedy = _reason(query, line, column, expected)
    return QuerySyntaxError(
        f"{reason}\n{_excerpt(query, line, column)}",
        place=f"line {line}, column {column}",
        remedy=remedy,
        line=line,
        column=column,
    )


def update_syntax_error(update: str, expected: str, line: int, column: int) -> UpdateSyntaxError:
    """Return the same for an update, and where and what pyoxigraph expected."""
    reason, remedy = _place(update, line, column, expected, "update")
    return UpdateSyntaxError(
        f"{reason}\n{_excerpt(update, line, column)}",
        place=f"line {line}, column {column}",
        remedy=remedy,
        line=line,
        column=column,
    )


def position(message: str) -> tuple[int, int, str] | None:
    """Return line, column and what was expected from what pyoxigraph says of a text."""
    found = _MESSAGE.match(message)
    return (int(found[1]), int(found[2]), found[3]) if found else None


def _reason(query: str, line: int, column: int, expected: str) -> tuple[str, str]:
    update = _UPDATE.match(query)
    if update:
        return (
            f"This is an update ({update[1].upper()}), and only queries are answered here.",
            "Use SELECT, ASK, CONSTRUCT or DESCRIBE.",
        )
    return _place(query, line, column, expected, "query")


def _place(query: str, line: int, column: int, expected: str, word: str) -> tuple[str, str]:
    prefix = _undeclared(query)
    if prefix is not None:
        return (
            f"The prefix {prefix}: is not declared.",
            f"Put PREFIX {prefix}: <...> at the top of the {word}.",
        )
    wanted = [e for e in dict.fromkeys(expected.split(", ")) if not e.startswith("[")]
    if not query.strip():
        return f"The {word} is empty.", "Write one."
    if not wanted:
        return "Something is missing or too much before this place.", "Count braces and brackets."
    if not "\n".join(query.split("\n")[line - 1 :])[column - 1 :].strip():
        return f"The {word} ends too early.", "Close what is open: a brace, a bracket or a quote."
    shown = " ".join(wanted[:_MOST_EXPECTED]) + (" ..." if len(wanted) > _MOST_EXPECTED else "")
    return (
        f"The {word} stops making sense here or just before. Possible would be: {shown}",
        "Look at what stands before the caret.",
    )


def _undeclared(query: str) -> str | None:
    """Return the first prefix that a name has and nothing declares."""
    text = _TEXT.sub(" ", query)
    declared = set(_DECLARED.findall(text))
    return next((used for used in _USED.findall(text) if used not in declared), None)


def _excerpt(query: str, line: int, column: int) -> str:
    text = query.split("\n")[line - 1].replace("\t", " ").replace("\r", " ")
    start = max(0, column - 1 - _SHOWN_WIDTH // 2)
    return f"{text[start : start + _SHOWN_WIDTH]}\n{' ' * (column - 1 - start)}^"
