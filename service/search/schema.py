"""The fields of an index, and how one is opened.

Texts come to the index as words that `vises.service.search.words` made, so an analyser has only to
part them at the spaces and, in the fields of a language, to reduce them to their stems.
"""

from __future__ import annotations

import os
from functools import cache
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tantivy import Filter, Index, Order, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

if TYPE_CHECKING:
    from tantivy import Schema, TextAnalyzer

STEMMED = {"fr": "French", "nl": "Dutch", "en": "English"}
"""The fields of words reduced to stems, by language: names and definitions."""

KIND, REGION, FORM, ACTIVITY, THEME, CEASED, FICTITIOUS = (
    "kind",
    "region",
    "form",
    "activity",
    "theme",
    "ceased",
    "fictitious",
)
COUNTED = (KIND, REGION, FORM, ACTIVITY, THEME, CEASED, FICTITIOUS)
"""The fields by which answers are counted and limited: IRIs, and words of ours."""

IRI = "iri"
GRAPHS, MISSING = "graphs", "missing"
"""Which graphs a document is of, and which others say more of its thing."""

NAME, EXACT, START, PLACE, CODE = "name", "exact", "start", "place", "code"
"""Words of names; whole names; beginnings of names; words of places; identifiers and codes."""

ORDER, BY_NAME = "order", "byName"
"""A number made from the IRI, and a text that begins with the words of the name: two orders."""

STRETCH, MARKS, ROW = "stretch", "marks", "row"
"""What lists are made from: words for stretches of the first order, marks (`cells`), rows."""

SHOWN = "shown"
"""What an answer shows, as JSON."""

_WORDS = "words"


@cache
def schema() -> Schema:
    """Return the fields."""
    made = SchemaBuilder()
    for field in (IRI, GRAPHS, MISSING, EXACT, START, CODE):
        made.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in COUNTED:
        made.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
    for field in (STRETCH, MARKS):
        made.add_text_field(field, tokenizer_name="raw", index_option="basic")
    made.add_text_field(BY_NAME, tokenizer_name="raw", index_option="basic", fast=True)
    made.add_unsigned_field(ORDER, fast=True)
    made.add_bytes_field(ROW, stored=True)
    made.add_text_field(NAME, tokenizer_name=_WORDS, index_option="position")
    made.add_text_field(PLACE, tokenizer_name=_WORDS, index_option="freq")
    for field in STEMMED:
        made.add_text_field(field, tokenizer_name=field, index_option="freq")
    made.add_bytes_field(SHOWN, stored=True)
    return made.build()


@cache
def analyser(field: str) -> TextAnalyzer:
    """Return what makes the terms of a field of `STEMMED`, or of another one, from words."""
    made = TextAnalyzerBuilder(Tokenizer.whitespace())
    if field in STEMMED:
        made = made.filter(Filter.stemmer(STEMMED[field]))
    return made.build()


def stem(word: str, language: str) -> str:
    """Return the stem of a word in a language of `STEMMED`."""
    return analyser(language).analyze(word)[0]


def order_of(iri: str) -> int:
    """Return the place of an IRI in the usual order of lists: 63 bits of its BLAKE2b digest."""
    return int.from_bytes(blake2b(iri.encode(), digest_size=8).digest()) >> 1


def create(folder: Path) -> Index:
    """Make an empty index in an empty folder. Raises `ValueError`.

    What stands side by side in lists does so in its files.
    """
    made = Index(schema(), str(folder), reuse=False, sort_by_field=ORDER, sort_order=Order.Asc)
    return _ready(made)


def opened(folder: Path) -> Index:
    """Open an index, to which nobody else writes meanwhile. Raises `ValueError` and `OSError`.

    Tantivy locks the folder while it maps the files of an index. Where nothing can be written
    there, the lock lies in a temporary folder that leads to the files.
    """
    if os.access(folder, os.W_OK):
        return _opened(folder)
    with TemporaryDirectory(prefix="vises-") as name:
        for file in folder.iterdir():
            if file.suffix != ".lock":
                (Path(name) / file.name).symlink_to(file.resolve())
        return _opened(Path(name))


def _opened(folder: Path) -> Index:
    index = Index.open(str(folder))
    index.config_reader("manual")
    return _ready(index)


def _ready(index: Index) -> Index:
    index.register_tokenizer(_WORDS, analyser(_WORDS))
    for field in STEMMED:
        index.register_tokenizer(field, analyser(field))
    return index
