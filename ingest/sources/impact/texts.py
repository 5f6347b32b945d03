"""What the template for impact says, in each language, and what its cells mean."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SHEETS = ("results", "accounts")
EXAMPLE = "fr-000000000"
"""The enterprise of the example rows, which are never published; INSEE gives it to nobody."""
DASH = " \u2013 "
"""What stands between a code and its label in a cell."""


@cache
def texts() -> Mapping[str, Any]:
    """Return the texts of template.json."""
    found: Mapping[str, Any] = json.loads(
        Path(__file__).with_name("template.json").read_text("utf-8")
    )
    return found


@cache
def sheet_of(name: str) -> str:
    """Return the part that a sheet of this name holds, whatever the language; "" for none."""
    folded = name.strip().lower()
    for sheet in SHEETS:
        if folded in {sheet, *(text.lower() for text in texts()["sheets"][sheet].values())}:
            return sheet
    return ""


@cache
def column_of(title: str) -> str:
    """Return the column that a header names in any language; the header itself for none."""
    folded = title.strip().lower()
    for name, by_language in texts()["columns"].items():
        if folded in {name, *(text.lower() for text, _ in by_language.values())}:
            return str(name)
    return title
