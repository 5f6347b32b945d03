"""Every SSSOM table of the package is SSSOM/TSV as its specification has it (1.0)."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml
from pyoxigraph import RdfFormat, parse

from vises.ingest.alignments import of_statements
from vises.namespaces import PREFIXES

TABLES = sorted((Path(__file__).parents[2] / "ontology").rglob("*.sssom.tsv"))
ENTITIES = {
    *("subject_id", "predicate_id", "object_id", "mapping_justification"),
    *("subject_source", "object_source"),
}
"""The slots of ours that are entity references."""


def parts(table: Path) -> tuple[dict[str, object], list[dict[str, str]]]:
    """Return the metadata of a table and its rows."""
    lines = table.read_text(encoding="utf-8").splitlines()
    head = [line.removeprefix("# ") for line in lines if line.startswith("# ")]
    return yaml.safe_load("\n".join(head)), list(csv.DictReader(lines[len(head) :], delimiter="\t"))


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.name)
def test_entities_are_curies_of_declared_prefixes(table: Path) -> None:
    """Section "Identifiers" of SSSOM/TSV: a parser leaves out rows with anything else."""
    head, rows = parts(table)
    prefixes = head["curie_map"]
    assert isinstance(prefixes, dict)
    said = [value for record in (head, *rows) for name, value in record.items() if name in ENTITIES]
    assert {str(value).partition(":")[0] for value in said if value} == prefixes.keys()
    assert not [value for value in said if re.search(r"\s|://", str(value))]


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.name)
def test_links_of_a_set_are_addresses(table: Path) -> None:
    head, _ = parts(table)
    links = [head[name] for name in ("mapping_set_id", "license", "see_also") if name in head]
    assert all(re.fullmatch(r"https?://\S+", str(link)) for link in links)


@pytest.mark.parametrize("source", ["terms", "terms#", "terms/"])
def test_sources_in_no_known_namespace_are_curies_too(source: str) -> None:
    """A release may hold alignments that the package has not, or had otherwise."""
    turtle = f"""
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix sssom: <https://w3id.org/sssom/> .
        @base <https://w3id.org/vises/alignments/theirs> .
        <> a sssom:MappingSet ; sssom:object_source <https://nobody.example/{source}> .
        <#one> a owl:Axiom ; owl:annotatedSource <https://w3id.org/vises/ontology#Enterprise> ;
            owl:annotatedProperty <http://www.w3.org/2004/02/skos/core#closeMatch> ;
            owl:annotatedTarget <https://nobody.example/other#There> ;
            sssom:mapping_justification <https://w3id.org/semapv/vocab/Check> ;
            sssom:confidence 0.5 .
    """
    read = parse(turtle, format=RdfFormat.TURTLE)
    table = of_statements("theirs", read, PREFIXES).sssom()
    assert f'# object_source: "ns3:{source}"\n' in table
    assert '#   ns3: "https://nobody.example/"\n' in table
    assert "\tns1:There\tns2:Check\t" in table


THEIRS = """
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix sssom: <https://w3id.org/sssom/> .
    @prefix semapv: <https://w3id.org/semapv/vocab/> .
    @base <https://w3id.org/vises/alignments/theirs> .
    <> a sssom:MappingSet ; sssom:mappings %s .
    %s a owl:Axiom ; owl:annotatedSource <https://w3id.org/vises/ontology#Enterprise> ;
        owl:annotatedProperty <http://www.w3.org/2004/02/skos/core#closeMatch> %s .
"""
TARGET = "; owl:annotatedTarget <http://www.w3.org/ns/org#Organization>"


@pytest.mark.parametrize(
    ("name", "more", "row"),
    [
        ("<#one>", TARGET, "\t\t"),
        ("<#one>", f"{TARGET} ; sssom:confidence 0.5", "\t0.5\t"),
        (
            "<#one>",
            f"{TARGET} ; sssom:mapping_justification semapv:Check ; sssom:author [ a owl:Thing ]",
            "ns1:Check\t\t",
        ),
        ("<https://nobody.example/m1>", f"{TARGET} ; rdfs:comment 'in'@fr , 'in'@nl", "\t\tin"),
        ("<#one>", f"{TARGET} ; rdfs:comment 'as'@en , 'comme'@fr , 'als'@nl", "\t\tas"),
        ("<#one>", "", None),
    ],
)
def test_mappings_of_others_are_rows_as_far_as_they_say(
    name: str, more: str, row: str | None
) -> None:
    """A confidence is optional in SSSOM, and what is no mapping is no row."""
    read = parse(THEIRS % (name, name, more), format=RdfFormat.TURTLE)
    table = of_statements("theirs", read, PREFIXES).sssom()
    rows = table.partition("confidence\tcomment\n")[2].splitlines()
    told = "vises:Enterprise\tskos:closeMatch\torg:Organization\t"
    assert rows == ([] if row is None else [told + row])
