"""Whether a text is an update, decided by the engine's own parser, which evaluates nothing here.

pyoxigraph parses a whole update before it evaluates the first operation. So one that must fail is
put before the others. It takes no PREFIX and BASE after the first operation, though the grammar
has them (SPARQL 1.1 Query Language, section 19.8, rule 29): such an update is parsed operation by
operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode, Store

from vises.errors import sentence
from vises.store.engine import FederationRefused
from vises.store.keywords import uses_word
from vises.store.syntax import position, update_syntax_error
from vises.store.update.request import LoadRefused, UpdateSyntaxError
from vises.store.update.syntax import Load, first_operation, operations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.store.update.syntax import Part

CORRECT_UPDATE = sentence("correct-update", "Correct the update.")
_THERE = NamedNode("urn:x-vises:there")
_FAILING = f"CREATE GRAPH {_THERE} ; "


class _Piece(NamedTuple):
    """A text with one prologue: what comes before its first operation, and the rest."""

    before: str
    rest: str

    @property
    def whole(self) -> str:
        """The text with what must fail between the two, where there is an operation."""
        return f"{self.before}{_FAILING}{self.rest}" if self.rest.strip() else self.before


def parsed(update: str, base_iri: str) -> Sequence[Part]:
    """Return the operations of an update that neither fetches nor calls.

    Raises `UpdateSyntaxError` with the line and the column, `LoadRefused`, `FederationRefused`.
    """
    try:
        parts = operations(update)
    except UpdateSyntaxError as unclear:
        at = first_operation(update)
        _demand(update, _Piece(update[:at], update[at:]), base_iri)
        raise unclear from None
    for piece in _pieces(update, parts):
        _demand(update, piece, base_iri)
        if _uses(piece, "LOAD", base_iri):
            raise _load_refused()
        if _uses(piece, "SERVICE", base_iri):
            raise federation_refused()
    if any(isinstance(part.operation, Load) for part in parts):
        raise _load_refused()
    return parts


def part_unread(error: SyntaxError) -> UpdateSyntaxError:
    """Return the error for a part of an update that the engine cannot read by itself."""
    return UpdateSyntaxError(
        sentence(
            "part-of-update-why",
            "A part of the update cannot be read: {error}.",
            error=str(error),
        ),
        remedy=CORRECT_UPDATE,
    )


def federation_refused() -> FederationRefused:
    """Return the error for an update that calls another endpoint."""
    return FederationRefused(
        sentence("update-calls", "The update calls another endpoint with SERVICE."),
        remedy=sentence(
            "ask-yourself",
            "Ask the other endpoint yourself and bring its values along with VALUES.",
        ),
    )


def _load_refused() -> LoadRefused:
    return LoadRefused(
        sentence("update-loads", "The update fetches a document with LOAD."),
        remedy=sentence(
            "fetch-yourself",
            "Fetch it yourself and send it to the graph store (/graphs) with POST.",
        ),
    )


def _pieces(update: str, parts: Sequence[Part]) -> list[_Piece]:
    """Return the whole update where it has one prologue, else a piece for each operation."""
    if len({part.operation.prologue for part in parts}) <= 1:
        at, end = (parts[0].start, parts[-1].end) if parts else (len(update), len(update))
        return [_Piece(update[:at], update[at:end])]
    return [_Piece(f"{part.operation.prologue}\n", update[part.start : part.end]) for part in parts]


def _uses(piece: _Piece, keyword: str, base_iri: str) -> bool:
    return uses_word(piece.whole, keyword, lambda text: _error(text, base_iri) is None)


def _demand(update: str, piece: _Piece, base_iri: str) -> None:
    """Raise `UpdateSyntaxError` where a piece of an update does not parse."""
    error = _error(piece.whole, base_iri)
    if error is None:
        return
    found = position(str(error))
    if found is None:
        raise UpdateSyntaxError(f"{str(error).rstrip('.')}.", remedy=CORRECT_UPDATE)
    line, column, expected = found
    lines = piece.before.count("\n")
    if piece.rest.strip():
        column -= len(_FAILING) if line == lines + 1 else 0
    if not update.startswith(piece.before + piece.rest[:1]):
        before = update[: update.index(piece.rest)]
        line += before.count("\n") - lines
    raise update_syntax_error(update, expected, line, max(1, column))


def _error(text: str, base_iri: str) -> SyntaxError | None:
    store = Store()
    store.add_graph(_THERE)
    try:
        store.update(text, base_iri=base_iri)
    except SyntaxError as error:
        return error
    except RuntimeError:
        return None
    assert not len(store), text
    return None
