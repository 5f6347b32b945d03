from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import pytest

from vises.store.federation.partners import Partner, PartnersError, read_partners

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str) -> Path:
    path = folder / "partners.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_file_lists_partners(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        [[partner]]
        endpoint = "https://query.example.org/sparql?graph=a"

        [[partner]]
        endpoint = "http://[fd00::7]:3030/ds"
        title = "The observatory"
        networks = ["fd00::/16", "10.1.2.3"]
        seconds = 2.5
        mebibytes = 1
        """,
    )
    networks = (ipaddress.ip_network("fd00::/16"), ipaddress.ip_network("10.1.2.3/32"))
    assert read_partners(path) == (
        Partner("https://query.example.org/sparql?graph=a"),
        Partner("http://[fd00::7]:3030/ds", "The observatory", networks, 2.5, 1),
    )


def test_no_file_lists_nobody(tmp_path: Path) -> None:
    assert read_partners(None) == ()
    assert read_partners(written(tmp_path, "# nobody yet\n")) == ()


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('endpoint = ""', "endpoint"),
        ("endpoint = 7", "endpoint"),
        ("endpoint = []", "endpoint"),
        ('endpoint = "ftp://x.example/"', "endpoint"),
        ('endpoint = "file:///etc/passwd"', "endpoint"),
        ('endpoint = "/sparql"', "endpoint"),
        ('endpoint = "http://"', "endpoint"),
        ('endpoint = "http://a b/"', "endpoint"),
        ('endpoint = "http://x.example/#part"', "endpoint"),
        ('endpoint = "http://user:secret@x.example/"', "endpoint"),
        ('endpoint = "http://x.example:0/"', "endpoint"),
        ('endpoint = "http://x.example:99999/"', "endpoint"),
        ('endpoint = "http://2130706433/"', "endpoint"),
        ('endpoint = "http://0177.0.0.1/"', "endpoint"),
        ('endpoint = "http://0x7f000001/"', "endpoint"),
        ('endpoint = "http://127.1/"', "endpoint"),
        ('endpoint = "http://127.0.0.1./"', "endpoint"),
        ('endpoint = "http://bücher.example/"', "endpoint"),
        ('endpoint = "https://query.example.org/sparql"', "endpoint"),
        ('endpoint = "http://x.example/"\ntitle = 7', "title"),
        ('endpoint = "http://x.example/"\nnetworks = "10.0.0.0/8"', "networks"),
        ('endpoint = "http://x.example/"\nnetworks = ["10.0.0.1/8"]', "networks"),
        ('endpoint = "http://x.example/"\nnetworks = [10]', "networks"),
        ('endpoint = "http://x.example/"\nseconds = 0', "seconds"),
        ('endpoint = "http://x.example/"\nseconds = nan', "seconds"),
        ('endpoint = "http://x.example/"\nseconds = "20"', "seconds"),
        ('endpoint = "http://x.example/"\nseconds = true', "seconds"),
        ('endpoint = "http://x.example/"\nmebibytes = 1.5', "mebibytes"),
        ('endpoint = "http://x.example/"\nmebibytes = 65', "mebibytes"),
        ('endpoint = "http://x.example/"\nredirects = true', "redirects"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, line: str, key: str) -> None:
    first = '[[partner]]\nendpoint = "https://query.example.org/sparql"\n\n[[partner]]\n'
    path = written(tmp_path, f"{first}{line}\n")
    with pytest.raises(PartnersError) as caught:
        read_partners(path)
    number = 5 + line.count("\n")
    assert caught.value.place == f"{path}, line {number}"
    assert caught.value.detail.startswith(key)
    assert caught.value.remedy
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[partner]]\nendpoint = http://x.example/\n", "line 2"),
        ("[partner]\nendpoint = 'http://x.example/'\n", "not a list of tables"),
        ("timeout = 3\n", "beside timeout"),
        ("partner = [1]\n", "not a list of tables"),
        ("[[partner]]\n", "line 1: endpoint is missing"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(PartnersError, match=told):
        read_partners(written(tmp_path, text))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(PartnersError, match="No such file"):
        read_partners(tmp_path / "missing.toml")
    path = tmp_path / "latin"
    path.write_bytes(b"# \xe9")
    with pytest.raises(PartnersError, match="UTF-8"):
        read_partners(path)
