"""From the header Authorization to rights: what is taken, what is refused, and what is logged."""

from __future__ import annotations

import hmac
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.service.access.conftest import granted
from vises.service.access import access as module
from vises.service.access import granting, tokens
from vises.service.access.access import Access
from vises.service.access.errors import AccessUnreadable, TokenRefused
from vises.service.access.file import AccessFile
from vises.service.access.rights import Rights

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = (f"https://data.example/graph/{name}" for name in "abc")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let the tests say what time it is for looking at the file."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_without_a_file_everyone_reads_everything_and_writes_nothing(tmp_path: Path) -> None:
    assert Access(tmp_path).rights(None) == Rights()


@pytest.mark.parametrize(
    ("rights", "kept", "varies"),
    [
        (Rights(), "max-age=60", "Accept"),
        (Rights(closes=True), "no-cache", "Accept, Authorization"),
        (Rights(holder="x"), "private, no-cache", "Accept, Authorization"),
        (Rights(holder="x", closes=True), "private, no-cache", "Accept, Authorization"),
    ],
)
def test_what_caches_are_told(rights: Rights, kept: str, varies: str) -> None:
    assert (rights.cache_control("max-age=60"), rights.vary("Accept")) == (kept, varies)


def test_a_token_opens_and_writes_what_it_was_made_for(tmp_path: Path) -> None:
    granting.close(AccessFile(tmp_path), [A, B])
    reads, writes = granted(tmp_path, A, read=True), granted(tmp_path, A, C + "*", write=True)
    access = Access(tmp_path)
    nobody = access.rights(None)
    assert (nobody.holder, nobody.hidden, nobody.writable) == (None, {A, B}, frozenset())
    reader = access.rights(f"Bearer {reads}")
    assert (reader.holder, reader.hidden, reader.writable) == ("Reader", {B}, frozenset())
    writer = access.rights(f"bearer   {writes} ")
    assert (writer.hidden, writer.writable) == ({A, B}, {A, C + "*"})
    assert [writer.may_write(g) for g in (A, A + "1", B, C, C + "/x")] == [
        *(True, False, False, True, True)
    ]
    assert len({nobody.view, reader.view}) == 2
    assert nobody.view == writer.view


def test_a_view_tells_nobody_which_names_are_hidden(tmp_path: Path) -> None:
    views = set()
    for folder in ("one", "two"):
        granting.close(AccessFile(tmp_path / folder), [A])
        views.add(Access(tmp_path / folder).rights(None).view)
    assert len(views) == 2, "the same names give the same view, so they can be guessed"


GOOD_SHAPE = "vises_00000000_" + "0" * 64
HOSTILE = [
    "",
    "Bearer",
    "Bearer ",
    "Basic dXNlcjpwYXNzd29yZA==",
    "Digest username=x",
    GOOD_SHAPE,
    f"Bearer {GOOD_SHAPE}",
    f"Bearer {GOOD_SHAPE}0",
    f"Bearer {GOOD_SHAPE[:-1]}",
    f"Bearer {GOOD_SHAPE.upper()}",
    f"Bearer {GOOD_SHAPE}, Bearer {GOOD_SHAPE}",
    f"Bearer\t{GOOD_SHAPE}",
    f"Bearer {GOOD_SHAPE}\n",
    f"Bearer \u00e9{GOOD_SHAPE}",
    f"Bearer vises_\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660_{'0' * 64}",
    "Bearer " + "a" * 1_000_000,
    "Bearer" + " " * 100_000,
]


@pytest.mark.parametrize("header", HOSTILE, ids=lambda h: h[:20])
def test_any_other_header_is_refused_and_not_repeated(
    tmp_path: Path, header: str, caplog: pytest.LogCaptureFixture
) -> None:
    granted(tmp_path, A, read=True)
    with caplog.at_level(logging.DEBUG), pytest.raises(TokenRefused) as refused:
        Access(tmp_path).rights(header)
    assert refused.value.status == 401
    assert GOOD_SHAPE[-64:] not in str(refused.value) + caplog.text
    assert len(str(refused.value)) < 400


