"""Faults on purpose, for ``torg prove freshness``: what the hidden variable ``TORG_FAULTS`` says, at named points.

Such as ``built:sleep=0.003;committed:die=0.01;marks:off``: between a build and the store sleep for 3 ms; after one in a
hundred commits, before its marks, die as by ``kill -9``; and let writers raise no marks at all.
"""

import os
import random
import signal
import sys
import time
from typing import NamedTuple

VARIABLE = "TORG_FAULTS"


class _Fault(NamedTuple):
    sleeps: float = 0.0
    dies: float = 0.0


def _parsed(text: str) -> tuple[dict[str, _Fault], bool]:
    """Read the faults by their points, and whether marks are off."""
    faults: dict[str, _Fault] = {}
    marks_are_off = False
    for word in filter(None, text.split(";")):
        point, _, action = word.partition(":")
        name, _, value = action.partition("=")
        fault = faults.get(point, _Fault())
        if (point, name) == ("marks", "off"):
            marks_are_off = True
        elif name == "sleep":
            faults[point] = fault._replace(sleeps=float(value))
        elif name == "die":
            faults[point] = fault._replace(dies=float(value))
        else:
            raise ValueError(f"{VARIABLE}: {word!r} is no fault")
    return faults, marks_are_off


_faults, MARKS_ARE_OFF = _parsed(os.environ.get(VARIABLE, ""))
"""Whether writers raise no marks (relays do)."""


def at(point: str) -> None:
    """Have the fault that is planned for ``point``: ``committed``, ``built`` or ``leased``. Nothing, in a shop."""
    fault = _faults.get(point)
    if fault is None:
        return
    if fault.dies and random.random() < fault.dies:  # noqa: S311
        print(f"torg.fault {point}", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if fault.sleeps:
        time.sleep(fault.sleeps)
