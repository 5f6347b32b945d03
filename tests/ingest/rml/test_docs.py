"""docs/mapping.md says what is so."""

from __future__ import annotations

import textwrap
from pathlib import Path

from vises.ingest.rml.files import read_mapping
from vises.ingest.rml.functions import FUNCTIONS, GREL, IDLAB

PAGE = (Path(__file__).parents[3] / "docs" / "mapping.md").read_text("utf-8")


def test_the_example_is_a_mapping(tmp_path: Path) -> None:
    example = PAGE[PAGE.index("    prefixes:") : PAGE.index("\nwith people.csv")]
    path = tmp_path / "example.yml"
    path.write_text(textwrap.dedent(example), encoding="utf-8")
    mapping = read_mapping(path, "http://example.org/")
    assert mapping.sources == {"people.csv", "firms.json firms[*]"}
    assert len(mapping.joins("people.csv")) == 1


def test_every_function_and_parameter_is_named() -> None:
    for function in FUNCTIONS.values():
        for iri in (function.iri, *(each.iris[0] for each in function.parameters)):
            name = iri.replace(GREL, "grel:").replace(IDLAB, "idlab-fn:")
            assert f"`{name}`" in PAGE
