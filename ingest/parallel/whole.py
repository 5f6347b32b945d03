"""Files of a batch in work: complete or not there, whoever writes them and whoever dies.

They are not synced: what a machine that lost power had not written is done again.
"""

from __future__ import annotations

from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING, BinaryIO

from vises.store.files import NO_ROOM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears when it is whole; another process may be writing it too.

    Raises `OSError`, which names the file where there is no room for it.
    """
    half = path.with_name(f"{path.name}.{token_hex(4)}")
    try:
        with half.open("wb") as file:
            yield file
        half.replace(path)
    except BaseException as error:  # half a file is of no use
        half.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            error.filename = str(path)
        raise


def write_whole(path: Path, data: bytes | bytearray) -> None:
    """Write a file that appears when it is whole."""
    with whole(path) as file:
        file.write(data)
