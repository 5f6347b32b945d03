"""The promises of docs/threat-model.md are held by tests that exist."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "threat-model.md"
NAME = re.compile(r"`(?:(tests/[\w/]+\.py)::)?(test_\w+)`")


def named() -> list[tuple[str, str, str]]:
    """Return what the page names: the part it comes with ("": ours), the file, the test."""
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        part = re.match(r"\| ((?:service|store)/[\w/.]+) \|", line)
        file = ""
        for path, test in NAME.findall(line):
            file = path or file
            found.append((part[1] if part else "", file, test))
    return found


def functions_of(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("part", sorted({part for part, _, _ in named()}))
def test_every_test_that_the_page_names_exists(part: str) -> None:
    if part and not (ROOT / part).exists():
        return
    for _, file, test in (n for n in named() if n[0] == part):
        assert file, f"{test} is named without a file"
        assert (ROOT / file).is_file(), file
        assert test in functions_of(ROOT / file), f"{file}::{test}"


def test_every_promise_names_a_test() -> None:
    text = PAGE.read_text("utf-8")
    promises = text.partition("## Promises")[2].partition("## What is not promised")[0]
    rows = [line for line in promises.splitlines() if line.startswith("| ")]
    assert len(rows) > 30
    for row in rows:
        assert NAME.search(row) or row.startswith(("| promise", "| part")), row


def test_every_package_has_a_digest() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    packages = [p for p in re.split(r"\n(?=\S)", text.strip()) if not p.startswith("#")]
    assert len(packages) > 30
    assert [p.split()[0] for p in packages if "--hash=sha256:" not in p] == []
    for lock in (ROOT / "package-lock.json", ROOT / "tests" / "comunica" / "package-lock.json"):
        found = json.loads(lock.read_text("utf-8"))["packages"]
        assert [name for name, p in found.items() if name and "integrity" not in p] == []
        assert '"resolved"' not in lock.read_text("utf-8")
