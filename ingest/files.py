"""Input files: plain, in a zip or in a gzip file, read as bytes that are counted."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol, cast

from vises.errors import BadInput, NotFound, sentence
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from _typeshed import WriteableBuffer

    from vises.ingest.tables.table import Table
    from vises.progress import Progress

CHUNK = 1 << 20
BOMB_RATIO = 200
BOMB_BYTES = 1 << 26
DOWNLOAD_AGAIN = sentence(
    "download-compare",
    "Download it again, and compare its size with the one that the publisher states.",
)
ZIP_ERRORS = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError)
"""What reading a damaged archive raises; zipfile the last one for a compression it lacks."""


class InputMissing(NotFound):
    """A file that was named is not there."""

    kind = "input-missing"
    title = "The file is not there"


class BadZip(BadInput):
    """A zip or gzip file is damaged, encrypted, or not what was expected."""

    kind = "bad-zip"
    title = "The zip or gzip file cannot be used"


class ChangedMeanwhile(BadInput):
    """A file was written to, replaced or removed while it was read."""

    kind = "changed-meanwhile"
    title = "The file changed while it was read"


class Kind(Enum):
    """How a table is written down."""

    DELIMITED = "CSV"
    WORKBOOK = "Excel"
    PARQUET = "Parquet"
    OBJECTS = "JSON Lines"
    FEATURES = "GeoJSON"


SUFFIXES: Mapping[str, Kind] = {
    ".csv": Kind.DELIMITED,
    ".tsv": Kind.DELIMITED,
    ".xlsx": Kind.WORKBOOK,
    ".parquet": Kind.PARQUET,
    ".json": Kind.OBJECTS,
    ".jsonl": Kind.OBJECTS,
    ".ndjson": Kind.OBJECTS,
    ".geojson": Kind.FEATURES,
    ".topojson": Kind.FEATURES,
}
"""The endings that are looked for in folders and zips."""


class Layout(Protocol):
    """How a source reads a file that is not simply columns under a header.

    `view` says which of the things that the file holds is read, where it holds several.
    """

    @property
    def view(self) -> str:
        """The name of what is read, empty for the rows themselves."""

    @property
    def described_by(self) -> tuple[Path, ...]:
        """The files beside it that decide on how it is read."""

    @property
    def places_are_unique(self) -> bool:
        """Whether no two rows have the same place, so that one can be corrected by it."""

    def open(self, file: InputFile, progress: Progress) -> AbstractContextManager[Table]:
        """Open the file as a table with the columns of a contract. Raises `BadTable`."""

    def title(self, column: str) -> str:
        """Return what the file itself calls a column of the contract."""


@dataclass(frozen=True)
class InputFile:
    """One table of the input: a file, a member of a zip, or a sheet of a workbook.

    `size` is its number of bytes, `container` the file, folder or zip that the user named; `layout`
    is what reads it in place of the reader of its kind. `exact` asks the reader of a format that
    has numbers for `as_exact_text`. `in_folder` says that another file has the same name in another
    folder. `corrections` are the cells that were corrected since, by the place of the row and the
    column.
    """

    path: Path
    member: str | None
    size: int
    container: Path
    kind: Kind = Kind.DELIMITED
    gzipped: bool = False
    layout: Layout | None = None
    exact: bool = False
    in_folder: bool = False
    corrections: Mapping[int, Mapping[str, str]] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """The name that reports and the quarantine use: `file.csv` or `archive.zip/file.csv`.

        With `in_folder`, the name of the folder that the user named stands before it.
        """
        name = f"{self.path.name}/{self.member}" if self.member else self.path.name
        name = f"{self.container.resolve().name}/{name}" if self.in_folder else name
        return f"{name} ({self.layout.view})" if self.layout and self.layout.view else name

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that decide on its rows: itself, and what describes its layout."""
        return (*(self.layout.described_by if self.layout else ()), self.path)

    @property
    def place(self) -> str:
        """The path that error messages use."""
        return f"{self.path}/{self.member}" if self.member else str(self.path)

    @property
    def stem(self) -> str:
        """What the table is called: the last part of the name, in lower case, without endings."""
        name = Path(self.member or self.path.name).name.lower().removesuffix(".gz")
        return name if self.kind is Kind.WORKBOOK else Path(name).stem

    @contextmanager
    def open(self, progress: Progress) -> Iterator[Counted]:
        """Open the bytes for reading; `progress` hears of each chunk.

        Raises `BadZip` where the archive turns out to be damaged while it is read, or a gzip file
        unpacks to more than it can honestly hold.
        """
        if self.member is None and not self.gzipped:
            with open_file(self.path) as plain:
                yield Counted(plain, progress)
            return
        try:
            if self.member is None:
                with open_file(self.path) as plain:
                    counted = Counted(plain, progress)
                    yield Unpacked(gzip.GzipFile(fileobj=counted), counted, self.path)
            else:
                with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as packed:
                    yield Counted(packed, progress)
        except ZIP_ERRORS as error:
            kind = "gzip" if self.member is None else "zip"
            raise damaged(self.path, str(error), kind) from None


