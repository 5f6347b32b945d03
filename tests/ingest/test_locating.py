"""Where a validation result comes from, when the gate speaks of an ingest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, parse

from vises.ingest import locating
from vises.ingest.pipeline import ingest_rdf
from vises.ingest.provenance import DatasetDescription
from vises.ingest.rehearsal import rehearse
from vises.ingest.sources import SOURCES
from vises.namespaces import VOCABULARY_BASE
from vises.progress import Silence
from vises.store.transaction import Candidate, ChangeRefused
from vises.validation.report import Place, Report, Result

House = Any
Write = Callable[[str, str], Path]

LINKS = (
    "enterprise,matches,basis\n"
    'fr-000000018,be-0000002671,"declared"\n'
    "fr-000000018,be-0000002770,declared\n"
)
HEADER = (
    "siren,denominationUniteLegale,categorieJuridiqueUniteLegale,"
    "economieSocialeSolidaireUniteLegale\n"
)


def enterprise(number: int) -> str:
    return f"<{VOCABULARY_BASE}enterprise/fr-{siren(number)}>"


def siren(number: int) -> str:
    """Return a number with the check digit of Luhn."""
    digits = [int(d) for d in f"{number:08}"]
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(digits)]
    return f"{number:08}{-sum(doubled) % 10}"


def units(count: int) -> str:
    """Return a file of units; the second has a name over two lines, so that lines are no rows."""
    rows = [f"{siren(n)},UNIT {n},9220,O\n" for n in range(1, count + 1)]
    rows[1] = f'{siren(2)},"UNIT\n2",9220,O\n'
    return HEADER + "".join(rows)


def result(focus: str, path: str | None = None, value: str | None = None) -> Result:
    return Result(focus, path, value, "urn:c", "Violation", "urn:s")


def placed(house: House, report: Report, *files: Path, **more: object) -> Report:
    """Return what becomes of a report that the gate gives on an ingest of SIRENE."""

    def gate(candidate: Candidate) -> Report:  # noqa: ARG001 (it says the same of all)
        return report

    judged = replace(house, gate=gate)
    if report.accepted:
        judged.ingest("sirene", *files, **more)
        release = house.releases.current()
        return Report(tuple(parse_places(house.releases.report(release.id).read_bytes())))
    with pytest.raises(ChangeRefused) as refusal:
        judged.ingest("sirene", *files, **more)
    verdict = refusal.value.verdict
    assert isinstance(verdict, Report)
    return verdict


def parse_places(turtle: bytes) -> list[Result]:
    """Return a result for each pointer in a report, with its place."""
    found: dict[str, dict[str, str]] = {}
    for quad in parse(turtle, format=RdfFormat.TURTLE):
        name = quad.predicate.value.rpartition("#")[2].rpartition("/")[2]
        found.setdefault(str(quad.subject), {})[name] = str(getattr(quad.object, "value", ""))
    return [
        replace(
            result("<x:x>"),
            place=Place(
                found["_:" + each["reference"]]["title"],
                int(each["lineNumber"]),
                each.get("title", ""),
            ),
        )
        for each in found.values()
        if "lineNumber" in each
    ]


def places(report: Report) -> list[Place | None]:
    return [each.place for each in report.results]


@pytest.mark.parametrize("piece_bytes", [64, 1 << 20])
def test_the_row_that_made_the_focus_node(house: House, write: Write, piece_bytes: int) -> None:
    path = write("units.csv", units(8))
    report = Report(
        (
            result(enterprise(1)),
            result(enterprise(2), "<http://x.example/none>"),
            result(enterprise(3)),
            result(enterprise(8)),
            result(enterprise(9)),
            result("_:b0"),
        )
    )
    found = placed(house, report, path, piece_bytes=piece_bytes)
    lines = [2, 3, 5, 10]
    assert places(found) == [*(Place("units.csv", line) for line in lines), None, None]


def test_a_link_to_nothing_is_refused_with_its_line(strict_house: House, write: Write) -> None:
    path = write("links.csv", LINKS)
    with pytest.raises(ChangeRefused) as refusal:
        strict_house.ingest("identity", path, fictitious=True)
    verdict = refusal.value.verdict
    assert isinstance(verdict, Report)
    expected = [Place("links.csv", 2, "enterprise"), Place("links.csv", 3, "enterprise")]
    assert places(verdict) == expected
    assert [each.place for each in parse_places(b"".join(verdict.turtle()))] == expected


def test_a_dry_run_says_it_too(strict_house: House, write: Write) -> None:
    options = strict_house.options("identity", fictitious=True)
    rehearsal = rehearse(
        SOURCES["identity"],
        [write("links.csv", LINKS)],
        strict_house.releases,
        strict_house.gate,
        options,
        Silence(),
    )
    assert isinstance(rehearsal.verdict, Report)
    assert Place("links.csv", 3, "enterprise") in places(rehearsal.verdict)


def test_warnings_are_published_with_their_places(house: House, write: Write) -> None:
    warning = replace(result(enterprise(3)), severity="Warning")
    found = placed(house, Report((warning,)), write("units.csv", units(8)))
    assert places(found) == [Place("units.csv", 5)]


def test_large_data_is_not_read_again_for_warnings(
    house: House, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locating, "MOST_STATEMENTS", 3)
    warning = replace(result(enterprise(3)), severity="Warning")
    assert places(placed(house, Report((warning,)), write("units.csv", units(8)))) == []
    refused = placed(house, Report((result(enterprise(3)),)), write("more.csv", units(9)))
    assert places(refused) == [Place("more.csv", 5)]


def test_of_many_results_the_examples_have_places(
    house: House, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locating, "MOST_RESULTS", 7)
    report = Report(tuple(result(enterprise(n)) for n in range(1, 9)))
    found = places(placed(house, report, write("units.csv", units(8))))
    assert [place is not None for place in found] == [True] * 5 + [False] * 3


def test_rdf_has_the_line_of_the_statement(strict_house: House, write: Write) -> None:
    turtle = (
        "@prefix org: <http://www.w3.org/ns/org#> .\n\n"
        f"<{VOCABULARY_BASE}organisation/x>\n  a org:Organization .\n"
    )
    described = DatasetDescription(title={"en": "X"})
    options = strict_house.options("organisations", fictitious=True)
    with pytest.raises(ChangeRefused) as refusal:
        ingest_rdf(
            described,
            [write("organisations.ttl", turtle)],
            strict_house.releases,
            strict_house.gate,
            options,
            Silence(),
        )
    verdict = refusal.value.verdict
    assert isinstance(verdict, Report)
    assert Place("organisations.ttl", 4) in places(verdict)
