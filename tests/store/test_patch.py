from __future__ import annotations

import errno
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from vises.compressed import zstd
from vises.store.difference import ADD, DELETE
from vises.store.patch import PatchDamaged, PatchWriter, patch_text, read_patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

G = "https://example.org/g"
ONE, TWO = (b"<urn:%b> <urn:p> <urn:o> <https://example.org/g> .\n" % n for n in (b"1", b"2"))


def written(path: Path) -> PatchWriter:
    with PatchWriter(path, "000002", "000001") as patch:
        patch.write(G, {ONE}, {TWO})
        patch.write(G, (), ())
        patch.finish()
    return patch


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.zst"
    assert written(path).counts == {G: (1, 1)}
    assert list(read_patch(path)) == [(DELETE, [ONE]), (ADD, [TWO])]


@pytest.mark.skipif(shutil.which("zstdcat") is None, reason="there is no zstdcat")
def test_common_tools_read_it(tmp_path: Path) -> None:
    written(tmp_path / "p.zst")
    text = subprocess.run(["zstdcat", tmp_path / "p.zst"], capture_output=True, check=True).stdout
    assert text == (b'H id "000002" .\nH prev "000001" .\nTX .\nD ' + ONE + b"A " + TWO + b"TC .\n")


@pytest.mark.parametrize("read", [read_patch, patch_text])
def test_what_this_process_may_not_open_is_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Callable[[Path], Iterator[object]]
) -> None:
    written(tmp_path / "p.zst")

    def failing(*_: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(zstd, "open", failing)
    with pytest.raises(OSError, match=os.strerror(errno.EMFILE)):
        list(read(tmp_path / "p.zst"))


def test_a_patch_without_its_end_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "p.zst"
    with PatchWriter(path, "000001", None) as patch:
        patch.write(G, (), [ONE])
    with pytest.raises(PatchDamaged, match="before its last line"):
        list(read_patch(path))


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-9], lambda data: b"x" + data[1:], lambda _: b""]
)
def test_damaged_bytes_are_found(tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "p.zst"
    written(path)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(PatchDamaged) as problem:
        list(read_patch(path))
    assert problem.value.place == str(path)


def test_a_patch_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PatchDamaged, match="No such file"):
        list(read_patch(tmp_path / "none"))
