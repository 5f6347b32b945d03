"""The services that a query came through, each calling the next with SERVICE.

A service of ours tells a partner so in a header, as a proxy does in ``Via`` (RFC 9110, section
7.6.3). One that finds itself there refuses: the query would hold a process of the service that
waits for another process of the same service, and some such queries at once would hold them all.
"""

from __future__ import annotations

import re

HEADER = "Federation-Path"
"""Identities of services, the first one first, with commas between."""

MOST_SERVICES = 2
"""Through how many services a query may come to us and still call another one."""

_PATH = re.compile(r"(?:[0-9a-f]{16}(?:, ?(?=[0-9a-f])|$)){0,16}")


def services(path: str) -> list[str]:
    """Return the identities in a path. Raises `ValueError` for what is not one."""
    if not _PATH.fullmatch(path):
        raise ValueError(path)
    return path.replace(" ", "").split(",") if path else []


def extended(path: str, identity: str) -> str:
    """Return the path behind the service with that identity."""
    return ",".join([*services(path), identity])
