"""The one reader of JSON that comes from outside: strict, bounded, the same for all protocols.

UTF-8 only, at most 32 levels and 1,000 members, no NaN or infinity, no duplicate keys, integers of 64 bits, no lone
surrogates, no NUL (which databases cannot keep). A byte order mark in front is passed over (RFC 8259, 8.1).
"""

import json
import math
import re
from typing import Any

import msgspec

MAX_DEPTH = 32
MAX_MEMBERS = 1_000
MAX_NUMBER_CHARS = 100
INT64 = range(-(2**63), 2**63)

Scalar = str | int | float | msgspec.Raw
BOM = b"\xef\xbb\xbf"
MANY = " members"
DEEP = f"more than {MAX_DEPTH} levels"
LONG = f"a number of more than {MAX_NUMBER_CHARS} characters"
TWICE = "a key stands twice"
CHARACTER = "a string has a character that cannot be kept"
INTEGER = "an integer has more than 64 bits"
NUMBER = "a number is too large"
OTHER = "it is not read"

write_json = msgspec.json.Encoder().encode
"""Compact JSON in UTF-8, of any value."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_LONG_NUMBER = re.compile(rb"[0-9.eE+-]{%d}" % (MAX_NUMBER_CHARS + 1))
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonRefused(ValueError):
    """The text is no JSON; `encoding` is true when it is not UTF-8."""

    def __init__(self, reason: str, *, encoding: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.encoding = encoding


class JsonNotTaken(JsonRefused):
    """The text is JSON, but there is something in it that is not read.

    `kind` is what it is: dict, list or object. Of an object, `member` names the member that holds what is not taken,
    "" when no single one does, and `scalars` are the strings and numbers among the members, fit to be written.
    """

    def __init__(
        self, reason: str, kind: type, member: str, scalars: dict[str, str | int | float | msgspec.Raw]
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.member = member
        self.scalars = scalars


def read_json(text: bytes, max_members: int = MAX_MEMBERS) -> Any:
    """The value: dicts, lists, str, int, float, bool, None. Raises JsonRefused, of valid JSON JsonNotTaken."""
    if text[:3] == BOM:
        text = text[3:]
    # Without a backslash every quote begins or ends a string.
    bare = _STRING.sub(b'"', text) if b"\\" in text else b'"'.join(text.split(b'"')[::2])
    members = bare.count(b":")
    if members + bare.count(b",") > max_members:
        raise _refusal(text, f"more than {max_members:,}{MANY}")
    if bare.count(b"[") + bare.count(b"{") > MAX_DEPTH and _depth(bare) > MAX_DEPTH:
        raise _refusal(text, DEEP)
    if _LONG_NUMBER.search(bare):
        raise _refusal(text, LONG)
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _refusal(text, OTHER) from error
    if _count_members(value) != members:
        raise _refusal(text, TWICE)
    return value


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
    """The members of all objects in it; -1 when there is something in it that is not taken."""
    members, within = 0, [value]
    for each in within:  # which grows on the way
        kind = type(each)
        if kind is str:
            if "\0" in each or (not each.isascii() and _LONE_SURROGATE.search(each)):
                return -1
        elif kind is dict:
            members += len(each)
            within += each
            within += each.values()
        elif kind is list:
            within += each
        elif kind is int and each not in INT64:
            return -1
    return members


# Why a text was refused: looked into only then, and slowly.


class _Number(str):
    """As it was written."""

    __slots__ = ()


class _Pairs(list[tuple[str, Any]]):
    """An object, with all of its members."""

    __slots__ = ()


def _refusal(text: bytes, reason: str) -> JsonRefused:
    """What is wrong with a text that is not read, for which `reason` is the answer if nothing better is found."""
    try:
        decoded = text.decode("utf-8")
        value = _many(decoded) if reason.endswith(MANY) and not _LONG_NUMBER.search(text) else _all(decoded)
    except UnicodeDecodeError:
        return JsonRefused("not UTF-8", encoding=True)
    except (ValueError, RecursionError):
        return JsonRefused("malformed")
    if type(value) not in (dict, _Pairs):
        return JsonNotTaken(reason if reason.endswith(MANY) else _fault(value, 1) or reason, type(value), "", {})
    pairs = list(value.items()) if type(value) is dict else value
    scalars = {name: _writable(each) for name, each in pairs if type(each) in (str, _Number, int, float)}
    if type(value) is dict:
        sizes = [(len(json.dumps(each)), name) for name, each in pairs if type(each) in (dict, list)]
        return JsonNotTaken(reason, dict, max(sizes, default=(0, ""))[1], scalars)
    if found := _fault(_Pairs((name, None) for name, _ in value), 1):
        return JsonNotTaken(found, dict, "", scalars)
    for name, each in value:
        if found := _fault(each, 2):
            return JsonNotTaken(found, dict, name, scalars)
    return JsonNotTaken(reason, dict, "", scalars)


def _all(text: str) -> Any:
    """The value with all that a decoder loses, but for what is too deep. Raises ValueError."""
    return json.loads(
        _without_depths(text),
        object_pairs_hook=_Pairs,
        parse_int=_Number,
        parse_float=_Number,
        parse_constant=_refuse_constant,
    )


def _many(text: str) -> Any:
    """The value as a decoder gives it, since there are too many to look at each. Raises ValueError."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        return json.loads(_without_depths(text), parse_constant=_refuse_constant)


