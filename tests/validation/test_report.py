"""Results and reports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Dataset, NamedNode, RdfFormat, parse

from vises.validation.report import Report, Result, in_chunks, json_pieces, turtle_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

SH = "http://www.w3.org/ns/shacl#"


def result(severity: str = "Violation", **parts: object) -> Result:
    given = {
        "focus": "<http://e/1>",
        "path": "<http://e/p>",
        "value": '"x"',
        "component": f"{SH}DatatypeConstraintComponent",
        "severity": severity,
        "shape": "http://e/S-p",
        "messages": {"en": "A number", "fr": "Un nombre"},
    }
    return Result(**(given | parts))  # type: ignore[arg-type]


def objects(report: Report, predicate: str) -> list[str]:
    quads = parse(b"".join(report.turtle()), RdfFormat.TURTLE)
    return [str(quad.object) for quad in quads if quad.predicate == NamedNode(SH + predicate)]


def test_nothing_found() -> None:
    report = Report()
    assert report.conforms
    assert report.accepted
    assert report.summary() == "Accepted: there is nothing to fix."
    assert objects(report, "conforms") == ['"true"^^<http://www.w3.org/2001/XMLSchema#boolean>']


def test_a_warning_is_accepted_but_does_not_conform() -> None:
    report = Report.of([result("Warning"), result("Info")])
    assert not report.conforms
    assert report.accepted
    assert (report.violations, report.warnings, report.infos) == (0, 1, 1)
    assert report.summary() == "Accepted: 0 violations, 1 warning, 1 remark."


def test_a_violation_refuses() -> None:
    report = Report.of([result("Warning"), result(), result(focus="<http://e/2>")])
    assert not report.accepted
    assert report.summary() == "Refused: 2 violations, 1 warning."


def test_an_incomplete_report_refuses_and_says_so() -> None:
    report = Report((), complete=False)
    assert not report.conforms
    assert not report.accepted
    assert "counting stopped" in report.summary()
    assert b"rdfs:comment" in b"".join(report.turtle())


def test_the_order_does_not_depend_on_the_engine() -> None:
    results = [
        result("Info"),
        result("Warning"),
        result(focus="<http://e/2>"),
        result(),
        result("http://e/Grave"),
        result(path=None, value=None),
    ]
    report = Report.of(results)
    assert report == Report.of(reversed(results))
    assert [r.severity for r in report.results] == [
        "http://e/Grave",
        "Violation",
        "Violation",
        "Violation",
        "Warning",
        "Info",
    ]


def test_turtle_has_every_part_in_rdf() -> None:
    report = Report.of(
        [
            result(messages={"fr": 'Un "nombre"\n', "": "number"}, value='"a\\n"@fr-be'),
            result(path="(<http://e/p>/^<http://e/q>)", value=None, focus="_:b0", shape="[]"),
            result("http://e/Grave", value="<http://e/\u00e9>", component="http://e/Component"),
        ]
    )
    assert sorted(objects(report, "resultMessage")) == [
        '"A number"@en',
        '"A number"@en',
        '"Un \\"nombre\\"\\n"@fr',
        '"Un nombre"@fr',
        '"Un nombre"@fr',
        '"number"',
    ]
    assert sorted(objects(report, "value")) == ['"a\\n"@fr-be', "<http://e/\u00e9>"]
    assert sorted(objects(report, "resultSeverity")) == [
        "<http://e/Grave>",
        f"<{SH}Violation>",
        f"<{SH}Violation>",
    ]
    assert f"<{SH}DatatypeConstraintComponent>" in objects(report, "sourceConstraintComponent")
    assert objects(report, "inversePath") == ["<http://e/q>"]
    assert len(Dataset(parse(b"".join(report.turtle()), RdfFormat.TURTLE))) == 36


def test_json_has_every_part() -> None:
    report = Report.of([result(), result("Warning", path=None, value=None)])
    content = json.loads("".join(report.json()))
    assert content["violations"] == content["warnings"] == 1
    assert content["results"][0]["messages"] == {"en": "A number", "fr": "Un nombre"}
    assert content["results"][1]["value"] is None


def test_a_message_in_the_language_of_the_reader() -> None:
    assert result().message("fr") == "Un nombre"
    assert result(messages={"fr-be": "Septante", "en": "Seventy"}).message("fr") == "Septante"
    assert result().message("nl") == "A number"
    assert result(messages={"": "plain", "fr": "Un"}).message("nl") == "plain"
    assert result(messages={"fr": "Un"}).message("nl") == "Un"
    assert result(messages={}).message("nl") == "Datatype"


@pytest.mark.parametrize("pieces", [turtle_pieces, json_pieces])
def test_a_long_report_is_written_as_its_results_come(
    pieces: Callable[[Mapping[str, object], Iterable[Result]], Iterator[str]],
) -> None:
    """No more than a chunk is ahead of whoever reads it, so memory does not grow with a report."""
    come = 0

    def results() -> Iterator[Result]:
        nonlocal come
        for come in range(1, 20_001):
            yield result(focus=f"<http://f/{come}>")

    told = 0
    for chunk in in_chunks(pieces(Report().head(), results())):
        told += chunk.count(b"<http://f/")
        assert len(chunk) < 2 * (1 << 16)
        assert come - told <= 1
    assert come == told == 20_000
