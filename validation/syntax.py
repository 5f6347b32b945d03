"""RDF as bytes: reading it with errors that name a place, and writing it back as N-Triples."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Protocol, cast

from pyoxigraph import Quad, RdfFormat, Triple, parse, serialize

from vises import contexts
from vises.decimals import with_decimals
from vises.errors import BadInput, Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class RdfSyntaxError(BadInput):
    """RDF that does not parse in the serialisation that it claims to be in."""

    kind = "rdf-syntax"
    title = "The RDF does not parse"


class Readable(Protocol):
    """What gives bytes, a part at a time."""

    def read(self, size: int = -1, /) -> bytes:
        """Return some bytes, none at the end."""


def read(
    data: bytes | Readable,
    syntax: RdfFormat = RdfFormat.N_TRIPLES,
    *,
    place: str = "data",
    base_iri: str | None = None,
    rename_blank_nodes: bool = False,
) -> Iterator[Quad]:
    """Yield the statements of a document; lexical forms of literals stay as they are written.

    Numbers of JSON that a context makes decimals are written as such. `place` is the name of the
    document in errors. Nothing is fetched: a remote JSON-LD context or an external XML entity is an
    error. Raises `RdfSyntaxError` with the line and the column where the parser knows them
    (1-based, in characters).
    """
    try:
        statements = parse(
            cast("bytes | IO[bytes]", data),  # of a file it calls nothing but `read`
            syntax,
            base_iri=base_iri,
            rename_blank_nodes=rename_blank_nodes,
        )
        yield from with_decimals(statements, syntax)
    except SyntaxError as error:
        raise _located(error, syntax, place) from None


def n_triples(statements: Iterable[Triple | Quad]) -> bytes:
    """Write statements as N-Triples, without the names of their graphs."""
    triples = (s.triple if isinstance(s, Quad) else s for s in statements)
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""


def _located(error: SyntaxError, syntax: RdfFormat, place: str) -> RdfSyntaxError:
    where = place if error.lineno is None else f"{place}, line {error.lineno}"
    if error.lineno is not None and error.offset is not None:
        where += f", column {error.offset}"
    said = error.msg.rpartition("Parser error")[2].partition(": ")[2] or error.msg
    if contexts.is_elsewhere(said):
        return RdfSyntaxError(contexts.DETAIL, place=where, remedy=contexts.REMEDY)
    return RdfSyntaxError(
        sentence("not-rdf", "This is not {form}: {why}.", form=syntax.name, why=said.rstrip(".")),
        place=where,
        remedy=_remedy(said),
    )


def _remedy(said: str) -> Sentence:
    if "UTF-8" in said:
        return sentence("save-utf-8", "Save the file in UTF-8.")
    if "end of file" in said:
        return sentence("ends-early", "The file ends too early: is it complete?")
    return sentence("correct-it-there", "Correct it there.")
