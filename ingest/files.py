"""Input files: plain, in a folder or in a zip, read as bytes that are counted."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from vises.errors import BadInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from _typeshed import WriteableBuffer

    from vises.progress import Progress

CHUNK = 1 << 20
ENCRYPTED = 0x1
BOMB_RATIO = 200
BOMB_BYTES = 1 << 26
MOST_BYTES = 1 << 38
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)


class InputMissing(NotFound):
    """A file that was named is not there."""

    kind = "input-missing"
    title = "The file is not there"


class BadZip(BadInput):
    """A zip file is damaged, encrypted, or not what was expected."""

    kind = "bad-zip"
    title = "The zip file cannot be used"


@dataclass(frozen=True)
class InputFile:
    """One table of the input: a file, or a member of a zip.

    `size` is its number of bytes, `container` the file, folder or zip that the user named.
    """

    path: Path
    member: str | None
    size: int
    container: Path

    @property
    def name(self) -> str:
        """The name that reports and the quarantine use: `file.csv` or `archive.zip/file.csv`."""
        return f"{self.path.name}/{self.member}" if self.member else self.path.name

    @property
    def place(self) -> str:
        """The path that error messages use."""
        return f"{self.path}/{self.member}" if self.member else str(self.path)

    @property
    def base(self) -> str:
        """The last part of the name, in lower case."""
        return Path(self.member or self.path.name).name.lower()

    @contextmanager
    def open(self, progress: Progress) -> Iterator[Counted]:
        """Open the bytes for reading; `progress` hears of each chunk.

        Raises `BadZip` where the archive turns out to be damaged while it is read.
        """
        if self.member is None:
            with open_file(self.path) as plain:
                yield Counted(plain, progress)
            return
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as packed:
                yield Counted(packed, progress)
        except ZIP_ERRORS as error:
            raise damaged(self.path, str(error)) from None


class Counted(io.RawIOBase):
    """A stream that reports what is read from it and remembers the last byte."""

    def __init__(self, stream: IO[bytes], progress: Progress) -> None:
        """Wrap `stream`."""
        super().__init__()
        self._stream = stream
        self._progress = progress
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
            self._progress.advance(len(data))
        return len(data)


def find(paths: Sequence[Path]) -> list[InputFile]:
    """Return the CSV files that `paths` name: a file itself, those of a folder, those of a zip.

    Raises `InputMissing` for a path that is not there and `BadZip` for an archive that cannot be
    read or holds no CSV.
    """
    return [found for path in paths for found in _find(path)]


def _find(path: Path) -> list[InputFile]:
    if path.is_dir():
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() == ".csv")
        if not inside:
            raise InputMissing(
                "The folder holds no CSV file.",
                place=str(path),
                remedy="Name the folder that the extract was unpacked into, or the zip itself.",
            )
        return [InputFile(p, None, p.stat().st_size, path) for p in inside]
    with open_file(path) as start:
        packed = start.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}
    return _members(path) if packed else [InputFile(path, None, path.stat().st_size, path)]


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
    except OSError as error:
        raise BadInput(
            f"The file cannot be read: {error.strerror}.",
            place=str(path),
            remedy="Check its permissions.",
        ) from None


def _members(path: Path) -> list[InputFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [i for i in archive.infolist() if i.filename.lower().endswith(".csv")]
    except ZIP_ERRORS as error:
        raise damaged(path, str(error)) from None
    if not inside:
        raise BadZip(
            "The zip holds no CSV file.", place=str(path), remedy="Name the zip of the extract."
        )
    for info in inside:
        _judge(path, info)
    return [InputFile(path, info.filename, info.file_size, path) for info in inside]


def _judge(path: Path, info: zipfile.ZipInfo) -> None:
    """Refuse a member that needs a password or that unpacks to more than it can honestly hold."""
    place = f"{path}/{info.filename}"
    if info.flag_bits & ENCRYPTED:
        raise BadZip(
            "The file in the zip is encrypted.",
            place=place,
            remedy="Unpack it with its password, and name the unpacked file.",
        )
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > MOST_BYTES or (info.file_size > BOMB_BYTES and ratio > BOMB_RATIO):
        raise BadZip(
            f"The file in the zip unpacks to {info.file_size:,} bytes, {ratio:,.0f} times its"
            " packed size, which no register extract does.",
            place=place,
            remedy="If you trust it, unpack it, and name the unpacked file.",
        )


def damaged(path: Path, reason: str) -> BadZip:
    """Return the error for an archive that is cut off or altered."""
    return BadZip(
        f"The zip file is truncated or damaged ({reason}).",
        place=str(path),
        remedy="Download it again, and compare its size with the one the publisher states.",
    )


def choose(files: Sequence[InputFile], names: Sequence[str]) -> list[InputFile]:
    """Return the files that are meant, where a zip or a folder holds more than one.

    `names` are regular expressions, one for each kind of file that a source takes; each may match
    one file of an archive. Raises `BadZip` where two fit one name, or none fits any.
    """
    chosen = []
    for path in dict.fromkeys(f.container for f in files):
        inside = [f for f in files if f.container == path]
        fitting = [[f for f in inside if re.fullmatch(name, f.base)] for name in names]
        if len(inside) == 1:
            chosen += inside
        elif any(fitting) and all(len(f) <= 1 for f in fitting):
            chosen += [f[0] for f in fitting if f]
        else:
            raise BadZip(
                f"It holds {len(inside)} CSV files, and it is not clear which is meant:"
                f" {', '.join(sorted(f.base for f in inside))}.",
                place=str(path),
                remedy="Unpack it if it is a zip, and name the file that you mean.",
            )
    return chosen


def digest(path: Path, progress: Progress) -> str:
    """Return the SHA-256 of a file in hexadecimal; `progress` hears of each chunk."""
    sha = hashlib.sha256()
    with open_file(path) as stream:
        while chunk := stream.read(CHUNK):
            sha.update(chunk)
            progress.advance(len(chunk))
    return sha.hexdigest()
