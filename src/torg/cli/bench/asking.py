"""One request after the other, each looked at."""

import http.client
import json
from types import TracebackType
from typing import Any

from torg.cli.bench.load import RequestFailed

TIMEOUT_SECONDS = 30


class Asker:
    """A connection that is kept open; closed at the end of a ``with`` block."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)

    def get(self, path: str) -> tuple[bytes, str]:
        """Return the body and what ``X-Cache`` says. Raises ``RequestFailed`` if it is not answered with 200."""
        try:
            self._connection.request("GET", path)
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise RequestFailed(f"{path} was not answered: {type(error).__name__} {error}") from error
        if response.status != http.client.OK:
            raise RequestFailed(
                f"{path} was answered with {response.status}: {body[:500].decode(errors='replace')}"
            )
        return body, response.headers.get("X-Cache", "")

    def get_json(self, path: str) -> Any:
        """Return what the body says."""
        return json.loads(self.get(path)[0])

    def __enter__(self) -> "Asker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
