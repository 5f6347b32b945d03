"""What long work tells the person who waits for it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Someone who is told how far the work is."""

    def start(self, step: str, total: int | None) -> None:
        """Begin a step that reads `total` bytes (None: unknown).

        Where `step` is a `Sentence` (`vises.errors`), it can be said in other languages too.
        """

    def advance(self, done: int) -> None:
        """Count `done` more bytes."""

    def count(self, rows: int, published: int, quarantined: int) -> None:
        """Count so many more rows: read, mapped to be published, and refused."""

    def note(self, sentence: str) -> None:
        """Say something worth a line of its own."""


class Silence:
    """A progress that nobody watches."""

    def start(self, step: str, total: int | None) -> None:
        """Do nothing."""

    def advance(self, done: int) -> None:
        """Do nothing."""

    def count(self, rows: int, published: int, quarantined: int) -> None:
        """Do nothing."""

    def note(self, sentence: str) -> None:
        """Do nothing."""


SILENCE = Silence()
"""The one that is told where nobody else is."""
