"""The documents in Redis, where all processes of a build find them, and the leases of those who build them."""

import sys
import time
from collections.abc import Iterable

import msgspec
from django.conf import settings

from torg.caching.document import ENCODINGS, Document
from torg.caching.keys import document_key
from torg.caching.marks import Proof
from torg.caching.memory import Kept
from torg.caching.redis import Connection

# Longer than any page takes to build; whoever dies with a lease keeps others waiting for less than this.
LEASE_MILLISECONDS = 5_000


class _Stored(msgspec.Struct, array_like=True):
    epoch: int
    horizon: int
    built_at: float
    expires_at: float
    tags: tuple[str, ...]
    etag: str
    content_type: str
    body: bytes
    forms: tuple[bytes, ...]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Stored).decode


def get(redis: Connection, name: str) -> Kept | None:
    """Return the document that is stored as ``name``, whether it is fresh or not."""
    return _kept(redis.run("GET", document_key(name)))


def get_many(redis: Connection, names: Iterable[str]) -> list[Kept | None]:
    """Return the documents that are stored as ``names``."""
    asked = [document_key(name) for name in names]
    return [_kept(packed) for packed in redis.run("MGET", *asked)] if asked else []


def put_many(redis: Connection, documents: Iterable[tuple[str, Kept]]) -> None:
    """Store documents by their names until they expire."""
    commands = [
        ("SET", document_key(name), _packed(kept), "EX", max(1, int(kept.expires_at - time.time())))
        for name, kept in documents
    ]
    if commands:
        redis.pipeline(commands)


def take_lease(redis: Connection, name: str) -> bool:
    """Say whether we are the one to build ``name`` now."""
    return redis.run("SET", _lease(name), "1", "NX", "PX", LEASE_MILLISECONDS) is not None


def give_lease_back(redis: Connection, name: str) -> None:
    """Let others build ``name``. If another one has taken the lease meanwhile, two build it: no harm is done."""
    redis.run("DEL", _lease(name))


def is_leased(redis: Connection, name: str) -> bool:
    """Say whether somebody builds ``name``."""
    return bool(redis.run("EXISTS", _lease(name)))


def _lease(name: str) -> str:
    return f"{document_key(name)}:lease"


def _packed(kept: Kept) -> bytes:
    document = kept.document
    return _encode(
        _Stored(
            kept.proof.epoch,
            kept.proof.horizon,
            kept.built_at,
            kept.expires_at,
            document.tags,
            document.etag,
            document.content_type,
            document.body,
            document.forms,
        )
    )


def _kept(packed: bytes | None) -> Kept | None:
    if packed is None:
        return None
    try:
        found = _decode(packed)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None  # Somebody else's, or cut off; it will be built anew.
    if len(found.forms) not in {0, len(ENCODINGS)}:
        return None
    tags = tuple(map(sys.intern, found.tags))  # Many documents have the same ones.
    document = Document(
        body=found.body,
        tags=tags,
        etag=found.etag,
        content_type=found.content_type,
        forms=found.forms,
    )
    proof = Proof(found.epoch, found.horizon, tags)
    # The limit may have been lowered since; marks are kept for no longer than documents may live.
    expires_at = min(found.expires_at, found.built_at + settings.TORG_CACHE_MAX_AGE)
    return Kept(document, proof, built_at=found.built_at, expires_at=expires_at)
