"""Sentences of errors and of long work, in the language of who reads them."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from vises.errors import Sentence
from vises.service.pages.values import number

if TYPE_CHECKING:
    from vises.service.texts import Texts


def in_words(said: str, words: Texts) -> str:
    """Return a sentence in the language of the texts, or as it is where they do not have it."""
    if isinstance(said, Sentence) and (other := words.find(f"said.{said.reason}")):
        return _Filler(words).vformat(other, (), said.values)
    return said


class _Filler(Formatter):
    """Fills the places of a sentence with what a language says.

    Counts, such as `{most:,}`, have its thousands sign; sentences within it are said in it, too.
    """

    def __init__(self, words: Texts) -> None:
        self._words = words

    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec == ",":
            return number(str(value), self._words)
        if isinstance(value, Sentence):
            return in_words(value, self._words)
        return str(super().format_field(value, format_spec))
