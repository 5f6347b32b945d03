"""Validators of HTTP caching (RFC 9110, sections 8.8.3 and 13.1.2).

The parts of the service name a state by one tag. What is sent in a content coding is another
sequence of bytes and so has another tag (section 8.8.3.3): the same with the coding at its end. It
is a weak one where the bytes are not the same each time, because what there is leaves by the clock
(section 8.8.1). Only `vises.service.compression` knows of those.
"""

from __future__ import annotations

import re
from hashlib import sha256
from importlib.metadata import version

from vises.store.encoding import CODINGS, IDENTITY

_VERSION = version("vises")
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
