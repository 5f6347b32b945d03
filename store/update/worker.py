"""The process of updates: ``python -m vises.store.update.worker MEBIBYTES PARENT``.

It seals itself as a query process does, then reads requests from standard input. Each names a
snapshot and a folder of its own; what comes of it is written into a file there, and a frame says
what the caller needs to know besides.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from vises.errors import VisesError, sentence
from vises.store.engine import MemoryExceeded, QueryFailed
from vises.store.frames import END, READY, answer_stream, error_frame, frame, read_frame
from vises.store.sealing import seal
from vises.store.update.evaluation import evaluate_update
from vises.store.update.payload import convert
from vises.store.update.request import PayloadRequest, UpdateRequest, UpdateTooLarge

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

UPDATE, PAYLOAD = b"UP"
"""The two requests."""

CHANGE = "change.nq"
"""The file of a change: N-Quads, each behind ``D`` (deleted) or ``A`` (added)."""

TRIPLES = "payload.nt"
"""The file of a payload as N-Triples."""


def main(mebibytes: int, parent: int) -> None:
    """Answer requests until standard input ends."""
    answers = answer_stream()
    answers.write(frame(READY, json.dumps(seal(mebibytes, parent)).encode()))
    while message := read_frame(sys.stdin.buffer):
        answers.write(_answer(*message))


def _answer(kind: int, payload: bytes) -> bytes:
    asked = json.loads(payload)
    try:
        done = _update(asked) if kind == UPDATE else _payload(asked)
    except VisesError as error:
        return error_frame(error)
    except MemoryError:
        return error_frame(MemoryExceeded())
    except RecursionError:
        return error_frame(
            UpdateTooLarge(
                sentence("nests-deeply", "It nests too deeply."),
                remedy=sentence("nest-it-less", "Nest less."),
            )
        )
    except OSError as error:
        traceback.print_exception(error)
        return error_frame(
            QueryFailed(sentence("files-unread", "Files could not be read or written."))
        )
    except (RuntimeError, ValueError) as error:
        return error_frame(QueryFailed(f"{str(error).rstrip('.')}."))
    return frame(END, json.dumps(done).encode())


def _update(asked: Mapping[str, str]) -> Mapping[str, object]:
    fields: dict[str, Any] = json.loads(asked["request"])
    for name in ("hidden_graphs", "using_graphs", "using_named_graphs"):
        fields[name] = tuple(fields[name])
    work = Path(asked["work"])
    state = evaluate_update(UpdateRequest(**fields), Path(asked["snapshot"]), work)
    with (work / CHANGE).open("w", encoding="utf-8") as file:
        file.writelines(f"D {quad} .\n" for quad in state.removed)
        file.writelines(f"A {quad} .\n" for quad in state.added)
    return {"reads": None if state.reads is None else sorted(state.reads)}


def _payload(asked: Mapping[str, str]) -> Mapping[str, object]:
    request = PayloadRequest(**json.loads(asked["request"]))
    return {"count": convert(request, Path(asked["work"]) / TRIPLES)}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
