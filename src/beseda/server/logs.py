"""Logs: for people on a terminal, else one JSON object a line. Secrets never get this far: nothing logs bodies,
headers or query strings, and tracebacks come without the values of variables."""

import logging
import sys
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict

from beseda.core.feed import Subscriber
from beseda.core.rehearsal import is_rehearsal
from beseda.server.config import LogConfig, LogFormat

MAX_VALUE_CHARS = 500
MAX_TRACEBACK_CHARS = 10_000
REQUEST_ID: ContextVar[str] = ContextVar("request_id")
"""The request in whose course something is logged; the answer's x-request-id."""


def configure_logs(config: LogConfig, *, libraries: bool = True, worker: int | None = None) -> None:
    """Set up structlog; with `libraries`, send what they log the same way. A `worker` says in each line which it is."""
    as_json = config.format is LogFormat.JSON or (config.format is LogFormat.AUTO and not sys.stderr.isatty())
    level = logging.getLevelNamesMapping()[config.level.upper()]
    shared: list[Any] = [
        *(() if worker is None else (lambda _logger, _name, event: {**event, "worker": worker},)),
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _one_line,
    ]
    renderer: Any = structlog.processors.JSONRenderer() if as_json else _console()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # One that writes a line whole: those of several workers would come between each other's halves.
        logger_factory=structlog.WriteLoggerFactory(_Tolerant(sys.stderr)),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )
    if not libraries:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


class _Tolerant:
    """The stream of the log. What cannot be written, as its terminal has gone away or its disk is full, is lost: the
    server is not."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def _console() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, sort_keys=False
    )


class LogJournal:
    """The core's Journal, as lines of the log."""

    def __init__(self) -> None:
        self._log = structlog.get_logger()

    def note(self, event: str, **facts: str | int) -> None:
        if not is_rehearsal():
            self._log.info(event, **facts)


def printable(text: str) -> str:
    """The text with all that would break a line or paint a terminal written as `\\xNN`."""
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _add_request_id(_logger: object, _name: str, event: EventDict) -> EventDict:
    if request_id := REQUEST_ID.get(""):
        event["request_id"] = request_id
    return event


def _one_line(_logger: object, _name: str, event: EventDict) -> EventDict:
    """No value breaks the line; a traceback is the one thing that has several, all indented."""
    lines = str(event.pop("exception", ""))[-MAX_TRACEBACK_CHARS:].splitlines()
    event = {
        key: printable(value[:MAX_VALUE_CHARS]) if isinstance(value, str) else value for key, value in event.items()
    }
    if lines:
        event["exception"] = "\n".join("    " + printable(line) for line in lines)
    return event


def log_failure(subscriber: Subscriber, error: Exception) -> None:
    """The feed's OnFailure."""
    name = getattr(subscriber, "__qualname__", "?")
    structlog.get_logger().error("a subscriber of the feed failed", subscriber=name, exc_info=error)
