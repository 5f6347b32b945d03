"""The example questions of queries/questions: their header and their query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from vises.validation.header import split

if TYPE_CHECKING:
    from collections.abc import Mapping

_LANGUAGE_LINE = re.compile(r'VALUES \?language \{ "[a-z]+" \}')


@dataclass(frozen=True)
class Question:
    """One question: its id, its wording by language, a summary, and the query that answers it.

    `endpoints` are those that a federated query calls, and so one that we do not run ourselves;
    `compared` says that the answers of two releases are to be compared.
    """

    id: str
    wording: Mapping[str, str]
    summary: str
    tags: tuple[str, ...]
    endpoints: tuple[str, ...]
    compared: bool
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


def questions_here() -> list[Question]:
    """Return the questions that this endpoint answers: those that ask no other endpoint too."""
    return [question for question in questions().values() if not question.endpoints]


def read_question(text: str) -> Question:
    """Read a file of queries/questions. Raises `KeyError` where it has no id."""
    header, query = split(text)
    federated = header.values.get("federated") == "true"
    endpoint = header.mapping("defaults").get("endpoint", "") if federated else ""
    return Question(
        id=header.values["id"],
        wording=header.mapping("question"),
        summary=header.values.get("summary", ""),
        tags=tuple(header.sections.get("tags", ())),
        endpoints=tuple(re.findall(r"<([^>]*)>", endpoint)),
        compared=header.values.get("compare") == "true",
        sparql=query,
    )
