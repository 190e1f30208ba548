"""Pictures that a service wants a person to read."""

from collections.abc import Awaitable, Callable

import msgspec


class Picture(msgspec.Struct, frozen=True):
    """A picture to be read: where it is, and what it is."""

    url: str
    content: bytes
    content_type: str = ""


AsyncCaptcha = Callable[[Picture], Awaitable[str] | str]
"""Asks a person what a picture says."""
Captcha = Callable[[Picture], str]
"""The same without `await`."""
