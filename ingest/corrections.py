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
    from vises.ingest.source import Layer

Cells = Mapping[str, Mapping[int, Mapping[str, str]]]
"""Corrected cells by the name of the file, the place of the row, and the column."""


class SourceChanged(BadRequest):
    """The files are not those whose rows were corrected."""

    kind = "source-changed"
    title = "These are not the files that the corrections are for"


class NotCorrectable(BadRequest):
    """A line of the file is more than one row, so that no correction says which one it is for."""

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

    def applied(self, parts: Mapping[str, Sequence[Layer]]) -> dict[str, tuple[Layer, ...]]:
        """Return the files of each part with their corrections. Raises `NotCorrectable`."""
        return {
            name: tuple(replace(each, file=self._of(each.file)) for each in layers)
            for name, layers in parts.items()
        }

    def _of(self, file: InputFile) -> InputFile:
        cells = self.cells.get(file.name, {})
        if cells and file.layout and not file.layout.places_are_unique:
            raise NotCorrectable(
                "Several cells of a line were refused, each as a row of its own.",
                place=file.name,
                remedy="Correct the table itself, or its description, and ingest it again.",
            )
        return replace(file, corrections=cells)

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
