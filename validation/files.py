"""Judging RDF files by themselves, beside the ontology and the code lists of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, Store

from vises.errors import BadInput, NotFound
from vises.validation.documents import judge
from vises.validation.recursion import sent_shapes
from vises.validation.shapes import package_vocabulary
from vises.validation.sources import Document, Sources
from vises.validation.syntax import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vises.validation.report import Report
    from vises.validation.validator import Validator

SYNTAXES = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".rdf": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
}


class UnknownSerialisation(BadInput):
    """A file name that does not say which RDF serialisation the file is in."""

    kind = "rdf-serialisation"
    title = "The kind of file is not known"


class FileMissing(NotFound):
    """A file that was named cannot be read."""

    kind = "file-missing"
    title = "The file is not there"


def validate_files(paths: Sequence[Path], validator: Validator, base_iri: str) -> Report:
    """Judge RDF files together, in the serialisations that their names say (`SYNTAXES`).

    Relative IRIs are resolved against `base_iri`; the names of graphs are left out. References to
    the ontology and the code lists of the package are resolved; any other has to be in the files.
    Nothing is fetched. Results say the file and the line. Raises `FileMissing`,
    `UnknownSerialisation`, and `RdfSyntaxError` with the file, the line and the column.
    """
    sources = Sources([_document(path) for path in paths], base_iri)
    return sources.placed(judge(validator, {"data": sources.triples}, vocabulary()))


def validate_alone(paths: Sequence[Path], validator: Validator, base_iri: str) -> Report:
    """Judge RDF files together and nothing else, as SHACL says. Raises as `validate_files`."""
    sources = Sources([_document(path) for path in paths], base_iri)
    return sources.placed(validator.validate(sources.triples))


def read_shapes(paths: Sequence[Path], base_iri: str) -> bytes:
    """Return shapes from files as N-Triples, of which none refers to itself.

    Raises as `validate_files`, and `ShapesError`.
    """
    return sent_shapes([_document(path) for path in paths], base_iri)


def vocabulary() -> Store:
    """Return the ontology and the code lists of the package in memory."""
    store = Store()
    store.bulk_extend(read(package_vocabulary(), place="ontology"))
    return store


def _document(path: Path) -> Document:
    endings = ", ".join(SYNTAXES)
    if path.is_dir():
        raise UnknownSerialisation(
            "It is a folder, and files are wanted.",
            place=str(path),
            remedy=f"Name the files in it, such as {path}/*.ttl; they end in one of {endings}.",
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FileMissing(
            f"{error.strerror}.", place=str(path), remedy="Name a file that can be read."
        ) from None
    syntax = SYNTAXES.get(path.suffix.lower())
    if syntax is None:
        said = f"The name ends in {path.suffix!r}" if path.suffix else "The name has no ending"
        raise UnknownSerialisation(
            f"{said}, so it does not say how the RDF is written.",
            place=str(path),
            remedy=f"Name it so that it ends in one of {endings}.",
        )
    return Document(str(path), syntax, data)
