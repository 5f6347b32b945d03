"""The change of a release as a file: RDF Patch, compressed with Zstandard (RFC 8878).

RDF Patch (https://afs.github.io/rdf-patch/) is a header, then a line for each quad: ``A`` (added)
or ``D`` (deleted) before the quad in N-Quads. A reader that knows neither format still can:
``zstdcat change.rdfp.zst``.
"""

from __future__ import annotations

import io
from contextlib import contextmanager, suppress
from itertools import groupby
from typing import TYPE_CHECKING, Self

from vises.compressed import zstd
from vises.errors import Unavailable
from vises.store.difference import ADD, DELETE
from vises.store.files import is_of_the_process

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from vises.store.difference import Operation

_LEVEL = 1
_READ_BYTES = 1 << 20
_END = b"TC .\n"
_OPERATIONS = {b"A ": ADD, b"D ": DELETE}


class PatchDamaged(Unavailable):
    """The kept change of a release cannot be read."""

    kind = "patch-damaged"
    title = "The change of a release cannot be read"


class PatchWriter:
    """Writes the change that leads to a release, within a `with` block that ends with `finish`.

    A file that was not finished cannot be read as a whole patch. `counts` has for each graph's IRI
    how many quads were removed and how many were added.
    """

    def __init__(self, path: Path, release_id: str, parent: str | None) -> None:
        """Remember where to; the block writes the header."""
        self.path = path
        self._release_id, self._parent = release_id, parent
        self.counts: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        """Open the file. Raises `OSError`."""
        self._file = zstd.open(self.path, "wb", level=_LEVEL)
        previous = f'H prev "{self._parent}" .\n' if self._parent else ""
        self._file.write(f'H id "{self._release_id}" .\n{previous}TX .\n'.encode())
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file; what a full disk did not take of an unfinished one is not missed."""
        with suppress(OSError):
            self._file.close()

    def sibling(self, name: str) -> PatchWriter:
        """Return another patch for the same release, beside this one."""
        return PatchWriter(self.path.with_name(name), self._release_id, self._parent)

    def finish(self) -> None:
        """Write the last line and close the file. Raises `OSError`."""
        self._file.write(_END)
        self._file.close()

    def write(self, graph: str, removed: Collection[bytes], added: Collection[bytes]) -> None:
        """Write lines of N-Quads, each of them of `graph`. Raises `OSError`."""
        for word, lines in ((b"D ", removed), (b"A ", added)):
            if lines:
                self._file.write(word + word.join(lines))
        gone, come = self.counts.get(graph, (0, 0))
        self.counts[graph] = gone + len(removed), come + len(added)


def patch_text(path: Path) -> Iterator[bytes]:
    """Yield the text of a patch, much at a time.

    Raises `PatchDamaged`, and `OSError` where this process may not read it, or has too many files
    open.
    """
    last = b""
    with _explained(path), zstd.open(path, "rb") as file:
        while chunk := file.read(_READ_BYTES):
            yield chunk
            last = (last + chunk)[-len(_END) :]
    if last != _END:
        raise _damaged(path, "It ends before its last line")


def read_patch(path: Path) -> Iterator[Operation]:
    """Yield the operations of a patch, many lines at a time. Raises as `patch_text`."""
    ended = False
    with _explained(path), io.BufferedReader(zstd.open(path, "rb"), _READ_BYTES) as file:
        while lines := file.readlines(_READ_BYTES):
            for word, run in groupby(lines, key=lambda line: line[:2]):
                if operation := _OPERATIONS.get(word):
                    yield operation, [line[2:] for line in run]
                else:
                    ended = ended or _END in run
    if not ended:
        raise _damaged(path, "It ends before its last line")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Raise what a damaged file makes Zstandard or the disk raise as `PatchDamaged`."""
    try:
        yield
    except (OSError, EOFError, zstd.ZstdError) as error:
        if is_of_the_process(error):
            raise
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, why: str) -> PatchDamaged:
    return PatchDamaged(
        f"{why.rstrip('.')}.",
        place=str(path),
        remedy="Put the file back from a backup; `vises releases verify` names all that is wrong.",
    )
