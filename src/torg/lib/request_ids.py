"""Ids of requests, by which an answer is found again in the log."""

import re

import uuid_utils

_USABLE = re.compile(r"[A-Za-z0-9._:-]{1,128}")


def request_id_of(sent: str | None) -> str:
    """Return the id that the caller sent as ``X-Request-ID``, if it can be one, else a new one."""
    return sent if sent and _USABLE.fullmatch(sent) else str(uuid_utils.uuid7())
