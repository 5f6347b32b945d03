"""The documentation names what exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_setting_has_a_heading_and_a_row() -> None:
    variables = set(re.findall(r'"(VISES_[A-Z_]+)"', (ROOT / "settings.py").read_text("utf-8")))
    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    assert variables
    assert set(re.findall(r"^### (VISES_\w+)$", operations, re.MULTILINE)) == variables
    assert set(re.findall(r"`(VISES_\w+)`", readme)) == variables


def test_every_dependency_has_its_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    names = re.findall(r'^    "([a-z][a-z0-9-]+)[><=]', project, re.MULTILINE)
    reasons = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert names
    assert [n for n in names if f"`{n}`" not in reasons] == []


def test_local_links_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
