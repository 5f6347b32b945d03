"""Validators of HTTP caching (RFC 9110, sections 8.8 and 13.1).

The parts of the service name a state by one tag. What is sent in a content coding is another
sequence of bytes and so has another tag (section 8.8.3.3): the same with the coding at its end. It
is a weak one where the bytes are not the same each time, because what there is leaves by the clock
(section 8.8.1). Only `vises.service.compression` knows of those.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING

from vises.service.memento import http_date
from vises.store.encoding import CODINGS, IDENTITY

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = version("vises")
_A_SECOND = timedelta(seconds=1)
_TAG = re.compile(r'(?:W/)?"[^"]*"')
_CODED = re.compile(rf'"([^"]*)-({"|".join(CODINGS)})"')


def etag(*parts: str) -> str:
    """Return a strong entity tag for everything that decides the bytes of an answer.

    The version of the package is always one of the parts.
    """
    digest = sha256("\0".join((_VERSION, *parts)).encode())
    return f'"{digest.hexdigest()[:32]}"'


def is_fresh(if_none_match: str | None, tag: str) -> bool:
    """Tell whether a client already holds the answer that `tag` names (weak comparison)."""
    return tag.removeprefix("W/") in (t.removeprefix("W/") for t in tags(if_none_match or ""))


def unchanged(request: Mapping[str, str], answer: Mapping[str, str]) -> bool:
    """Tell whether a client holds the answer that the headers of one describe (section 13.2.2).

    If-None-Match decides where it is there; else If-Modified-Since does, where it is the very date
    of the answer's Last-Modified. A later date is not enough: a clock that was set back, or an
    older release that is served again, makes dates that go back (section 13.1.3). `request` takes
    names of headers in lower case.
    """
    condition = request.get("if-none-match")
    if condition is not None:
        return "ETag" in answer and is_fresh(condition, answer["ETag"])
    since, modified = request.get("if-modified-since"), answer.get("Last-Modified")
    if since is None or modified is None:
        return False
    asked, changed = moment(since), moment(modified)
    return asked is not None and asked == changed


def last_modified(made: datetime, *, closes: bool) -> dict[str, str]:
    """Return the header Last-Modified of what a release says, by when it was made.

    There is none within the second of that moment, in which another release may come, and none
    where a clock that was set back says that it lies ahead (section 8.8.2.1). Nor is there one
    while some graph is closed (`closes`): what a request may read has no date, and differs from
    that of others; the tag tells them apart.
    """
    over = datetime.now(UTC) - made >= _A_SECOND
    return {"Last-Modified": http_date(made)} if over and not closes else {}


def moment(date: str) -> datetime | None:
    """Return the moment of an HTTP date (section 5.6.7), None where it is none.

    >>> moment("Sun, 06 Nov 1994 08:49:37 GMT") == moment("Sunday, 06-Nov-94 08:49:37 GMT")
    True
    """
    try:
        found = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def weak(tag: str) -> str:
    """Return a tag as a weak one.

    >>> weak('"abc"')
    'W/"abc"'
    """
    return f"W/{tag.removeprefix('W/')}"


def coded_tag(tag: str, coding: str) -> str:
    """Return the tag of the same state in a content coding.

    >>> coded_tag('"abc"', "gzip")
    '"abc-gzip"'
    """
    return tag if coding == IDENTITY else f'{tag[:-1]}-{coding}"'


def without_coding(tag: str) -> tuple[str, str]:
    """Return the strong tag of the state that a tag names, and the content coding.

    >>> without_coding('W/"abc-gzip"')
    ('"abc"', 'gzip')
    """
    strong = tag.removeprefix("W/")
    match = _CODED.fullmatch(strong)
    return (f'"{match[1]}"', match[2]) if match else (strong, IDENTITY)


def states(header: str) -> str:
    """Return an If-Match header with the tags of states in place of those of codings.

    >>> states('"abc-br", "def"')
    '"abc", "def"'
    """
    return _CODED.sub(r'"\1"', header)


def tags(header: str) -> list[str]:
    """Return the entity tags of an If-None-Match header."""
    return _TAG.findall(header)
