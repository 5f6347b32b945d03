"""Work in a process beside the service, and what the log says where it fails."""

from __future__ import annotations

import io
import json
import logging

import pytest

from vises.service.beside import Ended
from vises.service.operation.logs import JsonLog

TRACE = """Traceback (most recent call last):
  File "make.py", line 1, in <module>
ValueError: there is no room
"""


def line(ended: Ended) -> dict[str, object]:
    stream = io.StringIO()
    record = logging.makeLogRecord({"name": "vises.x", "msg": "It was not made."})
    record.fields = ended.fields
    JsonLog(stream).emit(record)
    found: dict[str, object] = json.loads(stream.getvalue())
    return found


def test_the_log_has_the_error_of_a_process_apart_from_its_trace() -> None:
    told = line(Ended(1, b"", TRACE))
    assert told["message"] == "It was not made."
    assert told["exit_code"] == 1
    assert told["error"] == "ValueError: there is no room"
    assert told["trace"] == TRACE


@pytest.mark.parametrize(("said", "error"), [("", None), ("no room", "no room")])
def test_what_has_no_trace_has_none_in_the_log(said: str, error: str | None) -> None:
    told = line(Ended(-9, b"", said))
    assert (told["exit_code"], told.get("error")) == (-9, error)
    assert "trace" not in told
