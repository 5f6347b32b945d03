"""A batch: input files, what identifies them, and the triples that they become."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.enough import demand_each_table, demand_enough
from vises.ingest.files import ChangedMeanwhile, as_it_is, digest
from vises.ingest.ledger import QUARANTINE
from vises.ingest.locating import Origins, origins_of, origins_of_joined
from vises.ingest.parallel.engine import Here, Processes, processes_for
from vises.ingest.parallel.joins import Joins
from vises.ingest.parallel.mapping import Plan
from vises.ingest.parallel.reading import Reader, refused_rows, rows_refused_late
from vises.ingest.parallel.triples import join
from vises.ingest.provenance import SourceFile
from vises.ingest.quarantine import Quarantine
from vises.ingest.rml import compile_mapping
from vises.ingest.rml.files import read_mapping
from vises.ingest.source import Divisible, Reading, Source
from vises.ingest.tables import rows_at
from vises.ingest.vocabulary import code_lists
from vises.ingest.vocabulary import digest as vocabulary_digest
from vises.namespaces import Iris

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from vises.ingest.contract import Row
    from vises.ingest.locating import Origin
    from vises.ingest.options import IngestOptions
    from vises.ingest.parallel.engine import Engine
    from vises.ingest.parallel.triples import MadeFile
    from vises.ingest.report import FileCounts
    from vises.ingest.source import Layer
    from vises.progress import Progress
    from vises.validation.report import Report

BATCH_DIGITS = 16
CHECKSUM = sentence("step-checksum", "checksum")


@dataclass(frozen=True)
class Input:
    """Recognised files of a source, by part, and the id of their batch.

    `states` are the files as they were when their digests were made (`files.as_it_is`).
    """

    source: Source
    parts: Mapping[str, Sequence[Layer]]
    files: tuple[SourceFile, ...]
    batch: str
    states: Mapping[Path, tuple[int, int, int]]

    def demand_unchanged(self) -> None:
        """Raise `ChangedMeanwhile` where a file is no longer as it was: other rows were read."""
        for path, state in self.states.items():
            try:
                same = as_it_is(path) == state
            except OSError:
                same = False
            if not same:
                raise ChangedMeanwhile(
                    sentence(
                        "file-changed",
                        "The file was written to, replaced or removed while it was read, so what"
                        " was read is not what its digest tells.",
                    ),
                    place=str(path),
                    remedy=sentence(
                        "file-still", "Wait until the file is complete, and ingest it again."
                    ),
                )


@dataclass(frozen=True)
class Batch:
    """The triples of an input as an N-Triples file, and how its rows were counted.

    `locate` has the results of a report say which rows they come from.
    """

    triples: Path
    files: tuple[FileCounts, ...]
    quarantine: Path | None
    as_of: date | None
    locate: Callable[[Report], Report]
    complete: bool = True


@dataclass(frozen=True)
class MappedInput:
    """The files of triples that an input became, and how its rows were counted.

    `origins` has these files and their rows; N-Quads in `graph` where that is given.
    """

    origins: tuple[Origin, ...]
    graph: str | None
    files: tuple[FileCounts, ...]
    quarantine: Path | None
    as_of: date
    complete: bool

    @property
    def made(self) -> tuple[MadeFile, ...]:
        """The files."""
        return tuple(each.made for each in self.origins)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where they are."""
        return tuple(each.path for each in self.made)


def identify(
    source: Source, paths: Sequence[Path], options: IngestOptions, progress: Progress
) -> Input:
    """Recognise the files and name their batch.

    The id is a digest of all that decides on the outcome: files, mapping, contracts, code lists,
    options, what is said of the dataset, and the version of this package. Raises what
    `Source.recognise` raises, `SourceChanged` and `NotCorrectable`.
    """
    parts = source.recognise(paths)
    layers = [layer for layers in parts.values() for layer in layers]
    read = (file for layer in layers for file in (layer.file, *layer.withdrawn))
    used = list(dict.fromkeys(path for file in read for path in file.paths))
    progress.start(CHECKSUM, sum(path.stat().st_size for path in used))
    names, states = _names(used), {path: as_it_is(path) for path in used}
    files = tuple(SourceFile(names[path], digest(path, progress)) for path in used)
    if corrections := options.corrections:
        corrections.demand(files)
        parts = corrections.applied(parts, source)
    made_of = [
        version("vises"),
        options.dataset,
        options.base_iri,
        str(options.as_of),
        str(options.fictitious),
        vocabulary_digest("codes"),
        vocabulary_digest("ontology"),
        vocabulary_digest("shapes"),
        json.dumps(asdict(source.description)),
        source.mapping.read_text("utf-8"),
        *(part.contract.text.decode() for part in source.parts),
        *(file.sha256 for file in files),
        *([corrections.digest] if corrections else ()),
    ]
    return Input(source, parts, files, batch_id(made_of), states)


