"""Files whose bytes depend on their content alone, with what a catalogue says of them."""

from __future__ import annotations

import gzip
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from vises.compressed import zstd
from vises.store.files import sync
from vises.store.sums import digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GZIP, ZSTD = "application/gzip", "application/zstd"
COMPRESSED = {"gz": GZIP, "zst": ZSTD}
"""The media types of the compressions, by the endings of their files (RFC 6713, RFC 8878)."""

_GZIP_LEVEL, _ZSTD_LEVEL = 6, 9


@dataclass(frozen=True)
class DumpFile:
    """A file of a dump.

    `form` is what follows the name of the dataset in its address, `media_type` that of what is in
    it and `compression` that of the compression (None: there is none); `size` is in bytes, `sha256`
    in hexadecimal digits. `conforms_to` is the IRI of a standard that it follows beyond its media
    type, `about` the class that a table is of; both may be None.
    """

    form: str
    media_type: str
    compression: str | None
    size: int
    sha256: str
    conforms_to: str | None = None
    about: str | None = None
    lines: int | None = None

    @property
    def sent_as(self) -> str:
        """The media type of the file as it is sent."""
        return self.compression or self.media_type


@contextmanager
def compressed(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to write, compressed as its ending says, without a name or a time in it.

    Raises `OSError`.
    """
    with path.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0) as stream:
                yield cast("IO[bytes]", stream)
        elif path.suffix == ".zst":
            with zstd.ZstdFile(file, "wb", level=_ZSTD_LEVEL) as packed:
                yield cast("IO[bytes]", packed)
        else:
            yield file


def described(
    path: Path,
    media_type: str,
    *,
    conforms_to: str | None = None,
    about: str | None = None,
    lines: int | None = None,
) -> DumpFile:
    """Sync a finished file, which is named as its form; return what is said of it.

    Raises `OSError`.
    """
    sync(path)
    return DumpFile(
        form=path.name,
        media_type=media_type,
        compression=COMPRESSED.get(path.suffix.removeprefix(".")),
        size=path.stat().st_size,
        sha256=digest(path),
        conforms_to=conforms_to,
        about=about,
        lines=lines,
    )
