"""Signals that are noticed while the main thread waits."""

import signal
import socket
import threading
from collections.abc import Callable

# Does nothing by default, and nobody else here uses it.
NUDGE = signal.SIGURG


def notice_signals(at_end: Callable[[], None] = lambda: None) -> None:
    """See to it that handlers run at once in a process whose main thread waits for a lock, as Granian's do.

    Python runs them in the main thread, but the kernel may give the signal to any other; the main thread then
    goes on waiting. (Seen in one of six shutdowns with a request in flight.) So each signal is noticed in a
    thread of its own, which interrupts the main thread's waiting. To be called again after a fork.

    ``at_end`` is called there when the process is asked to end.
    """
    ours, pythons = socket.socketpair()
    pythons.settimeout(0)
    signal.signal(NUDGE, lambda *_: None)
    signal.set_wakeup_fd(pythons.fileno(), warn_on_full_buffer=False)
    threading.Thread(target=_nudge, args=[ours, pythons, at_end], name="notice-signals", daemon=True).start()


def _nudge(ours: socket.socket, _kept_open: socket.socket, at_end: Callable[[], None]) -> None:
    main_thread = threading.main_thread().ident
    while number := ours.recv(1):
        if number[0] in {signal.SIGTERM, signal.SIGINT}:
            at_end()
        if number[0] != NUDGE and main_thread is not None:
            signal.pthread_kill(main_thread, NUDGE)
