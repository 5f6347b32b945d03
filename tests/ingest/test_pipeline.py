"""From files to a release: once, whole, recorded, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

import pytest
from pyoxigraph import Store

from vises.errors import BadRequest, Refused, Sentence
from vises.ingest import pipeline, rehearsal
from vises.ingest.enough import NothingInScope
from vises.ingest.files import ChangedMeanwhile
from vises.ingest.pipeline import ingest, ingest_rdf
from vises.ingest.provenance import DatasetDescription
from vises.ingest.quarantine import Threshold, TooManyRefused
from vises.ingest.rml import MappingError
from vises.ingest.sources import SOURCES
from vises.progress import Silence
from vises.validation.gate import package_gate

if TYPE_CHECKING:
    from vises.store.transaction import Candidate

House = Any
"""The class in conftest.py, which a test module cannot import."""

Write = Callable[[str, str], Path]
HEADER = "area,period,measure,perimeter,family,publication,value,unit,status,note\n"
FIRST = "FRE,2021,jobCount,insee-ess,total,a-source,210800,NUM,A,\n"
SECOND = "FRE,2022,jobCount,insee-ess,total,a-source,211000,NUM,A,\n"


@dataclass(frozen=True)
class No:
    accepted: bool = False
    violations: int = 3
    warnings: int = 0

    def summary(self) -> str:
        return "3 violations"

    def turtle(self) -> list[bytes]:
        return []


def closed_gate(candidate: Candidate) -> No:  # noqa: ARG001 (a gate that lets nothing pass)
    return No()


def test_the_same_input_twice_changes_nothing(house: House, write: Write) -> None:
    path = write("figures.csv", HEADER + FIRST)
    first = house.ingest("figures", path)
    second = house.ingest("figures", path)
    assert (first.unchanged, second.unchanged) == (False, True)
    assert second.release == first.release == "000002"
    assert second.triples == first.triples > 0
    assert house.published == ["000002"]


def test_the_same_input_at_once_is_published_once(
    house: House, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("figures.csv", HEADER + FIRST)
    made: Any = pipeline.prepare

    def prepare(*arguments: object) -> object:
        batch = made(*arguments)
        monkeypatch.setattr(pipeline, "prepare", made)
        assert not house.ingest("figures", path).unchanged
        return batch

    monkeypatch.setattr(pipeline, "prepare", prepare)
    slower = house.ingest("figures", path)
    assert (slower.unchanged, slower.release) == (True, "000002")
    assert house.published == ["000002"]


@pytest.mark.parametrize("become", [HEADER + SECOND, HEADER + FIRST, None])
def test_a_file_that_changes_while_it_is_read_is_not_published(
    house: House, write: Write, become: str | None
) -> None:
    path = write("figures.csv", HEADER + FIRST)
    other = write("other.csv", become or "")

    class Meanwhile(Silence):
        def start(self, step: str, total: int | None) -> None:  # noqa: ARG002 (as `Progress` says)
            if step == "mapping figures.csv":
                path.unlink() if become is None else other.replace(path)

    with pytest.raises(ChangedMeanwhile, match=r"figures\.csv: .* while it was read"):
        house.ingest("figures", path, progress=Meanwhile())
    assert not house.published
    assert not list((house.data / "incoming").glob("batch-*"))


def test_other_input_replaces_the_dataset_and_back_again(house: House, write: Write) -> None:
    one, two = write("1.csv", HEADER + FIRST), write("2.csv", HEADER + SECOND)
    years = "SELECT ?y { ?f <http://purl.org/linked-data/sdmx/2009/dimension#refPeriod> ?y }"
    for path, year in ((one, "2021"), (two, "2022"), (one, "2021")):
        assert not house.ingest("figures", path).unchanged
        assert house.ask(years) == [(year,)]
    activities = house.ask("SELECT ?a ?t { ?a a vises:IngestActivity ; prov:startedAtTime ?t }")
    assert len(activities) == 2
    assert len(house.ask("SELECT ?a { id:graph\\/figures prov:wasGeneratedBy ?a }")) == 1


def test_a_rehearsal_of_what_another_process_publishes_meanwhile(
    house: House, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("figures.csv", HEADER + FIRST)
    made: Any = rehearsal.prepare

    def prepare(*arguments: object) -> object:
        house.ingest("figures", path)
        return made(*arguments)

    monkeypatch.setattr(rehearsal, "prepare", prepare)
    options = house.options("figures")
    found = rehearsal.rehearse(
        SOURCES["figures"], [path], house.releases, house.gate, options, Silence()
    )
    assert (found.report.unchanged, found.report.release) == (True, "000002")
    assert found.verdict is None


def test_a_clock_that_is_set_back_meanwhile_refuses_nothing(
    house: House, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = iter(range(23, 0, -1))

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls(2026, 3, 1, next(hours), tzinfo=tz)

    monkeypatch.setattr(pipeline, "datetime", Clock)
    assert house.ingest("figures", write("figures.csv", HEADER + FIRST)).release == "000002"
    found = house.ask(
        "SELECT ?b ?e { ?a a vises:IngestActivity ; prov:startedAtTime ?b ; prov:endedAtTime ?e }"
    )
    assert found[0][0] == found[0][1]


def test_an_option_makes_another_batch(house: House, write: Write) -> None:
    path = write("figures.csv", HEADER + FIRST)
    assert (
        house.ingest("figures", path).batch != house.ingest("figures", path, fictitious=True).batch
    )


def test_datasets_do_not_touch_each_other(house: House, write: Write) -> None:
    house.ingest("figures", write("1.csv", HEADER + FIRST), dataset="one")
    house.ingest("figures", write("2.csv", HEADER + SECOND), dataset="two")
    assert len(house.ask("SELECT ?f { ?f a vises:RegionalFigure }")) == 2


def test_provenance_says_who_what_and_how_many(house: House, write: Write) -> None:
    bad = FIRST.replace("2021", "last year")
    path = write("figures.csv", HEADER + FIRST + bad)
    house.ingest("figures", path, max_refused=Threshold(rows=1))
    assert house.ask(
        """SELECT ?in ?published ?quarantined ?out ?who ?name ?title WHERE {
            id:graph\\/figures prov:wasGeneratedBy ?a ; dcterms:title ?title .
            ?a vises:rowsIn ?in ; vises:rowsPublished ?published ; dcterms:creator ?who ;
               vises:rowsQuarantined ?quarantined ; vises:rowsOutOfScope ?out ;
               prov:qualifiedUsage [ dcterms:title ?name ] FILTER (LANG(?title) = "en") }"""
    ) == [
        (
            *("2", "1", "1", "0", "a test", "figures.csv"),
            "Regional figures on the social and solidarity economy",
        )
    ]


def test_a_file_has_the_name_that_each_ingest_used_it_by(house: House, write: Write) -> None:
    """Of one content under two names, provenance tells which ingest used which."""
    used = """SELECT ?dataset ?name ?content WHERE {
        ?a prov:generated ?dataset ; prov:used ?content ; prov:qualifiedUsage ?usage .
        ?usage prov:entity ?content ; dcterms:title ?name }"""

    def names() -> list[tuple[str, str]]:
        return [(dataset.rpartition("/")[2], name) for dataset, name, _ in house.ask(used)]

    first = write("first.csv", HEADER + FIRST)
    house.ingest("figures", first, dataset="one")
    house.ingest("figures", write("second.csv", HEADER + FIRST), dataset="two")
    assert names() == [("one", "first.csv"), ("two", "second.csv")]
    assert len({content for *_, content in house.ask(used)}) == 1
    house.ingest("figures", write("other.csv", HEADER + SECOND), dataset="one")
    house.ingest("figures", first.rename(first.with_name("again.csv")), dataset="one")
    assert names() == [("one", "again.csv"), ("one", "other.csv"), ("two", "second.csv")]


def test_the_catalogue_says_what_a_dataset_covers_and_how_to_get_it(
    house: House, write: Write
) -> None:
    house.ingest("figures", write("figures.csv", HEADER + FIRST))
    covered = house.ask("SELECT ?x { id:graph\\/figures dcterms:spatial|dcat:theme ?x }")
    assert [iri.removeprefix("https://w3id.org/vises/code/") for (iri,) in covered] == [
        *("data-theme/ECON", "data-theme/REGI", "data-theme/SOCI", "nuts/BE", "nuts/FR"),
    ]
    ways = house.ask(
        """SELECT ?title ?type ?url { id:graph\\/figures dcat:distribution ?d .
           ?d a dcat:Distribution ; dcterms:title ?title ; dcat:mediaType ?type ;
              dcat:accessURL ?url }"""
    )
    assert [title for title, *_ in ways] == ["JSON-LD", "N-Triples", "RDF/XML", "Turtle"]
    address = urlsplit(ways[-1][2])
    assert address.path == "/vises/sparql"
    asked = parse_qs(address.query)
    assert asked["default-graph-uri"] == ["https://w3id.org/vises/graph/figures"]
    assert asked["download"] == ["ttl"]
    assert len(list(Store().query(asked["query"][0]))) == 0


def test_a_description_that_changed_leaves_nothing_behind(house: House, write: Write) -> None:
    path = write("x.ttl", "<a> <b> <c> .")
    arguments = (house.releases, house.gate, house.options("x"), Silence())
    before = DatasetDescription(title={"en": "X"}, spatial=("FR",), themes=("SOCI",))
    ingest_rdf(before, [path], *arguments)
    path.write_text("<a> <b> <d> .", encoding="utf-8")
    ingest_rdf(replace(before, spatial=("BE",), themes=()), [path], *arguments)
    covered = house.ask("SELECT ?x { id:graph\\/x dcterms:spatial|dcat:theme ?x }")
    assert covered == [("https://w3id.org/vises/code/nuts/BE",)]


def test_what_is_fictitious_says_so_and_is_ours(house: House, write: Write) -> None:
    house.ingest("figures", write("figures.csv", HEADER + FIRST), fictitious=True)
    marked = house.ask("SELECT ?x { ?x vises:fictitious true }")
    assert len(marked) == 2
    title = house.ask('SELECT ?t { id:graph\\/figures dcterms:title ?t FILTER(LANG(?t)="nl") }')
    assert "(fictieve gegevens)" in title[0][0]


def test_a_refusal_by_the_gate_leaves_everything(house: House, write: Write) -> None:
    house.ingest("figures", write("1.csv", HEADER + FIRST))
    with pytest.raises(Refused, match="3 violations"):
        replace(house, gate=closed_gate).ingest("figures", write("2.csv", HEADER + SECOND))
    assert house.releases.current().id == "000002"
    assert list((house.data / "incoming").glob("ingest-*")) == []


def test_too_many_refused_rows_stop_and_keep_the_quarantine(house: House, write: Write) -> None:
    house.ingest("figures", write("1.csv", HEADER + FIRST))
    bad = FIRST.replace("2021", "last year")
    with pytest.raises(TooManyRefused, match=r"1 of 2 rows were refused, more than 5%") as caught:
        house.ingest("figures", write("2.csv", HEADER + SECOND + bad))
    (kept,) = (house.data / "quarantine" / "figures").glob("*.jsonl")
    assert str(kept) in str(caught.value.remedy)
    assert json.loads(kept.read_text("utf-8"))["line"] == 3
    assert house.releases.current().id == "000002"


def test_a_table_without_rows_does_not_empty_the_dataset(house: House, write: Write) -> None:
    house.ingest("figures", write("1.csv", HEADER + FIRST))
    with pytest.raises(NothingInScope, match="no rows"):
        house.ingest("figures", write("2.csv", HEADER))
    publications = "id,title,language,publisher\na-source,Une source,fr,a-house\n"
    with pytest.raises(NothingInScope, match="Of regional figures no row is left"):
        house.ingest("figures", write("2.csv", HEADER), write("p.csv", publications))
    with pytest.raises(NothingInScope, match="Of publications no row is left") as caught:
        house.ingest("figures", write("2.csv", HEADER + SECOND), write("p.csv", publications[:28]))
    assert "Leave it out if that is meant." in str(caught.value.remedy)
    assert house.releases.current().id == "000002"


def test_a_mapping_with_an_unknown_column(house: House, write: Write) -> None:
    mapping = SOURCES["figures"].mapping.read_text("utf-8").replace('"note"', '"remark"')
    source = replace(SOURCES["figures"], mapping=write("mapping.ttl", mapping))
    with pytest.raises(MappingError, match="remark") as caught:
        ingest(
            source,
            [write("1.csv", HEADER + FIRST)],
            house.releases,
            house.gate,
            house.options("figures"),
            Silence(),
        )
    assert "mapping.ttl, line" in str(caught.value.place)
    assert not house.published


@pytest.mark.parametrize(
    "name",
    [
        *("../x", "", "Sirene", "a b", "a--b"),
        *("ontology", "codes", "alignments", "shapes", "provenance", "replica"),
    ],
)
def test_not_the_name_of_a_dataset(house: House, name: str) -> None:
    with pytest.raises(BadRequest, match="cannot be the name"):
        house.options(name)


def test_rdf_files_are_a_dataset_too(house: House, write: Write) -> None:
    path = write(
        "m.ttl", "<method/x> a <https://w3id.org/vises/ontology#Method> ; <p:q> [ <p:r> 1 ] ."
    )
    description = DatasetDescription({"en": "A method"})
    arguments = ([path], house.releases, house.gate, house.options("method"), Silence())
    report = ingest_rdf(description, *arguments)
    assert report.files[0].published == 3
    assert ingest_rdf(description, *arguments).unchanged
    assert house.ask("SELECT ?m { ?m a vises:Method }") == [("https://w3id.org/vises/method/x",)]


def test_bytes_of_rdf_files_are_told_under_the_name_of_a_step(house: House, write: Write) -> None:
    told: list[str] = []

    class Ears(Silence):
        def start(self, step: str, total: int | None) -> None:  # noqa: ARG002 (the protocol's)
            told.append(step)

        def advance(self, done: int) -> None:
            assert not done or told[-1], "bytes of no step"

    path = write("m.ttl", "<method/x> a <https://w3id.org/vises/ontology#Method> .")
    description = DatasetDescription({"en": "A method"})
    ingest_rdf(description, [path], house.releases, house.gate, house.options("method"), Ears())
    assert told[0] == "checksum"


def test_progress_hears_all_bytes_of_every_step(house: House, write: Write) -> None:
    heard: dict[str, list[int]] = {}

    class Ears(Silence):
        step = ""

        def start(self, step: str, total: int | None) -> None:
            assert isinstance(step, Sentence), "it cannot be said in other languages"
            self.step = step
            heard[step] = [total or 0, 0]

        def advance(self, done: int) -> None:
            heard[self.step][1] += done

    path = write("figures.csv", HEADER + FIRST)
    options = house.options("figures")
    ingest(SOURCES["figures"], [path], house.releases, house.gate, options, Ears())
    size = path.stat().st_size
    assert heard["checksum"] == [size, size]
    assert heard["checking figures.csv"] == [size, size]
    assert [*heard][-3:] == ["joining triples", "loading", "publishing"]
    heard.clear()
    path.write_text(HEADER + FIRST + SECOND, "utf-8")
    with pytest.raises(Refused, match="1 violation"):  # the publication is not described
        ingest(SOURCES["figures"], [path], house.releases, package_gate(), options, Ears())
    assert [*heard][-2:] == ["comparing", "validating"]
