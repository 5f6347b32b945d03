"""The quarantine: every refused row with its place, its rule and a sentence in three languages."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from vises.errors import BadRequest, Refused, sentence
from vises.ingest.contract import shown
from vises.ingest.rules import Refusal, explain
from vises.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

PER_CENT = 100


class TooManyRefused(Refused):
    """More rows were refused than the threshold allows."""

    kind = "too-many-refused"
    title = "Too many rows were refused"


@dataclass(frozen=True)
class Threshold:
    """How many refused rows stop an ingest: a number of rows, or a share of those read."""

    rows: int | None = None
    share: float = 0.05

    def exceeded(self, refused: int, read: int) -> bool:
        """Tell whether `refused` of `read` rows are too many."""
        most = read * Decimal(f"{self.share:.12g}") if self.rows is None else self.rows
        return refused > most

    @property
    def written(self) -> str:
        """How a user writes it."""
        return f"{self.share * PER_CENT:g}%" if self.rows is None else str(self.rows)


def parse_threshold(text: str) -> Threshold:
    """Read what a user writes: `100` (rows) or `5%` (a share); raises `BadRequest` otherwise.

    >>> parse_threshold("2.5%").share, parse_threshold("100").rows
    (0.025, 100)
    """
    number = text.strip()
    try:
        if number.endswith("%"):
            threshold = Threshold(share=float(number[:-1]) / PER_CENT)
        else:
            threshold = Threshold(rows=int(number))
    except ValueError:
        threshold = Threshold(rows=-1)
    if (threshold.rows or 0) < 0 or not 0 <= threshold.share <= 1:
        raise BadRequest(
            sentence(
                "no-threshold", "{text!r} is not a number of rows or a share of them.", text=text
            ),
            place="parameter max-refused",
            remedy=sentence(
                "write-threshold",
                "Write a whole number such as 100, or a share from 0% to 100% such as 5%.",
            ),
        )
    return threshold


class Quarantine:
    """The refused rows of one ingest, written as they come, published in the end.

    `folder` is a folder to work in. Each row becomes one line of JSON: file, line, column, value,
    rule, the sentence in each language, and `row`, its cells by column (`Contract.shown`), null
    where it has none. `vises.ingest.exporting` makes tables for spreadsheets of it.
    """

    def __init__(self, folder: Path) -> None:
        """Begin empty."""
        self.count = 0
        self._path = folder / "quarantine.jsonl"
        self._without_row: dict[str, dict[int, Refusal]] = {}

    def __enter__(self) -> Self:
        """Open the file."""
        self._file = self._path.open("w", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def add(self, file: str, line: int, refusal: Refusal, row: Mapping[str, str] | None) -> None:
        """Write one refused row: `line` is the physical line on which it starts."""
        self.count += 1
        told = refusal._replace(column=shown(refusal.column))
        entry = {
            "file": file,
            "line": line,
            "column": told.column,
            "value": shown(refusal.value),
            "rule": refusal.rule,
            "sentence": {language: explain(told, language) for language in LANGUAGES},
            "row": row,
        }
        self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def add_late(self, file: str, line: int, refusal: Refusal) -> None:
        """Take one row that is refused when its cells are no longer at hand; see `fill`."""
        self._without_row.setdefault(file, {})[line] = refusal

    def unfilled(self, file: str) -> frozenset[int]:
        """Return the lines of a file of which `fill` wants the rows."""
        return frozenset(self._without_row.get(file, ()))

    def fill(self, file: str, rows: Iterable[tuple[int, Mapping[str, str] | None]]) -> None:
        """Write the rows that `add_late` took of a file, which are read once more."""
        wanted = self._without_row.pop(file)
        for line, row in rows:
            self.add(file, line, wanted.pop(line), row)
        for line, refusal in wanted.items():
            self.add(file, line, refusal, None)

    def publish(self, folder: Path, batch: str) -> Path | None:
        """Move the file to `folder`/`batch`.jsonl; return its path.

        Nothing is written, and None returned, where no row was refused. The file appears complete
        or not at all. No row can be added afterwards.
        """
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if not self.count:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        return self._path.replace(folder / f"{batch}.jsonl")
