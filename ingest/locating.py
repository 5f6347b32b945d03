"""Where in the files of an ingest a validation result comes from: file, line and column."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate, chain
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import RdfFormat

from vises.compressed import zstd
from vises.ingest.duplicates import told_elsewhere
from vises.ingest.files import open_file
from vises.ingest.parallel.left import lines_mapped
from vises.ingest.rml.model import Constant, TermMap
from vises.validation.findings import findings
from vises.validation.report import Place, Report
from vises.validation.sources import Document, Sources
from vises.validation.summary import keep_summary
from vises.validation.whereabouts import Whereabouts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from vises.ingest.parallel.joins import Joined
    from vises.ingest.parallel.reading import Judged
    from vises.ingest.parallel.triples import MadeFile
    from vises.ingest.rml import Mapping as RmlMapping
    from vises.ingest.rml.model import ReferencingObjectMap
    from vises.store.transaction import Candidate, Gate, Verdict
    from vises.validation.report import Result

MOST_RESULTS = 10_000
"""Up to how many results are located; of more, those that a report shows as examples."""

MOST_STATEMENTS = 2_000_000
"""How large data may be that is published all the same: locating its warnings reads it again."""

_Told = TypeVar("_Told", bound=Report)


@dataclass(frozen=True)
class Origin:
    """A file of triples and the rows behind it: those of a piece of `document`.

    `name` is the piece's, in `folder`; `before` is how many lines stand before it; `columns` has
    the title of the column that alone makes the values of a property, by the property (N-Triples).
    """

    made: MadeFile
    folder: Path
    name: str
    before: int
    document: str
    columns: Mapping[str, str]

    def place(self, statement: int, path: str | None) -> Place:
        """Return the place of a statement of the file, and of a property."""
        lines, counts = lines_mapped(self.folder, self.name)
        row = bisect_right(list(accumulate(counts)), statement)
        return Place(self.document, self.before + lines[row], self.columns.get(path or "", ""))


class Origins:
    """The rows that a batch was made of. Its files have to be there for as long as it is used."""

    def __init__(self, origins: Sequence[Origin], graph: str | None) -> None:
        """Take the origins in their order, and the graph of files of N-Quads."""
        self._origins = origins
        self._ending = f" <{graph}> .\n".encode() if graph else b" .\n"
        sizes = (origin.made.statements for origin in origins)
        self._starts = [0, *accumulate(sizes)]

    def placed(self, report: _Told) -> _Told:
        """Return a report whose results say where the rows are that they come from.

        Blank nodes are not found: they have other labels in the store. Where all is published,
        data of more than `MOST_STATEMENTS` is not read again. Raises `OSError`.
        """
        if report.accepted and self._starts[-1] > MOST_STATEMENTS:
            return report
        asked = _located(report)
        if not asked:
            return report
        found = Whereabouts(self._statements(), asked)
        places = {result: self._place(found.of(result), result.path) for result in asked}
        results = tuple(replace(r, place=places.get(r)) for r in report.results)
        return replace(report, results=results)

    def _statements(self) -> Iterator[bytes]:
        for origin in self._origins:
            path = origin.made.path
            with zstd.open(path, "rb") if path.suffix == ".zst" else path.open("rb") as lines:
                yield from (line.removesuffix(self._ending) for line in lines)

    def _place(self, number: int | None, path: str | None) -> Place | None:
        if number is None:
            return None
        at = bisect_right(self._starts, number) - 1
        return self._origins[at].place(number - self._starts[at], path)


def origins_of(
    judged: Judged, made: Iterable[MadeFile], folder: Path, mapping: RmlMapping
) -> list[Origin]:
    """Return the origins of the files that the rows of one file became."""
    columns = _columns(judged, mapping)
    return [
        Origin(each, folder, name, before, judged.tally.file, columns)
        for each, (name, before) in zip(made, judged.pieces, strict=True)
    ]


def origins_of_joined(made: Iterable[Joined], folder: Path) -> list[Origin]:
    """Return the origins of what rows made with others: those of the child."""
    return [Origin(each.made, folder, each.name, 0, each.judged.tally.file, {}) for each in made]


def in_documents(paths: Sequence[Path], base_iri: str) -> Callable[[_Told], _Told]:
    """Return what places results in files of RDF, which it reads again for that."""
    return partial(_in_documents, paths, base_iri)


class PlacingGate:
    """A gate that says of the results of another one where they come from.

    It also names the other dataset of what two datasets say (`told_elsewhere`).
    """

    def __init__(self, gate: Gate, locate: Callable[[Report], Report]) -> None:
        """Take the gate and what places its reports."""
        self._gate = gate
        self._locate = locate

    def __call__(self, candidate: Candidate) -> Verdict:
        """Return the verdict of the gate; one that is no `Report` as it is. Raises `OSError`."""
        verdict = self._gate(candidate)
        if not isinstance(verdict, Report):
            return verdict
        placed = told_elsewhere(self._locate(verdict), candidate)
        if placed.accepted and placed.results:
            keep_summary(placed, candidate.keep)
        return placed


def _in_documents(paths: Sequence[Path], base_iri: str, report: _Told) -> _Told:
    if not report.results:
        return report
    documents = []
    for path in paths:
        syntax = RdfFormat.from_extension(path.suffix[1:])
        assert syntax is not None  # it was read before
        with open_file(path) as stream:
            documents.append(Document(path.name, syntax, stream.read()))
    placed = Sources(documents, base_iri).placed(report)
    return replace(report, results=placed.results)


def _located(report: Report) -> Sequence[Result]:
    """Return the results that are located."""
    if len(report.results) <= MOST_RESULTS:
        return report.results
    samples = [sample for each in findings(report.results) for sample in each.samples]
    return samples[:MOST_RESULTS]


def _columns(judged: Judged, mapping: RmlMapping) -> dict[str, str]:
    """Return the titles of the columns of the file that alone make the values of a property.

    A column that the source makes out of others is none of the file.
    """
    used: dict[str, set[str]] = defaultdict(set)
    maps = [each for each in mapping.triples_maps if each.source == judged.part.source]
    for pair in chain.from_iterable(each.predicate_object_maps for each in maps):
        columns = {column for value in pair.objects for column in _made_from(value)}
        for predicate in pair.predicates:
            if isinstance(predicate.expression, Constant):
                used[str(predicate.expression.term)] |= columns
    names, layout = judged.part.contract.names, judged.layout
    return {
        predicate: layout.title(column) if layout else column
        for predicate, columns in used.items()
        if len(columns) == 1 and (column := next(iter(columns))) in names
    }


def _made_from(value: TermMap | ReferencingObjectMap) -> Sequence[str]:
    """Return the columns behind an object; an empty name for one that has none of its own."""
    return (value.columns if isinstance(value, TermMap) else ()) or ("",)
