"""Children that end when their parent does, even if it was killed and could tell nobody."""

import os
import signal
import threading
import time

# Set by ``torg up`` for what it starts.
UP_PROCESS = "TORG_UP_PROCESS"
LOOK_SECONDS = 0.2
GRACE_SECONDS = 40


def end_with_up() -> None:
    """End, in order, when the ``torg up`` that started this process is gone; do nothing if none did."""
    if UP_PROCESS in os.environ:
        end_with_parent(int(os.environ[UP_PROCESS]))


def end_with_parent(parent: int) -> None:
    """End, in order, when ``parent`` is gone.

    It is asked for rather than waited for: the kernel gives an orphan another parent, which cannot be missed.
    """
    threading.Thread(target=_follow, args=[parent], name="follow-parent", daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    # To the main thread: Python runs its handlers there, and only a signal of its own wakes it from waiting.
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
