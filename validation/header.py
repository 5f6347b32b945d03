"""The header of a query file: lines that begin with ``#+`` and say what the query is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MARK = "#+"


@dataclass(frozen=True)
class Header:
    """What a header says: values by key, and for a key without a value the lines below it."""

    values: Mapping[str, str]
    sections: Mapping[str, Sequence[str]]

    def mapping(self, key: str) -> dict[str, str]:
        """Return the lines below a key as ``name: value`` pairs; none where the key is not there.

        >>> Header({}, {"question": ["en: Who?", "fr: Qui ?"]}).mapping("question")
        {'en': 'Who?', 'fr': 'Qui ?'}
        """
        pairs = (line.partition(":") for line in self.sections.get(key, ()))
        return {name.strip(): value.strip() for name, _, value in pairs}


def split(text: str) -> tuple[Header, str]:
    """Return the header of a query file, and the query without it.

    A key stands at the left, the lines below it are indented, and the dash of a list is left out.
    """
    lines = text.splitlines()
    query = "\n".join(line for line in lines if not line.startswith(_MARK)).strip() + "\n"
    values: dict[str, str] = {}
    sections: dict[str, list[str]] = {}
    below: list[str] = []
    for line in (line.removeprefix(f"{_MARK} ") for line in lines if line.startswith(_MARK)):
        if line.startswith(" "):
            below.append(line.strip().removeprefix("- "))
            continue
        key, _, value = line.partition(":")
        if value.strip():
            values[key] = value.strip()
        else:
            below = sections[key] = []
    return Header(values, sections), query
