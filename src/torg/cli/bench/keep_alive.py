"""Our own client for load: on sockets that are kept open, one request after the other."""

import asyncio
import time
from collections.abc import Sequence
from random import Random

STALLED_SECONDS = 30


async def load_by_ourselves(
    port: int, paths: Sequence[str], *, seconds: float, connections: int
) -> tuple[int, float, int]:
    """Return how many requests were answered with success, in how many seconds, and how many failed."""
    loop = asyncio.get_running_loop()
    requests = [
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n\r\n".encode() for path in paths
    ]
    started = time.perf_counter()
    opened = [
        await loop.create_connection(
            lambda number=number: _Connection(requests, Random(number), started + seconds),  # type: ignore[misc]  # noqa: S311
            "127.0.0.1",
            port,
        )
        for number in range(connections)
    ]
    asked = [connection for _, connection in opened]
    await asyncio.wait([connection.ended for connection in asked], timeout=seconds + STALLED_SECONDS)
    took = time.perf_counter() - started
    for transport, connection in opened:
        connection.failed += not connection.ended.done()
        transport.abort()
    return sum(each.answered for each in asked), took, sum(each.failed for each in asked)


class _Connection(asyncio.Protocol):
    """One connection: it asks, waits for the whole answer, and asks again until the time is over."""

    def __init__(self, requests: Sequence[bytes], random: Random, deadline: float) -> None:
        self.requests = requests
        self.random = random
        self.deadline = deadline
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
        if time.perf_counter() >= self.deadline:
            self.ended.set_result(None)
            return
        self.received.clear()
        self.expected = 0
        self.transport.write(self.random.choice(self.requests))

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
