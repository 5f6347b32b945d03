"""Taking a batch back, and what provenance says of batches."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyoxigraph import Literal, Quad, Store

from vises.errors import Refused
from vises.ingest.batches import Provenance, State, batches, find_batch
from vises.ingest.corrections import Corrections
from vises.ingest.ledger import Given, Ledger, UnknownBatch
from vises.ingest.provenance import GENERATED_BY, SourceFile, content_iri
from vises.ingest.quarantine import Threshold, TooManyRefused
from vises.ingest.sources import SOURCES
from vises.ingest.withdrawal import BuiltUpon, Withdrawal, withdraw
from vises.namespaces import VOCABULARY_BASE, Iris, term
from vises.progress import Silence
from vises.store.history import NoCommonHistory
from vises.store.retention import Retention
from vises.store.transaction import Transaction

if TYPE_CHECKING:
    from pyoxigraph import NamedNode

    from vises.ingest.batches import Told
    from vises.store.transaction import Candidate

House = Any
Write = Callable[[str, str], Path]
HEADER = "area,period,measure,perimeter,family,publication,value,unit,status,note\n"
ROW = "FRE,{},jobCount,insee-ess,total,a-source,{},NUM,A,\n"
YEARS = "SELECT ?y { ?f <http://purl.org/linked-data/sdmx/2009/dimension#refPeriod> ?y }"
MADE = "SELECT ?a { id:graph\\/figures prov:wasGeneratedBy ?a }"


@dataclass(frozen=True)
class No:
    accepted: bool = False
    violations: int = 1
    warnings: int = 0

    def summary(self) -> str:
        return "1 violation"

    def turtle(self) -> list[bytes]:
        return []


def take(house: House, name: str, reason: str = "") -> Withdrawal:
    return withdraw(
        name,
        releases=house.releases,
        gate=house.gate,
        data_folder=house.data,
        base_iri=VOCABULARY_BASE,
        author="an officer",
        reason=reason,
    )


def told(house: House) -> list[Told]:
    return batches(house.releases, Ledger(house.data), VOCABULARY_BASE)


@pytest.fixture
def figures(house: House, write: Write) -> Callable[[str, int], str]:
    """Return what ingests figures of some years; it returns the batch."""

    def ingest(years: str, value: int = 1) -> str:
        rows = "".join(ROW.format(year, value) for year in years.split())
        path = write(f"figures-{value}.csv", HEADER + rows)
        return str(house.ingest("figures", path).batch)

    return ingest


def test_the_dataset_is_again_what_it_was(house: House, figures: Callable[..., str]) -> None:
    first = figures("2021 2022")
    before, lines = house.ask(YEARS), house.releases.current().digests
    second = figures("2022 2023", 2)
    done = take(house, second, "a wrong file")
    assert (done.restored, done.removed > 0, done.added > 0) == (first, True, True)
    assert house.ask(YEARS) == before
    graph = f"{VOCABULARY_BASE}graph/figures"
    assert house.releases.current().digests[graph] == lines[graph]
    assert house.ask(MADE) == [(f"{VOCABULARY_BASE}activity/figures-{first}",)]
    listed = told(house)
    assert {t.batch: t.state for t in listed} == {first: State.current, second: State.withdrawn}
    assert listed == sorted(listed, key=lambda t: t.started), "the oldest first"
    assert house.ask(
        "SELECT ?who ?why { ?b prov:invalidatedAtTime ?t ; prov:wasInvalidatedBy ?w ;"
        " prov:specializationOf id:graph\\/figures . ?w dcterms:creator ?who ;"
        " dcterms:description ?why }"
    ) == [("an officer", "a wrong file")]


def test_doing_it_twice_changes_nothing(house: House, figures: Callable[..., str]) -> None:
    figures("2021")
    second = figures("2022", 2)
    take(house, second)
    release = house.releases.current().id
    assert take(house, second) == Withdrawal("figures", second, State.withdrawn, None)
    assert house.releases.current().id == release


def test_without_an_earlier_batch_the_dataset_is_empty(
    house: House, figures: Callable[..., str]
) -> None:
    first = figures("2021")
    other = house.ingest("figures", house.data.parent / "figures-1.csv", dataset="other")
    done = take(house, first)
    assert (done.restored, done.added) == (None, 0)
    graph = f"{VOCABULARY_BASE}graph/figures"
    assert graph not in house.releases.current().counts
    assert house.ask(YEARS) == [("2021",)], "another dataset holds it still"
    assert house.ask("SELECT ?t { id:graph\\/figures dcterms:title ?t }") == []
    assert {t.batch: t.state for t in told(house)} == {
        first: State.withdrawn,
        other.batch: State.current,
    }


def test_a_withdrawn_batch_is_not_returned_to(house: House, figures: Callable[..., str]) -> None:
    first = figures("2021")
    second = figures("2022", 2)
    third = figures("2023", 3)
    assert take(house, second).removed == 0
    assert house.ask(YEARS) == [("2023",)]
    assert take(house, third).restored == first
    assert house.ask(YEARS) == [("2021",)]
    assert take(house, first).restored is None
    assert house.ask(YEARS) == []


def test_it_can_be_ingested_again(house: House, figures: Callable[..., str]) -> None:
    first = figures("2021")
    take(house, first)
    assert figures("2021") == first
    assert house.ask(YEARS) == [("2021",)]
    assert [t.state for t in told(house)] == [State.current]
    take(house, first)
    assert house.ask(YEARS) == []


def test_it_works_where_the_earlier_release_was_pruned(
    house: House, figures: Callable[..., str]
) -> None:
    figures("2021")
    second = figures("2022", 2)
    house.releases.prune(Retention(last=1, hourly=0, daily=0, monthly=0), reader_seconds=1)
    assert house.releases.is_pruned("000002")
    take(house, second)
    assert house.ask(YEARS) == [("2021",)]


def test_the_gate_may_refuse(house: House, figures: Callable[..., str]) -> None:
    first = figures("2021")

    def closed(candidate: Candidate) -> No:  # noqa: ARG001 (a gate that lets nothing pass)
        return No()

    with pytest.raises(Refused, match="1 violation"):
        take(replace(house, gate=closed), first)
    assert house.ask(YEARS) == [("2021",)]
    assert [t.state for t in told(house)] == [State.current]


def test_what_was_built_upon_is_kept(house: House, figures: Callable[..., str]) -> None:
    first = figures("2021")
    ledger = Ledger(house.data)
    corrections = Corrections(
        first, {"figures-1.csv": {2: {"value": "7"}}}, ledger.read("figures", first).digests
    )
    path = house.data.parent / "figures-1.csv"
    second = house.ingest("figures", path, corrections=corrections).batch
    assert house.ask("SELECT ?v { ?f vises:jobCount ?v }") == [("7",)]
    with pytest.raises(BuiltUpon, match=second):
        take(house, first)
    assert take(house, second).restored == first
    assert take(house, first).restored is None


def test_where_a_release_in_between_is_gone_the_dataset_stays(
    house: House, figures: Callable[..., str]
) -> None:
    figures("2021")
    second = figures("2022", 2)
    shutil.rmtree(house.data / "releases" / "000002")
    with pytest.raises(NoCommonHistory, match="Release 000002"):
        take(house, second)
    assert house.ask(YEARS) == [("2022",)]
    assert house.releases.current().id == "000003"


def test_without_a_replaced_batch_no_history_is_needed(
    house: House, figures: Callable[..., str]
) -> None:
    first = figures("2021")
    shutil.rmtree(house.data / "releases" / "000001")
    assert take(house, first).restored is None
    assert house.ask(YEARS) == []


def test_what_a_rollback_took_away_does_not_come_back(
    house: House, figures: Callable[..., str]
) -> None:
    first = figures("2020")
    second = figures("2021", 2)
    figures("2022", 3)
    house.releases.rollback("000003", author="a test")
    assert take(house, second).restored == first
    assert house.ask(YEARS) == [("2020",)]
    house.releases.rollback("000002", author="a test")
    assert take(house, first).restored is None
    assert house.ask(YEARS) == []


def test_a_batch_of_the_same_triples_is_returned_to_where_its_release_was_made_again(
    house: House, figures: Callable[..., str]
) -> None:
    first = figures("2021 2022")
    second = figures("2022 2021")
    shutil.rmtree(house.data / "releases" / "000003" / "store")
    house.releases.recover(thorough=False, progress=Silence())
    assert house.releases.redo("000003", author="a test").id == "000004"
    assert take(house, second).restored == first
    assert house.ask(YEARS) == [("2021",), ("2022",)]


def test_the_description_changes_before_the_rows_are_loaded(
    house: House, figures: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    figures("2021")
    second = figures("2022", 2)
    described: list[list[str]] = []
    replace_graph = Transaction.replace_graph

    def replaced(self: Transaction, graph: NamedNode, triples: Path) -> None:
        made = self.store.quads_for_pattern(graph, GENERATED_BY, None, None)
        described.append([quad.object.value.rpartition("-")[2] for quad in made])
        replace_graph(self, graph, triples)

    monkeypatch.setattr(Transaction, "replace_graph", replaced)
    done = take(house, second)
    assert described == [[done.restored]]


@pytest.mark.parametrize("name", ["", "x", "other/", "figures/", "../../etc", "0" * 16])
def test_no_such_batch(house: House, figures: Callable[..., str], name: str) -> None:
    figures("2021")
    with pytest.raises(UnknownBatch):
        take(house, name)


def test_a_batch_is_found_by_the_start_of_its_id(house: House, figures: Callable[..., str]) -> None:
    first = figures("2021")
    assert find_batch(told(house), first[:8]).batch == first
    assert find_batch(told(house), f"figures/{first[:8]}").batch == first


def test_a_batch_says_what_it_was_made_of(house: House, figures: Callable[..., str]) -> None:
    figures("2021")
    (batch,) = told(house)
    path = house.data.parent / "figures-1.csv"
    assert [(f.name, f.sha256) for f in batch.files] == [
        (path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    ]
    source = SOURCES["figures"]
    assert {(f.name, f.sha256) for f in batch.plans} == {
        ("figures/mapping.ttl", hashlib.sha256(source.mapping.read_bytes()).hexdigest()),
        *(
            (f"figures/{part.name}.schema.json", hashlib.sha256(part.contract.text).hexdigest())
            for part in source.parts
        ),
    }
    assert batch.author == "a test"
    assert batch.as_of
    assert list(batch.rows.values()) == [1, 1, 0, 0]
    assert house.ask(
        "SELECT ?n { ?a a vises:IngestActivity ; prov:qualifiedAssociation"
        " [ prov:agent [ a prov:SoftwareAgent ; dcterms:title ?n ] ] }"
    )[0][0].startswith("VISES ")


def test_a_batch_tells_the_names_that_it_knew_its_files_by(
    house: House, write: Write, figures: Callable[..., str]
) -> None:
    figures("2021")
    (first,) = told(house)
    content = (house.data.parent / "figures-1.csv").read_text("utf-8")
    house.ingest("figures", write("second.csv", content), dataset="two")
    names = {batch.dataset: [file.name for file in batch.files] for batch in told(house)}
    assert names == {"figures": ["figures-1.csv"], "two": ["second.csv"]}
    assert first.files[0].sha256 == told(house)[1].files[0].sha256


def test_a_batch_from_before_usages_were_told_has_the_names_of_its_files() -> None:
    iris, store = Iris(VOCABULARY_BASE), Store()
    activity, file = iris.of("activity/figures-1"), content_iri("7f83b165")
    said = [
        (activity, "rdf:type", term("vises:IngestActivity")),
        (activity, "prov:generated", iris.graph("figures")),
        (activity, "prov:startedAtTime", Literal("2026-11-23T10:00:00Z")),
        (activity, "prov:used", file),
        (file, "dcterms:title", Literal("figures.csv")),
        (file, "dcterms:identifier", Literal("sha256:7f83b165")),
    ]
    store.extend(Quad(s, term(p), o, iris.graph("provenance")) for s, p, o in said)
    (batch,) = Provenance(store, iris).batches()
    assert batch.files == (SourceFile("figures.csv", "7f83b165"),)


def test_what_was_never_published_is_listed(house: House, write: Write) -> None:
    path = write("figures.csv", HEADER + ROW.format("last year", 1))
    with pytest.raises(TooManyRefused):
        house.ingest("figures", path, max_refused=Threshold(rows=0))
    (batch,) = told(house)
    assert (batch.state, batch.files[0].name) == (State.unpublished, "figures.csv")
    assert isinstance(Ledger(house.data).read("figures", batch.batch), Given)
    done = take(house, batch.batch)
    assert done == Withdrawal("figures", batch.batch, State.unpublished, None)
    assert not house.published
    with pytest.raises(UnknownBatch):
        take(house, "nothing")
