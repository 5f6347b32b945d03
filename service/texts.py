"""The words of the pages, in each language, from the files of service/texts/LANGUAGE."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from vises.service.language import LANGUAGES


class Texts:
    """The words of one language, by keys such as `home.title`."""

    def __init__(self, language: str, words: Mapping[str, str]) -> None:
        """Keep the words under their full keys."""
        self.language = language
        self._words = words

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its `{placeholders}` filled. Raises `KeyError` for an unknown key."""
        return self._words[key].format(**values)

    def find(self, key: str) -> str | None:
        """Return a text, None where there is none: for words that data may or may not need."""
        return self._words.get(key)

    @property
    def keys(self) -> frozenset[str]:
        """All keys."""
        return frozenset(self._words)


@cache
def texts(language: str) -> Texts:
    """Return the texts of `en`, `fr` or `nl`."""
    folder = files("vises") / "service" / "texts" / language
    tables = [tomllib.loads(f.read_text("utf-8")) for f in folder.iterdir()]
    return Texts(language, {k: v for table in tables for k, v in _flat(table, "")})


def all_texts() -> tuple[Texts, ...]:
    """Return the texts of every language."""
    return tuple(texts(language) for language in LANGUAGES)


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
