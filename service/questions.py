"""The example questions of queries/questions: their header and their query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HEADER = "#+"
_LANGUAGE_LINE = re.compile(r'VALUES \?language \{ "[a-z]+" \}')


@dataclass(frozen=True)
class Question:
    """One question: its id, its wording by language, a summary, and the query that answers it."""

    id: str
    wording: Mapping[str, str]
    summary: str
    sparql: str

    def asked_in(self, language: str) -> str:
        """Return the query with its language parameter, where it has one, set to a language."""
        return _LANGUAGE_LINE.sub(f'VALUES ?language {{ "{language}" }}', self.sparql)


@cache
def questions() -> Mapping[str, Question]:
    """Return all questions by id, in the order of their ids."""
    folder = files("vises") / "queries" / "questions"
    texts = [f.read_text("utf-8") for f in folder.iterdir() if f.name.endswith(".rq")]
    found = sorted((read_question(text) for text in texts), key=lambda q: q.id)
    return {question.id: question for question in found}


def read_question(text: str) -> Question:
    """Read a file whose first lines, after `#+`, are `key: value` or `key:` with indented values.

    Raises `KeyError` where the id or the question is missing.
    """
    lines = text.splitlines()
    header = _header(line[len(_HEADER) :] for line in lines if line.startswith(_HEADER))
    query = "\n".join(line for line in lines if not line.startswith(_HEADER)).strip() + "\n"
    wording = header["question"]
    assert isinstance(wording, dict)
    return Question(str(header["id"]), wording, str(header.get("summary", "")), query)


def _header(lines: Iterable[str]) -> dict[str, str | dict[str, str]]:
    """Return the scalars and the one-level mappings of a header; its lists are not needed here."""
    found: dict[str, str | dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in lines:
        key, colon, value = line.strip().partition(":")
        if not colon or key.startswith("-"):
            continue
        if line.startswith("  "):
            section[key] = value.strip()
        elif value.strip():
            found[key] = value.strip()
        else:
            section = {}
            found[key] = section
    return found
