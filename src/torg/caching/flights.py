"""Work under way in this process, so that many who ask for the same at once do not all do it."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class _Flight(Generic[Result]):
    """One piece of work, and the one that follows it for those who came when it had begun."""

    def __init__(self) -> None:
        self.has_landed = threading.Event()
        self.has_pilot = False
        self.result: Result
        self.error: BaseException | None = None
        self.following: _Flight[Result] | None = None

    def landed(self) -> Result:
        if self.error is not None:
            raise self.error
        return self.result


class Flights(Generic[Result]):
    """Shares results among those who ask for the same at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[str, _Flight[Result]] = {}

    def share(self, key: str, work: Callable[[], Result]) -> Result:
        """Return, or raise, what ``work`` came to, done by us or by another after this call.

        Work that was under way already may have read what is no longer so. It is waited for, and all who came
        meanwhile share the next. So at most two are done for any number of callers at once.
        """
        with self._lock:
            current = self._under_way.get(key)
            if current is not None and not current.has_pilot:
                # Who waits for it may be gone; it is begun by who comes first.
                flight, current = current, None
            elif current is not None:
                flight = current.following = current.following or _Flight()
            else:
                flight = self._under_way[key] = _Flight()
            is_pilot = current is None
            flight.has_pilot = flight.has_pilot or is_pilot
        if current is not None:
            current.has_landed.wait()
            with self._lock:
                is_pilot = not flight.has_pilot
                flight.has_pilot = True
        if not is_pilot:
            flight.has_landed.wait()
            return flight.landed()
        return self._fly(key, flight, work)

    def _fly(self, key: str, flight: _Flight[Result], work: Callable[[], Result]) -> Result:
        try:
            flight.result = work()
        except BaseException as error:
            flight.error = error
            raise
        finally:
            with self._lock:
                if flight.following is not None:
                    self._under_way[key] = flight.following
                else:
                    del self._under_way[key]
            flight.has_landed.set()
        return flight.result
