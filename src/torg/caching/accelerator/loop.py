"""The thread that has the port: it accepts connections, and says who answers what comes by them."""

import resource
import select
import socket
import threading
import time
from multiprocessing import util
from pathlib import Path

import structlog

from torg.caching.accelerator.application import environ_of
from torg.caching.accelerator.calls import Calls
from torg.caching.accelerator.clients import At, Client, Watched
from torg.caching.accelerator.exchanges import Exchange
from torg.caching.accelerator.heads import Line, Malformed, Way, read_fields, read_line
from torg.caching.accelerator.hits import Hit, Hits
from torg.caching.accelerator.port import Listener, Waker
from torg.caching.front import Application, Front, Log

log = structlog.get_logger("torg.caching")

# Less than what the server gives its processes: the last counts and lines are written after it.
GRACE_SECONDS = 25.0
MOST_CLIENTS = 1_024
_LOOK_SECONDS = 1.0
# Of a process: servers, threads, logs.
_OTHER_FILES = 200
_WAYS_KEPT = 1_000
_LONGEST_WAY = 2_000
# A longer line takes longer to read than others should wait for.
_LONGEST_PLAIN = 4_000


class Accelerator:
    """Serves ``listening``, a socket that other processes may share, until ``drain``.

    ``server`` is the Unix socket of the application server, ``threads`` how many calls of ``application`` run at once.
    An application that is no ``Front`` has no documents that are known here, and is only passed on to.
    """

    def __init__(
        self, application: Application, *, listening: socket.socket, server: Path, threads: int
    ) -> None:
        self.now = time.monotonic()
        self.is_draining = False
        self.log: Log = application.log if isinstance(application, Front) else _unlogged
        host, port = listening.getsockname()[:2]
        self._host, self._port = str(host), int(port)
        self._server = server
        self._epoll = select.epoll()
        self._watched: dict[int, Watched] = {}
        self._clients: set[Client] = set()
        self._gone: list[socket.socket] = []
        self._again: list[Client] = []
        self._waiting: list[tuple[Client, Hit]] = []
        self._ways: dict[bytes, Way] = {}
        self._looks_at = 0.0
        self._most_clients = most_clients()
        self._is_wanted = True
        self._waker = Waker(self)
        self._listener = Listener(self, listening)
        self._calls = Calls(application, threads=threads, loop=self, wake=self._waker.wake)
        self._hits = (
            Hits(application, host=self._host, port=self._port) if isinstance(application, Front) else None
        )
        self._thread = threading.Thread(target=self._run, name="accelerator", daemon=True)

    def start(self) -> None:
        """Begin. When the process ends it waits for the answers that are under way."""
        self._thread.start()
        util.Finalize(None, self._finish, exitpriority=10)

    def drain(self) -> None:
        """Take no more connections, answer what has been asked, and end."""
        self._is_wanted = False
        self._waker.wake()

    def _finish(self) -> None:
        self.drain()
        self._thread.join(GRACE_SECONDS)

    def _run(self) -> None:
        # It begins after us, and most of what is asked first, such as whether we are ready, is for it.
        while self._is_wanted and not _accepts(self._server):
            time.sleep(0.02)
        step = self._look
        while not self.is_draining or self._clients:
            try:
                step()
                step = self._turn
            except Exception as error:  # Nobody would answer any more.
                log.error("accelerator_failed", exc_info=error)
                time.sleep(0.01)

    def _turn(self) -> None:
        events = self._epoll.poll(0 if self._again else _LOOK_SECONDS)
        self.now = time.monotonic()
        for number, mask in events:
            watched = self._watched.get(number)
            if watched is None:
                continue  # It was closed in this turn.
            try:
                watched.on(mask)
            except Exception as error:
                self._failed(watched, error)
        if self._again:
            self._advance_again()
        self._calls.send_answers(self._failed)
        if self._waiting:
            self._answer_hits()
        if self.now >= self._looks_at or not self._is_wanted:
            self._look()
        # Not before: a new socket would get the number of an old one, and its events.
        while self._gone:
            self._gone.pop().close()

    def _advance_again(self) -> None:
        again, self._again = self._again, []
        for client in again:
            try:
                if client.at is At.REQUEST:
                    client.advance()
            except Exception as error:
                self._failed(client, error)

    def _failed(self, watched: Watched, error: Exception) -> None:
        """Give up one connection: what goes wrong with it leaves the others alone."""
        log.error("connection_failed", exc_info=error)
        watched.drop()

    def _look(self) -> None:
        """See to what is no event, once a second."""
        self._looks_at = self.now + _LOOK_SECONDS
        for client in [client for client in self._clients if client.deadline < self.now]:
            client.drop()
        if self._is_wanted:
            self._listener.listen(is_wanted=len(self._clients) < self._most_clients)
        elif not self.is_draining:
            self.is_draining = True
            self.forget(self._listener)
            for client in list(self._clients):
                client.hurry()

    # What a connection needs.

    def watch(self, watched: Watched, mask: int) -> None:
        """Tell ``watched`` of what is in ``mask`` from now on."""
        number = watched.socket.fileno()
        if number not in self._watched:
            self._watched[number] = watched
            self._epoll.register(number, mask)
        elif watched.mask != mask:
            self._epoll.modify(number, mask)
        watched.mask = mask

    def unwatch(self, watched: Watched) -> None:
        """Tell it nothing any more."""
        if self._watched.pop(watched.socket.fileno(), None) is not None:
            self._epoll.unregister(watched.socket.fileno())

    def forget(self, watched: Watched) -> None:
        """Tell it nothing any more, and close it at the end of this turn."""
        self.unwatch(watched)
        self._gone.append(watched.socket)
        if isinstance(watched, Client):
            self._clients.discard(watched)
            self._look_if_full(self._most_clients - 1)

    def again(self, client: Client) -> None:
        """Have ``client`` advance in the next turn."""
        self._again.append(client)

    def welcome(self, connected: socket.socket, peer: str) -> None:
        """Serve a new connection, from the address ``peer``."""
        connected.setblocking(False)  # noqa: FBT003
        self._clients.add(Client(self, connected, peer))
        self._look_if_full(self._most_clients)

    def _look_if_full(self, number: int) -> None:
        """Have it looked at in this turn whether more connections are wanted, if there are ``number`` now."""
        if len(self._clients) == number:
            self._looks_at = self.now

    def take(self, client: Client, text: bytes, block: bytes) -> None:
        """Answer a request, or have it answered; ``text`` is its line, ``block`` its fields."""
        try:
            way = self._way(block)
            hit = self._hits.find_known(text, way) if self._hits is not None else None
            if hit is None:
                hit = self._find(client, text, block, way)
        except Malformed as malformed:
            client.refuse(malformed)
            return
        if hit is not None:
            self._waiting.append((client, hit))

    def _find(self, client: Client, text: bytes, block: bytes, way: Way) -> Hit | None:
        """Return the document that is asked for, or have somebody else answer."""
        line = read_line(text)
        way.check(line)
        is_plain = (
            way.is_plain
            and line.is_http_1_1
            and line.method in {"GET", "HEAD"}
            and line.target[0] == "/"
            and len(text) <= _LONGEST_PLAIN
        )
        if is_plain and self._hits is not None:
            hit = self._hits.find(text, line, way)
            if hit is not None:
                return hit
            if self._hits.is_of_a_document(line.target):
                self._call(client, line, way)
                return None
        Exchange(self, client, self._server).start(text, block, line, way)
        return None

    def _way(self, block: bytes) -> Way:
        """Read the header fields; most clients send the same with each request."""
        way = self._ways.get(block)
        if way is None:
            way = read_fields(block)
            if len(block) <= _LONGEST_WAY and way.is_plain and not (way.if_none_match or way.request_id):
                if len(self._ways) >= _WAYS_KEPT:
                    self._ways.clear()
                self._ways[block] = way
        return way

    def _answer_hits(self) -> None:
        hits, waiting, self._waiting = self._hits, self._waiting, []
        if hits is None:
            return
        fresh = hits.fresh([hit for _, hit in waiting])
        for (client, hit), kept in zip(waiting, fresh, strict=True):
            try:
                if kept is not None:
                    is_last = hit.way.closes or not self._is_wanted
                    head, body = hits.answer(hit, kept, client.started, is_last=is_last)
                    client.answer(head, body, is_last=is_last)
                else:
                    self._call(client, read_line(hit.text), hit.way)
            except Exception as error:
                self._failed(client, error)

    def _call(self, client: Client, line: Line, way: Way) -> None:
        environ = environ_of(line, way, peer=client.peer, host=self._host, port=self._port)
        self._calls.submit(client, environ, is_last=way.closes)


def _accepts(server: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(server))
        except OSError:
            return False
    return True


def most_clients() -> int:
    """Return how many connections a process serves at once: each may need three files, one at either end behind it."""
    may_have, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if may_have == resource.RLIM_INFINITY:
        return MOST_CLIENTS
    return min(MOST_CLIENTS, max(1, (may_have - _OTHER_FILES) // 3))


def _unlogged(*_: object) -> None:
    """Log nothing: there is no log to write to."""
