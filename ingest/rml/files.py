"""Mapping files: RML in Turtle, or YARRRML, which their names tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.ingest.files import open_file
from vises.ingest.rml.errors import MappingError
from vises.ingest.rml.reader import load_mapping
from vises.ingest.rml.yarrrml import Translation, translate

if TYPE_CHECKING:
    from pathlib import Path

    from vises.ingest.rml.model import Mapping

YARRRML = (".yml", ".yaml")
"""The endings of YARRRML files; any other one is read as Turtle."""


def read_mapping(path: Path, base_iri: str) -> Mapping:
    """Return the mapping in a file; relative IRIs in it are resolved against `base_iri`.

    Raises `InputMissing`, `BadInput` where it cannot be read, and `MappingError`.
    """
    if path.suffix.lower() not in YARRRML:
        with open_file(path) as stream:
            return load_mapping(stream.read(), base_iri=base_iri, place=str(path))
    made = read_yarrrml(path)
    return load_mapping(
        made.turtle.encode(), base_iri=base_iri, place=str(path), made_from=made.made_from
    )


def read_yarrrml(path: Path) -> Translation:
    """Return the RML that a YARRRML file stands for. Raises `MappingError`, and as opening does."""
    if path.suffix.lower() not in YARRRML:
        raise MappingError(
            f"The name of a YARRRML file ends with {' or '.join(YARRRML)}.",
            place=str(path),
            remedy="Rename it if it is YARRRML; Turtle needs no translation.",
        )
    with open_file(path) as stream:
        return translate(stream.read(), place=str(path))
