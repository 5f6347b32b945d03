"""The report on the terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from vises.languages import LANGUAGES
from vises.validation.report import Report, Result
from vises.validation.table import WORDS, report_table

SH = "http://www.w3.org/ns/shacl#"


def result(number: int, severity: str = "Violation", **parts: object) -> Result:
    given: dict[str, object] = {
        "focus": f"<https://w3id.org/vises/enterprise/fr-{number}>",
        "path": "<http://www.w3.org/ns/legal#legalName>",
        "value": f'"{number}"',
        "component": f"{SH}MinLengthConstraintComponent",
        "severity": severity,
        "shape": "https://w3id.org/vises/shapes#EnterpriseShape-legalName",
        "messages": {"en": "Give the name", "fr": "Donnez le nom", "nl": "Geef de naam"},
    }
    return Result(**(given | parts))  # type: ignore[arg-type]


def shown(report: Report, language: str = "en") -> str:
    file = StringIO()
    Console(file=file, width=200, force_terminal=False).print(report_table(report, language))
    return file.getvalue()


def test_one_row_for_what_to_fix_with_three_samples() -> None:
    text = shown(Report.of(result(number) for number in range(10, 17)))
    assert text.count("Give the name") == 1
    assert " 7 " in text
    assert "legal:legalName" in text
    assert "shapes:EnterpriseShape-legalName" in text
    assert [str(n) for n in range(10, 17) if f"fr-{n}" in text] == ["10", "11", "12"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("What to fix", "How many", "Give the name", "Warning")),
        ("fr", ("À corriger", "Combien", "Donnez le nom", "Avertissement")),
        ("nl", ("Te verbeteren", "Hoeveel", "Geef de naam", "Waarschuwing")),
        ("de", ("What to fix", "How many", "Give the name", "Warning")),
    ],
)
def test_in_the_language_of_the_reader(language: str, words: tuple[str, ...]) -> None:
    text = shown(Report.of([result(1, "Warning")]), language)
    assert [word for word in words if word not in text] == []


def test_there_are_words_in_every_language() -> None:
    assert WORDS.keys() == set(LANGUAGES)


def test_the_worst_and_the_most_frequent_come_first() -> None:
    results = [result(1, "Info", messages={"en": "remark"})]
    results += [result(n, messages={"en": "few"}, path="<urn:few>") for n in range(2)]
    results += [result(n, messages={"en": "many"}, path="<urn:many>") for n in range(3)]
    text = shown(Report.of(results))
    assert text.index("many") < text.index("few") < text.index("remark")


def test_nothing_to_fix() -> None:
    assert "Rien à corriger." in shown(Report(), "fr")


def test_text_of_the_data_cannot_steer_the_terminal() -> None:
    text = shown(
        Report.of([result(1, value='"[red]\u009b2J"', messages={"en": "is \x1b[2J [bold]bad"})])
    )
    assert "\x1b" not in text
    assert "\u009b" not in text
    assert "[red]" in text
    assert "[bold]bad" in text


def test_a_huge_value_is_shortened() -> None:
    text = shown(Report.of([result(1, value=f'"{"a" * 10_000_000}"')]))
    assert "…" in text
    assert len(text) < 5_000
