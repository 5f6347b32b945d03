"""The quarantine: every refused row with its place, its rule and a sentence in three languages."""

from __future__ import annotations

import csv
import json
import os
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from vises.errors import BadRequest, Refused
from vises.ingest.rules import LANGUAGES, Refusal, explain

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

LONGEST_VALUE = 200
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
PER_CENT = 100
COLUMNS = ("file", "line", "column", "value", "rule", *(f"sentence_{x}" for x in LANGUAGES))


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
        return refused > (read * self.share if self.rows is None else self.rows)

    def __str__(self) -> str:
        """Say it as a user writes it."""
        return f"{self.share * PER_CENT:g} %" if self.rows is None else f"{self.rows} rows"


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
            f"{text!r} is not a number of rows or a share of them.",
            place="the threshold for refused rows",
            remedy="Write a whole number such as 100, or a share from 0% to 100% such as 5%.",
        )
    return threshold


class Quarantine:
    """The refused rows of one ingest, written as they come, published in the end.

    `folder` is a folder to work in. JSON Lines is for programs; the CSV opens in a spreadsheet,
    where no cell of it becomes a formula. Values are cut after 200 characters.
    """

    def __init__(self, folder: Path) -> None:
        """Begin empty."""
        self.count = 0
        self._paths = (folder / "quarantine.jsonl", folder / "quarantine.csv")
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Open the two files."""
        self._json = self._open.enter_context(self._paths[0].open("w", encoding="utf-8"))
        table = self._open.enter_context(self._paths[1].open("w", encoding="utf-8-sig", newline=""))
        self._csv = csv.writer(table)
        self._csv.writerow(COLUMNS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the two files."""
        self._open.close()

    def add(self, file: str, line: int, refusal: Refusal) -> None:
        """Write one refused row: `line` is the physical line on which it starts."""
        self.count += 1
        value = refusal.value
        if len(value) > LONGEST_VALUE:
            value = value[:LONGEST_VALUE] + "…"
        sentences = {language: explain(refusal, language) for language in LANGUAGES}
        entry = {
            "file": file,
            "line": line,
            "column": refusal.column,
            "value": value,
            "rule": refusal.rule,
            "sentence": sentences,
        }
        self._json.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._csv.writerow(
            [
                safe_cell(file),
                line,
                safe_cell(refusal.column),
                safe_cell(value),
                refusal.rule,
                *sentences.values(),
            ]
        )

    def publish(self, folder: Path, batch: str) -> Path | None:
        """Move the two files to `folder`/`batch`.jsonl and .csv; return the first's path.

        Nothing is written, and None returned, where no row was refused.
        Each file appears complete or not at all. No row can be added afterwards.
        """
        self._open.close()
        if not self.count:
            return None
        folder.mkdir(parents=True, exist_ok=True)
        for path in self._paths:
            with path.open("rb") as written:
                os.fsync(written.fileno())
            path.replace(folder / f"{batch}{path.suffix}")
        return folder / f"{batch}.jsonl"


def safe_cell(text: str) -> str:
    """Return a cell that a spreadsheet shows as text: a formula gets an apostrophe before it.

    >>> safe_cell("=1+1"), safe_cell("94.99Z")
    ("'=1+1", '94.99Z')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
