"""The head of an answer as HTTP/1.1 writes it, with holes for what tells such answers apart."""

from __future__ import annotations

import re
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from vises.service.wire import status_line, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.service.answers import RawHeaders

PATH, TAG, LENGTH = (f"{name}-{secrets.token_hex(8)}" for name in ("path", "tag", "length"))
"""What stands for a path, the opaque part of an entity tag, and the length of a body.

A client that knew these could put them into a header of its own that comes back in the answer.
"""

_HOLES = re.compile(f"({PATH}|{TAG}|{LENGTH})".encode())
_LENGTH = LENGTH.encode()


class Head:
    """A head that is filled for one answer after the other."""

    def __init__(self, headers: RawHeaders) -> None:
        """Take the headers of such answers. Raises as `written` does."""
        lines = [(n, _LENGTH if n == b"content-length" else v) for n, v in headers]
        self._pieces = _HOLES.split(status_line(HTTPStatus.OK) + written(lines))

    def filled(self, values: Mapping[bytes, bytes], length: int) -> bytes:
        """Return the head of the answer with some values in its holes, and a body of a length."""
        known = {**values, _LENGTH: b"%d" % length}
        return b"".join([known.get(piece, piece) for piece in self._pieces])
