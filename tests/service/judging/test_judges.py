"""Judging is charged as queries are, and its processes end with those who wait for them."""

from __future__ import annotations

import asyncio
import json
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from vises.service.judging.errors import JudgingTimeout, ReportGone
from vises.service.judging.judges import Judges
from vises.service.judging.kept import KEPT_SECONDS, KeptReports
from vises.service.judging.work import Sent, Work
from vises.store.accounts import Accounts, ClientLimited
from vises.store.caller import CALLER, Caller
from vises.store.engine import EngineBusy
from vises.store.limits import Rate
from vises.validation.syntax import RdfSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SH = "http://www.w3.org/ns/shacl#"
DATA = "".join(f"<urn:{n}> <urn:p> <urn:{n + 1}> .\n" for n in range(3000))
FOR_EVER = (
    f"<urn:s> <{SH}targetNode> <urn:0> ; <{SH}sparql> [ <{SH}select> "
    '"SELECT $this { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . $this ?p ?o '
    "FILTER(CONCAT(STR(?a), STR(?d), STR(?g)) = 'no') }\" ] ."
)
PLAIN = f"<urn:s> <{SH}targetNode> <urn:0> ; <{SH}nodeKind> <{SH}IRI> ."


def work(folder: Path, shapes: str = PLAIN, data: str = DATA) -> Work:
    folder.mkdir()
    (folder / "data").write_text(data, "utf-8")
    (folder / "shapes").write_text(shapes, "utf-8")
    return Work(
        documents=(Sent("data", str(folder / "data"), "application/n-triples"),),
        shapes=(Sent("shapes", str(folder / "shapes"), "text/turtle"),),
        profile="core",
        base_iri="https://e.example/",
        folder=str(folder),
        forms={"json": "application/json"},
    )


def judges(accounts: Accounts | None = None, **limits: float) -> Judges:
    seconds = limits.get("seconds", 20)
    return Judges(size=1, seconds=seconds, mebibytes=1024, accounts=accounts)


@contextmanager
def asking(caller: Caller) -> Iterator[None]:
    token = CALLER.set(caller)
    try:
        yield
    finally:
        CALLER.reset(token)


def test_a_client_pays_and_is_refused_when_its_share_is_used(tmp_path: Path) -> None:
    accounts = Accounts(Rate(1, 0.01), Rate(60, 2), clock=lambda: 0.0)

    async def judged() -> Caller:
        caller, judging = Caller("me"), judges(accounts)
        with asking(caller):
            await judging.judge(work(tmp_path / "a"))
            with pytest.raises(ClientLimited):
                await judging.judge(work(tmp_path / "b"))
        with asking(Caller("other")):
            await judging.judge(work(tmp_path / "c"))
        await judging.close()
        return caller

    assert asyncio.run(judged()).seconds > 0.01
    assert accounts.standing("me").errors == 2
    assert json.loads((tmp_path / "c" / "report.json").read_text("utf-8"))["conforms"]
    assert not (tmp_path / "b" / "report.json").exists()


def test_only_what_had_to_be_stopped_is_an_error_of_the_client(tmp_path: Path) -> None:
    accounts = Accounts(Rate(60, 100), Rate(60, 2), clock=lambda: 0.0)

    async def judged() -> None:
        patient, judging = judges(accounts), judges(accounts, seconds=1)
        with asking(Caller("me")):
            with pytest.raises(RdfSyntaxError):
                await patient.judge(work(tmp_path / "a", data="<urn:a> <urn:b>"))
            assert accounts.standing("me").errors == 2
            with pytest.raises(JudgingTimeout):
                await judging.judge(work(tmp_path / "b", FOR_EVER))
            assert accounts.standing("me").errors == 1
        await patient.close()
        await judging.close()

    asyncio.run(judged())


def test_who_waits_too_long_is_told(tmp_path: Path) -> None:
    async def judged() -> None:
        judging = judges(seconds=1)
        first = asyncio.create_task(judging.judge(work(tmp_path / "a", FOR_EVER)))
        await asyncio.sleep(0)
        with pytest.raises(EngineBusy):
            await judging.judge(work(tmp_path / "b"))
        with pytest.raises(JudgingTimeout):
            await first
        await judging.close()

    asyncio.run(judged())


def test_a_client_that_leaves_ends_the_process(tmp_path: Path) -> None:
    async def judged() -> None:
        judging = judges()
        task = asyncio.create_task(judging.judge(work(tmp_path / "a", FOR_EVER)))
        await asyncio.sleep(2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        begun = time.monotonic()
        await judging.judge(work(tmp_path / "b"))
        assert time.monotonic() - begun < 15
        await judging.close()

    asyncio.run(judged())


def report(folder: Path, size: int = 10) -> Path:
    folder.mkdir()
    (folder / "report.json").write_bytes(b"x" * size)
    return folder


@pytest.mark.parametrize("ahead", [-1, 1], ids=["long ago", "the clock was set back"])
def test_a_report_is_kept_for_a_while(tmp_path: Path, ahead: int) -> None:
    kept = KeptReports(tmp_path)
    name = kept.keep(report(tmp_path / "made"))
    assert (kept.find(name) / "report.json").read_bytes() == b"x" * 10
    then = time.time() + ahead * (KEPT_SECONDS + 5)
    os.utime(tmp_path / "reports" / name, (then, then))
    with pytest.raises(ReportGone):
        kept.find(name)
    kept.sweep()
    assert list((tmp_path / "reports").iterdir()) == []


def test_the_oldest_reports_go_where_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vises.service.judging.kept.MOST_BYTES", 25)
    kept, names = KeptReports(tmp_path), []
    for age in (300, 200, 100):
        name = kept.keep(report(tmp_path / "made"))
        then = time.time() - age
        os.utime(tmp_path / "reports" / name, (then, then))
        names.append(name)
    kept.sweep()
    assert {f.name for f in (tmp_path / "reports").iterdir()} == set(names[1:])


@pytest.mark.parametrize("name", ["", "..", "a" * 21, "../" + "a" * 19, "a" * 22])
def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    report(tmp_path / "made")
    with pytest.raises(ReportGone):
        KeptReports(tmp_path).find(name)
