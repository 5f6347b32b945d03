"""What the log tells of a process of ours that failed, and its clients are not told."""

from __future__ import annotations

import signal

_LONGEST = 1000
_LONGEST_TRACE = 4000


def fields_of(code: int, said: str) -> dict[str, object]:
    """Return what a line of the log says: the exit code, the error, and how it came to that.

    `code` is negative for a signal; `said` is what the process wrote to standard error.
    """
    error = last_line(said)
    trace = said[-_LONGEST_TRACE:] if error != said else None
    return {"exit_code": code, "error": error, "trace": trace or None}


def ending(code: int) -> str:
    """Return what a process ended with, in words.

    >>> ending(1), ending(-9)
    ('exit code 1', 'signal SIGKILL')
    """
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def last_line(said: str) -> str | None:
    """Return the last line of what a process said on standard error: of a traceback, the error."""
    lines = said.strip().splitlines()
    return lines[-1][:_LONGEST] if lines else None
