"""Giving up what a query process does not need: the network, memory without end, outliving us."""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NETWORK = "Query processes can reach the network; SERVICE is refused by reading the query alone."
"""What `seal` says where it cannot take the network away."""

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_M_ARENA_MAX = -8
_NICENESS = 5

BEHIND_QUERIES = 3
"""How much nicer than a query process that is which makes what visitors wait for: queries get twice
its time. With much more than that it stands still on a busy machine."""


def seal(mebibytes: int, parent: int) -> list[str]:
    """Seal this process, which must have one thread, for as long as it lives.

    It gets no network (namespaces of its own), at most `mebibytes` of address space, no core dumps,
    no new privileges, a lower priority, a process group of its own (Ctrl-C is not for it), and dies
    with the process `parent`. What the platform does not allow is left out; the sentences that are
    returned say what, for the operator to read.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    missing = []
    protections: list[tuple[str, Callable[[], None]]] = [
        (
            NETWORK,
            lambda: _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNET),
        ),
        (
            "Query processes have no memory limit.",
            lambda: _limit(resource.RLIMIT_AS, mebibytes << 20),
        ),
        ("Query processes may leave core dumps.", lambda: _limit(resource.RLIMIT_CORE, 0)),
        (
            "Query processes could gain privileges from programs they start.",
            lambda: _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        ),
        (
            "Busy query processes can outlive the service if it is killed.",
            lambda: _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0),
        ),
    ]
    for sentence, protect in protections:
        try:
            protect()
        except (OSError, ValueError) as error:
            missing.append(f"{sentence} ({error})")
    if os.getppid() != parent:
        sys.exit("The service is gone.")
    os.setpgid(0, 0)
    os.nice(_NICENESS)
    _one_arena()
    return missing


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


def _one_arena() -> None:
    """Keep glibc from reserving 64 MiB of address space for each thread."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def _call(name: str, *arguments: int) -> None:
    """Call a function of the C library. Raises `OSError` where it fails or is not there."""
    function = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if function is None:
        raise OSError(errno.ENOSYS, f"there is no {name}() on this platform")
    if function(*(ctypes.c_ulong(a) for a in arguments)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
