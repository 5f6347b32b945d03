from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vises.store.encoding import CODINGS, encoder
from vises.store.patch import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

DECODED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: zlib.decompress(data, 31),
    "zstd": zstd.decompress,
    "br": brotli.decompress,
}


@pytest.mark.parametrize("coding", CODINGS)
@given(parts=st.lists(st.binary(max_size=2000)), flushed=st.sets(st.integers(0, 5)))
def test_what_goes_in_comes_out(coding: str, parts: list[bytes], flushed: set[int]) -> None:
    made = encoder(coding)
    body = b""
    for number, part in enumerate(parts):
        body += made.feed(part)
        if number in flushed:
            body += made.flush()
    assert DECODED[coding](body + made.end()) == b"".join(parts)


@pytest.mark.parametrize("coding", CODINGS)
def test_it_gets_smaller(coding: str) -> None:
    made = encoder(coding)
    body = made.feed(b"one row like another\n" * 5000) + made.end()
    assert len(body) < 1000


def test_what_was_flushed_can_be_decoded_at_once() -> None:
    made = {coding: encoder(coding) for coding in CODINGS}
    sent = {coding: made[coding].feed(b"first row\n") + made[coding].flush() for coding in CODINGS}
    assert zlib.decompressobj(31).decompress(sent["gzip"]) == b"first row\n"
    assert zstd.ZstdDecompressor().decompress(sent["zstd"]) == b"first row\n"
    assert brotli.Decompressor().process(sent["br"]) == b"first row\n"


@pytest.mark.parametrize("coding", ["zstd", "br"])
def test_a_compressor_that_fails_lacks_memory(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        FLUSH_BLOCK = FLUSH_FRAME = 0

        def fail(self, *_: object) -> bytes:
            raise {"zstd": zstd.ZstdError, "br": brotli.error}[coding]("Allocation error")

        compress = process = flush = finish = fail

    made = encoder(coding)
    monkeypatch.setattr(made, "_stream", Failing())
    for call in (lambda: made.feed(b"x"), made.flush, made.end):
        with pytest.raises(MemoryError, match="Allocation"):
            call()
