"""What a token is, what is kept of it, and how it is compared."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from vises.service.access import tokens

if TYPE_CHECKING:
    import pytest


def test_a_secret_has_256_random_bits_and_only_its_digest_is_kept() -> None:
    secrets = {tokens.new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(bytes.fromhex(secret)) for secret in secrets} == {32}
    secret = secrets.pop()
    assert tokens.digest(secret) == hashlib.sha256(secret.encode()).hexdigest()
    assert tokens.TOKEN.fullmatch(f"vises_{tokens.new_id()}_{secret}")


def test_digests_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return True

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert tokens.matches("a", "not its digest"), "another comparison decides"
    assert compared == [(tokens.digest("a"), "not its digest")]
    monkeypatch.undo()
    assert not tokens.matches("a", tokens.digest("b"))
