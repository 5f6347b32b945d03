"""What a sealed process can no longer do, seen from inside one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

SCRIPT = """
import json, os, resource, socket, sys
from vises.store.sealing import seal
missing = seal(512, int(sys.argv[2]))
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2).close()
    connected = True
except OSError:
    connected = False
try:
    bytearray(600 << 20)
    allocated = True
except MemoryError:
    allocated = False
core = resource.getrlimit(resource.RLIMIT_CORE)
print(json.dumps([missing, connected, allocated, os.nice(0), core]))
"""


def test_a_sealed_process_has_no_network_and_little_memory() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, port, str(os.getpid())],
            check=True,
            capture_output=True,
            text=True,
        )
    missing, connected, allocated, niceness, core = json.loads(done.stdout)
    # Where the platform does not allow a protection, it is said; nowhere is it lost in silence.
    assert connected == any("network" in sentence for sentence in missing)
    assert allocated == any("memory limit" in sentence for sentence in missing)
    assert niceness >= min(os.nice(0) + 5, 19)
    assert core == [0, 0]


def test_a_process_whose_parent_is_gone_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "1", "1"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "The service is gone" in done.stderr


def test_a_sealed_process_dies_with_its_parent() -> None:
    sleeper = (
        "import os, time; from vises.store.sealing import seal; seal(512, os.getppid()); "
        "print(os.getpid(), flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import subprocess, sys; subprocess.run([sys.executable, '-c', {sleeper!r}])",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(child)


def alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"
