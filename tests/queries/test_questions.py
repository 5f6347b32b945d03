"""The questions: a complete header, portable SPARQL, and the golden answer in each language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rdflib.plugins.sparql import prepareQuery

from vises.languages import LANGUAGES

if TYPE_CHECKING:
    from conftest import Ask

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "queries/questions").glob("*.rq"))
IDS = [path.stem for path in FILES]
# Asked of two releases (compare), or of other endpoints too (federated): not of one graph.
SPECIAL = {
    p.stem
    for p in FILES
    if re.search(r"^#\+ (compare|federated): true$", p.read_text("utf-8"), re.MULTILINE)
}
ASKED = [path for path in FILES if path.stem not in SPECIAL]

Header = dict[str, str | list[str] | dict[str, str]]


def header(text: str) -> Header:
    """Return the ``#+`` lines of a query: keys, each with a value, a list or a map."""
    found: Header = {}
    key = ""
    for line in re.findall(r"^#\+ (.*)$", text, re.MULTILINE):
        name, _, value = line.strip().removeprefix("- ").partition(": ")
        if not line.startswith(" "):
            key = name.removesuffix(":")
            found[key] = value
        elif line.startswith("  - ") and not value:
            found[key] = [*(found[key] or []), name]
        else:
            found[key] = {**(found[key] or {}), name: value}
    return found


def test_the_data_model_names_every_question_under_a_module() -> None:
    page = (ROOT / "docs/data-model.md").read_text("utf-8")
    table = page.partition("| Module |")[2].partition("\n\n")[0]
    named: list[str] = []
    for letter, first, last in re.findall(r"\b([A-Z])(\d+)(?: to [A-Z](\d+))?", table):
        named += [f"{letter}{number}" for number in range(int(first), int(last or first) + 1)]
    assert sorted(named) == sorted(IDS)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_header_is_complete_in_each_language(path: Path) -> None:
    found = header(path.read_text(encoding="utf-8"))
    special = [key for key in ("compare", "federated") if found.get(key) == "true"]
    golden = [] if "federated" in special else ["expect"]
    assert list(found) == ["id", "question", "summary", "tags", "defaults", *special, *golden]
    assert found["id"] == path.stem
    assert set(found["question"]) == set(LANGUAGES)
    assert all(text.endswith("?") for text in found["question"].values())
    assert set(found["summary"]) == set(LANGUAGES)
    assert all(text.endswith(".") for text in found["summary"].values())
    assert found["tags"]
    for text in (*found["summary"].values(), *found["question"].values()):
        assert not re.search(r"^[^\w(]|: | #", text), "not a plain scalar of YAML"
    if golden:
        kind = "tsv" if special else "csv"
        assert found["expect"] == f"tests/queries/golden/{path.stem}.{kind}"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_each_default_stands_in_the_query(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    parameters = dict(re.findall(r"^  VALUES \?(\w+) \{ (.*) \}$", text, re.MULTILINE))
    assert header(text)["defaults"] == parameters


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_query_is_standard_and_declares_what_it_uses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    prepareQuery(text)
    body = re.sub(r"<[^>]*>|\"[^\"]*\"|^#.*$|^PREFIX.*$", "", text, flags=re.MULTILINE)
    declared = re.findall(r"^PREFIX ([\w-]+):", text, re.MULTILINE)
    assert sorted(declared) == sorted(set(re.findall(r"(?<![\w?-])([a-z][\w-]*):\w", body)))


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_query_names_no_data(path: Path) -> None:
    """The base of the data is a setting, so a query that names data works on one service only."""
    absolute = re.findall(r"<https://w3id\.org/vises/([^>]*)>", path.read_text(encoding="utf-8"))
    assert all(iri.startswith(("ontology#", "code/")) for iri in absolute)


def test_only_a_question_marked_federated_asks_other_endpoints() -> None:
    assert "SERVICE" not in "".join(path.read_text("utf-8") for path in ASKED)


@pytest.mark.parametrize("path", ASKED, ids=lambda path: path.stem)
def test_answer_is_the_golden_one(path: Path, ask: Ask, tmp_path: Path) -> None:
    ask.is_golden(f"{path.stem}.csv", ask.answer(path.read_text("utf-8")), tmp_path)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(set(IDS) - SPECIAL))
def test_every_language_gives_as_many_rows(name: str, language: str, ask: Ask) -> None:
    found = ask(name, language=f'"{language}"')
    assert found
    assert len(found) == len(ask(name))


@pytest.mark.parametrize(
    ("name", "column", "dutch"),
    [
        ("E8", "matchedBy", "Verklaard"),
        ("I1", "goalName", "Waardig werk en economische groei"),
        ("I2", "document", "Register van de uitstroom 2022-2025"),
        ("I3", "document", "Gesprekken op het einde van het traject 2024"),
        ("I5", "author", "Medewerkers van VISES"),
    ],
)
def test_what_may_be_unknown_is_named_in_the_language_asked_for(
    name: str, column: str, dutch: str, ask: Ask
) -> None:
    assert {row[column] for row in ask(name, language='"nl"')} - {""} == {dutch}


def test_a_language_without_labels_falls_back(ask: Ask) -> None:
    assert ask("M1", language='"de"') == ask("M1")
