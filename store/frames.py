"""What goes between the pool and a worker: frames of a kind (1 byte), a length (4) and bytes."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

from vises.store.engine import (
    BindingError,
    DescribeRequest,
    FederationRefused,
    MemoryExceeded,
    Mistake,
    NotAcceptable,
    QueryFailed,
    QueryRequest,
    QuerySyntaxError,
)
from vises.store.folder import StoreDamaged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.errors import VisesError

READY, QUERY, DESCRIBE, HEAD, BODY, END, ERROR = b"RQDHBEX"
"""Worker is ready · the two requests · media type, bytes and end of an answer · an error."""

HEADER = struct.Struct(">BI")

_ERRORS: Mapping[str, type[VisesError]] = {
    kind.kind: kind
    for kind in (
        BindingError,
        FederationRefused,
        MemoryExceeded,
        NotAcceptable,
        QueryFailed,
        QuerySyntaxError,
        StoreDamaged,
    )
}


def frame(kind: int, payload: bytes = b"") -> bytes:
    """Return the bytes of a frame."""
    return HEADER.pack(kind, len(payload)) + payload


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
    return frame(kind, json.dumps({"snapshot": snapshot, "request": asdict(request)}).encode())


def read_request(kind: int, payload: bytes) -> tuple[str, QueryRequest | DescribeRequest]:
    """Return the folder and the request that `request_frame` was given."""
    message: dict[str, Any] = json.loads(payload)
    fields = message["request"]
    if kind == DESCRIBE:
        return message["snapshot"], DescribeRequest(**fields)
    for name in ("default_graphs", "named_graphs"):
        fields[name] = tuple(fields[name])
    return message["snapshot"], QueryRequest(**fields)


def error_frame(error: VisesError) -> bytes:
    """Return the frame that carries one of the errors of `vises.store.engine`."""
    fields: dict[str, object] = {
        "detail": error.detail,
        "place": error.place,
        "remedy": error.remedy,
    }
    if isinstance(error, QuerySyntaxError):
        fields["mistake"] = asdict(error.mistake)
    return frame(ERROR, json.dumps({"kind": error.kind, "fields": fields}).encode())


def read_error(payload: bytes) -> VisesError:
    """Return the error that `error_frame` was given."""
    message = json.loads(payload)
    fields = message["fields"]
    if "mistake" in fields:
        fields["mistake"] = Mistake(**fields["mistake"])
    return _ERRORS[message["kind"]](**fields)
