"""Cells of refused rows that were corrected since: they take the place of those in the file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vises.errors import BadRequest

if TYPE_CHECKING:
    from vises.ingest.files import InputFile
    from vises.ingest.provenance import SourceFile
    from vises.ingest.source import Layer, Source

Cells = Mapping[str, Mapping[int, Mapping[str, str]]]
"""Corrected cells by the name of the file, the place of the row, and the column."""


class SourceChanged(BadRequest):
    """The files are not those whose rows were corrected."""

    kind = "source-changed"
    title = "These are not the files that the corrections are for"


class NotCorrectable(BadRequest):
    """No correction says which cell it is for: a line is several rows, or has no such column."""

    kind = "not-correctable"
    title = "The rows of this file cannot be corrected in an export"


@dataclass(frozen=True)
class Corrections:
    """Corrected cells, the batch whose refused rows they are of, and the digests of its files."""

    corrects: str
    cells: Cells
    digests: Mapping[str, str]

    @property
    def digest(self) -> str:
        """The SHA-256 of the cells: the same corrections are the same, in whatever file."""
        return hashlib.sha256(json.dumps(self.cells, sort_keys=True).encode()).hexdigest()

    def applied(
        self, parts: Mapping[str, Sequence[Layer]], source: Source
    ) -> dict[str, tuple[Layer, ...]]:
        """Return the files of each part with their corrections. Raises `NotCorrectable`."""
        columns = {part.name: part.contract.names for part in source.parts}
        return {
            name: tuple(replace(each, file=self._of(each.file, columns[name])) for each in layers)
            for name, layers in parts.items()
        }

    def _of(self, file: InputFile, columns: Sequence[str]) -> InputFile:
        cells = self.cells.get(file.name, {})
        if cells and file.layout and not file.layout.places_are_unique:
            raise NotCorrectable(
                "Several cells of a line were refused, each as a row of its own.",
                place=file.name,
                remedy="Correct the table itself, or its description, and ingest it again.",
            )
        known = {name.lower() for name in columns}
        for name in (name for row in cells.values() for name in row):
            if name.lower() not in known:
                raise NotCorrectable(
                    f"No row of it has a column {name[:80]!r}.",
                    place=file.name,
                    remedy=f"Correct the cells of these columns: {', '.join(columns)}.",
                )
        named = {}
        for line, row in cells.items():
            folded = {name.lower(): cell for name, cell in row.items()}
            named[line] = {n: folded[n.lower()] for n in columns if n.lower() in folded}
        return replace(file, corrections=named)

    def demand(self, files: Sequence[SourceFile]) -> None:
        """Raise `SourceChanged` where the files are not as they were."""
        found = {file.name: file.sha256 for file in files}
        wrong = [
            name for name in {**found, **self.digests} if found.get(name) != self.digests.get(name)
        ]
        if wrong:
            raise SourceChanged(
                f"{', '.join(sorted(wrong))}: not as it was in the batch {self.corrects}.",
                place=", ".join(sorted(found)),
                remedy="Name the files of that batch after the export, or ingest the new ones.",
            )
