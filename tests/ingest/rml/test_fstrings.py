from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vises.ingest.rml.fstrings import Part, Variable, fstring

HOSTILE = st.text("ab'\"\\{}\n\r\t N#!:=\u2028\x00\x0c\ud800") | st.text()


@given(st.lists(HOSTILE | st.just(Variable("x"))))
def test_fixed_text_stays_text(parts: list[Part]) -> None:
    expected = "".join("VALUE" if isinstance(part, Variable) else part for part in parts)
    assert eval(fstring(parts), {"x": "VALUE"}) == expected


@pytest.mark.parametrize(
    "text", [r"\N{DIGIT ONE}", "{x}", "{{x}}", "'''", '"', "'\"", "\\", "\\'", "{x!r}", "{x:>9}"]
)
def test_what_means_something_in_an_fstring_does_not(text: str) -> None:
    assert eval(fstring([text, Variable("x"), text]), {"x": "VALUE"}) == f"{text}VALUE{text}"


def test_each_is_on_one_line() -> None:
    assert "\n" not in fstring(["a\nb", Variable("x"), "\r\n"])
