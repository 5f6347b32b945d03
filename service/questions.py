"""The example questions of queries/questions: their header and their query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from vises.errors import NotFound, sentence
from vises.validation.header import split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.service.texts import Texts

TOPICS = {
    "E": "topic.enterprises",
    "I": "topic.indicators",
    "S": "topic.statistics",
    "M": "topic.method",
    "A": "topic.actors",
}
"""The texts that name the topics, by the letter that the ids of their questions begin with."""

_LANGUAGE_LINE = re.compile(r'VALUES \?language \{ "[a-z]+" \}')


@dataclass(frozen=True)
class Question:
    """One question: its id, its wording and summary by language, and the query that answers it.

    `endpoints` are those that a federated query calls, and so one that we do not run ourselves;
    `compared` says that the answers of two releases are to be compared.
    """

    id: str
    wording: Mapping[str, str]
    summary: Mapping[str, str]
    tags: tuple[str, ...]
    endpoints: tuple[str, ...]
    compared: bool
    sparql: str

    def asked_in(self, language: str) -> str:
        """Return the query with its language parameter, where it has one, set to a language."""
        return _LANGUAGE_LINE.sub(f'VALUES ?language {{ "{language}" }}', self.sparql)


class UnknownQuestion(NotFound):
    """There is no example question with that id."""

    kind = "unknown-question"
    title = "No such question"


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


def questions_by_topic() -> dict[str, list[Question]]:
    """Return the questions of `questions_here` under the texts of `TOPICS`, in its order."""
    here = questions_here()
    return {text: [q for q in here if q.id.startswith(letter)] for letter, text in TOPICS.items()}


def read_question(text: str) -> Question:
    """Read a file of queries/questions. Raises `KeyError` where it has no id."""
    header, query = split(text)
    federated = header.values.get("federated") == "true"
    endpoint = header.mapping("defaults").get("endpoint", "") if federated else ""
    return Question(
        id=header.values["id"],
        wording=header.mapping("question"),
        summary=header.mapping("summary"),
        tags=tuple(header.sections.get("tags", ())),
        endpoints=tuple(re.findall(r"<([^>]*)>", endpoint)),
        compared=header.values.get("compare") == "true",
        sparql=query,
    )


def heading(column: str, words: Texts) -> str:
    """Return what people call a column of an answer, in the language of `words`."""
    return words(f"column.{column}")


def parameter_heading(parameter: str, words: Texts) -> str:
    """Return what people call a parameter of a question, in the language of `words`."""
    return words(f"parameter.{parameter}")


def unknown_question(name: str, place: str) -> UnknownQuestion:
    """Return the error for an id that no question has; `place` is where it was asked for."""
    return UnknownQuestion(
        sentence("no-such-question", "There is no question {name}.", name=repr(name)),
        place=place,
        remedy=sentence(
            "questions-are", "The questions are {questions}.", questions=", ".join(questions())
        ),
    )
