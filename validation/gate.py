"""The gate of every transaction: the incoming data is judged with its neighbourhood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pyoxigraph import NamedNode, Store

from vises.validation.neighbourhood import Survey, neighbourhood
from vises.validation.report import Report
from vises.validation.syntax import n_triples, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from pyoxigraph import BlankNode

    from vises.validation.validator import Validator


class Incoming(Protocol):
    """What a transaction brings into one graph."""

    @property
    def triples(self) -> Path:
        """The file of N-Triples, byte for byte as it came: a store rewrites literals."""


class Candidate(Protocol):
    """The state that a transaction would publish."""

    @property
    def store(self) -> Store:
        """All graphs, after the change."""

    @property
    def incoming(self) -> Sequence[Incoming]:
        """What the change brings."""

    @property
    def untyped(self) -> AbstractSet[NamedNode | BlankNode]:
        """The things that lost an rdf:type, so that references to them are judged again."""


class ShaclGate:
    """Judges a candidate with a `Validator`.

    `context` is N-Triples with types and subclasses to be known beside those of the store. All
    incoming graphs are judged together, so that they may refer to each other. They are held in
    memory, at about 1 kB for each triple: the bound is the memory of the machine.
    """

    def __init__(self, validator: Validator, context: bytes = b"") -> None:
        """Keep both; raises `RdfSyntaxError` where the context does not parse."""
        self._validator = validator
        self._context = Store()
        self._context.bulk_extend(read(context, place="context"))

    def __call__(self, candidate: Candidate) -> Report:
        """Return the report on what changed.

        Raises `RdfSyntaxError` with the file and the line where incoming data does not parse.
        """
        incoming = {str(part.triples): part.triples.read_bytes() for part in candidate.incoming}
        return judge(self._validator, incoming, candidate.store, candidate.untyped, self._context)


def judge(
    validator: Validator,
    incoming: Mapping[str, bytes],
    store: Store,
    untyped: AbstractSet[NamedNode | BlankNode] = frozenset(),
    context: Store | None = None,
) -> Report:
    """Judge N-Triples documents (by their name in errors) beside what the store holds.

    Results on what only the store or the context describes are left out.
    """
    survey = Survey()
    for place, data in incoming.items():
        survey.add(data, place)
    parts = _apart(list(incoming.values()))
    beside = neighbourhood(survey, parts, store, untyped, context or Store())
    report = validator.validate(b"\n".join([*parts, beside.triples]))
    return Report(
        tuple(result for result in report.results if _counts(result.focus, beside.judged)),
        report.complete,
    )


def _counts(focus: str, judged: AbstractSet[object]) -> bool:
    """Tell whether results on a focus node count: always on blank nodes and literals."""
    return not focus.startswith("<") or NamedNode(focus[1:-1]) in judged


def _apart(documents: list[bytes]) -> list[bytes]:
    """Rename the blank nodes of several documents, which are not the same where labels are."""
    if sum(b"_:" in document for document in documents) < 2:  # noqa: PLR2004 (one is apart)
        return documents
    return [n_triples(read(document, rename_blank_nodes=True)) for document in documents]
