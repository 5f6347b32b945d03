"""What is refused for want of a right (RFC 6750, RFC 9110 section 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from vises.errors import BadRequest, Unavailable, VisesError, sentence

if TYPE_CHECKING:
    from pathlib import PurePath

_CHALLENGE = 'Bearer realm="vises"'


class AccessRefused(VisesError):
    """The request lacks a right; `challenge` is the header WWW-Authenticate of the answer."""

    exit_code = 2
    challenge: ClassVar[str] = _CHALLENGE


class TokenNeeded(AccessRefused):
    """Only who has a token may do this."""

    kind = "token-needed"
    title = "This needs an access token"
    status = 401


class TokenRefused(AccessRefused):
    """The token is unknown, revoked or expired, or the header is not one of a token."""

    kind = "token-refused"
    title = "The access token is not accepted"
    status = 401
    challenge = _CHALLENGE + ', error="invalid_token"'


class WriteForbidden(AccessRefused):
    """The graph is closed to writing, for this token or for all."""

    kind = "write-forbidden"
    title = "The graph may not be written to"
    status = 403
    challenge = _CHALLENGE + ', error="insufficient_scope"'


class TokenInAddress(BadRequest):
    """A token stands in the address, where logs, histories and caches keep it."""

    kind = "token-in-address"
    title = "A token does not belong in an address"


class AccessUnreadable(Unavailable):
    """The file that says who may do what cannot be read, so nobody may do anything."""

    kind = "access-file"
    title = "The file of access rights cannot be used"

    def __init__(self, path: PurePath, what: str) -> None:
        """Take the file, and what is wrong with it: a sentence without its full stop."""
        super().__init__(
            sentence(
                "access-unread",
                "{what}. Until it can be read, nobody may read or write anything.",
                what=what,
            ),
            place=str(path),
            remedy=sentence(
                "put-back",
                "Put a sound copy back. Without one, remove it, close again what was closed "
                "(`vises access close`), create the tokens anew, and start the service again.",
            ),
        )
        self.what = what
