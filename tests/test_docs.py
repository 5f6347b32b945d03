"""The documentation names what exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_setting_has_a_heading_and_a_row() -> None:
    settings = (ROOT / "settings.py").read_text("utf-8")
    variables = set(re.findall(r'read\(\s*"(VISES_[A-Z_]+)"', settings))
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


def test_the_diagrams_are_those_of_the_ontology() -> None:
    code = "import diagrams as d; p = d.PAGE.read_text('utf-8'); print(d.drawn(p) == p, len(p))"
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, cwd=ROOT / "docs", capture_output=True, text=True, check=True)
    assert told.stdout.startswith("True"), "run `make diagrams`"
    assert "classDiagram" in (ROOT / "docs" / "data-model.md").read_text("utf-8")


def test_the_pictures_are_those_of_the_ontology() -> None:
    code = (
        "import pictures as p; print([m for m in p.MODULES"
        " if p.picture(m) != (p.FOLDER / f'{m}.svg').read_text('utf-8')])"
    )
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, cwd=ROOT / "docs", capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]", "run `make diagrams`"
