from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vises.ingest.rml.model import Reference
from vises.ingest.rml.templates import parse_template

PARTS = st.lists(st.text(min_size=1) | st.builds(Reference, st.text(min_size=1)), min_size=1)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("fixed", ("fixed",)),
        ("", ("",)),
        ("{ID}", (Reference("ID"),)),
        ("a{ID}b{Name}", ("a", Reference("ID"), "b", Reference("Name"))),
        ("{a}{b}", (Reference("a"), Reference("b"))),
        ("{ISO 3166}", (Reference("ISO 3166"),)),
        (r"\{\{ {ID} \}\}", ("{{ ", Reference("ID"), " }}")),
        (r"\\{a\}\\b}", ("\\", Reference("a}\\b"))),
    ],
)
def test_parts(text: str, parts: tuple[str | Reference, ...]) -> None:
    assert parse_template(text).parts == parts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a{ID", r"brace \{ at character 2 is unbalanced"),
        ("a}", r"brace \} at character 2 is unbalanced"),
        ("{a{b}}", r"brace \{ at character 3 is unbalanced"),
        ("{a}}", r"brace \} at character 4 is unbalanced"),
        ("a{}", "braces at character 2 enclose no column name"),
        (r"a\b", "backslash at character 2"),
        ("a\\", "backslash at character 2"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_template(text)


@given(PARTS)
def test_escaped_text_comes_back(parts: list[str | Reference]) -> None:
    text = "".join(
        _escaped(part) if isinstance(part, str) else f"{{{_escaped(part.column)}}}"
        for part in parts
    )
    joined: list[str | Reference] = []
    for part in parts:
        if joined and isinstance(part, str) and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    assert list(parse_template(text).parts) == joined


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")
