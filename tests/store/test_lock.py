from __future__ import annotations

import json
import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from vises.store.lock import StoreBusy, WriterLock

if TYPE_CHECKING:
    from pathlib import Path


def test_who_holds_it_is_in_the_file_and_gone_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with WriterLock(path, 0):
        assert json.loads(path.read_text())["pid"] == os.getpid()
    assert path.read_bytes() == b""


def test_waiting_is_bounded(tmp_path: Path) -> None:
    begun = time.monotonic()
    with (
        WriterLock(tmp_path / "lock", 0),
        pytest.raises(StoreBusy, match=rf"0.2 s .* process {os.getpid()} "),
        WriterLock(tmp_path / "lock", 0.2),
    ):
        pass
    assert 0.2 <= time.monotonic() - begun < 30


def test_a_holder_that_did_not_say_who_it_is(tmp_path: Path) -> None:
    with WriterLock(tmp_path / "lock", 0):
        (tmp_path / "lock").write_text("garbage")
        with (
            pytest.raises(StoreBusy, match="not written its name"),
            WriterLock(tmp_path / "lock", 0),
        ):
            pass


def test_the_next_one_gets_it(tmp_path: Path) -> None:
    order = []
    held = threading.Event()

    def hold() -> None:
        with WriterLock(tmp_path / "lock", 1):
            held.set()
            time.sleep(0.2)
            order.append("first")

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    with WriterLock(tmp_path / "lock", 60):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
