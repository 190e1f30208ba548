"""A log line is one line, whatever stands in it."""

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from beseda.server.asgi import _told
from beseda.server.config import LogConfig, LogFormat
from beseda.server.logs import REQUEST_ID, LogJournal, configure_logs, printable
from e2e.console import logs_as_before

EVIL = 'Alena\r\n{"event": "authenticated"}\n\x1b[2J\u2028\x00'


@pytest.fixture(params=[LogFormat.JSON, LogFormat.HUMAN])
def lines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged, in each of the forms."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with logs_as_before():
        configure_logs(LogConfig(format=request.param, level="debug"))
        yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_values_never_break_the_line(lines: io.StringIO) -> None:
    structlog.get_logger().info(EVIL, nick=EVIL, nicks=[EVIL])
    logging.getLogger("library").warning("bad %s", EVIL)
    assert len(lines.getvalue().splitlines()) == 2
    assert "\x1b" not in lines.getvalue()


def test_a_traceback_has_no_values_and_begins_no_line_of_its_own(lines: io.StringIO) -> None:
    secret_value = "kratka zima 7"
    try:
        raise ValueError(EVIL)
    except ValueError:
        structlog.get_logger().exception("crashed", path="/x")
        logging.getLogger("library").exception("crashed")
    text = lines.getvalue()
    assert "ValueError" in text
    assert secret_value not in text
    assert "\x1b" not in text
    assert all(line.startswith(("    ", "{", "20")) for line in text.splitlines())


def test_lines_have_the_request_in_whose_course_they_are_written(lines: io.StringIO) -> None:
    token = REQUEST_ID.set("abc-1")
    LogJournal().note("authenticated", account_id=7)
    REQUEST_ID.reset(token)
    LogJournal().note("authenticated", account_id=8)
    first, second = lines.getvalue().splitlines()
    assert "abc-1" in first
    assert "request_id" not in second


def test_json_lines_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with logs_as_before():
        configure_logs(LogConfig(format=LogFormat.AUTO), libraries=False)
        structlog.get_logger().info("x", nick=EVIL, long="y" * 10_000)
        structlog.get_logger().debug("not at this level")
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    assert told["nick"] == printable(EVIL)
    assert len(told["long"]) == 500


@given(st.text())
def test_printable_text_is_printable_and_keeps_what_was(text: str) -> None:
    assert printable(text).isprintable()
    assert printable(text) == text or not text.isprintable()


def test_what_opens_a_channel_does_not_stand_in_a_log() -> None:
    secret = "0123456789abcdef" * 2
    assert [_told(path) for path in (f"/ws/{secret}", f"/lpex/{secret}/x", "/mail/", "")] == [
        "/ws/...",
        "/lpex/...",
        "/mail/",
        "",
    ]
