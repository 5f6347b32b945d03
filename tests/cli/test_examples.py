"""The examples of `--help`: typer joins indented ones that follow a single paragraph."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import vises.cli

_FILES = sorted(Path(vises.cli.__file__).parent.glob("*.py"))
_TEXTS = [
    (f"{file.stem}.{node.name}", text)
    for file in _FILES
    for node in ast.walk(ast.parse(file.read_text("utf-8")))
    if isinstance(node, ast.FunctionDef)
    and (text := ast.get_docstring(node)) is not None
    and "**Examples**" in text
]


def test_there_are_examples() -> None:
    assert len(_TEXTS) > 30


@pytest.mark.parametrize(("name", "text"), _TEXTS, ids=[name for name, _ in _TEXTS])
def test_each_example_stays_on_a_line_of_its_own(name: str, text: str) -> None:
    _, *rest = text.split("\n\n")
    joined = rest[0] == "**Examples**" and rest[1].startswith("    ")
    assert not joined, f"put the examples of {name} between two lines of ```"
