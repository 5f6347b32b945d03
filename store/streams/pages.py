"""The pages of a stream on disk, and the index that says which there are.

::

    data/streams/<name>/index.json          which pages there are, and of what
    data/streams/<name>/<number>-<size>.gz  a page: a line of JSON, then the members as N-Quads

A page gets members until it is full; each time it is written anew under a name that says how many
it has, and the index is replaced after that. So what the index names is always whole.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from vises.errors import Unavailable
from vises.store.files import make_durably, write_durably

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FORMAT = 1
"""The number that a change of the files raises."""

MOST_MEMBERS = 500
"""How many members a page has at most."""

MOST_BYTES = 1 << 20
"""How many bytes of N-Quads a page has at most, unless its first member alone has more."""

INDEX = "index.json"


class StreamDamaged(Unavailable):
    """A file of an event stream cannot be read."""

    kind = "stream-damaged"
    title = "The event stream is damaged"


@dataclass(frozen=True)
class State:
    """A graph as a release has it: when, how many statements, and their digest.

    `time` is never before that of an earlier release, though a clock may go back.
    """

    release: str
    time: str
    triples: int
    digest: str


@dataclass
class Page:
    """A page: the IRIs of its members, its N-Quads, and the releases that end on it."""

    members: list[str] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)

    def full(self, more: int) -> bool:
        """Tell whether a member of so many bytes has no room on the page."""
        return bool(self.members) and (
            len(self.members) >= MOST_MEMBERS or len(self.body) + more > MOST_BYTES
        )


@dataclass
class Listed:
    """What the index says of a page: its number, its file, the times of its members."""

    number: int
    file: str
    first: str
    last: str


@dataclass
class Index:
    """What there is of a stream.

    `built` is the release that it was made up to, `time` the time of that one; `started` is the
    release whose whole content it begins with, and `skipped` says whether a later release is not in
    it, because it was pruned before its members were made. `before` counts pages there were once.
    """

    graph: str
    built: str = ""
    time: str = ""
    started: str = ""
    skipped: bool = False
    before: int = 0
    pages: list[Listed] = field(default_factory=list)

    def page(self, number: int) -> Listed | None:
        """Return the entry of a page, None where there is none of that number."""
        place = number - self.before - 1
        return self.pages[place] if 0 <= place < len(self.pages) else None

    def immutable(self, number: int) -> bool:
        """Tell whether a page is full: another one has begun."""
        return number < self.last

    @property
    def last(self) -> int:
        """The number of the last page, or of the last there was."""
        return self.before + len(self.pages)


class StreamFolder:
    """The files of a stream. Every method raises `OSError`, reading `StreamDamaged` too."""

    def __init__(self, folder: Path) -> None:
        """Remember the folder; it may not be there."""
        self._folder = folder

    def index(self) -> Index | None:
        """Return the index, None where there is none of this format."""
        try:
            found = json.loads((self._folder / INDEX).read_text("utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise _damaged(self._folder / INDEX) from error
        if found.pop("format") != FORMAT:
            return None
        pages = [Listed(*entry) for entry in found.pop("pages")]
        return Index(**found, pages=pages)

    def read(self, listed: Listed) -> Page:
        """Return a page. Raises `StreamDamaged`."""
        path = self._folder / listed.file
        try:
            header, _, body = gzip.decompress(path.read_bytes()).partition(b"\n")
            told = json.loads(header)
            states = [State(**state) for state in told["states"]]
            return Page(told["members"], states, bytearray(body))
        except (EOFError, zlib.error, gzip.BadGzipFile, ValueError, KeyError, TypeError) as error:
            raise _damaged(path) from error

    def write(self, number: int, page: Page) -> str:
        """Write a page; return the name of its file."""
        make_durably(self._folder)
        header = {"members": page.members, "states": [asdict(state) for state in page.states]}
        file = f"{number}-{len(page.members)}-{len(page.states)}.gz"
        packed = gzip.compress(json.dumps(header).encode() + b"\n" + page.body, 6, mtime=0)
        write_durably(self._folder / file, packed)
        return file

    def publish(self, index: Index) -> None:
        """Replace the index, and remove the files that it does not name."""
        make_durably(self._folder)
        pages = [list(asdict(listed).values()) for listed in index.pages]
        told = {"format": FORMAT, **asdict(index), "pages": pages}
        write_durably(self._folder / INDEX, json.dumps(told).encode())
        named = {INDEX, *(listed.file for listed in index.pages)}
        for path in self._folder.iterdir():
            if path.name not in named:
                path.unlink()


def names(folder: Path) -> Sequence[str]:
    """Return the names of the streams in a folder. Raises `OSError`."""
    if not folder.is_dir():
        return []
    return sorted(path.parent.name for path in folder.glob(f"*/{INDEX}"))


def _damaged(path: Path) -> StreamDamaged:
    return StreamDamaged(
        "The file of an event stream cannot be read.",
        place=str(path),
        remedy="Remove the folder that it is in; the stream is then made anew, and whoever follows "
        "it begins again.",
    )
