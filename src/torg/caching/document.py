"""A document: the finished bytes of one answer, and what they depend on."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The finished bytes of one answer.

    ``tags`` name everything whose change can make the bytes wrong, such as ``product:0190…``. ``etag`` is strong:
    it differs wherever the bytes do.
    """

    body: bytes
    tags: tuple[str, ...]
    etag: str
    content_type: str = JSON

    @classmethod
    def of(cls, body: bytes, tags: Iterable[str]) -> "Document":
        """Make the document of ``body``."""
        digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        return cls(body=body, tags=tuple(sorted(set(tags))), etag=f'"{digest}"')
