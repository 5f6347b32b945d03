"""What was done before a kill is not done again."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from vises.ingest.parallel import mapping, selecting
from vises.ingest.quarantine import Threshold
from vises.progress import Silence

House = Any

CUT = {"piece_bytes": 15_000, "max_refused": Threshold(share=1), "processes": 1}


class Stop(Silence):
    """Somebody who loses patience after so many pieces."""

    def __init__(self, pieces: int) -> None:
        self.left = pieces

    def count(self, *_: int) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Note each piece that is judged or mapped."""
    noted: list[tuple[str, str]] = []
    for module, name in ((selecting, "judge_piece"), (mapping, "_map")):
        function = getattr(module, name)

        def noting(task: Any, name: str = name, function: Any = function) -> Any:  # noqa: ANN401
            noted.append((name, task.name))
            return function(task)

        monkeypatch.setattr(module, name, noting)
    return noted


def pieces_left(house: House) -> list[Path]:
    return list((house.data / "incoming").glob("batch-*/*"))


def digest(house: House) -> str:
    (graph,) = (g for g in house.releases.current().digests if g.endswith("graph/sirene"))
    return str(house.releases.current().digests[graph])


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()


@pytest.mark.parametrize("after", [3, 12])
def test_no_piece_is_done_twice(
    house: House, sirene: Path, done: list[tuple[str, str]], after: int
) -> None:
    with pytest.raises(KeyboardInterrupt):
        house.ingest("sirene", sirene, progress=Stop(after), **CUT)
    assert not house.published
    assert pieces_left(house)
    before = len(done)
    report = house.ingest("sirene", sirene, **CUT)
    assert 0 < before < len(done)
    assert len(done) == len(set(done))
    assert pieces_left(house) == []
    other = replace(house, data=house.data.with_name("other"))
    assert other.ingest("sirene", sirene, **CUT).files == report.files
    assert digest(other) == digest(house)


def test_other_input_is_not_taken_for_what_was_begun(
    house: House, sirene: Path, done: list[tuple[str, str]]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        house.ingest("sirene", sirene, progress=Stop(4), **CUT)
    before = len(done)
    house.ingest("sirene", sirene, as_of=date(2026, 1, 2), **CUT)
    assert set(done[:before]) <= set(done[before:])


def test_a_damaged_result_is_no_result(house: House, sirene: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        house.ingest("sirene", sirene, progress=Stop(3), **CUT)
    (record,) = (house.data / "incoming").glob("batch-*/units-0-0.selected")
    record.with_name("units-0-0.rows").unlink()
    report = house.ingest("sirene", sirene, **CUT)
    other = replace(house, data=house.data.with_name("other"))
    assert other.ingest("sirene", sirene, **CUT).files == report.files


def test_a_power_cut_that_took_the_end_of_an_unpacked_file_takes_no_rows(
    house: House, sirene: Path
) -> None:
    packed = sirene.with_name("units.csv.gz")
    packed.write_bytes(gzip.compress(sirene.read_bytes()))
    with pytest.raises(KeyboardInterrupt):
        house.ingest("sirene", packed, progress=Stop(1), **CUT)
    (unpacked,) = (house.data / "incoming").glob("batch-*/unpacked-" + "?" * 16)
    lines = unpacked.read_bytes().splitlines(keepends=True)
    unpacked.write_bytes(b"".join(lines[: len(lines) // 2]))
    report = house.ingest("sirene", packed, **CUT)
    other = replace(house, data=house.data.with_name("other"))
    assert other.ingest("sirene", packed, **CUT).files == report.files


def test_a_kill_of_the_whole_ingest(house: House, sirene: Path) -> None:
    """The command is killed when it has some pieces, and then started again."""
    command = [sys.executable, "-m", "vises", "ingest", "sirene", str(sirene)]
    environment = {**os.environ, "VISES_DATA": str(house.data)}
    with subprocess.Popen(
        [*command, "--max-refused", "100%", "--processes", "2"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + 60
        while not list((house.data / "incoming").glob("batch-*/*.rows")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        started = children(process.pid)
        process.kill()
    assert started
    while any(Path(f"/proc/{pid}").exists() for pid in started):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not house.published
    subprocess.run([*command, "--max-refused", "100%"], env=environment, check=True)
    assert house.releases.current().id == "000002"
    assert pieces_left(house) == []
