"""The service's end of the way out, spoken to by a process that was taken over."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from vises.store.federation.failures import FederationFailed
from vises.store.federation.loopback import open_way_out, take_listener
from vises.store.federation.partners import Partner
from vises.store.federation.relay import MOST_BYTES, MOST_REQUESTS, Relay
from vises.store.sealing import NETWORK

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Client:
    """One that asks a partner, and remembers what."""

    def __init__(self, body: bytes = b"{}") -> None:
        self.partner = Partner("http://partner.example/")
        self.asked: list[tuple[bytes, str]] = []
        self.body = body

    async def ask(self, query: bytes, path: str) -> tuple[str, bytes]:
        self.asked.append((query, path))
        if query == b"fail":
            raise FederationFailed("It failed.")
        if query == b"hang":
            await asyncio.sleep(60)
        return "text/x", self.body


def post(path: str, query: bytes = b"q") -> bytes:
    return b"POST %s HTTP/1.1\r\ncontent-length: %d\r\n\r\n%s" % (path.encode(), len(query), query)


def with_relay(
    client: Client, act: Callable[[Relay, Callable[[bytes], Awaitable[bytes]]], Awaitable[None]]
) -> None:
    async def main() -> None:
        relay = Relay([client])
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            socket.send_fds(relay._theirs, [b"L"], [listener.fileno()])
        await relay.serve()

        async def say(request: bytes) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            if request:
                writer.write_eof()
            async with asyncio.timeout(30):
                answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            return answer

        await act(relay, say)
        relay.shut()
        with pytest.raises(OSError, match="Connect"):
            await asyncio.open_connection("127.0.0.1", port)

    asyncio.run(main())


def status(answer: bytes) -> bytes:
    return answer.split(b" ")[1] if answer else b""


def test_a_partner_is_asked_by_its_number() -> None:
    client = Client(b"found")

    async def act(relay: Relay, say: Callable[[bytes], Awaitable[bytes]]) -> None:
        assert status(await say(post("/0"))) == b"400"
        relay.open(path="a,b")
        assert (await say(post("/0"))).endswith(
            b"Content-Type: text/x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nfound"
        )
        assert status(await say(post("/0/silent"))) == b"200"
        assert client.asked == [(b"q", "a,b")]
        relay.close()
        assert status(await say(post("/0"))) == b"400"
        assert relay.failure is None

    with_relay(client, act)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (post("/1"), b"403"),
        (post("/9999"), b"403"),
        (post("/none"), b"403"),
        (post("/none/silent"), b"403"),
        (post("/99999"), b"400"),
        (post("/-1"), b"400"),
        (post("/0/other"), b"400"),
        (post("http://evil.example/"), b"400"),
        (post("/0").replace(b"POST", b"GET"), b"400"),
        (post("/0").replace(b"content-length: 1", b"transfer-encoding: chunked"), b"400"),
        (post("/0").replace(b": 1", b": 99999999"), b"400"),
        (post("/0").replace(b": 1", b": 2"), b""),
        (b"\x00" * 100, b""),
        (b"POST /0 HTTP/1.1\r\n" + b"x" * (1 << 17), b""),
    ],
)
def test_anything_else_is_not_answered(request_: bytes, expected: bytes) -> None:
    client = Client()

    async def act(relay: Relay, say: Callable[[bytes], Awaitable[bytes]]) -> None:
        relay.open(path="a")
        try:
            answer = await say(request_)
        except ConnectionResetError:
            answer = b""
        assert status(answer) == expected
        relay.close()

    with_relay(client, act)
    assert client.asked == []


def test_a_failure_is_kept_unless_it_was_silent() -> None:
    async def act(relay: Relay, say: Callable[[bytes], Awaitable[bytes]]) -> None:
        relay.open(path="a")
        assert status(await say(post("/0/silent", b"fail"))) == b"502"
        assert relay.failure is None
        assert status(await say(post("/0", b"fail"))) == b"502"
        assert isinstance(relay.failure, FederationFailed)
        relay.open(path="a")
        assert relay.failure is None

    with_relay(Client(), act)


def test_a_query_has_bounds() -> None:
    async def requests(relay: Relay, say: Callable[[bytes], Awaitable[bytes]]) -> None:
        relay.open(path="a")
        statuses = [status(await say(post("/0", b"%d" % n))) for n in range(MOST_REQUESTS + 1)]
        assert statuses == [b"200"] * MOST_REQUESTS + [b"502"]
        assert relay.failure
        assert str(MOST_REQUESTS) in relay.failure.detail

    async def size(relay: Relay, say: Callable[[bytes], Awaitable[bytes]]) -> None:
        relay.open(path="a")
        assert status(await say(post("/0", b"one"))) == b"200"
        assert status(await say(post("/0", b"two"))) == b"502"
        assert relay.failure
        assert "MiB" in relay.failure.detail

    with_relay(Client(), requests)
    with_relay(Client(b" " * (MOST_BYTES // 2 + 1)), size)


def test_the_end_of_a_query_ends_its_calls() -> None:
    async def act(relay: Relay, say: Callable[[bytes], Awaitable[bytes]]) -> None:
        relay.open(path="a")
        hanging = asyncio.ensure_future(say(post("/0", b"hang")))
        await asyncio.sleep(0.1)
        relay.close()
        assert status(await hanging) == b"403"

    with_relay(Client(), act)


def test_an_open_network_gives_no_way_out() -> None:
    ours, theirs = socket.socketpair()
    missing = [f"{NETWORK} (unshare: not here)"]
    assert open_way_out(theirs.detach(), ["http://partner.example/"], missing) is None
    assert "SERVICE is refused" in missing[1]
    with ours:
        assert take_listener(ours) is None
