"""The ontology, code lists and shapes in the store are those of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vises.ingest import vocabulary
from vises.namespaces import VOCABULARY_BASE

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from vises.store.releases import Release

House = Any
"""The class in conftest.py, which a test module cannot import."""

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH <https://w3id.org/vises/graph/%s> { ?s ?p ?o } }"

GRAPHS = ("ontology", "codes", "alignments", "shapes")


def synchronise(house: House, folder: Path) -> Release | None:
    with house.releases.transaction(author="t", message="t", gate=house.gate) as transaction:
        vocabulary.synchronise(transaction, VOCABULARY_BASE, folder)
    released: Release | None = transaction.release
    return released


def test_the_second_time_nothing_changes(empty_house: House, tmp_path: Path) -> None:
    assert synchronise(empty_house, tmp_path) is not None
    assert synchronise(empty_house, tmp_path) is None
    for name in GRAPHS:
        assert int(empty_house.ask(COUNT % name)[0][0]) > 100
        assert empty_house.ask(
            f'SELECT ?t {{ id:graph\\/{name} dcterms:title ?t FILTER(LANG(?t)="nl") }}'
        )


def test_a_change_of_the_package_replaces_its_graph_only(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synchronise(house, tmp_path)
    before = {name: house.ask(COUNT % name) for name in GRAPHS}
    more = tmp_path / "more.ttl"
    more.write_text("<https://w3id.org/vises/code/new> a <https://w3id.org/vises/code/Thing> .")
    files = vocabulary.files
    monkeypatch.setattr(
        vocabulary, "files", lambda n: [*files(n), more] if n == "codes" else files(n)
    )
    assert synchronise(house, tmp_path) is not None
    after = {name: house.ask(COUNT % name) for name in GRAPHS}
    assert int(after["codes"][0][0]) == int(before["codes"][0][0]) + 1
    assert after | {"codes": None} == before | {"codes": None}
    assert len(house.ask("SELECT ?d { id:graph\\/codes prov:wasDerivedFrom ?d }")) == 1


def test_code_lists_say_what_sources_need() -> None:
    codes = vocabulary.code_lists()
    assert {"9220", "1000", "5710"} <= codes.notations["legal-form-fr"]
    assert "0000" not in codes.notations["legal-form-fr"]
    assert {"9220", "5458", "8210"} <= codes.in_a_family["legal-form-fr"]
    assert not {"1000", "5710", "5499"} & codes.in_a_family["legal-form-fr"]
    assert {"017", "706"} <= codes.in_a_family["legal-form-be"]
    assert "610" not in codes.in_a_family["legal-form-be"]
    assert codes.departments["59"] == "FRE11"
    assert codes.departments["2A"].startswith("FR")
    assert codes.departments["974"].startswith("FR")