def _refuse_constant(word: str) -> object:
    raise ValueError(word)


CLOSING = {"[": "]", "{": "}"}
_BRACKETS = re.compile(r'("(?:[^"\\]|\\.)*+"|[\[\]{}])', re.DOTALL)


def _without_depths(text: str) -> str:
    """The text with a number for whatever is more than one level too deep: else none could look at it."""
    parts, closing, kept, begin = _BRACKETS.split(text), list[str](), list[str](), 0
    for index in range(1, len(parts), 2):
        part = parts[index]
        if part in CLOSING:
            closing.append(CLOSING[part])
            if len(closing) == MAX_DEPTH + 2:
                kept += [*parts[begin:index], "0"]
        elif part == "]" or part == "}":
            if not closing or closing.pop() != part:
                raise ValueError(part)
            if len(closing) == MAX_DEPTH + 1:
                begin = index + 1
    if closing:
        raise ValueError(closing)
    return "".join(kept + parts[begin:])


def _fault(value: Any, level: int) -> str:
    """What is not taken in a value at that level; "" when all of it is."""
    within = [(value, level)]
    for each, depth in within:  # which grows on the way
        kind = type(each)
        if kind is _Number and (fault := _fault_of_number(each)):
            return fault
        if kind is str and ("\0" in each or _LONE_SURROGATE.search(each)):
            return CHARACTER
        if kind in (_Pairs, list) and depth > MAX_DEPTH:
            return DEEP
        if kind is _Pairs:
            if len({name for name, _ in each}) < len(each):
                return TWICE
            within += [(part, depth + 1) for pair in each for part in pair]
        elif kind is list:
            within += [(part, depth + 1) for part in each]
    return ""


def _fault_of_number(number: str) -> str:
    if len(number) > MAX_NUMBER_CHARS:
        return LONG
    if number.lstrip("-").isdigit():
        return "" if int(number) in INT64 else INTEGER
    return "" if math.isfinite(float(number)) else NUMBER


def _writable(scalar: str | int | float) -> Scalar:
    """A string or a number as it can be written."""
    if isinstance(scalar, int | float):
        scalar = _Number(json.dumps(scalar)) if math.isfinite(scalar) else _Number("1e999")
    if type(scalar) is not _Number:
        return msgspec.Raw(json.dumps(scalar).encode()) if _LONE_SURROGATE.search(scalar) else scalar
    if _fault_of_number(scalar):
        return msgspec.Raw(scalar.encode())
    return int(scalar) if scalar.lstrip("-").isdigit() else float(scalar)
