"""A herd: very many who ask for one page at the same moment, when nobody has built it yet."""

import asyncio
import resource
from collections.abc import Iterator, Sequence

from torg.cli.bench.asking import Asker
from torg.cli.bench.figures import Line, at_most
from torg.cli.bench.load import RequestFailed
from torg.cli.bench.measuring import Served
from torg.cli.refusal import Refused

HERD = 500
PAGES = 10
SECONDS = 60


def herd_lines(served: Served, pages: Sequence[str]) -> Iterator[Line]:
    """Ask for each of ``pages``, of which none was ever built, 500 times at once."""
    first, *cold = pages
    with Asker(served.port) as asker:
        asker.get(first)  # The server has its connections now, and knows what to believe.
    before = served.counted()
    builds = [_builds(served, page) for page in cold]
    past = served.counted().since(before).reads_of("product").outcomes["bypass"]
    yield Line(
        work=f"{HERD} simultaneous first requests for a page: built",
        figure=max(builds),
        unit="times",
        goal=at_most(1, "1"),
        note=f"the most of {len(builds)} pages; {past} of {HERD * len(builds):,} requests went past the cache",
    )


def _builds(served: Served, page: str) -> int:
    before = served.counted()
    answers = asyncio.run(ask_at_once(served.port, page, HERD))
    builds = served.counted().since(before).builds["product"]
    if builds == 0 or len(set(answers)) != 1:
        raise Refused(f"{page} was built {builds} times for {HERD}, who got {len(set(answers))} answers.")
    return builds


async def ask_at_once(port: int, path: str, times: int) -> list[bytes]:
    """Open that many connections, then ask on all of them; return the bodies. Raises ``RequestFailed``."""
    _allow_files(2 * times)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
    opened = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(times)))
    try:
        for _, writer in opened:
            writer.write(request)
        reading = asyncio.gather(*(reader.read() for reader, _ in opened))
        return [_body(path, answer) for answer in await asyncio.wait_for(reading, SECONDS)]
    except (OSError, TimeoutError) as error:
        raise RequestFailed(
            f"{path} was not answered {times} times: {type(error).__name__} {error}"
        ) from error
    finally:
        for _, writer in opened:
            writer.close()


def _body(path: str, answer: bytes) -> bytes:
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 ") or not body:
        raise RequestFailed(f"{path} was answered with {answer[:300].decode(errors='replace')!r}")
    return body


def _allow_files(files: int) -> None:
    """Have this process open that many, where the system has it open fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < files:
        allowed = files if hard == resource.RLIM_INFINITY else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
