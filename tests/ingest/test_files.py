"""Files, folders and zips."""

from __future__ import annotations

import gzip
import hashlib
import zipfile
from typing import TYPE_CHECKING

import pytest

from vises.ingest.files import BadZip, InputMissing, digest
from vises.ingest.finding import NamedTwice, WhichTable, choose, find
from vises.progress import Silence

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["enterprise", "denomination"]


class Ears(Silence):
    def __init__(self) -> None:
        self.heard = 0

    def advance(self, done: int) -> None:
        self.heard += done


def pack(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.csv", text)
    return path


def test_a_plain_file_is_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    (file,) = find([path])
    assert (file.name, file.size, file.stem) == ("a.csv", 4, "a")


def test_progress_hears_every_byte_of_a_zip_member(tmp_path: Path) -> None:
    (file,) = find([pack(tmp_path / "a.zip", inner="x\n" * 1000)])
    ears = Ears()
    with file.open(ears) as stream:
        stream.read()
    assert (file.name, file.size, ears.heard) == ("a.zip/inner.csv", 2000, 2000)


def test_of_several_files_those_are_chosen_that_are_named_as_expected(tmp_path: Path) -> None:
    path = pack(tmp_path / "k.zip", enterprise="a", denomination="b", code="c")
    assert [f.stem for f in choose(find([path]), NAMES)] == ["enterprise", "denomination"]


def test_a_zip_of_two_unknown_files_is_refused_with_their_names(tmp_path: Path) -> None:
    path = pack(tmp_path / "k.zip", one="a", two="b")
    with pytest.raises(WhichTable, match=r"one\.csv, two\.csv") as caught:
        choose(find([path]), NAMES)
    assert caught.value.place == str(path)
    assert "name the file that you mean" in str(caught.value.remedy)


def test_two_files_of_one_name_in_a_zip_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "k.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/enterprise.csv", "a")
        archive.writestr("b/enterprise.csv", "a")
    with pytest.raises(WhichTable, match="2 tables"):
        choose(find([path]), NAMES)


def test_a_truncated_zip(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", inner="x,y\n" * 9999)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(BadZip, match="truncated or damaged") as caught:
        find([path])
    assert "Download it again" in str(caught.value.remedy)


def test_a_truncated_gzip_file_is_no_zip(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"x,y\n" * 9999)[:-30])
    (file,) = find([path])
    with (
        pytest.raises(BadZip, match="gzip file is truncated or damaged") as caught,
        file.open(Silence()) as stream,
    ):
        stream.read()
    assert caught.value.place == str(path)


def test_a_file_that_is_named_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    for paths in ([path, path], [tmp_path, path], [path, tmp_path / ".." / tmp_path.name]):
        with pytest.raises(NamedTwice, match="same file is named twice"):
            find(paths)


def test_a_zip_with_a_damaged_member(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", inner="".join(f"{n},{n * 7919}\n" for n in range(9999)))
    data = bytearray(path.read_bytes())
    data[2000:2100] = bytes(100)
    path.write_bytes(data)
    (file,) = find([path])
    with pytest.raises(BadZip, match="truncated or damaged"), file.open(Silence()) as stream:
        stream.read()


def test_a_zip_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vises.ingest.finding.BOMB_BYTES", 10_000)
    path = pack(tmp_path / "a.zip", inner="0" * 1_000_000)
    with pytest.raises(BadZip, match="times its packed size"):
        find([path])


def test_a_zip_without_tables(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("read.me", "a")
    with pytest.raises(BadZip, match="no table"):
        find([path])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="no such file") as caught:
        find([tmp_path / "nowhere.csv"])
    assert caught.value.place == str(tmp_path / "nowhere.csv")
    assert "Check the name" in str(caught.value.remedy)


def test_a_folder_without_tables(tmp_path: Path) -> None:
    with pytest.raises(InputMissing, match="no table"):
        find([tmp_path])


def test_digest(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    ears = Ears()
    assert digest(path, ears) == hashlib.sha256(b"abc").hexdigest()
    assert ears.heard == 3
