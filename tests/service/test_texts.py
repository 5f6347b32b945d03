"""Every language says everything, and everything that is said is needed."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from vises.namespaces import PREFIXES
from vises.service.texts import Texts, all_texts, texts

SERVICE = Path(__file__).resolve().parents[2] / "service"
OPTIONAL = ("property.", "class.", "unit.", "licence.")


def used() -> set[str]:
    """Return the keys that templates and modules name; `form.` and `months.` are put together."""
    sources = [*SERVICE.rglob("*.html"), *SERVICE.rglob("*.py")]
    text = "\n".join(f.read_text("utf-8") for f in sources)
    found = set(re.findall(r"[\"']([a-z]+\.[a-z][a-z-]+)[\"']", text))
    return {key for key in found if not key.endswith(".html")}


@pytest.mark.parametrize("other", all_texts()[1:], ids=lambda t: t.language)
def test_all_languages_have_the_same_keys(other: Texts) -> None:
    assert other.keys == texts("en").keys


@pytest.mark.parametrize("other", all_texts()[1:], ids=lambda t: t.language)
def test_all_languages_fill_the_same_places(other: Texts) -> None:
    for key in texts("en").keys:
        fields = [
            {name for _, name, *_ in string.Formatter().parse(t.find(key) or "") if name}
            for t in (texts("en"), other)
        ]
        assert fields[0] == fields[1], key


def test_every_text_is_used_and_none_is_missing() -> None:
    fixed = {k for k in texts("en").keys if not k.startswith((*OPTIONAL, "form.", "months."))}
    named = used()
    assert fixed - named == set()
    sections = {k.partition(".")[0] for k in fixed}
    assert {k for k in named if k.partition(".")[0] in sections} - fixed == set()


def test_words_for_terms_use_known_prefixes() -> None:
    keys = [k.partition(".")[2] for k in texts("en").keys if k.startswith(("property.", "class."))]
    assert [k for k in keys if k.partition(":")[0] not in PREFIXES] == []


def test_no_text_is_empty_but_units() -> None:
    for language in all_texts():
        empty = [k for k in language.keys if not language.find(k)]
        assert [k for k in empty if not k.startswith("unit.")] == []