def test_a_wrong_secret_and_an_unknown_id_are_told_alike_and_both_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = granted(tmp_path, A, read=True)
    access = Access(tmp_path)
    compared: list[str] = []
    compare = hmac.compare_digest

    def noting(one: str, other: str) -> bool:
        compared.append(other)
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noting)
    said = set()
    for wrong in (token[:15] + "0" * 64, GOOD_SHAPE):
        with pytest.raises(TokenRefused) as refused:
            access.rights(f"Bearer {wrong}")
        said.add(str(refused.value))
    assert len(said) == 1
    assert len(compared) == 2
    assert access.rights(f"Bearer {token}").holder == "Reader"


def test_a_header_twice_is_refused_even_where_one_is_right(tmp_path: Path) -> None:
    header = (b"authorization", f"Bearer {granted(tmp_path, A, read=True)}".encode())
    access = Access(tmp_path)
    assert access.of({"headers": [header]}).holder == "Reader"
    assert access.of({"headers": [(b"host", b"x")]}).holder is None
    for second in (header, (b"authorization", b"")):
        with pytest.raises(TokenRefused, match="more than once"):
            access.of({"headers": [header, second]})
    with pytest.raises(TokenRefused):
        access.of({"headers": [(b"authorization", b"Bearer \xff\xfe")]})


def test_revoked_and_expired_tokens_are_refused(tmp_path: Path, clock: list[float]) -> None:
    file, now = AccessFile(tmp_path), datetime.now(UTC)
    grant = granting.Grant("Short", (A,), read=True, write=False, expires=now + timedelta(hours=1))
    identifier, token = granting.create(file, grant, (), now)
    access = Access(tmp_path)
    assert access.rights(f"Bearer {token}").holder == "Short"
    with file.changing() as change:
        old = replace(change.state.tokens[identifier], expires=now - timedelta(seconds=1))
        change.state = replace(change.state, tokens={identifier: old})
    clock[0] += module.LOOK_SECONDS
    with pytest.raises(TokenRefused, match="expired"):
        access.rights(f"Bearer {token}")
    granting.revoke(file, identifier, now)
    clock[0] += module.LOOK_SECONDS
    with pytest.raises(TokenRefused, match="revoked"):
        access.rights(f"Bearer {token}")


