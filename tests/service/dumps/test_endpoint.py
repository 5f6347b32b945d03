"""The files over HTTP: whole, in part, conditionally; never those of closed graphs."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
from typing import TYPE_CHECKING

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyoxigraph import RdfFormat, parse

from vises.service.dumps import keeper as keeper_module
from vises.service.dumps.keeper import DumpsKeeper
from vises.service.site import Site
from vises.settings import Settings
from vises.store.dumps.kept import LOCK, KeptDumps
from vises.store.dumps.make import ensure
from vises.store.lock import WriterLock
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.service.conftest import Desk, FakeEngine, Open

BASE = "https://data.example/"
DRAFT = f"{BASE}graph/draft"


@pytest.fixture(scope="module")
def dumped(open_desk: Open) -> Iterator[Desk]:
    """Return a service whose open datasets have their files, and whose closed one has some too."""
    with open_desk(dumps=True) as desk:
        kept = KeptDumps(desk.data, BASE)
        list(ensure(desk.releases, kept, desk.current, ()))
        yield desk


@pytest.fixture
def web(dumped: Desk) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=dumped.address, timeout=20) as client:
        yield client


def test_a_file_whole(web: httpx.Client, dumped: Desk) -> None:
    answer = web.get(f"/dumps/{dumped.current}/data.nq.gz")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/gzip"
    assert "content-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    assert answer.headers["accept-ranges"] == "bytes"
    quads = list(parse(gzip.decompress(answer.content), RdfFormat.N_QUADS))
    release = dumped.releases.current()
    assert release is not None
    assert len(quads) == release.counts[f"{BASE}graph/data"]


def test_the_sums_are_those_of_all_files(web: httpx.Client, dumped: Desk) -> None:
    sums = web.get(f"/dumps/{dumped.current}/SHA256SUMS").text.splitlines()
    names = {line.split("  ")[1] for line in sums}
    assert {"data.nq.gz", "data.ttl.zst", "data.Enterprise.parquet", "data.tables.json"} <= names
    for line in sums[:6]:
        digest, name = line.split("  ")
        body = web.get(f"/dumps/{dumped.current}/{name}").content
        assert hashlib.sha256(body).hexdigest() == digest


def test_the_head_says_what_the_whole_says(web: httpx.Client, dumped: Desk) -> None:
    path = f"/dumps/{dumped.current}/data.tables.json"
    head, whole = web.head(path), web.get(path)
    assert head.content == b""
    exposed = whole.headers["access-control-expose-headers"].split(", ")
    assert "Repr-Digest" in exposed
    assert len(exposed) == len(set(exposed))
    for name in ("content-length", "etag", "content-type", "repr-digest"):
        assert head.headers[name] == whole.headers[name]
    assert "content-encoding" not in whole.headers, "a part of it is a part of these bytes"


def test_parts_come_together(web: httpx.Client, dumped: Desk) -> None:
    path = f"/dumps/{dumped.current}/data.ttl.gz"
    whole = web.get(path)
    size = len(whole.content)
    first = web.get(path, headers={"Range": "bytes=0-99"})
    assert (first.status_code, first.headers["content-range"]) == (206, f"bytes 0-99/{size}")
    assert first.headers["content-length"] == "100"
    rest = web.get(path, headers={"Range": "bytes=100-", "If-Range": first.headers["etag"]})
    assert rest.status_code == 206
    assert first.content + rest.content == whole.content
    other = web.get(path, headers={"Range": "bytes=100-", "If-Range": '"another"'})
    assert (other.status_code, other.content) == (200, whole.content)


def test_a_head_tells_of_the_whole_whatever_part_is_named(web: httpx.Client, dumped: Desk) -> None:
    """GET alone has parts (RFC 9110, section 14.2)."""
    path = f"/dumps/{dumped.current}/data.ttl.gz"
    whole = web.head(path)
    for part in ("bytes=0-99", "bytes=999999-"):
        head = web.head(path, headers={"Range": part})
        assert (head.status_code, head.headers["content-length"]) == (
            200,
            whole.headers["content-length"],
        )
        assert "content-range" not in head.headers


def test_behind_the_end(web: httpx.Client, dumped: Desk) -> None:
    answer = web.get(f"/dumps/{dumped.current}/data.ttl.gz", headers={"Range": "bytes=999999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"].startswith("bytes */")
    assert answer.json()["type"].endswith("/range-unsatisfiable")


def test_who_has_it_gets_no_body(web: httpx.Client, dumped: Desk) -> None:
    path = f"/dumps/{dumped.current}/data.nq.zst"
    tag = web.get(path).headers["etag"]
    assert web.get(path, headers={"If-None-Match": tag}).status_code == 304


class Remote(io.RawIOBase):
    """A file on the web, of which only the parts are fetched that are read."""

    def __init__(self, client: httpx.Client, path: str) -> None:
        self._client, self._path, self._at = client, path, 0
        self.size = int(client.head(path).headers["content-length"])
        self.fetched = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = (0, self._at, self.size)[whence] + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        last = self.size - 1 if size < 0 else min(self._at + size, self.size) - 1
        if last < self._at:
            return b""
        headers = {"Range": f"bytes={self._at}-{last}"}
        body = self._client.get(self._path, headers=headers).content
        self._at += len(body)
        self.fetched += len(body)
        return body


def test_a_column_is_read_from_afar_by_ranges(web: httpx.Client, dumped: Desk) -> None:
    remote = Remote(web, f"/dumps/{dumped.current}/data.Enterprise.parquet")
    table = pq.read_table(pa.PythonFile(remote, mode="r"), columns=["legalName"])
    assert "L'Atelier commun" in table["legalName"].to_pylist()
    assert remote.fetched > 0


def test_current_and_tags_lead_to_the_release(web: httpx.Client, dumped: Desk) -> None:
    dumped.releases.tag("report", dumped.current)
    for name in ("current", "report"):
        answer = web.get(f"/dumps/{name}/data.nq.gz")
        assert answer.status_code == 302
        assert answer.headers["location"] == f"/dumps/{dumped.current}/data.nq.gz"
        assert answer.headers["cache-control"] == "no-cache"


def test_a_closed_graph_has_no_file_for_the_public(web: httpx.Client, dumped: Desk) -> None:
    path = f"/dumps/{dumped.current}/draft.nq.gz"
    answer = web.get(path)
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("/no-such-dump")
    assert "draft" not in web.get(f"/dumps/{dumped.current}/SHA256SUMS").text
    never = web.get(path.replace("draft", "never"))
    assert {**never.json(), "detail": ""} == {**answer.json(), "detail": ""}


@pytest.mark.parametrize(
    "name",
    [
        "data.exe",
        "data",
        "nothing.nq.gz",
        "manifest.json",
        "data.manifest.json",
        "..%2f..%2frelease.json",
        "data.%2e%2e%2fmanifest.json",
        "data.nq.gz%00",
        "data.nq.gz/",
        "x" * 3000,
    ],
)
def test_what_is_no_file(web: httpx.Client, dumped: Desk, name: str) -> None:
    assert web.get(f"/dumps/{dumped.current}/{name}").status_code in {400, 404, 414}


@pytest.mark.parametrize("release", ["000999", "..", "%00", "'"])
def test_a_release_that_there_is_not(web: httpx.Client, release: str) -> None:
    assert web.get(f"/dumps/{release}/data.nq.gz").status_code in {400, 404}


def test_what_is_not_made_yet_says_when_to_come_back(open_desk: Open) -> None:
    with open_desk(dumps=True) as desk:
        for name in ("data.nq.gz", "SHA256SUMS"):
            answer = httpx.get(f"{desk.address}/dumps/current/{name}", follow_redirects=True)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["type"].endswith("/dump-unready")


def test_closed_graphs_are_to_have_no_files(open_desk: Open) -> None:
    """Who may read them is not told to come back for what will never be there."""
    with open_desk(dumps=True) as desk:
        list(ensure(desk.releases, KeptDumps(desk.data, BASE), desk.current, (DRAFT,)))
        with desk.client(desk.grant("draft", read=True)) as web:
            sums = web.get(f"/dumps/{desk.current}/SHA256SUMS")
            file = web.get(f"/dumps/{desk.current}/draft.nq.gz")
    assert sums.status_code == 200
    assert "data.nq.gz" in sums.text
    assert file.status_code == 404


def settings_of(desk: Desk) -> Settings:
    return Settings(
        data=desk.data,
        host="127.0.0.1",
        port=0,
        base_iri=BASE,
        query_seconds=20,
        workers=1,
        worker_mebibytes=2048,
        dumps=True,
    )


def test_the_keeper_makes_them_of_open_graphs(desk: Desk, fake_engine: type[FakeEngine]) -> None:
    releases = ReleaseStore(desk.data)
    release = releases.current()
    assert release is not None
    kept = KeptDumps(desk.data, BASE)

    async def follow() -> None:
        keeper = DumpsKeeper(Site(settings_of(desk), releases, fake_engine()), quiet_seconds=0)
        keeper.start()
        try:
            async with asyncio.timeout(60):
                while kept.files(release, f"{BASE}graph/provenance") is None:  # noqa: ASYNC110 (a file)
                    await asyncio.sleep(0.05)
        finally:
            await keeper.close()

    asyncio.run(follow())
    assert kept.files(release, f"{BASE}graph/data") is not None
    assert kept.files(release, DRAFT) is None


def test_two_processes_do_not_make_the_same(
    open_desk: Open, fake_engine: type[FakeEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "BUSY_SECONDS", 0.1)
    with open_desk() as desk:
        releases, kept = ReleaseStore(desk.data), KeptDumps(desk.data, BASE)
        release = releases.current()
        assert release is not None
        kept.folder.mkdir()
        site = Site(settings_of(desk), releases, fake_engine())

        async def scene() -> None:
            keeper = DumpsKeeper(site, quiet_seconds=0)
            with WriterLock(kept.folder / LOCK, 1):
                keeper.start()
                await asyncio.sleep(1)
                assert kept.files(release, f"{BASE}graph/data") is None
            try:
                async with asyncio.timeout(60):
                    while kept.files(release, f"{BASE}graph/provenance") is None:  # noqa: ASYNC110
                        await asyncio.sleep(0.05)
            finally:
                await keeper.close()

        asyncio.run(scene())
