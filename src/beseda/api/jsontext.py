"""The one reader of JSON that comes from outside: strict, bounded, the same for all protocols.

UTF-8 only, at most 32 levels and 1,000 members, no NaN or infinity, no duplicate keys, integers of 64 bits, no lone
surrogates, no NUL (which databases cannot keep).
"""

import re
from typing import Any

import msgspec

MAX_DEPTH = 32
MAX_MEMBERS = 1_000
MAX_NUMBER_CHARS = 100
INT64 = range(-(2**63), 2**63)

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_LONG_NUMBER = re.compile(rb"[0-9.eE+-]{%d}" % (MAX_NUMBER_CHARS + 1))
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonRefused(ValueError):
    """The text is no JSON, or more than is read; `encoding` is true when it is not UTF-8."""

    def __init__(self, reason: str, *, encoding: bool = False) -> None:
        super().__init__(reason)
        self.encoding = encoding


def read_json(text: bytes) -> Any:
    """The value: dicts, lists, str, int, float, bool, None. Raises JsonRefused."""
    # Without a backslash every quote begins or ends a string.
    bare = _STRING.sub(b'"', text) if b"\\" in text else b'"'.join(text.split(b'"')[::2])
    members = bare.count(b":")
    if members + bare.count(b",") > MAX_MEMBERS:
        raise JsonRefused("too many members")
    if bare.count(b"[") + bare.count(b"{") > MAX_DEPTH and _depth(bare) > MAX_DEPTH:
        raise JsonRefused("nested too deeply")
    if _LONG_NUMBER.search(bare):
        raise JsonRefused("a number is too long")
    try:
        value = msgspec.json.decode(text)
    except UnicodeDecodeError as error:
        raise JsonRefused("not UTF-8", encoding=True) from error
    except (msgspec.MsgspecError, RecursionError) as error:
        raise JsonRefused("malformed", encoding=not _is_utf8(text)) from error
    if _count_members(value) != members:
        raise JsonRefused("a key stands twice")
    return value


def write_json(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return msgspec.json.encode(value)


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _depth(bare: bytes) -> int:
    depth = deepest = 0
    for byte in bare:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _count_members(value: Any) -> int:
    """The members of all objects in it; refuses on the way what a decoder lets pass."""
    members, within = 0, [value]
    for each in within:  # which grows on the way
        kind = type(each)
        if kind is str:
            if "\0" in each or (not each.isascii() and _LONE_SURROGATE.search(each)):
                raise JsonRefused("a string has a character that cannot be kept")
        elif kind is dict:
            members += len(each)
            within += each
            within += each.values()
        elif kind is list:
            within += each
        elif kind is int and each not in INT64:
            raise JsonRefused("an integer has more than 64 bits")
    return members
