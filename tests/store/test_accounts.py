"""The share of each client, with a clock that the test sets."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from vises.store.accounts import Accounts, ClientLimited
from vises.store.limits import Rate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS, ERRORS = Rate(60, 120), Rate(30, 60)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(clock: Clock) -> Iterator[Accounts]:
    opened = Accounts(SECONDS, ERRORS, clock=clock)
    yield opened
    opened.close()


def test_a_new_client_has_its_burst(accounts: Accounts) -> None:
    assert accounts.standing("a") == (120, 60)
    accounts.admit("a", written=True)


def test_seconds_are_taken_and_come_back(accounts: Accounts, clock: Clock) -> None:
    accounts.charge("a", 150)
    assert accounts.standing("a") == (-30, 60)
    with pytest.raises(ClientLimited, match="60 seconds of query processing") as limited:
        accounts.admit("a", written=True)
    assert (limited.value.status, limited.value.retry_after) == (429, 30)
    assert limited.value.policy == "seconds"
    accounts.admit("b", written=True)
    clock.now += limited.value.retry_after + 0.001
    accounts.admit("a", written=True)
    clock.now += 1000
    assert accounts.standing("a") == (120, 60)


def test_short_queries_count_too(accounts: Accounts) -> None:
    for _ in range(12_000):
        accounts.admit("a", written=True)
        accounts.charge("a", 0.01)
    accounts.charge("a", 0.01)
    with pytest.raises(ClientLimited):
        accounts.admit("a", written=True)


def test_errors_have_a_bucket_of_their_own(accounts: Accounts, clock: Clock) -> None:
    for _ in range(60):
        accounts.admit("a", written=True)
        accounts.charge("a", 0, errors=1)
    with pytest.raises(ClientLimited, match="30 queries that fail") as limited:
        accounts.admit("a", written=True)
    assert (limited.value.policy, limited.value.retry_after) == ("errors", 2)
    accounts.admit("a", written=False)
    clock.now += 2.01
    accounts.admit("a", written=True)


def test_a_table_that_is_full_forgets_who_has_most_left(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vises.store.accounts._digest", lambda client: 65_536 * int(client) + 7)
    for number in range(1, 9):
        accounts.charge(str(number), 100 + number)
    accounts.charge("9", 110)
    assert accounts.standing("8").seconds == 12
    assert accounts.standing("9").seconds == 10
    assert accounts.standing("1").seconds == 120, "the one that had most left was forgotten"


CHARGE_OFTEN = """
import sys
from pathlib import Path
from vises.store.accounts import Accounts
from vises.store.limits import Rate
accounts = Accounts(Rate(0.0001, 120), Rate(30, 60), Path(sys.argv[1]))
for _ in range(2000):
    accounts.charge("a", 0.01)
"""


def test_processes_share_a_file(tmp_path: Path) -> None:
    file = tmp_path / "accounts"
    accounts = Accounts(Rate(0.0001, 120), ERRORS, file)
    found = file.stat()
    assert found.st_blocks * 512 >= found.st_size, "a hole on a full disk would end the process"
    command = [sys.executable, "-c", CHARGE_OFTEN, str(file)]
    others = [subprocess.Popen(command) for _ in range(2)]
    assert [other.wait(30) for other in others] == [0, 0]
    assert accounts.standing("a").seconds == pytest.approx(80, abs=0.01)
    accounts.close()
