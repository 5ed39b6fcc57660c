"""A document: the finished bytes of one answer, and what they depend on."""

import gzip
import hashlib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import brotli

JSON = "application/json"
# How a body may be sent compressed, the best first. What is stored has them in this order.
ENCODINGS = ("br", "gzip")
WORTH_COMPRESSING = 200
GZIP_LEVEL = 6
BROTLI_QUALITY = 5
_TAG = re.compile(r"[!-+\--~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The finished bytes of one answer.

    ``tags`` name everything whose change can make the bytes wrong, such as ``product:0190…``. ``etag`` is strong:
    it differs wherever the bytes do. ``is_kept`` is false for what is not worth keeping, such as a list of nothing.
    ``forms`` holds the compressed bytes, in the order of ``ENCODINGS``, where that was worth it.
    """

    body: bytes
    tags: tuple[str, ...]
    etag: str
    content_type: str = JSON
    is_kept: bool = True
    forms: tuple[bytes, ...] = field(default=(), repr=False, compare=False)

    @classmethod
    def of(cls, body: bytes, tags: Iterable[str], *, is_kept: bool = True) -> "Document":
        """Make the document of ``body``. Raises ``ValueError`` for tags that no change or header could name."""
        tags = tuple(map(sys.intern, sorted(set(tags))))
        if not all(map(_TAG.fullmatch, tags)):
            raise ValueError(f"tags are printable ASCII without spaces and commas, and not {list(tags)}")
        digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        return cls(body=body, tags=tags, etag=f'"{digest}"', is_kept=is_kept)

    @property
    def is_worth_compressing(self) -> bool:
        """Whether the body is long enough to be sent in another encoding than ``identity``."""
        return len(self.body) >= WORTH_COMPRESSING

    def encoded(self, encoding: str) -> bytes:
        """Return the body in ``encoding``: ``identity``, ``gzip`` or ``br``; the same bytes each time."""
        if encoding == "identity":
            return self.body
        if self.forms:
            return self.forms[ENCODINGS.index(encoding)]
        return _compressed(self.body, encoding)

    def compressed(self) -> "Document":
        """Return the document with its ``forms``, to be sent more than once."""
        if self.forms or not self.is_worth_compressing:
            return self
        return replace(self, forms=tuple(_compressed(self.body, encoding) for encoding in ENCODINGS))


def _compressed(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.compress(
            body, GZIP_LEVEL, mtime=0
        )  # Without the time, which would make the bytes differ.
    if encoding == "br":
        # A window that the body fits into: the default one takes megabytes, in each thread.
        window = min(max(len(body).bit_length(), 10), 22)
        compressed: bytes = brotli.compress(body, quality=BROTLI_QUALITY, mode=brotli.MODE_TEXT, lgwin=window)
        return compressed
    raise ValueError(f"{encoding} is not an encoding of documents")
