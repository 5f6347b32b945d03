"""Every SSSOM table of the package is SSSOM/TSV as its specification has it (1.0)."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
import yaml

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
