"""The gate of every transaction: the incoming data is judged with its neighbourhood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pyoxigraph import NamedNode, Store

from vises.validation.neighbourhood import Surroundings, Survey, neighbourhood
from vises.validation.report import Report
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes
from vises.validation.syntax import n_triples, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from pyoxigraph import BlankNode

    from vises.validation.validator import Validator


class Incoming(Protocol):
    """The whole new content of a graph that a transaction changes."""

    @property
    def graph(self) -> NamedNode:
        """The name of the graph."""

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
        """The graphs that changed."""

    @property
    def untyped(self) -> AbstractSet[NamedNode | BlankNode]:
        """The things that lost their rdf:type, so that references to them are judged again."""


class ShaclGate:
    """Judges a candidate with a `Validator`.

    `context` is N-Triples with types and subclasses to be known beside those of the store. All
    incoming graphs are judged together, so that they may refer to each other, and in memory: about
    0.4 s and 60 MB for each 100,000 triples (measured with enterprises, up to a million).
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
        around = Surroundings(
            candidate.store,
            self._context,
            frozenset(part.graph for part in candidate.incoming),
            candidate.untyped,
        )
        incoming = {str(part.triples): part.triples.read_bytes() for part in candidate.incoming}
        return judge(self._validator, incoming, around)


def package_gate() -> ShaclGate:
    """Return the gate of every transaction: the shapes of the package."""
    return ShaclGate(shacl_validator(package_shapes()))


def judge(validator: Validator, incoming: Mapping[str, bytes], around: Surroundings) -> Report:
    """Judge N-Triples documents, by their name in errors, in what they come into.

    Results on what only the surroundings describe are left out.
    """
    documents = _apart(incoming)
    survey = Survey()
    for place, data in documents.items():
        survey.add(read(data, place=place))
    beside = neighbourhood(survey, around)
    report = validator.validate(b"\n".join([*documents.values(), beside.triples]), beside.focus)
    results = (result for result in report.results if _counts(result.focus, beside.judged))
    return Report(tuple(results), report.complete)


def _counts(focus: str, judged: AbstractSet[object]) -> bool:
    """Tell whether results on a focus node count: always on blank nodes and literals."""
    return not focus.startswith("<") or NamedNode(focus[1:-1]) in judged


def _apart(documents: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Rename the blank nodes of several documents, which are not the same where labels are."""
    if sum(b"_:" in data for data in documents.values()) < 2:  # noqa: PLR2004 (one is apart)
        return documents
    return {
        place: n_triples(read(data, place=place, rename_blank_nodes=True))
        for place, data in documents.items()
    }
