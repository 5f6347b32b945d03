"""The words of the pages, in each language, from the files of service/texts/LANGUAGE."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ENGLISH = "en"
"""The language of the texts that every other one translates."""


class Texts:
    """The words of one language, by keys such as `home.title`.

    What a language does not say yet is said in English, so that a new one can be tried before it
    is complete. It is offered to visitors (`vises.languages`) when nothing is missing: tests
    compare.
    """

    def __init__(
        self, language: str, words: Mapping[str, str], english: Mapping[str, str] | None = None
    ) -> None:
        """Keep the words under their full keys; `english` are those that stand in for others."""
        self.language = language
        self._words = words
        self._english = english or {}

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its `{placeholders}` filled. Raises `KeyError` for an unknown key."""
        text = self._words[key] if key in self._words else self._english[key]
        return text.format(**values)

    @staticmethod
    def own_name(language: str) -> str:
        """Return what a language calls itself."""
        return texts(language)("site.own-name")

    def find(self, key: str) -> str | None:
        """Return a text, None where there is none: for words that data may or may not need."""
        return self._words.get(key)

    @property
    def keys(self) -> frozenset[str]:
        """All keys."""
        return frozenset(self._words)


@cache
def texts(language: str) -> Texts:
    """Return the texts of a language that has a folder in service/texts."""
    folder = files("vises") / "service" / "texts"
    return read_texts(language, folder)


def read_texts(language: str, folder: Traversable) -> Texts:
    """Return the texts of a language from a folder that has one for each language."""
    words = _words(folder / language)
    return Texts(language, words, None if language == ENGLISH else _words(folder / ENGLISH))


def _words(folder: Traversable) -> Mapping[str, str]:
    tables = [tomllib.loads(f.read_text("utf-8")) for f in folder.iterdir()]
    return {k: v for table in tables for k, v in _flat(table, "")}


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
