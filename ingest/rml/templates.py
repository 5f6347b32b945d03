"""String templates: fixed text around column names in curly braces (R2RML, section 7.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.rml.model import Reference, Template

if TYPE_CHECKING:
    from vises.errors import Sentence

_TOKEN = re.compile(r"\\(?P<escaped>[\\{}])|(?P<special>[\\{}])|(?P<text>[^\\{}]+)")


def parse_template(text: str) -> Template:
    r"""Return the template that a string describes; ``\{``, ``\}`` and ``\\`` stand for themselves.

    Raises `ValueError` with a sentence that says at which character what is wrong.

    >>> parse_template("student/{ID}").parts
    ('student/', Reference(column='ID'))
    """
    parts: list[str | Reference] = []
    gathered = ""
    opened: int | None = None
    for token in _TOKEN.finditer(text):
        at = token.start() + 1
        match token["special"]:
            case None:
                gathered += token["escaped"] or token["text"]
            case "{" if opened is None:
                if gathered:
                    parts.append(gathered)
                gathered, opened = "", at
            case "}" if opened is not None:
                if not gathered:
                    raise ValueError(_empty(text, opened))
                parts.append(Reference(gathered))
                gathered, opened = "", None
            case "\\":
                raise ValueError(_backslash(text, at))
            case brace:
                raise ValueError(_unbalanced(text, brace, at))
    if opened is not None:
        raise ValueError(_unbalanced(text, "{", opened))
    if gathered or not parts:
        parts.append(gathered)
    return Template(tuple(parts))


def _empty(text: str, at: int) -> Sentence:
    return sentence(
        "braces-empty",
        "In the template {template!r} the braces at character {at} enclose no column name.",
        template=text,
        at=at,
    )


def _backslash(text: str, at: int) -> Sentence:
    return sentence(
        "backslash-alone",
        "In the template {template!r} the backslash at character {at} stands"
        " before neither a brace nor a backslash.",
        template=text,
        at=at,
    )


def _unbalanced(text: str, brace: str, at: int) -> Sentence:
    return sentence(
        "brace-unbalanced",
        "In the template {template!r} the brace {brace} at character {at} is unbalanced.",
        template=text,
        brace=brace,
        at=at,
    )
