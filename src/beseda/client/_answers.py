"""Answers by HTTP, and what they are when they are not what was expected. No I/O."""

import contextlib
import logging
import re
from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import urljoin

import httpx
import msgspec

from beseda.client._urls import origin_of
from beseda.client.errors import ConnectFailed, ConnectTimedOut, NotUnderstood, TooOften, Unknown

T = TypeVar("T")
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for what is no JSON, is not of the type, is no UTF-8 in a text, or is too deep."""
_COOKIE = re.compile(r"(\(b'set-cookie', )b(?:'[^']*'|\"[^\"]*\")", re.IGNORECASE)


class Answer(msgspec.Struct, frozen=True):
    """What came. `where` names the call, `secret` says that the body is not to be shown."""

    status: int
    headers: httpx.Headers
    body: bytes
    url: str
    where: str
    secret: bool = False

    def __repr__(self) -> str:
        return f"<Answer {self.status} to {self.where}>"

    @property
    def location(self) -> str:
        """Where to go on by GET; "" when the answer is no such way."""
        if self.status not in (301, 302, 303):
            return ""
        return urljoin(self.url, str(self.headers.get("location", "")))

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def retry_after_s(self) -> float | None:
        """Of the header of that name, when it says seconds."""
        told = self.headers.get("retry-after", "")
        return float(told) if told.isascii() and told.isdigit() else None

    def read(self, decoder: "msgspec.json.Decoder[T]") -> T:
        """The body as the protocol has it. Raises NotUnderstood, which names the member that is wrong or missing."""
        self.expect(200)
        try:
            return decoder.decode(self.body)
        except UNREADABLE as error:
            raise self.not_understood(str(error)) from error

    def expect(self, *statuses: int) -> None:
        """Raises NotUnderstood; Unknown and TooOften for what stands between the client and the service."""
        if self.status in statuses:
            return
        if self.status == 429:
            raise TooOften(429, f"{self.where} was not let through", retry_after_s=self.retry_after_s)
        if self.status >= 500:
            raise Unknown(f"{self.where}: HTTP {self.status}")
        raise self.not_understood(f"expected HTTP {' or '.join(map(str, statuses))}")

    def not_understood(self, expected: str) -> NotUnderstood:
        return NotUnderstood(expected, where=self.where, excerpt=b"" if self.secret else self.body, status=self.status)


def is_gone_elsewhere(answer: Answer) -> bool:
    """Whether it leads to another service than the one that was asked."""
    return origin_of(answer.location) != origin_of(answer.url)


def convert(value: object, kind: type[T], where: str) -> T:
    """A part of an answer as a type; numbers may be strings. Raises NotUnderstood."""
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        raise NotUnderstood(str(error), where=where, excerpt=msgspec.json.encode(value)) from error


class MaskedUrl(httpx.URL):
    """An address whose path is a secret: it is sent, but not shown."""

    def __str__(self) -> str:
        return str(self.copy_with(raw_path=b"/..."))


@contextlib.contextmanager
def typed_errors(where: str) -> Iterator[None]:
    """httpx's errors as ours: what says that nothing was sent is NotAsked, all else Unknown."""
    try:
        yield
    except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise ConnectTimedOut(f"{where}: no connection in time") from error
    except (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
        raise ConnectFailed(f"{where}: {error}") from error
    except (httpx.TimeoutException, TimeoutError) as error:
        raise Unknown(f"{where}: no answer in time") from error
    except httpx.DecodingError as error:
        raise NotUnderstood(f"expected what its Content-Encoding says ({error})", where=where) from error
    except httpx.TransportError as error:
        raise Unknown(f"{where}: the connection broke: {error}") from error


def hide_cookies() -> None:
    """The library below writes the heads of answers into its log at the level DEBUG: without cookies from now on."""
    for name in ("httpcore.http11", "httpcore.http2"):
        logging.getLogger(name).addFilter(_hide_cookies)


def _hide_cookies(record: logging.LogRecord) -> bool:
    if isinstance(record.msg, str):
        record.msg = _COOKIE.sub(r"\1b'...'", record.msg)
    return True
