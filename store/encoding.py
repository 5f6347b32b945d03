"""Content codings (RFC 9110, section 8.4.1): compressing an answer while it is being made."""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

IDENTITY = "identity"
"""The coding that is none."""

LEAST_BYTES = 1024
"""From what size on a body is compressed: a smaller one fits into one packet anyway."""

_GZIP_WINDOW = 31
_GZIP_LEVEL, _ZSTD_LEVEL, _BROTLI_QUALITY = 6, 3, 4


class Encoder(Protocol):
    """Compresses one body, part by part; what comes out of the calls in their order is the body."""

    def feed(self, data: bytes) -> bytes:
        """Take the next part; return what is ready, which may be nothing."""

    def flush(self) -> bytes:
        """Return what the reader still needs to decode everything that was fed."""

    def end(self) -> bytes:
        """Return the last bytes."""


def encoder(coding: str) -> Encoder:
    """Return an encoder for one of `CODINGS`. It raises `MemoryError` and nothing else."""
    return _ENCODERS[coding]()


@contextmanager
def _starved(kind: type[Exception]) -> Iterator[None]:
    """Give the error of a compressor its name: any bytes can be compressed, if there is memory."""
    try:
        yield
    except kind as error:
        raise MemoryError(str(error)) from error


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)

    def feed(self, data: bytes) -> bytes:
        return self._stream.compress(data)

    def flush(self) -> bytes:
        return self._stream.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._stream.flush(zlib.Z_FINISH)


class _Zstd:
    """Its window stays under the 8 MiB that a client must be ready for (RFC 9659)."""

    def __init__(self) -> None:
        from vises.compressed import zstd  # noqa: PLC0415 (only a request for it loads it)

        self._stream = zstd.ZstdCompressor(level=_ZSTD_LEVEL)
        self._error = zstd.ZstdError

    def feed(self, data: bytes) -> bytes:
        with _starved(self._error):
            return self._stream.compress(data)

    def flush(self) -> bytes:
        with _starved(self._error):
            return self._stream.flush(self._stream.FLUSH_BLOCK)

    def end(self) -> bytes:
        with _starved(self._error):
            return self._stream.flush(self._stream.FLUSH_FRAME)


class _Brotli:
    def __init__(self) -> None:
        import brotli  # noqa: PLC0415 (only a request for it loads it)

        self._stream = brotli.Compressor(quality=_BROTLI_QUALITY)
        self._error = brotli.error

    def feed(self, data: bytes) -> bytes:
        with _starved(self._error):
            return bytes(self._stream.process(data))

    def flush(self) -> bytes:
        with _starved(self._error):
            return bytes(self._stream.flush())

    def end(self) -> bytes:
        with _starved(self._error):
            return bytes(self._stream.finish())


_ENCODERS: Mapping[str, Callable[[], Encoder]] = {"zstd": _Zstd, "br": _Brotli, "gzip": _Gzip}

CODINGS = tuple(_ENCODERS)
"""The content codings there are; of equally wanted ones the first is taken."""
