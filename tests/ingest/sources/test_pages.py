"""Every source has its page in docs/sources, which names its rules and what it leaves out."""

from __future__ import annotations

import ast
import re
import shutil
import textwrap
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vises.ingest.parallel.mapping import NO_STATEMENT
from vises.ingest.rules import sentences
from vises.ingest.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ingest.conftest import House

ROOT = Path(__file__).resolve().parents[3]
PAGES = ROOT / "docs" / "sources"
SECTIONS = (
    "Where to get it",
    "Licence",
    "What is taken",
    "What is left out",
    "Rules",
    "Example",
)
GENERAL = {"cells", "quoting", "sheet-error", "spaces", "control-character", "json", "term"}
GENERAL |= {"member-twice"}


def said_in_code(name: str, call: str) -> set[str]:
    """Return the first argument of each call of a name in the modules of a source."""
    folder = ROOT / "ingest" / "sources" / name.replace("-", "_")
    nodes = (n for f in folder.glob("*.py") for n in ast.walk(ast.parse(f.read_text("utf-8"))))
    return {
        str(node.args[0].value)
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == call
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def rules(name: str) -> Iterator[str]:
    """Yield the rules that a row of a source can break, beside those of all sources."""
    for part in SOURCES[name].parts:
        contract = part.contract
        yield from ("duplicate",) if contract.key else ()
        for field in contract.fields:
            yield from ("required",) if field.required else ()
            yield from (rule for rule, _, _ in field.tests(defaultdict(frozenset)))
    yield from said_in_code(name, "Refusal")


@pytest.mark.parametrize("name", [*SOURCES, "sparql"])
def test_the_page_has_its_sections_and_an_example(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text("utf-8")
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == SECTIONS
    command = "vises harvest" if name == "sparql" else f"vises ingest {name}"
    assert command in text.partition("## Example")[2]


@pytest.mark.parametrize("name", SOURCES)
def test_the_page_names_every_rule_and_no_other(name: str) -> None:
    section = (PAGES / f"{name}.md").read_text("utf-8").partition("## Rules")[2]
    rows = re.findall(r"^\| (`.+?) \|", section.partition("## Example")[0], re.MULTILINE)
    named = {rule for row in rows for rule in re.findall(r"`([a-z-]+)`", row)}
    known = set(rules(name)) | ({"geometry"} if name == "geometry" else set())
    if name in {"identity", "impact"}:
        known |= {"siren-check-digit", "kbo-check-digit"}
    if name == "table":
        known |= {"date"}  # of the publication, in the source of figures
    if name == "mapped":
        known |= {"enum", "number", "year", "range"}  # not in its example, nor are these
        known |= {"kbo-check-digit", "unknown-code"}
    assert named - GENERAL == known - GENERAL
    assert named <= sentences().keys()


@pytest.mark.parametrize("name", SOURCES)
def test_the_page_says_what_is_left_out(name: str) -> None:
    section = (PAGES / f"{name}.md").read_text("utf-8").partition("## What is left out")[2]
    rows = set(re.findall(r"^\| (.+?) \|", section.partition("## Rules")[0], re.MULTILINE))
    of_all = {NO_STATEMENT.reason} if name == "mapped" else set()
    assert rows - {"why", "---"} == said_in_code(name, "OutOfScope") | of_all


@pytest.mark.parametrize(
    ("name", "files", "published"),
    [
        (
            "figures",
            {"figures.csv": "area,period,", "publications.csv": "id,title,"},
            {"figures.csv": 2, "publications.csv": 1},
        ),
        (
            "mapped",
            {
                "example.yml": "title:",
                "members-2026-11.csv": "siren,name,",
                "federations.csv": "code,id,",
            },
            {"members-2026-11.csv": 1, "federations.csv": 1},
        ),
        ("identity", {"links.csv": "enterprise,matches,"}, {"links.csv": 1}),
    ],
)
def test_the_files_that_a_page_shows_are_published(
    house: House, tmp_path: Path, name: str, files: dict[str, str], published: dict[str, int]
) -> None:
    text = (PAGES / f"{name}.md").read_text("utf-8")
    shutil.copy(ROOT / "ingest" / "sources" / "mapped" / "mapping.ttl", tmp_path)
    for file, first in files.items():
        (tmp_path / file).write_text(shown(text, first), "utf-8")
    report = house.ingest(name, *(tmp_path / file for file in files))
    assert {each.file: each.published for each in report.files} == published


def shown(text: str, first: str) -> str:
    """Return the block of a page that begins so, without its indentation."""
    (block,) = re.findall(rf"^ {{4}}{re.escape(first)}.*\n(?: {{4}}.*\n)*", text, re.MULTILINE)
    return textwrap.dedent(block)


def test_the_index_has_every_page_and_every_general_rule() -> None:
    text = (PAGES / "README.md").read_text("utf-8")
    assert set(re.findall(r"\]\(([a-z-]+)\.md\)", text)) == {*SOURCES, "sparql"}
    assert {path.stem for path in PAGES.glob("*.md")} == {*SOURCES, "sparql", "README"}
    assert set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)) == GENERAL


def test_every_rule_is_on_a_page() -> None:
    text = "".join(path.read_text("utf-8") for path in PAGES.glob("*.md"))
    assert {rule for rule in sentences() if f"`{rule}`" not in text} == set()


def test_local_links_lead_somewhere() -> None:
    for page in PAGES.glob("*.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (PAGES / target).exists(), f"{page.name} links to {target}"
