"""Our own client for load: on sockets that are kept open, one request after the other."""

import asyncio
import time
from collections.abc import Callable, Sequence
from random import Random

STALLED_SECONDS = 30

NextRequest = Callable[[], bytes | None]


async def load_by_ourselves(
    port: int, paths: Sequence[str], *, seconds: float, connections: int
) -> tuple[int, float, int]:
    """Return how many requests were answered with success, in how many seconds, and how many failed."""
    requests = [_request(port, path) for path in paths]
    deadline = time.perf_counter() + seconds

    def at_random(random: Random) -> NextRequest:
        return lambda: random.choice(requests) if time.perf_counter() < deadline else None

    sources = [at_random(Random(number)) for number in range(connections)]  # noqa: S311
    return await _load(port, sources, seconds + STALLED_SECONDS)


async def ask_each_once(port: int, paths: Sequence[str], *, connections: int) -> tuple[int, float, int]:
    """Ask for each of ``paths`` once, and return the same as ``load_by_ourselves``."""
    requests = iter([_request(port, path) for path in paths])
    return await _load(port, [lambda: next(requests, None)] * connections, STALLED_SECONDS + len(paths) / 10)


def _request(port: int, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n\r\n".encode()


async def _load(port: int, sources: Sequence[NextRequest], longest: float) -> tuple[int, float, int]:
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    opened = [
        await loop.create_connection(
            lambda source=source: _Connection(source),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        for source in sources
    ]
    asked = [connection for _, connection in opened]
    await asyncio.wait([connection.ended for connection in asked], timeout=longest)
    took = time.perf_counter() - started
    for transport, connection in opened:
        connection.failed += not connection.ended.done()
        transport.abort()
    return sum(each.answered for each in asked), took, sum(each.failed for each in asked)


class _Connection(asyncio.Protocol):
    """One connection: it asks, waits for the whole answer, and asks again until there is nothing to ask for."""

    def __init__(self, next_request: NextRequest) -> None:
        self.next_request = next_request
        self.answered = 0
        self.failed = 0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received = bytearray()
        self.expected = 0
        """Bytes of the answer that is coming, 0 while its head is not complete."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.expected and not self._read_head():
            return
        if len(self.received) < self.expected:
            return
        if self.received[9:10] == b"2" and len(self.received) == self.expected:
            self.answered += 1
            self._ask()
        else:
            self._fail()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if not self.ended.done():
            self._fail()

    def _ask(self) -> None:
        request = self.next_request()
        if request is None:
            self.ended.set_result(None)
            return
        self.received.clear()
        self.expected = 0
        self.transport.write(request)

    def _read_head(self) -> bool:
        """Find out how long the answer is; False while that is unknown."""
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.received[:end]).lower()
        place = head.find(b"\r\ncontent-length:")
        if place < 0:
            self._fail()  # We ask for nothing whose length the server does not know.
            return False
        length = head[place + 17 :].split(b"\r\n", 1)[0]
        self.expected = end + 4 + int(length)
        return True

    def _fail(self) -> None:
        self.failed += 1
        if not self.ended.done():
            self.ended.set_result(None)
