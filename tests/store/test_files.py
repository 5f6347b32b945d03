from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest

from vises.store.files import DataFolderError, explained, is_of_the_process, write_durably

if TYPE_CHECKING:
    from pathlib import Path


def test_writing_replaces_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "current"
    write_durably(path, b"one")
    write_durably(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_private_file_is_for_the_owner_of_the_folder_alone(tmp_path: Path) -> None:
    path = tmp_path / "private"
    path.write_bytes(b"old")
    path.chmod(0o666)
    if os.geteuid() == 0:
        os.chown(tmp_path, 4321, 4322)
    write_durably(path, b"new", private=True)
    found, folder = path.stat(), tmp_path.stat()
    assert stat.S_IMODE(found.st_mode) == 0o600
    assert (found.st_uid, found.st_gid) == (folder.st_uid, folder.st_gid)


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "Free some space"),
        (OSError("IO error: No space left on device: While appending"), "Free some space"),
        (PermissionError(errno.EACCES, "Permission denied"), "Let this user write"),
        (OSError(errno.EROFS, "Read-only file system"), "file system that can be written"),
        (OSError("IO error: something else"), "See to the disk"),
        (OSError("IO error: While open a file: /d/store/1.sst: Too many open files"), "ulimit -n"),
        (OSError("Oxigraph needs at least 96 file descriptors when reserving 48"), "ulimit -n"),
        (OSError("IO error: While opening: /d/CURRENT: Permission denied"), "Let this user write"),
    ],
)
def test_errors_have_a_place_and_a_way_out(tmp_path: Path, error: OSError, remedy: str) -> None:
    with pytest.raises(DataFolderError) as problem, explained(tmp_path):
        raise error
    assert problem.value.place == str(tmp_path)
    assert remedy in problem.value.remedy


def test_other_errors_pass(tmp_path: Path) -> None:
    with pytest.raises(KeyError), explained(tmp_path):
        raise KeyError


@pytest.mark.parametrize(
    ("error", "of_the_process"),
    [
        (OSError(errno.EMFILE, "Too many open files"), True),
        (OSError("IO error: While open a file: /d/store/1.sst: Too many open files"), True),
        (OSError("Oxigraph needs at least 96 file descriptors when reserving 48"), True),
        (PermissionError(errno.EACCES, "Permission denied"), True),
        (OSError("IO error: While mmap: /d/store/1.sst: Cannot allocate memory"), True),
        (OSError("IO error: No such file or directory: /d/store/1.sst"), False),
        (OSError(errno.EIO, "Input/output error"), False),
        (RuntimeError("Corruption: bad block"), False),
    ],
)
def test_what_a_process_may_not_do_says_nothing_of_a_file(
    error: Exception, *, of_the_process: bool
) -> None:
    assert is_of_the_process(error) is of_the_process