class Counted(io.RawIOBase):
    """A stream that reports what is read from it, and remembers how much and the last byte."""

    def __init__(self, stream: IO[bytes], progress: Progress) -> None:
        """Wrap `stream`."""
        super().__init__()
        self._stream = stream
        self._progress = progress
        self.count = 0
        self.last = b""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill `buffer` and return the number of bytes (0 at the end)."""
        room = memoryview(buffer)
        data = self._stream.read(len(room))
        if data:
            room[: len(data)] = data
            self.last = data[-1:]
            self.count += len(data)
            self._progress.advance(len(data))
        return len(data)

    def seekable(self) -> bool:
        """Tell whether the stream is; a Parquet file is read from its end."""
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another place."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._stream.tell()


class Unpacked(Counted):
    """What a gzip file holds; progress hears of the packed bytes."""

    def __init__(self, stream: gzip.GzipFile, packed: Counted, path: Path) -> None:
        """Unpack `packed`, which is the file `path`."""
        super().__init__(cast("IO[bytes]", stream), SILENCE)
        self._packed = packed
        self._path = path

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill `buffer`, unless what came out is too much for what went in."""
        count = super().readinto(buffer)
        if self.count > BOMB_BYTES and self.count > BOMB_RATIO * max(self._packed.count, 1):
            raise too_dense(self._path, self.count, self.count / self._packed.count)
        return count


def open_file(path: Path) -> IO[bytes]:
    """Open a file for reading; raises `InputMissing` or `BadInput` where that is not possible."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise InputMissing(
            "There is no such file.",
            place=str(path),
            remedy=f"Check the name; a relative path starts from {Path.cwd()}.",
        ) from None
    except IsADirectoryError:
        raise BadInput(
            "It is a folder, and a file is wanted.",
            place=str(path),
            remedy="Name the file in it that you mean.",
        ) from None
    except OSError as error:
        raise BadInput(
            f"The file cannot be read: {error.strerror}.",
            place=str(path),
            remedy="Check its permissions.",
        ) from None


def damaged(path: Path, reason: str, kind: str = "zip") -> BadZip:
    """Return the error for a zip or gzip file (`kind`) that is cut off or altered."""
    return BadZip(
        sentence(
            "archive-damaged",
            "The {kind} file is truncated or damaged ({why}).",
            kind=kind,
            why=reason,
        ),
        place=str(path),
        remedy=DOWNLOAD_AGAIN,
    )


def too_dense(place: Path | str, size: int, ratio: float) -> BadZip:
    """Return the error for an archive that unpacks to more than it can honestly hold."""
    return BadZip(
        sentence(
            "too-dense",
            "The file unpacks to {size:,} bytes, {ratio:,} times its packed size, which no"
            " register extract does.",
            size=size,
            ratio=round(ratio),
        ),
        place=str(place),
        remedy=sentence(
            "unpack-trusted", "If you trust it, unpack it, and name the unpacked file."
        ),
    )


def digest(path: Path, progress: Progress) -> str:
    """Return the SHA-256 of a file in hexadecimal; `progress` hears of each chunk."""
    sha = hashlib.sha256()
    with open_file(path) as stream:
        while chunk := stream.read(CHUNK):
            sha.update(chunk)
            progress.advance(len(chunk))
    return sha.hexdigest()


def as_it_is(path: Path) -> tuple[int, int, int]:
    """Return what tells a file from the same one written anew. Raises `OSError`."""
    told = path.stat()
    return told.st_ino, told.st_size, told.st_mtime_ns
