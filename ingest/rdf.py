"""RDF files as a source: any serialisation in, N-Triples out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse, serialize

from vises.errors import BadInput
from vises.ingest.files import open_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class BadRdf(BadInput):
    """A file is not valid RDF, or not RDF that fits into one graph."""

    kind = "bad-rdf"
    title = "The RDF file cannot be read"


def to_ntriples(paths: Iterable[Path], base_iri: str) -> bytes:
    """Return the triples of RDF files as one N-Triples document.

    A file's name says its format (.ttl, .nt, .rdf, .jsonld, .trig, .nq, .n3); relative IRIs are
    resolved against `base_iri`; blank nodes of different files stay different. Raises
    `InputMissing`, and `BadRdf` with line and column where the syntax is wrong or a statement is
    in a named graph of its own.
    """
    triples = (quad.triple for path in paths for quad in _read(path, base_iri))
    text = serialize(triples, format=RdfFormat.N_TRIPLES)
    assert text is not None
    return text


def _read(path: Path, base_iri: str) -> list[Quad]:
    rdf_format = RdfFormat.from_extension(path.suffix[1:])
    if rdf_format is None:
        raise BadRdf(
            "The name does not end in that of an RDF format.",
            place=str(path),
            remedy="Name it .ttl, .nt, .rdf, .jsonld, .trig, .nq or .n3, after what it holds.",
        )
    with open_file(path) as stream:
        if encoding := BOMS.get(stream.read(2)):
            raise BadRdf(
                f"The file is in {encoding}.",
                place=f"{path}, line 1",
                remedy=f"Convert it: iconv -f {encoding} -t UTF-8 old > new.",
            )
        stream.seek(0)
        try:
            quads = list(
                parse(stream, format=rdf_format, base_iri=base_iri, rename_blank_nodes=True)
            )
        except SyntaxError as error:
            raise BadRdf(
                f"{error.msg}.",
                place=f"{path}, line {error.lineno}, column {error.offset}",
                remedy="Correct the file there; what stands before that place is well-formed.",
            ) from None
    if named := next((q for q in quads if not isinstance(q.graph_name, DefaultGraph)), None):
        raise BadRdf(
            f"The file has a named graph of its own, {named.graph_name}.",
            place=str(path),
            remedy="A dataset is one graph: give each graph as a file of triples.",
        )
    return quads
