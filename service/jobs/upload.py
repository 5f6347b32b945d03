"""The files of a request: its body, or the parts of a multipart body, streamed to disk."""

from __future__ import annotations

import mmap
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.bodies import ProtocolError, content_header, media_type, spool, unsupported
from vises.service.multipart import MULTIPART, no_boundary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from pathlib import Path

    from starlette.requests import Request

    from vises.errors import Sentence

TYPES = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/zip": ".zip",
    "application/gzip": ".gz",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.apache.parquet": ".parquet",
    "application/x-ndjson": ".jsonl",
    "application/json": ".json",
    "application/geo+json": ".geojson",
}
"""The media types that a body may have, with the ending of its file."""

MOST_PARTS = 50
LONGEST_NAME = 200
"""How many bytes of a name are kept; file systems take 255."""

_MOST_HEAD = 1 << 13
_COPIED = 1 << 20
_PLAIN = {"", "7bit", "8bit", "binary"}


def demand_known(header: str | None) -> str:
    """Return the media type of a body. Raises `UnsupportedMediaType` for one that is not taken."""
    found = media_type(header)
    if found != MULTIPART and found not in TYPES:
        raise unsupported(found, [MULTIPART, *TYPES])
    return found


async def received(request: Request, place: Path, most: int, remedy: Sentence) -> list[Path]:
    """Write the files that a request brings into the folder `place`; return them.

    The name of a body is that of its header Content-Disposition, or `upload` with the ending of its
    type. Raises as `vises.service.bodies.chunks` does above `most` bytes, `UnsupportedMediaType`,
    `ProtocolError` where parts are broken, and `OSError`.
    """
    header = request.headers.get("content-type")
    found = demand_known(header)
    boundary = _boundary(header) if found == MULTIPART else b""
    body = place / "body"
    await spool(request, body, most, remedy)
    folder = place / "files"
    folder.mkdir()
    if not boundary:
        named = content_header_of(request.headers.get("content-disposition")).get_filename()
        name = safe_name(named or "upload")
        ending = TYPES[found]
        return [body.rename(folder / (name if "." in name else name + ending))]
    files = list(split(body, boundary, folder))
    body.unlink()
    return files


def content_header_of(disposition: str | None) -> Message:
    """Return a Content-Disposition header as its parameters (RFC 6266, RFC 8187)."""
    head = f"Content-Disposition: {disposition or 'attachment'}\r\n\r\n"
    return BytesParser(policy=HTTP).parsebytes(head.encode("latin-1", "replace"))


def safe_name(name: str) -> str:
    """Return a name that is one of a file and nothing else, whatever a client sent.

    >>> safe_name("../../etc/passwd"), safe_name("../.."), safe_name("a b.csv")
    ('passwd', 'upload', 'a b.csv')
    """
    last = PureWindowsPath(name.replace("\0", "_")).name
    clean = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last)
    kept = clean.encode()[-LONGEST_NAME:].decode(errors="ignore")
    return kept.lstrip(". ") or "upload"


def split(body: Path, boundary: bytes, folder: Path) -> Iterator[Path]:
    """Write the parts of a multipart body into files (RFC 7578, RFC 2046 section 5.1.1).

    Raises `ProtocolError` for a body that is not in parts, whose last part has no end, with a part
    that is no file, with two of one name, or with too many.
    """
    if not body.stat().st_size:
        raise _broken(sentence("body-empty", "The body is empty."))
    names: set[str] = set()
    with body.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for head, start, end in _parts(data, b"--" + boundary):
            name = _name(head)
            if name.casefold() in names:
                raise _broken(sentence("same-name", "Two files have the name {name!r}.", name=name))
            if len(names) == MOST_PARTS:
                raise _broken(
                    sentence("many-files", "The body has more than {most} files.", most=MOST_PARTS)
                )
            names.add(name.casefold())
            with (folder / name).open("wb") as part:
                for position in range(start, end, _COPIED):
                    part.write(data[position : min(position + _COPIED, end)])
            yield folder / name
    if not names:
        raise _broken(sentence("no-file", "The body has no file in it."))


def _parts(data: mmap.mmap, mark: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the head of each part, and where its content starts and ends."""
    position = 0 if data[: len(mark)] == mark else data.find(b"\r\n" + mark) + 2
    if position == 1:
        raise _broken(sentence("boundary-absent", "The boundary of the header is not in the body."))
    while True:
        after = position + len(mark)
        if data[after : after + 2] == b"--":
            return
        line = data.find(b"\r\n", after, after + _MOST_HEAD)
        head = data.find(b"\r\n\r\n", line, line + _MOST_HEAD) if line >= 0 else -1
        end = data.find(b"\r\n" + mark, head + 2) if head >= 0 else -1
        if end < 0:
            raise _broken(sentence("part-broken", "A part of the body has no head or no end."))
        yield data[line + 2 : head + 2], head + 4, end
        position = end + 2


def _name(head: bytes) -> str:
    """Return the name of the file of a part."""
    message = BytesParser(policy=HTTP).parsebytes(head + b"\r\n")
    named = message.get_filename()
    if not named:
        raise _broken(
            sentence("part-no-file", "A part of the body is no file: it has no filename.")
        )
    if str(message.get("Content-Transfer-Encoding", "")).strip().lower() not in _PLAIN:
        raise _broken(
            sentence("part-encoded", "A part of the body has a Content-Transfer-Encoding.")
        )
    return safe_name(named)


def _boundary(header: str | None) -> bytes:
    found = content_header(header).get_param("boundary")
    if not isinstance(found, str) or not 1 <= len(found) <= 70 or not found.isascii():  # noqa: PLR2004 (RFC 2046)
        raise no_boundary()
    return found.encode()


def _broken(what: Sentence) -> ProtocolError:
    return ProtocolError(
        what,
        place="body",
        remedy=sentence(
            "send-parts",
            "Send each file as a part of {multipart} (RFC 7578), or one file as the body.",
            multipart=MULTIPART,
        ),
    )
