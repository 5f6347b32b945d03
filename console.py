"""How the command line speaks: results on standard output, progress and errors on the other."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

if TYPE_CHECKING:
    from types import TracebackType

    from vises.errors import VisesError

PLAIN_SECONDS = 5.0


def output() -> Console:
    """Return the console for results: coloured and folded on a terminal, plain lines elsewhere."""
    return Console(file=sys.stdout, soft_wrap=not sys.stdout.isatty(), highlight=False)


def errors() -> Console:
    """Return the console for errors and progress."""
    return Console(file=sys.stderr, soft_wrap=not sys.stderr.isatty(), highlight=False)


def report(error: VisesError) -> None:
    """Write an error as up to four lines: what, where, why, and the way out."""
    console = Console(file=sys.stderr, soft_wrap=True, highlight=False, markup=False)
    console.print(f"vises: {error.title}", style="bold red")
    if error.place:
        console.print(f"  where: {error.place}")
    console.print(f"  what:  {error.detail}")
    if error.remedy:
        console.print(f"  do:    {error.remedy}")


class Steps:
    """The progress of long work on standard error: a bar on a terminal, plain lines elsewhere.

    It is what `vises.ingest` calls a `Progress`: `start` names a step and how many bytes it will
    read (None: unknown), `advance` says how many were read since the last call, `note` writes a
    sentence.
    """

    def __init__(self) -> None:
        """Choose the bar or the lines by where standard error goes."""
        self._console = Console(file=sys.stderr, soft_wrap=True, highlight=False, markup=False)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, visible=False)
        self._step = ""
        self._total: int | None = None
        self._done = 0
        self._spoke = time.monotonic()

    def __enter__(self) -> Self:
        """Show the bar."""
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the bar."""
        self._bar.stop()

    def start(self, step: str, total: int | None) -> None:
        """Begin a step that reads `total` bytes."""
        self._step, self._total, self._done = step, total, 0
        self._spoke = time.monotonic()
        self._bar.reset(self._task, description=step, total=total, visible=True)

    def advance(self, done: int) -> None:
        """Count `done` more bytes."""
        self._done += done
        self._bar.advance(self._task, done)
        if not self._console.is_terminal and time.monotonic() - self._spoke > PLAIN_SECONDS:
            self._spoke = time.monotonic()
            share = f"{self._done / self._total:.0%}" if self._total else f"{self._done:,} bytes"
            self._console.print(f"{self._step}: {share}")

    def note(self, sentence: str) -> None:
        """Write a sentence above the bar."""
        self._console.print(sentence)
