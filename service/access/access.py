"""Who asks: from the header Authorization to the rights of a request (RFC 6750, section 2.1)."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import time
from datetime import UTC, datetime
from pathlib import PurePath
from stat import S_IMODE
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.access.errors import AccessUnreadable, TokenRefused
from vises.service.access.file import MODE, NAME, AccessFile, AccessState
from vises.service.access.rights import Rights, covers
from vises.service.access.tokens import TOKEN, digest, matches
from vises.store.caller import known_as

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path
    from typing import Any

    from vises.errors import Sentence

LOOK_SECONDS = 0.5
"""How often the file is looked at: what `vises tokens` changes holds within that time."""

_BEARER = re.compile(rf"(?i:Bearer) +{TOKEN.pattern} *", re.ASCII)
_NOBODY = digest("")
"""What the secret of a token that there is not is compared with; no secret is empty."""

_log = logging.getLogger(__name__)

Stamp = tuple[int, int, int, int]
_UNKNOWN = (0, 0, 0, 0)


class Access:
    """The rights of the requests to one data folder."""

    def __init__(self, data: Path) -> None:
        """Take the data folder; the file of access rights is read with the first request."""
        self._file = AccessFile(data)
        self._state = AccessState()
        self._everyone = Rights()
        self._problem: str | None = None
        self._stamp: Stamp | None = None
        self._next_look = 0.0

    def of(self, scope: MutableMapping[str, Any]) -> Rights:
        """Return the rights of an HTTP request by its ASGI scope, as `rights` does.

        From then on the request counts as one of the token's holder.
        """
        found: bytes | None = None
        for name, value in scope["headers"]:
            if name == b"authorization":
                if found is not None:
                    raise _refused(
                        sentence("header-twice", "The header stands in the request more than once.")
                    )
                found = value
        rights = self.rights(None if found is None else found.decode("latin-1"))
        if rights.holder is not None:
            known_as(rights.holder)
        return rights

    def rights(self, authorization: str | None) -> Rights:
        """Return the rights of a request by its header Authorization, None where it has none.

        Raises `TokenRefused` for a header that is not Bearer and a token, and a token that is
        unknown, expired or revoked; `AccessUnreadable` while the file cannot be read. No error
        repeats what was sent or says where the data folder is.
        """
        state = self._now()
        if authorization is None:
            return self._everyone
        found = _BEARER.fullmatch(authorization)
        if found is None:
            raise _refused(
                sentence(
                    "not-bearer", "The header is not the word Bearer and a token of this service."
                )
            )
        return self._of_token(state, found[1], found[2])

    def _of_token(self, state: AccessState, identifier: str, secret: str) -> Rights:
        token = state.tokens.get(identifier)
        if not matches(secret, token.sha256 if token else _NOBODY) or token is None:
            raise _refused(sentence("no-such-token", "There is no such token."))
        if token.revoked is not None:
            raise _refused(
                sentence("token-revoked", "The token {token} was revoked.", token=token.id)
            )
        if token.expired(datetime.now(UTC)):
            raise _refused(
                sentence("token-expired", "The token {token} has expired.", token=token.id)
            )
        opened = token.graphs if token.read else ()
        hidden = frozenset(graph for graph in state.closed if not covers(opened, graph))
        return Rights(
            holder=token.name,
            hidden=hidden,
            writable=frozenset(token.graphs if token.write else ()),
            ingestible=frozenset(token.graphs if token.ingest else ()),
            closes=bool(state.closed),
            view=_view(state, hidden),
        )

    def _now(self) -> AccessState:
        """Return what the file says, looking at it at most every `LOOK_SECONDS`."""
        now = time.monotonic()
        if now >= self._next_look:
            self._look()
            self._next_look = now + LOOK_SECONDS
        if self._problem is not None:
            raise AccessUnreadable(PurePath(NAME), self._problem)
        return self._state

    def _look(self) -> None:
        stamp = self._stamped()
        if stamp == self._stamp and self._problem is None:
            return
        problem = self._read(there=(stamp or self._stamp) is not None)
        if problem and problem != self._problem:
            _log.error("%s", AccessUnreadable(self._file.path, problem))
        self._problem = problem
        if stamp is not None and stamp != self._stamp and stamp[3] & ~MODE:
            _log.warning("others may read %s: chmod 600 takes that from them", self._file.path)
        self._stamp = stamp or self._stamp

    def _read(self, *, there: bool) -> str | None:
        """Take in what the file says; return what is wrong with it, None where nothing is.

        `there` says that it is there or was: then its absence is wrong.
        """
        try:
            state = self._file.read()
        except AccessUnreadable as error:
            return error.what
        if there and not state.salt:
            return "It was there and is gone"
        self._state = state
        self._everyone = Rights(
            hidden=state.closed, closes=bool(state.closed), view=_view(state, state.closed)
        )
        return None

    def _stamped(self) -> Stamp | None:
        """Return what changes with the file, None where there is none, nor a link to one."""
        try:
            found = self._file.path.stat()
        except FileNotFoundError:
            return _UNKNOWN if self._file.path.is_symlink() else None
        except OSError:
            return _UNKNOWN
        return (found.st_ino, found.st_size, found.st_mtime_ns, S_IMODE(found.st_mode))


def _view(state: AccessState, hidden: frozenset[str]) -> str:
    if not hidden:
        return ""
    names = "\0".join(sorted(hidden)).encode()
    return hmac.new(state.salt.encode(), names, hashlib.sha256).hexdigest()


def _refused(what: Sentence) -> TokenRefused:
    return TokenRefused(
        what,
        place="header Authorization",
        remedy=sentence(
            "send-valid-token",
            "Send `Authorization: Bearer` and a token that `vises tokens list` shows as valid, "
            "or no such header to read what is open.",
        ),
    )
