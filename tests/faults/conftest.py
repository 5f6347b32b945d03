"""What the tests of faults share: processes that die, readers beside them, a disk of their own."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from vises.progress import Silence
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MEMORY = Path("/dev/shm")
MEMORY_BYTES = 1 << 30
ZYGOTE = Path(__file__).with_name("zygote.py")
OPERATIONS = ZYGOTE.with_name("operations.py")
SEED = 20261125
_TALLIES = pytest.StashKey[dict[str, Counter[str]]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TALLIES] = {}


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print what was killed, and what came of it."""
    tallies = config.stash[_TALLIES]
    if not tallies:
        return
    terminalreporter.section(f"faults (seed {SEED})")
    for name, counts in sorted(tallies.items()):
        told = ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items()))
        terminalreporter.write_line(f"{name:<42} {told}")
    kills = sum(
        count
        for counts in tallies.values()
        for what, count in counts.items()
        if what.startswith("killed")
    )
    looks = sum(counts["looks of readers"] for counts in tallies.values())
    terminalreporter.write_line(f"{kills:,} kills in all, {looks:,} looks of readers beside them")


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Counter[str]:
    """Return the counts of a test, which are printed in the end."""
    return request.config.stash[_TALLIES].setdefault(request.node.name, Counter())


@pytest.fixture
def runs(request: pytest.FixtureRequest) -> int:
    """Return how many runs each kind of fault is given (the option --fault-runs)."""
    return int(request.config.getoption("--fault-runs"))


@pytest.fixture
def points(request: pytest.FixtureRequest) -> int:
    """Return at about how many steps an operation is killed (the option --fault-points)."""
    return int(request.config.getoption("--fault-points"))


@pytest.fixture
def seed() -> int:
    return SEED


@dataclass
class Processes:
    """Processes that are told what to do to a data folder, and when to die."""

    process: subprocess.Popen[str]

    def run(
        self,
        do: str,
        data: Path,
        argument: object = "",
        *,
        moment: float | None = None,
        event: int | None = None,
    ) -> dict[str, Any]:
        """Run an operation; kill it so many seconds, or so many events, after it began."""
        return self._ask(do=do, data=str(data), argument=str(argument), moment=moment, event=event)

    @contextmanager
    def readers(self, data: Path, tally: Counter[str], number: int = 2) -> Iterator[None]:
        """Read a data folder from processes of their own; none may ever find anything wrong."""
        self._ask(readers=number, data=str(data))
        try:
            yield
        finally:
            reports = self._ask(stop=True)["reports"]
        assert [fault for report in reports for fault in report["faults"]] == []
        tally["looks of readers"] += sum(report["looks"] for report in reports)

    def _ask(self, **order: object) -> dict[str, Any]:
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="session")
def processes() -> Iterator[Processes]:
    with _zygote() as zygote:
        yield zygote


@pytest.fixture
def others() -> Iterator[Processes]:
    """Return more processes, which work at the same time."""
    with _zygote() as zygote:
        yield zygote


@contextmanager
def _zygote() -> Iterator[Processes]:
    with subprocess.Popen(
        [sys.executable, ZYGOTE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Processes(process)


@pytest.fixture(scope="session")
def operations() -> Mapping[str, Callable[[ReleaseStore, str], str | None]]:
    """Return the operations, to be done in this process."""
    return runpy.run_path(str(OPERATIONS))["OPERATIONS"]


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """Return a folder in memory where there is room: kill -9 does not ask whether files last."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < MEMORY_BYTES:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="vises-faults-", dir=MEMORY) as folder:
        yield Path(folder)


@dataclass
class Disk:
    """A file system of its own, in memory, whose size and rights can be changed."""

    root: Path

    def set(self, options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", self.root], check=True)

    def leave(self, blocks: int) -> None:
        """Leave room for so many blocks of 4 KiB."""
        status = os.statvfs(self.root)
        used = (status.f_blocks - status.f_bfree) * status.f_frsize
        self.set(f"size={used + blocks * 4096}")

    def leave_names(self, number: int) -> None:
        """Leave room for so many files and folders."""
        status = os.statvfs(self.root)
        self.set(f"nr_inodes={status.f_files - status.f_ffree + number}")

    def free(self) -> None:
        self.set("size=64m,nr_inodes=100000")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    root = tmp_path / "disk"
    root.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m,nr_inodes=100000", "tmpfs", root],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"a file system of its own needs the right to mount: {made.stderr.strip()}")
    try:
        (root / "other").write_bytes(b"x")  # a size of nothing would mean: without limit
        yield Disk(root)
    finally:
        subprocess.run(["umount", "--lazy", root], check=True)


@dataclass
class Data:
    """A data folder to do things to, and copies of it."""

    processes: Processes
    folder: Path
    copies: int = 0

    @property
    def root(self) -> Path:
        return self.folder / "data"

    def write(self, name: str, numbers: range) -> Path:
        """Write N-Triples, one for each number."""
        path = self.folder / f"{name}.nt"
        with path.open("w", encoding="utf-8") as file:
            for number in numbers:
                file.write(f'<https://example.org/{number}> <https://example.org/p> "{name}" .\n')
        return path

    def do(self, operation: str, argument: object = "") -> str:
        """Do one thing to the end, and return what it answers."""
        said = self.processes.run(operation, self.root, argument)
        assert "error" not in said, said
        return said["result"]

    def copy(self) -> Path:
        """Return a copy of the folder, which shares the files that nothing ever changes."""
        self.copies += 1
        path = self.folder / f"copy-{self.copies:06d}"
        if self.root.exists():
            shutil.copytree(self.root, path, copy_function=_linked)
        return path

    @staticmethod
    def faults(root: Path) -> Mapping[str, list[str]]:
        """Return what is wrong with the releases of a folder, read to the last statement."""
        releases = ReleaseStore(root)
        found = {
            release.id: list(releases.verify(release.id, Silence(), content=True))
            for release in releases.list()
        }
        return {release_id: sentences for release_id, sentences in found.items() if sentences}


def _linked(source: str, target: str) -> None:
    if Path(source).name == "lock":
        shutil.copyfile(source, target)
    else:
        os.link(source, target)


@pytest.fixture
def data(processes: Processes, memory: Path) -> Data:
    return Data(processes, memory)
