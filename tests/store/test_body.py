"""What a query process makes of the body that it is asked for: frames, early and compressed."""

from __future__ import annotations

import io
import zlib

import pytest

from vises.store import worker
from vises.store.encoding import IDENTITY
from vises.store.engine import PARQUET, Described, DescribeRequest, QueryRequest
from vises.store.frames import BODY, END, HEAD, read_frame, read_head
from vises.store.worker import CHUNK_BYTES, _Body


def body(request: QueryRequest | DescribeRequest, media_type: str = "text/csv") -> _Body:
    return _Body(io.BytesIO(), media_type, request, Described())  # type: ignore[arg-type]


def asked(coding: str, least: int = 1024) -> QueryRequest:
    return QueryRequest("", "text/csv", None, coding=coding, least_bytes=least)


def frames(made: _Body) -> list[tuple[int, bytes]]:
    stream = made._answers
    stream.seek(0)
    return list(iter(lambda: read_frame(stream), None))


def test_a_large_body_leaves_compressed_while_it_is_made() -> None:
    made = body(asked("gzip"))
    made.write(b"x" * CHUNK_BYTES)
    early = frames(made)
    assert [kind for kind, _ in early] == [HEAD, BODY]
    assert read_head(early[0][1]) == ("text/csv", "gzip", None, Described())
    reader = zlib.decompressobj(31)
    assert reader.decompress(early[1][1]) == b"x" * CHUNK_BYTES
    made._answers.seek(0, io.SEEK_END)
    made.write(b"the end")
    made.end()
    late = frames(made)[2:]
    assert late[-1] == (END, b"")
    assert reader.decompress(b"".join(payload for _, payload in late)) == b"the end"
    assert reader.eof


@pytest.mark.parametrize(
    ("request_", "media_type", "size", "coding"),
    [
        (asked("gzip"), "text/csv", 1023, IDENTITY),
        (asked("gzip"), "text/csv", 1024, "gzip"),
        (asked("br"), "text/csv", 0, IDENTITY),
        (asked("zstd", 1), "text/csv", 1, "zstd"),
        (asked("zstd"), PARQUET, 5000, IDENTITY),
        (asked(IDENTITY), "text/csv", 5000, IDENTITY),
        (DescribeRequest(("x:a",)), "application/n-quads", 5000, IDENTITY),
    ],
)
def test_when_a_body_is_compressed(
    request_: QueryRequest | DescribeRequest, media_type: str, size: int, coding: str
) -> None:
    made = body(request_, media_type)
    made.write(b"x" * size)
    made.end()
    found = frames(made)
    length = sum(len(data) for kind, data in found if kind == BODY)
    assert read_head(found[0][1]) == (media_type, coding, length, Described())
    if coding == IDENTITY:
        assert b"".join(payload for kind, payload in found if kind == BODY) == b"x" * size


@pytest.mark.parametrize("coding", [IDENTITY, "gzip"])
def test_rows_that_come_slowly_leave_at_once(monkeypatch: pytest.MonkeyPatch, coding: str) -> None:
    now = 0.0
    monkeypatch.setattr(worker, "monotonic", lambda: now)
    made = body(asked(coding))
    made.write(b"first ")
    assert frames(made) == []
    for part in (b"second ", b"third "):
        now += 1
        made.write(part)
    kinds, payloads = zip(*frames(made), strict=True)
    assert kinds == (HEAD, BODY, BODY)
    sent = b"".join(payloads[1:])
    plain = zlib.decompressobj(31).decompress(sent) if coding == "gzip" else sent
    assert plain == b"first second third "
