"""The rules that a row can break, each with its sentence in English, French and Dutch."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_SEPARATOR = ", "
"""What stands between the columns of a key, where a refusal names them all."""

DUPLICATE = "duplicate"
"""The rule of rows whose key an earlier row of the table has."""


class Refusal(NamedTuple):
    """Why a row is refused: the rule's id, the column, its value, and what was expected."""

    rule: str
    column: str
    value: str
    expected: str


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """Return the sentence of each rule by id and language, with {column}, {value}, {expected}."""
    return _texts("rules.json")


@cache
def remedies() -> Mapping[str, Mapping[str, str]]:
    """Return what to do about a row by rule and language; `default` is for rules without any."""
    return _texts("remedies.json")


def remedy(rule: str, language: str) -> str:
    """Return what to do about a row that breaks a rule, in one of `LANGUAGES`."""
    return remedies().get(rule, remedies()["default"])[language]


def _texts(name: str) -> Mapping[str, Mapping[str, str]]:
    text = resources.files("vises.ingest").joinpath(name).read_text("utf-8")
    texts: Mapping[str, Mapping[str, str]] = json.loads(text)
    return texts


def explain(refusal: Refusal, language: str) -> str:
    """Return the sentence for a refusal in one of `LANGUAGES`; it never quotes the cell's text."""
    sentence = sentences()[refusal.rule][language]
    return sentence.format(column=refusal.column, expected=refusal.expected)
