"""String templates: fixed text around column names in curly braces (R2RML, section 7.3)."""

from __future__ import annotations

import re

from vises.ingest.rml.model import Reference, Template

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
                    raise ValueError(f"the braces at character {opened} enclose no column name")
                parts.append(Reference(gathered))
                gathered, opened = "", None
            case "\\":
                raise ValueError(
                    f"the backslash at character {at} stands before neither a brace nor a backslash"
                )
            case brace:
                raise ValueError(f"the brace {brace} at character {at} is unbalanced")
    if opened is not None:
        raise ValueError(f"the brace {{ at character {opened} is unbalanced")
    if gathered or not parts:
        parts.append(gathered)
    return Template(tuple(parts))
