"""A folder to work in that is swept, now or later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vises.ingest.workspace import DataFolderUnwritable, workspace

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_gone_afterwards_even_after_an_error(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "x").write_text("x")
        raise KeyError

    with pytest.raises(KeyError), workspace(tmp_path) as folder:
        fail(folder)
    assert list((tmp_path / "incoming").glob("ingest-*")) == []


def test_what_a_killed_process_left_is_swept_and_living_work_is_not(tmp_path: Path) -> None:
    dead = tmp_path / "incoming" / "ingest-dead"
    dead.mkdir(parents=True)
    (dead / "lock").touch()
    (dead / "triples.nt").touch()
    with workspace(tmp_path) as living, workspace(tmp_path) as other:
        assert not dead.exists()
        assert living.exists()
        assert other.exists()


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with (
        pytest.raises(DataFolderUnwritable, match="not possible to write") as caught,
        workspace(tmp_path / "data"),
    ):
        pass
    assert caught.value.place == str(tmp_path / "data")
    assert "VISES_DATA" in str(caught.value.remedy)
