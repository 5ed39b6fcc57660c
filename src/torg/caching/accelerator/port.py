"""What the loop waits for beside its connections: new ones, and other threads."""

import errno
import select
import socket
from contextlib import suppress

import structlog

from torg.caching.accelerator.clients import Loop

log = structlog.get_logger("torg.caching")

_PAUSE_SECONDS = 1.0


class Listener:
    """Accepts one connection at a time, so that processes that share the port share the connections, too."""

    def __init__(self, loop: Loop, listening: socket.socket) -> None:
        self._loop = loop
        self.socket = listening
        self.mask = 0
        self._listens_at = 0.0
        self._is_listening = False
        listening.setblocking(False)  # noqa: FBT003

    def listen(self, *, is_wanted: bool) -> None:
        """Listen or not, from now on."""
        is_wanted = is_wanted and self._loop.now >= self._listens_at
        if is_wanted == self._is_listening:
            return
        self._is_listening = is_wanted
        if is_wanted:
            # One process is woken for each connection, not all.
            self._loop.watch(self, select.EPOLLIN | select.EPOLLEXCLUSIVE)
        else:
            self._loop.unwatch(self)

    def on(self, events: int) -> None:  # noqa: ARG002
        """Accept a connection."""
        try:
            connected, address = self.socket.accept()
        except (BlockingIOError, ConnectionError):
            return  # Another process has it, or it has gone.
        except OSError as error:
            if error.errno == errno.EINVAL:
                self.drop()  # Closed for all processes: this one will be told to end, too.
                return
            # There are no more files to be had.
            log.warning("no_more_connections", error=str(error))
            self.drop()
            return
        try:
            # A port for both families has IPv4 addresses in this form.
            self._loop.welcome(connected, str(address[0]).removeprefix("::ffff:"))
        except OSError:
            connected.close()
            raise

    def drop(self) -> None:
        """Listen again a little later: nothing would be gained by trying at once."""
        self._listens_at = self._loop.now + _PAUSE_SECONDS
        self.listen(is_wanted=False)


class Waker:
    """Ends the waiting of the loop from another thread."""

    def __init__(self, loop: Loop) -> None:
        self.socket, self._other = socket.socketpair()
        self.mask = 0
        for side in (self.socket, self._other):
            side.setblocking(False)  # noqa: FBT003
        loop.watch(self, select.EPOLLIN)

    def wake(self) -> None:
        """End it."""
        with suppress(BlockingIOError):  # Enough is there to wake it.
            self._other.send(b"!")

    def on(self, events: int) -> None:  # noqa: ARG002
        """Take note."""
        with suppress(BlockingIOError):
            self.socket.recv(4096)

    def drop(self) -> None:
        """Stay: without it nobody is answered from other threads."""
