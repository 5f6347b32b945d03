"""RDF files as a source: any serialisation in, N-Triples out."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, RdfFormat, parse, serialize

from vises.decimals import with_decimals
from vises.errors import BadInput
from vises.ingest.files import open_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pyoxigraph import Quad, Triple

BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


class BadRdf(BadInput):
    """A file is not valid RDF, or not RDF that fits into one graph."""

    kind = "bad-rdf"
    title = "The RDF file cannot be read"


def write_ntriples(paths: Iterable[Path], base_iri: str, target: Path) -> int:
    """Write the triples of RDF files as one N-Triples document, and return how many there are.

    Triples pass one by one: the memory does not depend on the size of the files. A file's name
    says its format (.ttl, .nt, .rdf, .jsonld, .trig, .nq, .n3); relative IRIs are resolved against
    `base_iri`; blank nodes of different files stay different. Raises `InputMissing`, and `BadRdf`
    with line and column where the syntax is wrong or a statement is in a named graph of its own.
    """
    count = 0

    def triples() -> Iterator[Triple]:
        nonlocal count
        for quad in chain.from_iterable(_read(path, base_iri) for path in paths):
            count += 1
            yield quad.triple

    with target.open("wb") as output:
        serialize(triples(), output, format=RdfFormat.N_TRIPLES)
    return count


def _read(path: Path, base_iri: str) -> Iterator[Quad]:
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
            quads = parse(stream, format=rdf_format, base_iri=base_iri, rename_blank_nodes=True)
            for quad in with_decimals(quads, rdf_format):
                _demand_no_graph(quad, path)
                yield quad
        except SyntaxError as error:
            raise BadRdf(
                f"{error.msg}.",
                place=f"{path}, line {error.lineno}, column {error.offset}",
                remedy="Correct the file there; what stands before that place is well-formed.",
            ) from None


def _demand_no_graph(quad: Quad, path: Path) -> None:
    if not isinstance(quad.graph_name, DefaultGraph):
        raise BadRdf(
            f"The file has a named graph of its own, {quad.graph_name}.",
            place=str(path),
            remedy="A dataset is one graph: give each graph as a file of triples.",
        )
