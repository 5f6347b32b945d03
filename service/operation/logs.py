"""The log: JSON lines on standard error, one for each request and for each event."""

from __future__ import annotations

import json
import logging
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable


class JsonLog(logging.Handler):
    """Writes lines of JSON; as a handler, what the program logs by itself.

    Every line has `time` (UTC, RFC 3339), `level` and `event`. Neither headers nor query strings
    are ever handed to it, so that no token can be in it.
    """

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        """Write to a stream that keeps no lines back, standard error where none is given."""
        super().__init__()
        self._stream = stream or sys.stderr
        self._clock = clock
        self._second = -1
        self._written = ""

    def line(self, level: str, event: str, **fields: object) -> None:
        """Write one line; fields that are None are left out.

        Where it cannot be written, on a disk that is full or to a pipe that nobody reads, it is
        lost: what it tells of goes on.
        """
        told: dict[str, object] = {"time": self._now(), "level": level, "event": event}
        told |= {name: value for name, value in fields.items() if value is not None}
        with suppress(OSError):
            self._stream.write(json.dumps(told) + "\n")

    def emit(self, record: logging.LogRecord) -> None:
        """Write what was logged, with the `fields` that came along (`extra`)."""
        fields = dict(getattr(record, "fields", {}))
        if record.exc_info:
            fields["trace"] = logging.Formatter().formatException(record.exc_info)
        self.line(
            record.levelname.lower(),
            "log",
            logger=record.name,
            message=record.getMessage(),
            **fields,
        )

    def _now(self) -> str:
        """Return the time; the part down to the second is made once a second."""
        now = self._clock()
        second = int(now)
        if second != self._second:
            self._second = second
            self._written = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._written}.{int(now * 1000) % 1000:03}Z"


def log_to(log: JsonLog) -> None:
    """Let the warnings and errors of the program go to a log, and nowhere else."""
    root = logging.getLogger()
    root.handlers[:] = [log]
    root.setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
