"""How the command line speaks: results on standard output, progress and errors on the other."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self, TextIO

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    parse_query_results,
)
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from vises.namespaces import compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.text import Text

    from vises.errors import VisesError

PLAIN_SECONDS = 5.0

_BETWEEN_CELLS = str.maketrans({"\t": r"\t", "\n": r"\n", "\r": r"\r"})
_CONTROLS = {n: rf"\x{n:02x}" for n in (*range(32), *range(127, 160)) if n not in _BETWEEN_CELLS}


class _Console(Console):
    """A console on which data cannot command the terminal (CWE-150): it is shown what it is."""

    def render_str(self, text: str, **how: Any) -> Text:  # noqa: ANN401 (whatever rich says)
        return super().render_str(text.translate(_CONTROLS) if self.is_terminal else text, **how)


def output() -> Console:
    """Return the console for results: coloured and folded on a terminal, plain lines elsewhere."""
    return _console(sys.stdout)


def errors() -> Console:
    """Return the console for what is laid out on standard error, such as a table of a report."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    """Return the console for a stream; names such as `:on:` in what is said are no emoji."""
    return _Console(file=stream, soft_wrap=not stream.isatty(), highlight=False, emoji=False)


def _sentences() -> Console:
    """Return the console for sentences of ours on standard error, unfolded and taken literally."""
    return _Console(file=sys.stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows of text: a table on a terminal, lines of tab-separated cells elsewhere.

    Tabs and ends of lines within these cells are written as in SPARQL's TSV. On a terminal, a
    column in which every cell starts with a digit is set to the right.
    """
    out = output()
    body = [tuple(row) for row in rows]
    if not out.is_terminal:
        lines = ([cell.translate(_BETWEEN_CELLS) for cell in row] for row in (columns, *body))
        sys.stdout.writelines("\t".join(line) + "\n" for line in lines)
        return
    shown = Table(box=SIMPLE_HEAD)
    for position, name in enumerate(columns):
        number = bool(body) and all(row[position][:1].isdigit() for row in body)
        shown.add_column(name, justify="right" if number else "left", no_wrap=number)
    for row in body:
        shown.add_row(*map(escape, row))
    out.print(shown)


def mebibytes(size: int) -> str:
    """Return a number of bytes for people."""
    return f"{size / (1 << 20):,.1f} MiB"


def solutions(results: bytes) -> None:
    """Write SPARQL results in JSON as a table; IRIs are compact by the known prefixes."""
    read = parse_query_results(results, format=QueryResultsFormat.JSON)
    if isinstance(read, QueryBoolean):
        output().print("true" if read else "false")
        return
    assert isinstance(read, QuerySolutions)
    names = [variable.value for variable in read.variables]
    table(names, [[_cell(solution[name]) for name in names] for solution in read])


def _cell(value: object) -> str:
    if isinstance(value, NamedNode):
        return compact(value.value)
    return value.value if isinstance(value, Literal) else str(value or "")


def say(sentence: str) -> None:
    """Write a sentence of a command's answer, as it is."""
    output().print(sentence, markup=False)


def note(sentence: str) -> None:
    """Write a sentence on standard error, beside the result."""
    _sentences().print(sentence)


def report(error: VisesError) -> None:
    """Write an error as up to four lines: what, where, why, and the way out."""
    console = _sentences()
    console.print(f"vises: {error.title}", style="bold red")
    if error.place:
        console.print(f"  where: {error.place}")
    console.print(f"  what:  {error.detail}")
    if error.remedy:
        console.print(f"  do:    {error.remedy}")


@dataclass
class _Rows:
    """Rows that were counted: in the step that is being done, and in all."""

    in_step: int = 0
    published: int = 0
    quarantined: int = 0

    def add(self, rows: int, published: int, quarantined: int) -> None:
        self.in_step += rows or published
        self.published += published
        self.quarantined += quarantined

    def sentence(self, seconds: float) -> str:
        """Return the counts and the speed of a step that takes so long by now."""
        if not self.in_step:
            return ""
        rate = f"{self.in_step / max(seconds, 0.001):,.0f}"
        rows = f"{self.in_step:,} rows ({rate}/s)"
        return f"{rows}, {self.published:,} published, {self.quarantined:,} quarantined"


class Steps:
    """The progress of long work on standard error: a bar on a terminal, plain lines elsewhere.

    It is what `vises.progress` calls a `Progress`: `start` names a step and how many bytes it will
    read (None: unknown; its name is a line then, once the work takes long), `advance` says how many
    were read since the last call, `count` how many rows came of them, `note` writes a sentence.
    """

    def __init__(self) -> None:
        """Choose the bar or the lines by where standard error goes."""
        self._console = _sentences()
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TextColumn("{task.fields[rows]}"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, visible=False, rows="")
        self._step = ""
        self._total: int | None = None
        self._done = 0
        self._rows = _Rows()
        self._began = self._spoke = self._opened = time.monotonic()

    def __enter__(self) -> Self:
        """Show the bar."""
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the bar."""
        self._bar.stop()

    def start(self, step: str, total: int | None) -> None:
        """Begin a step that reads `total` bytes."""
        self._step, self._total, self._done = step, total, 0
        self._rows.in_step = 0
        self._began = self._spoke = time.monotonic()
        self._bar.remove_task(self._task)  # its total and rows would stay
        self._task = self._bar.add_task(step, total=total, rows="")
        if total is None and self._is_due(self._opened):
            self._console.print(step)

    def advance(self, done: int) -> None:
        """Count `done` more bytes."""
        self._done += done
        self._bar.advance(self._task, done)
        if self._is_due(self._spoke):
            self._spoke = time.monotonic()
            self._console.print(self._line())

    def count(self, rows: int, published: int, quarantined: int) -> None:
        """Count so many more rows: read, mapped to be published, and refused."""
        self._rows.add(rows, published, quarantined)
        seconds = time.monotonic() - self._began
        self._bar.update(self._task, rows=self._rows.sentence(seconds))

    def _is_due(self, since: float) -> bool:
        """Tell whether a plain line may come, after a moment."""
        return not self._console.is_terminal and time.monotonic() - since > PLAIN_SECONDS

    def _line(self) -> str:
        """Return what stands beside the bar as one line."""
        seconds = time.monotonic() - self._began
        share = f"{self._done / self._total:.0%}" if self._total else f"{self._done:,} bytes"
        said = [f"{self._step}: {share}", self._rows.sentence(seconds)]
        if self._total and 0 < self._done <= self._total:
            left = seconds * (self._total - self._done) / self._done
            said.append(f"{timedelta(seconds=round(left))} left")
        return ", ".join(filter(None, said))

    def note(self, sentence: str) -> None:
        """Write a sentence above the bar."""
        self._console.print(sentence)
