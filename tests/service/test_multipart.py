"""Bodies in parts: what a hostile one costs, and what is content of a part."""

from __future__ import annotations

import pytest

from vises.service.bodies import ProtocolError
from vises.service.jobs.upload import content_header_of
from vises.service.multipart import MOST_HEAD, MOST_PARTS, Part, parts

HEADER = "multipart/form-data; boundary=b"
FIELD = b'Content-Disposition: form-data; name="data"'


def body(*heads: bytes, content: bytes = b"x") -> bytes:
    return b"".join(b"--b\r\n%b\r\n\r\n%b\r\n" % (head, content) for head in heads) + b"--b--\r\n"


def test_fields_and_files_are_told_apart() -> None:
    file = FIELD + '; filename="é.ttl"\r\nContent-Type: text/turtle; charset=utf-8'.encode()
    assert list(parts(HEADER, b"before\r\n" + body(FIELD, file))) == [
        Part("data", "", None, b"x"),
        Part("data", "é.ttl", "text/turtle", b"x"),
    ]
    assert list(parts(HEADER, body(FIELD, content=b""))) == [Part("data", "", None, b"")]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (body(*[FIELD] * (MOST_PARTS + 1)), "more than 100 files"),
        (body(FIELD + b"; a=b" * MOST_HEAD), "no head or no end"),
        (body(b"x: y\r\n" * MOST_HEAD + FIELD), "no head or no end"),
        (body(FIELD + b"\r\nContent-Transfer-Encoding: base64"), "Content-Transfer-Encoding"),
        (b"--b\r\n\r\ncut", "no head or no end"),
        (b"nothing", "not in the body"),
        (b"", "not in the body"),
    ],
    ids=["many", "parameters", "headers", "encoded", "cut", "no-boundary", "empty"],
)
def test_what_is_refused(sent: bytes, said: str) -> None:
    with pytest.raises(ProtocolError, match=said):
        list(parts(HEADER, sent))


@pytest.mark.parametrize("media_type", ["message/rfc822", "multipart/mixed; boundary=c"])
def test_parts_of_parts_are_content(media_type: str) -> None:
    head = f"Content-Type: {media_type}\r\n\r\n--c\r\n".encode()
    (part,) = parts(HEADER, body(FIELD + b"\r\n" + head.partition(b"\r\n")[0], content=head * 2000))
    assert part.content == head * 2000


def test_comments_in_a_header_do_not_nest() -> None:
    (part,) = parts(HEADER, body(FIELD + b"; x=" + b"(" * 1500))
    assert part.field == "data"
    assert (
        content_header_of('attachment; filename="a.csv"; x=' + "(" * 1500).get_filename() == "a.csv"
    )


def test_the_name_of_a_body_is_bounded() -> None:
    with pytest.raises(ProtocolError, match="more than 2048 characters"):
        content_header_of("attachment" + "; a=b" * MOST_HEAD)
