"""What goes between the pool and a worker: frames of a kind (1 byte), a length (4) and bytes.

Requests are in Python's own format (marshal), which costs a look-up less than JSON: both ends are
the same interpreter. What a worker says is JSON, because it is not trusted as much.
"""

from __future__ import annotations

import fcntl
import json
import marshal
import os
import struct
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

from vises.errors import Sentence
from vises.store.engine import (
    BindingError,
    DatasetUnclear,
    Described,
    DescribeRequest,
    FederationRefused,
    MemoryExceeded,
    Mistake,
    NotAcceptable,
    QueryFailed,
    QueryRequest,
    QuerySyntaxError,
    UnknownFunction,
)
from vises.store.files import DataFolderError
from vises.store.folder import StoreDamaged
from vises.store.update.request import (
    DatasetConflict,
    GraphNeeded,
    GraphState,
    LoadRefused,
    PayloadSyntaxError,
    UpdateSyntaxError,
    UpdateTooLarge,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.errors import VisesError

READY, QUERY, DESCRIBE, HEAD, BODY, END, ERROR = b"RQDHBEX"
"""Worker is ready · the two requests · form, bytes and end of an answer · an error."""

HEADER = struct.Struct(">BI")

PIPE_BYTES = 1 << 18
"""How much a process may be ahead of its reader: with the usual 64 KiB each waits for the other."""

_ERRORS: Mapping[str, type[VisesError]] = {
    kind.kind: kind
    for kind in (
        BindingError,
        DataFolderError,
        DatasetConflict,
        DatasetUnclear,
        FederationRefused,
        GraphNeeded,
        GraphState,
        LoadRefused,
        MemoryExceeded,
        NotAcceptable,
        PayloadSyntaxError,
        QueryFailed,
        QuerySyntaxError,
        UnknownFunction,
        StoreDamaged,
        UpdateSyntaxError,
        UpdateTooLarge,
    )
}


def frame(kind: int, payload: bytes = b"") -> bytes:
    """Return the bytes of a frame."""
    return frame_header(kind, len(payload)) + payload


def frame_header(kind: int, length: int) -> bytes:
    """Return what goes before so many bytes to make a frame of them."""
    return HEADER.pack(kind, length)


def answer_stream() -> IO[bytes]:
    """Return standard output for frames alone; whatever else is printed goes to standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    with suppress(AttributeError, OSError):  # Linux has it, up to a bound for each user
        fcntl.fcntl(answers, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def read_frame(stream: IO[bytes]) -> tuple[int, bytes] | None:
    """Read one frame from a blocking stream, None at its end."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    kind, length = HEADER.unpack(header)
    return kind, stream.read(length)


def request_frame(snapshot: str, request: QueryRequest | DescribeRequest) -> bytes:
    """Return the frame that asks for an answer from the store in the folder `snapshot`."""
    kind = QUERY if isinstance(request, QueryRequest) else DESCRIBE
    return frame(kind, marshal.dumps((snapshot, vars(request))))


def read_request(kind: int, payload: bytes) -> tuple[str, QueryRequest | DescribeRequest]:
    """Return the folder and the request that `request_frame` was given."""
    snapshot, fields = marshal.loads(payload)  # noqa: S302 (the service itself wrote it)
    return snapshot, (DescribeRequest if kind == DESCRIBE else QueryRequest)(**fields)


def head_frame(media_type: str, coding: str, length: int | None, described: Described) -> bytes:
    """Return the frame that begins an answer; `length` is that of the body, None where unknown."""
    known = "" if length is None else str(length)
    about = json.dumps(vars(described)) if described.iri else ""
    return frame(HEAD, f"{media_type}\n{coding}\n{known}\n{about}".encode())


def read_head(payload: bytes) -> tuple[str, str, int | None, Described]:
    """Return the media type, coding, length and description that `head_frame` was given."""
    media_type, coding, known, about = payload.decode().split("\n")
    fields = json.loads(about) if about else {}
    if fields:
        fields["types"] = tuple(fields["types"])
    return media_type, coding, int(known) if known else None, Described(**fields)


def read_form(payload: bytes) -> tuple[str, str]:
    """Return the media type and coding that `head_frame` was given."""
    media_type, coding, _ = payload.decode().split("\n", 2)
    return media_type, coding


def error_frame(error: VisesError) -> bytes:
    """Return the frame that carries one of the errors of `vises.store.engine`."""
    fields: dict[str, object] = {
        "detail": _written(error.detail),
        "place": error.place,
        "remedy": _written(error.remedy),
    }
    if isinstance(error, QuerySyntaxError):
        fields["mistake"] = asdict(error.mistake)
    return frame(ERROR, json.dumps({"kind": error.kind, "fields": fields}).encode())


def read_error(payload: bytes, others: Mapping[str, type[VisesError]] | None = None) -> VisesError:
    """Return the error that `error_frame` was given.

    `others` has the kinds of a process that does other work than those of the store.
    """
    message = json.loads(payload)
    fields = message["fields"]
    fields |= {name: _read(fields[name]) for name in ("detail", "remedy")}
    if "mistake" in fields:
        fields["mistake"] = Mistake(**fields["mistake"])
    known = _ERRORS if others is None else others
    return known[message["kind"]](**fields)


def _written(said: str | None) -> str | list[object] | None:
    return [said, said.reason, said.values] if isinstance(said, Sentence) else said


def _read(said: str | list[Any] | None) -> str | None:
    return Sentence(*said) if isinstance(said, list) else said
