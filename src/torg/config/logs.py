"""Logging: structlog for everything, one JSON object a line, or coloured lines in a terminal."""

import logging
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import structlog

# Local variables may hold passwords and addresses, so tracebacks go without them.
_EXCEPTIONS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def _as_json(event: dict[str, Any], default: Callable[[Any], Any], **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=default).decode()


class _StderrHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Ours, to be told from one that a project has put in its place."""


def is_json_on_stderr() -> bool:
    """Say whether logs go where ``configure_logging`` has sent them, and as JSON."""
    handlers = logging.getLogger().handlers
    return len(handlers) == 1 and isinstance(handlers[0], _StderrHandler) and not sys.stderr.isatty()


def configure_logging(level: str) -> None:
    """Send all logs, Django's and ours, to standard error at ``level`` and above, each with its request's id."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    renderers: list[Any] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if sys.stderr.isatty()
        else [_EXCEPTIONS, structlog.processors.JSONRenderer(serializer=_as_json)]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _StderrHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Each of these says at INFO what the access log or the job's own line already says.
    for name in ("procrastinate.worker", "procrastinate.blueprints", "procrastinate.jobs", "urllib3"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # Refusals are in the access log; only what broke is worth a line of its own.
    logging.getLogger("django.request").setLevel(logging.ERROR)
