"""The herd of ``torg bench``: all are there before any of them asks."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from torg.cli.bench.herd import ask_at_once
from torg.cli.bench.load import RequestFailed

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage"


class Gate:
    """A server that answers nobody until ``size`` have come, and remembers who asked before."""

    def __init__(self, size: int, answer: bytes = OK) -> None:
        self.size = size
        self.answer = answer
        self.there = self.asked_early = 0

    def ask(self, ask: Callable[[int], object]) -> object:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            port = asyncio.run_coroutine_threadsafe(self.start(), loop).result(10)
            return asyncio.run(ask(port))
        finally:
            asyncio.run_coroutine_threadsafe(self.end(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def start(self) -> int:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=self.size)
        return self.server.sockets[0].getsockname()[1]

    async def end(self) -> None:
        self.server.close()
        await self.server.wait_closed()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.there += 1
        await reader.readuntil(b"\r\n\r\n")
        for _ in range(500):
            if self.there == self.size:
                break
            await asyncio.sleep(0.01)
        self.asked_early += self.there < self.size
        writer.write(self.answer)
        await writer.drain()
        writer.close()


def test_all_are_there_before_any_of_them_is_answered():
    gate = Gate(300)

    answers = gate.ask(lambda port: ask_at_once(port, "/page", 300))

    assert answers == [b"page"] * 300
    assert (gate.there, gate.asked_early) == (300, 0)


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 500 Failed\r\n\r\noops", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b""]
)
def test_what_is_no_page_fails(answer):
    with pytest.raises(RequestFailed, match="/page was answered with"):
        Gate(2, answer).ask(lambda port: ask_at_once(port, "/page", 2))
