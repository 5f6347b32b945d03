from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest

from vises.store.files import DataFolderError, explained, write_durably

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
