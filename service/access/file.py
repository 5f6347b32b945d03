"""The file of access rights in the data folder: the tokens, and the graphs closed to reading.

It is ``access.json``, for its owner alone (mode 0600), and is replaced as a whole, so that a reader
sees the old state or the new one. It holds no secret that opens anything.
"""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from stat import S_IMODE
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode

from vises.errors import sentence
from vises.service.access.errors import AccessUnreadable
from vises.service.access.tokens import SECRET_BYTES, Token
from vises.store.files import explained, make_durably, write_durably
from vises.store.lock import WriterLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NAME = "access.json"
MODE = 0o600
"""Who may do what with the file: its owner may read and write it, and nobody else anything."""

FORMAT = 1
_LOCK = "access.lock"
_LOCK_SECONDS = 10.0
_SALT_BYTES = 16
_NOWHERE = sentence("access-link-nowhere", "It is a link that leads nowhere")
_NOT_OURS = sentence(
    "access-not-ours", "It is not a file of access rights as `vises tokens` writes it"
)


@dataclass(frozen=True)
class AccessState:
    """What the file says. `salt` is random, and "" where there is no file; entity tags need it."""

    salt: str = ""
    closed: frozenset[str] = frozenset()
    tokens: Mapping[str, Token] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the state as it is kept."""
        record = {
            "format": FORMAT,
            "salt": self.salt,
            "closed": sorted(self.closed),
            "tokens": [asdict(token) for token in self.tokens.values()],
        }
        return json.dumps(record, indent=1, default=datetime.isoformat) + "\n"

    @classmethod
    def from_json(cls, text: str) -> AccessState:
        """Read a state. Raises `ValueError`, `KeyError` or `TypeError` where it is none."""
        record = json.loads(text)
        if record["format"] != FORMAT:
            raise ValueError(record["format"])
        tokens = [_token(entry) for entry in record["tokens"]]
        by_id = {token.id: token for token in tokens}
        if len(by_id) != len(tokens):
            raise ValueError(record["tokens"])
        salt, closed = _text(record["salt"]), frozenset(map(_iri, _texts(record["closed"])))
        return cls(salt, closed, by_id)


class AccessFile:
    """The file of access rights of one data folder."""

    def __init__(self, data: Path) -> None:
        """Take the data folder; nothing is opened yet."""
        self.path = data / NAME

    def read(self) -> AccessState:
        """Return the state: nothing closed and no token where there is no file.

        Raises `AccessUnreadable` where the file cannot be read or understood.
        """
        try:
            return AccessState.from_json(self.path.read_text("utf-8"))
        except FileNotFoundError:
            if self.path.is_symlink():
                raise AccessUnreadable(self.path, _NOWHERE) from None
            return AccessState()
        except OSError as error:
            raise AccessUnreadable(self.path, error.strerror or str(error)) from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise AccessUnreadable(self.path, _NOT_OURS) from error

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """Lock the file for a `with` block, and keep the state that is in the change at its end.

        Raises `AccessUnreadable`, `StoreBusy` after 10 s, and `DataFolderError`.
        """
        with self._locked():
            change = Change(self.read())
            yield change
            salt = change.state.salt or secrets.token_hex(_SALT_BYTES)
            text = replace(change.state, salt=salt).to_json()
            write_durably(self.path, text.encode(), private=True)

    def copy(self, source: AccessFile) -> None:
        """Take over the file of another data folder, where it has one, byte for byte.

        So what is closed there is closed in the copy, too; also a damaged file opens nothing.
        Raises `StoreBusy` and `DataFolderError`.
        """
        with explained(source.path), suppress(FileNotFoundError):
            data = source.path.read_bytes()
            with self._locked():
                write_durably(self.path, data, private=True)

    def exposed(self) -> bool:
        """Tell whether others than the owner have rights on the file."""
        return self.path.exists() and bool(S_IMODE(self.path.stat().st_mode) & ~MODE)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with explained(self.path.parent):
            make_durably(self.path.parent)
            with WriterLock(self.path.with_name(_LOCK), _LOCK_SECONDS):
                yield


@dataclass
class Change:
    """The state that a change begins with, and then the one that it ends with."""

    state: AccessState


def _token(entry: Mapping[str, Any]) -> Token:
    graphs = tuple(_texts(entry["graphs"]))
    for graph in graphs:
        if graph != "*":
            _iri(graph.removesuffix("*"))
    if len(bytes.fromhex(entry["sha256"])) != SECRET_BYTES:
        raise ValueError(entry)
    return Token(
        id=_text(entry["id"]),
        name=_text(entry["name"]),
        sha256=_text(entry["sha256"]),
        graphs=graphs,
        read=_flag(entry["read"]),
        write=_flag(entry["write"]),
        created=_moment(entry["created"]),
        expires=_moment(entry["expires"]) if entry["expires"] is not None else None,
        revoked=_moment(entry["revoked"]) if entry["revoked"] is not None else None,
        ingest=_flag(entry.get("ingest", False)),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(value)
    return value


def _texts(values: object) -> list[str]:
    if not isinstance(values, list):
        raise TypeError(values)
    return [_text(value) for value in values]


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment


def _iri(text: str) -> str:
    return NamedNode(text).value
