"""Access tokens: what is given out once, and what is kept of it.

A token is ``vises_ID_SECRET``; the secret is 256 random bits. Kept is the SHA-256 of the secret. A
slow hash as for passwords would add nothing: it makes up for what people choose, and nobody can
try a noticeable part of 2^256 secrets, however fast the hash. A fast one keeps requests fast, and
leaves no way to keep the service busy with wrong tokens.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

ID_DIGITS = 8
SECRET_BYTES = 32
TOKEN = re.compile(rf"vises_([0-9a-f]{{{ID_DIGITS}}})_([0-9a-f]{{{2 * SECRET_BYTES}}})")


@dataclass(frozen=True)
class Token:
    """What is kept of a token.

    `name` says who has it. `graphs` are IRIs, or beginnings of IRIs that end in ``*``, for which it
    holds: `read` opens those of them that are closed to reading, `write` lets write to them,
    `ingest` lets files be ingested as these datasets.
    """

    id: str
    name: str
    sha256: str
    graphs: tuple[str, ...]
    read: bool
    write: bool
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    ingest: bool = False

    def expired(self, now: datetime) -> bool:
        """Tell whether its time is over."""
        return self.expires is not None and self.expires <= now


def new_id() -> str:
    """Return an id, which is no secret."""
    return secrets.token_hex(ID_DIGITS // 2)


def new_secret() -> str:
    """Return 256 random bits in hexadecimal."""
    return secrets.token_hex(SECRET_BYTES)


def digest(secret: str) -> str:
    """Return what is kept of a secret: its SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, sha256: str) -> bool:
    """Tell whether a secret is the one that a digest was kept of, in a time that says nothing."""
    return hmac.compare_digest(digest(secret), sha256)
