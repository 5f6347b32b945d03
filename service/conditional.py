"""Validators of HTTP caching (RFC 9110, sections 8.8.3 and 13.1.2)."""

from __future__ import annotations

import re
from hashlib import sha256
from importlib.metadata import version

_VERSION = version("vises")
_TAG = re.compile(r'(?:W/)?("[^"]*")')


def etag(*parts: str) -> str:
    """Return a strong entity tag for everything that decides the bytes of an answer.

    The version of the package is always one of the parts.
    """
    digest = sha256("\0".join((_VERSION, *parts)).encode())
    return f'"{digest.hexdigest()[:32]}"'


def is_fresh(if_none_match: str | None, tag: str) -> bool:
    """Tell whether a client already holds the answer that `tag` names."""
    return tag in _TAG.findall(if_none_match or "")
