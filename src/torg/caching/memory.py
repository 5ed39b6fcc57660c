"""The documents that this process keeps: bounded in bytes, those that were read lately stay."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.conf import settings

from torg.caching.document import Document
from torg.caching.marks import Proof, Pulse

# What Python needs for a document beside its bytes, by measurement; with the request line that asks for it.
_OVERHEAD = 2_000


class Sent(NamedTuple):
    """An answer with a document as it was sent last: for whom, its ETag and body, and what heads have in common."""

    frame: object
    accepted: str
    status: int
    etag: str
    common: bytes
    body: bytes


class Kept:
    """A document with its proof; ``expires_at`` and ``built_at`` are seconds since 1970.

    ``pulse`` is the one with which it was last found fresh, None if it never was; ``checked_at`` is when that was asked
    for (``time.monotonic``). ``sent`` is for the thread of the accelerator alone.
    """

    __slots__ = (
        "built_at", "checked_at", "document", "expires_at", "proof", "pulse", "sent", "size", "was_read",
    )  # fmt: skip

    def __init__(self, document: Document, proof: Proof, *, built_at: float, expires_at: float) -> None:
        self.document = document
        self.proof = proof
        self.built_at = built_at
        self.expires_at = expires_at
        self.pulse: Pulse | None = None
        self.checked_at = 0.0
        self.sent: Sent | None = None
        self.was_read = False
        bodies = len(document.body) + sum(map(len, document.forms))
        self.size = _OVERHEAD + bodies + sum(map(len, document.tags))

    def judge(self, scores: Sequence[bytes | None], asked_at: float) -> Pulse | None:
        """Return the pulse with which it is fresh by what Redis was asked for at ``asked_at``; None if it is not."""
        pulse = self.proof.judged(scores)
        if pulse is not None:
            self.pulse, self.checked_at = pulse, asked_at
        return pulse


class Memory:
    """Documents by key, ``limit()`` bytes at most. Looking one up takes no lock."""

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        # Of a plain dictionary the first one is found only behind all that were there before it.
        self.documents: OrderedDict[str, Kept] = OrderedDict()
        self.bytes = 0

    def get(self, key: str) -> Kept | None:
        """Return the document that is kept as ``key``."""
        kept = self.documents.get(key)
        if kept is not None:
            kept.was_read = True
        return kept

    def put(self, key: str, kept: Kept) -> None:
        """Keep a document, and let go of those that nobody has read since their last turn."""
        with self._lock:
            self._let_go(key)
            if _size(key, kept) > self._limit():
                return
            self.documents[key] = kept
            self.bytes += _size(key, kept)
            while self.bytes > self._limit():
                oldest, candidate = next(iter(self.documents.items()))
                if candidate.was_read and candidate is not kept:
                    candidate.was_read = False
                    self.documents.move_to_end(oldest)
                else:
                    self._let_go(oldest)

    def remove(self, key: str) -> None:
        """Let go of the document that is kept as ``key``, if there is one."""
        with self._lock:
            self._let_go(key)

    def clear(self) -> None:
        """Let go of all documents."""
        with self._lock:
            self.documents.clear()
            self.bytes = 0

    def _let_go(self, key: str) -> None:
        gone = self.documents.pop(key, None)
        if gone is not None:
            self.bytes -= _size(key, gone)


def _size(key: str, kept: Kept) -> int:
    return len(key) + kept.size  # A name may be longer than its document: it says all that was asked for.


memory = Memory(lambda: settings.TORG_CACHE_MEMORY_MB * 1_000_000)


def size() -> tuple[int, int]:
    """Return how many documents this process keeps, and how many bytes they take."""
    return len(memory.documents), memory.bytes