def _names(paths: Sequence[Path]) -> dict[Path, str]:
    """Return what each file is called: with its folder where another one has the same name."""
    count = Counter(path.name for path in paths)
    return {
        path: path.name if count[path.name] == 1 else f"{path.resolve().parent.name}/{path.name}"
        for path in paths
    }


def batch_id(made_of: Sequence[str]) -> str:
    """Return the id of a batch: the start of a SHA-256 over what it is made of."""
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:BATCH_DIGITS]


def prepare(given: Input, folder: Path, options: IngestOptions, progress: Progress) -> Batch:
    """Check, select and map every row; `folder` is one to work in.

    What was done there before, for the same batch, is not done again. Refused rows are in the
    quarantine under the data folder afterwards, whatever the outcome. Raises `TooManyRefused`,
    `NothingInScope`, `BadTable` where a file cannot be read, `ChangedMeanwhile`, and `WorkersLost`.
    """
    parts = folder if options.scheduler else None
    mapped = map_input(given, folder, options, progress, parts=parts)
    triples = folder / "triples.nt"
    size = sum(path.stat().st_size for path in mapped.paths)
    progress.start(sentence("step-joining-triples", "joining triples"), size)
    join(mapped.paths, mapped.graph, triples, progress)
    locate = Origins(mapped.origins, mapped.graph).placed
    return Batch(triples, mapped.files, mapped.quarantine, mapped.as_of, locate, mapped.complete)


def map_input(
    given: Input,
    folder: Path,
    options: IngestOptions,
    progress: Progress,
    *,
    parts: Path | None,
) -> MappedInput:
    """Check, select and map every row of an input into files of `folder`.

    Where `parts` is given, they are N-Quads in that folder, compressed with Zstandard; else they
    are N-Triples. Raises as `prepare`.
    """
    graph = Iris(options.base_iri).graph(options.dataset).value if parts else None
    with _engine(given, options) as engine, Quarantine(folder) as quarantine:
        reader = Reader(given.source, folder, engine, progress, options.piece_bytes)
        state, session, judged = reader.read(given.parts)
        as_of = options.as_of or session.as_of or _last_change(given)
        plan = Plan(state, _constant(options, as_of), folder, parts or folder, graph)
        base_iri = options.base_iri
        mapping = read_mapping(given.source.mapping, base_iri)
        columns = given.source.columns
        joins = Joins.of(mapping, columns, base_iri)
        origins: list[Origin] = []
        for one in judged:
            if name := one.part.columns and one.part.source:
                mapper = compile_mapping(mapping, name, columns[name], base_iri=base_iri)
                made = plan.map(one, mapper, joins.used(name), engine, progress)
                origins += origins_of(one, made, folder, mapping)
        origins += origins_of_joined(joins.made(judged, plan, progress), folder)
        for one in judged:
            for line, refusal, row in refused_rows(folder, one):
                quarantine.add(one.tally.file, line, refusal, row)
            for line, refusal in rows_refused_late(folder, one):
                quarantine.add_late(one.tally.file, line, refusal)
        _fill(given, quarantine)
        given.demand_unchanged()
        files = tuple(one.tally.counts() for one in judged)
        kept = quarantine.publish(options.data_folder / QUARANTINE / options.dataset, given.batch)
    demand_enough(files, options, kept)
    if session.complete:
        demand_each_table(judged, options)
    return MappedInput(tuple(origins), graph, files, kept, as_of, session.complete)


def _engine(given: Input, options: IngestOptions) -> Engine:
    """Return who does the work: a cluster, or so many processes of this machine as are useful.

    A source of which no other process can read a piece is read here, whatever is asked for.
    """
    codes, seen = code_lists(), {part.name: part.contract.keys() for part in given.source.parts}
    if not isinstance(given.source.begin(Reading(codes, seen)), Divisible):
        return Here()
    if options.scheduler:
        from vises.ingest.parallel.cluster import Cluster  # noqa: PLC0415 (an extra)

        return Cluster(options.scheduler)
    size = sum(layer.file.size for layers in given.parts.values() for layer in layers)
    count = processes_for(options.processes, size, 2 * options.piece_bytes)
    return Here() if count == 1 else Processes(count)


def _fill(given: Input, quarantine: Quarantine) -> None:
    """Read the rows that were refused late again, for the cells that they have."""
    for part in given.source.parts:
        for layer in given.parts.get(part.name, ()):
            if lines := quarantine.unfilled(layer.file.name):
                found = rows_at(layer.file, part.contract.names, lines)
                cells = ((line, part.contract.shown(row)) for line, row in found)
                quarantine.fill(layer.file.name, cells)


def _constant(options: IngestOptions, as_of: date) -> Row:
    """Return the cells of `source.BATCH_COLUMNS`."""
    return (options.dataset, as_of.isoformat(), "true" if options.fictitious else "")


def _last_change(given: Input) -> date:
    """Return the day on which the first of the files was last changed (UTC)."""
    first = next(iter(given.parts.values()))[0]
    return datetime.fromtimestamp(first.file.path.stat().st_mtime, UTC).date()
