"""The files of a request: its body, or the parts of a multipart body, streamed to disk."""

from __future__ import annotations

import mmap
from email.message import Message
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.bodies import ProtocolError, media_type, spool, unsupported
from vises.service.multipart import MOST_HEAD, MULTIPART, boundary, broken, located

if TYPE_CHECKING:
    from collections.abc import Iterator
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
"""How many bytes of UTF-8 the name of a file may have; file systems take 255."""

_COPIED = 1 << 20


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
    between = boundary(header) if found == MULTIPART else b""
    body = place / "body"
    await spool(request, body, most, remedy)
    folder = place / "files"
    folder.mkdir()
    if not between:
        named = content_header_of(request.headers.get("content-disposition")).get_filename()
        name = safe_name(named or "upload")
        ending = TYPES[found]
        return [body.rename(folder / (name if "." in name else name + ending))]
    files = list(split(body, between, folder))
    body.unlink()
    return files


def content_header_of(disposition: str | None) -> Message:
    """Return a Content-Disposition header as its parameters (RFC 6266, RFC 8187).

    Raises `ProtocolError` above `MOST_HEAD` bytes.
    """
    value = (disposition or "attachment").encode("latin-1", "replace")
    if len(value) > MOST_HEAD:
        raise ProtocolError(
            sentence("header-long", "The header has more than {most} characters.", most=MOST_HEAD),
            place="header Content-Disposition",
            remedy=sentence("name-file-alone", "Name the file alone."),
        )
    message = Message()
    message["Content-Disposition"] = value.decode(errors="replace")
    return message


def safe_name(name: str) -> str:
    """Return a name that is one of a file and nothing else, whatever a client sent.

    >>> safe_name("../../etc/passwd"), safe_name("../.."), safe_name("a b.csv")
    ('passwd', 'upload', 'a b.csv')
    """
    last = PureWindowsPath(name.replace("\0", "_")).name
    clean = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last)
    end = clean.encode()[-LONGEST_NAME:].decode(errors="ignore")
    return end.lstrip(". ") or "upload"


def split(body: Path, between: bytes, folder: Path) -> Iterator[Path]:
    """Write the parts of a multipart body into files (RFC 7578, RFC 2046 section 5.1.1).

    Raises `ProtocolError` for a body that is not in parts, whose last part has no end, with a part
    that is no file, with two of one name, or with too many.
    """
    if not body.stat().st_size:
        raise _broken(sentence("body-empty", "The body is empty."))
    names: set[str] = set()
    with body.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for head, start, end in located(between, data):
            name = _name(head)
            if name.casefold() in names:
                raise _broken(sentence("same-name", "Two files have the name {name!r}.", name=name))
            if len(names) == MOST_PARTS:
                raise _broken(
                    sentence("many-files", "The body has more than {most} files.", most=MOST_PARTS)
                )
            names.add(name.casefold())
            _copy(data, start, end, folder / name)
            yield folder / name
    if not names:
        raise _broken(sentence("no-file", "The body has no file in it."))


def _copy(data: mmap.mmap, start: int, end: int, target: Path) -> None:
    with target.open("wb") as file:
        for position in range(start, end, _COPIED):
            file.write(data[position : min(position + _COPIED, end)])


def _name(head: Message) -> str:
    """Return the name of the file of a part."""
    named = head.get_filename()
    if not named:
        raise _broken(
            sentence("part-no-file", "A part of the body is no file: it has no filename.")
        )
    return safe_name(named)


def _broken(what: Sentence) -> ProtocolError:
    remedy = sentence(
        "send-parts",
        "Send each file as a part of {multipart} (RFC 7578), or one file as the body.",
        multipart=MULTIPART,
    )
    return broken(what, remedy)
