from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from vises.errors import Sentence, sentence
from vises.store.engine import (
    DatasetUnclear,
    Described,
    DescribeRequest,
    Mistake,
    NotAcceptable,
    QueryRequest,
    QuerySyntaxError,
)
from vises.store.frames import (
    error_frame,
    frame,
    head_frame,
    read_error,
    read_frame,
    read_head,
    read_request,
    request_frame,
)


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=20)), max_size=5))
def test_frames_come_back(frames: list[tuple[int, bytes]]) -> None:
    stream = io.BytesIO(b"".join(frame(*one) for one in frames))
    assert [read_frame(stream) for _ in frames] == frames
    assert read_frame(stream) is None


def test_requests_come_back() -> None:
    for request in (
        QueryRequest("ASK {}", "text/csv", None, ("x:a",), ("x:b", "x:c"), {"s": "<x:é>"}),
        QueryRequest("ASK {}", None, "text/turtle"),
        QueryRequest("ASK {}", "text/csv", None, hidden_graphs=("x:d",)),
        DescribeRequest(("x:a", "x:é"), "text/turtle"),
        DescribeRequest(
            ("x:a",), "text/turtle", ("x:d", "x:e"), "page", 3, "x:doc", {"x:a": "x:g"}
        ),
    ):
        message = read_frame(io.BytesIO(request_frame("/a/folder", request)))
        assert read_request(*message) == ("/a/folder", request)


def test_heads_come_back() -> None:
    described = Described("x:é\u2028", ("x:A", "x:B"), 200, more=True, left_out={"x:p": 7})
    for head in (
        ("text/csv", "gzip", None, Described()),
        ("application/n-quads", "identity", 0, described),
    ):
        _, payload = read_frame(io.BytesIO(head_frame(*head)))
        assert read_head(payload) == head


def test_errors_come_back() -> None:
    for error in (
        QuerySyntaxError(
            "what", place="where", remedy="do", mistake=Mistake(3, 4, "no-form", {"word": "é"})
        ),
        NotAcceptable("what"),
        DatasetUnclear("what", remedy="do"),
    ):
        _, payload = read_frame(io.BytesIO(error_frame(error)))
        again = read_error(payload)
        assert type(again) is type(error)
        assert vars(again) == vars(error)


def test_a_sentence_comes_back_with_what_it_speaks_of() -> None:
    said = sentence(
        "endpoint-unlisted", "<{endpoint}> is not listed.", endpoint="https://é.example"
    )
    again = read_error(read_frame(io.BytesIO(error_frame(NotAcceptable(said, remedy="r"))))[1])
    assert isinstance(again.detail, Sentence)
    assert (again.detail, again.detail.reason, again.detail.values) == (
        said,
        said.reason,
        said.values,
    )
    assert type(again.remedy) is str