def test_the_file_is_looked_at_now_and_then_and_read_where_it_changed(
    tmp_path: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    granting.close(AccessFile(tmp_path), [A])
    access = Access(tmp_path)
    assert access.rights(None).hidden == {A}
    read = AccessFile.read
    reads: list[float] = []
    monkeypatch.setattr(AccessFile, "read", lambda f: reads.append(clock[0]) or read(f))
    for _ in range(10):
        clock[0] += module.LOOK_SECONDS
        access.rights(None)
    assert reads == []
    granting.close(AccessFile(tmp_path), [B])
    reads.clear()
    assert access.rights(None).hidden == {A}, "it was looked at before its time"
    clock[0] += module.LOOK_SECONDS
    assert access.rights(None).hidden == {A, B}
    assert len(reads) == 1


DAMAGED = [
    b"",
    b"{}",
    b"[]",
    b"\xff\xfe",
    b'{"format": 2, "salt": "s", "closed": [], "tokens": []}',
    b'{"format": 1, "salt": "s", "closed": "https://a.example/", "tokens": []}',
    b'{"format": 1, "salt": "s", "closed": ["no IRI"], "tokens": []}',
    b'{"format": 1, "salt": "s", "closed": [], "tokens": [{"id": "x"}]}',
    b'{"format": 1, "salt": "", "closed": [], "tokens": []}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("content", DAMAGED, ids=lambda c: c[:60].decode("latin-1"))
def test_a_damaged_file_lets_nobody_in_until_it_is_mended(
    tmp_path: Path, content: bytes, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    token = granted(tmp_path, A, read=True)
    path = AccessFile(tmp_path).path
    sound = path.read_bytes()
    access = Access(tmp_path)
    assert access.rights(None) == Rights()
    path.write_bytes(content)
    for _ in range(3):
        clock[0] += module.LOOK_SECONDS
        for header in (None, f"Bearer {token}"):
            with pytest.raises(AccessUnreadable) as refused:
                access.rights(header)
            assert (refused.value.status, refused.value.place) == (503, "access.json")
            assert str(tmp_path) not in str(refused.value)
            assert refused.value.remedy
    assert caplog.text.count(str(path)) == 1, "it is logged once, with its place"
    path.write_bytes(sound)
    clock[0] += module.LOOK_SECONDS
    assert access.rights(f"Bearer {token}").holder == "Reader"


def test_a_changed_field_of_a_token_is_damage(tmp_path: Path) -> None:
    granted(tmp_path, A, read=True)
    path = AccessFile(tmp_path).path
    sound = path.read_text("utf-8")
    for old, new in (
        ('"read": true', '"read": "no"'),
        ('"expires": null', '"expires": "tomorrow"'),
        ('"expires": null', '"expires": "2026-01-01T00:00:00"'),
        ('"revoked": null', '"revoked": false'),
        ('"sha256": "', '"sha256": "00'),
        (f'"{A}"', '"<"'),
    ):
        assert old in sound
        path.write_text(sound.replace(old, new), "utf-8")
        with pytest.raises(AccessUnreadable):
            Access(tmp_path).rights(None)


def test_a_file_that_goes_away_opens_nothing(tmp_path: Path, clock: list[float]) -> None:
    granting.close(AccessFile(tmp_path), [A])
    access = Access(tmp_path)
    assert access.rights(None).hidden == {A}
    aside = AccessFile(tmp_path).path.rename(tmp_path / "aside")
    clock[0] += module.LOOK_SECONDS
    with pytest.raises(AccessUnreadable, match="gone"):
        access.rights(None)
    aside.rename(AccessFile(tmp_path).path)
    clock[0] += module.LOOK_SECONDS
    assert access.rights(None).hidden == {A}


def test_a_file_that_goes_away_while_it_is_looked_at_opens_nothing(
    tmp_path: Path, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    granting.close(AccessFile(tmp_path), [A])
    path = AccessFile(tmp_path).path
    stamped = Access._stamped

    def late(access: Access) -> object:
        stamp = stamped(access)
        path.rename(tmp_path / "aside")
        return stamp

    access = Access(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Access, "_stamped", late)
        with pytest.raises(AccessUnreadable, match="gone"):
            access.rights(None)
    clock[0] += module.LOOK_SECONDS
    with pytest.raises(AccessUnreadable, match="gone"):
        access.rights(None)


def test_a_link_that_leads_nowhere_opens_nothing(tmp_path: Path, clock: list[float]) -> None:
    granting.close(AccessFile(tmp_path / "elsewhere"), [A])
    AccessFile(tmp_path).path.symlink_to(tmp_path / "elsewhere" / "access.json")
    access = Access(tmp_path)
    assert access.rights(None).hidden == {A}
    (tmp_path / "elsewhere").rename(tmp_path / "unmounted")
    for reading in (access, Access(tmp_path)):
        clock[0] += module.LOOK_SECONDS
        with pytest.raises(AccessUnreadable):
            reading.rights(None)


def test_a_file_that_cannot_be_opened_opens_nothing(tmp_path: Path) -> None:
    AccessFile(tmp_path).path.mkdir()
    with pytest.raises(AccessUnreadable, match="directory"):
        Access(tmp_path).rights(None)


def test_a_file_that_others_may_read_is_warned_of_once(
    tmp_path: Path, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    granting.close(AccessFile(tmp_path), [A])
    path = AccessFile(tmp_path).path
    access = Access(tmp_path)
    access.rights(None)
    assert caplog.text == ""
    path.chmod(0o640)
    for _ in range(3):
        clock[0] += module.LOOK_SECONDS
        access.rights(None)
    assert caplog.text.count("chmod 600") == 1


def test_no_secret_is_kept_or_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        token = granted(tmp_path, A, read=True)
        access = Access(tmp_path)
        access.rights(f"Bearer {token}")
        granting.revoke(AccessFile(tmp_path), token.split("_")[1], datetime.now(UTC))
    secret = token.rpartition("_")[2]
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert tokens.digest(secret).encode() in kept
    assert secret.encode() not in kept
    assert secret not in caplog.text
    assert secret not in repr(vars(access))
    assert AccessFile(tmp_path).path.stat().st_mode & 0o777 == 0o600
