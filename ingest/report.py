"""What an ingest did: rows in = published + quarantined + out of scope, for every file."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from vises.errors import VisesError, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping


class CountsDiffer(VisesError):
    """The counts of an ingest do not add up: a defect of ours."""

    kind = "counts-differ"
    title = "The counts do not add up"


@dataclass
class Tally:
    """The rows of one file while they are counted."""

    file: str
    rows_in: int = 0
    published: int = 0
    quarantined: int = 0
    out_of_scope: Counter[str] = field(default_factory=Counter)

    def counts(self) -> FileCounts:
        """Return the final counts; raises `CountsDiffer` where a row was lost or counted twice."""
        counted = self.published + self.quarantined + self.out_of_scope.total()
        if counted != self.rows_in:
            raise CountsDiffer(
                sentence(
                    "rows-unaccounted",
                    "{read} rows were read and {counted} were accounted for.",
                    read=self.rows_in,
                    counted=counted,
                ),
                place=self.file,
                remedy=sentence(
                    "report-with-file", "Nothing was published. Please report this with the file."
                ),
            )
        return FileCounts(
            self.file,
            self.rows_in,
            self.published,
            self.quarantined,
            dict(self.out_of_scope.most_common()),
        )


@dataclass(frozen=True)
class FileCounts:
    """The rows of one file; those out of scope by reason."""

    file: str
    rows_in: int
    published: int
    quarantined: int
    out_of_scope: Mapping[str, int]


@dataclass(frozen=True)
class IngestReport:
    """The outcome of an ingest.

    `unchanged` says that the same input was published already (then `files` is empty); `release`
    is the published release's id; `quarantine` the path of the refused rows, if there are any;
    `triples` the size of the dataset; `seconds` the time it took.
    """

    source: str
    dataset: str
    batch: str
    unchanged: bool
    release: str | None
    as_of: str | None
    files: tuple[FileCounts, ...]
    quarantine: str | None
    triples: int
    violations: int
    warnings: int
    seconds: float

    def table(self) -> list[tuple[str, ...]]:
        """Return the counts as rows of text: a header, the files, under each its reasons."""
        lines: list[tuple[str, ...]] = [("file", "in", "published", "quarantined", "out of scope")]
        for f in self.files:
            outside = sum(f.out_of_scope.values())
            lines.append((f.file, *map(_number, (f.rows_in, f.published, f.quarantined, outside))))
            lines += [
                (f"  {reason}", "", "", "", _number(n)) for reason, n in f.out_of_scope.items()
            ]
        return lines

    def to_json(self) -> dict[str, Any]:
        """Return the report as what `json.dumps` takes."""
        return asdict(self)


def _number(count: int) -> str:
    return f"{count:,}"
