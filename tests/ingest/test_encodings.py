"""A file that is not UTF-8 is told by the encoding that it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vises.ingest.finding import find
from vises.ingest.tables import header, rows
from vises.ingest.tables.encodings import NotUtf8
from vises.progress import Silence

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "name,place\nL\u2019Atelier de la For\u00eat,N\u00eemes\nCaf\u00e9,Li\u00e8ge\n"
PLAIN = "name,place\nAtelier,Lille\n"

ENCODINGS = [
    ("cp1252", TEXT, "Latin-1", "WINDOWS-1252"),
    ("cp850", TEXT.replace("\u2019", "'"), "CP850", "CP850"),
    ("mac_roman", TEXT, "Mac OS Roman", "MACINTOSH"),
    ("utf-16", TEXT, "UTF-16", "UTF-16"),
    ("utf-16-le", TEXT, "UTF-16 (little-endian", "UTF-16LE"),
    ("utf-16-be", TEXT, "UTF-16 (big-endian", "UTF-16BE"),
    ("utf-16-le", PLAIN, "UTF-16 (little-endian", "UTF-16LE"),
    ("utf-16-be", PLAIN, "UTF-16 (big-endian", "UTF-16BE"),
    ("utf-32", TEXT, "UTF-32", "UTF-32"),
]


@pytest.mark.parametrize(("encoding", "text", "name", "iconv"), ENCODINGS)
def test_the_encoding_is_named(
    tmp_path: Path, encoding: str, text: str, name: str, iconv: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    (file,) = find([path])
    with pytest.raises(NotUtf8) as caught:
        list(rows(file, header(file), Silence()))
    assert f"looks like {name}" in caught.value.detail
    assert f"iconv -f {iconv} " in str(caught.value.remedy)
    path.write_bytes(path.read_bytes().decode(iconv).encode())
    found = [cells for _, cells in rows(file, header(file), Silence())]
    assert found == [tuple(line.split(",")) for line in text.splitlines()[1:]]


def test_a_character_that_no_text_has_is_told_as_that(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("r\u00e9gion,na\0me\nNord,1\n".encode())
    (file,) = find([path])
    with pytest.raises(NotUtf8) as caught:
        header(file)
    assert "NUL" in caught.value.detail
    assert str(caught.value.place).endswith("line 1, byte 11")
    assert "iconv" not in str(caught.value.remedy)
