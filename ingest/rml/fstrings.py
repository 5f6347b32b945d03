"""Generated f-strings: fixed text that cannot become code, and variables that we named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Variable:
    """A name in the generated code."""

    name: str


Part = str | Variable


def fstring(parts: Iterable[Part]) -> str:
    r"""Return the source of an f-string (or string) that puts these parts one after the other.

    >>> fstring(["<http://example.org/{", Variable("c0"), ">\n"])
    "f'<http://example.org/{{{c0}>\\n'"
    """
    found = list(parts)
    if not any(isinstance(part, Variable) for part in found):
        return repr("".join(part for part in found if isinstance(part, str)))
    inside = "".join(
        f"{{{part.name}}}" if isinstance(part, Variable) else _fixed(part) for part in found
    )
    return f"f'{inside}'"


def _fixed(text: str) -> str:
    # With both kinds of quote in the text, repr always takes single ones and escapes them inside.
    quoted = repr(text + "\"'")
    return quoted[1 : -len("\"\\''")].replace("{", "{{").replace("}", "}}")
