"""What settings are declared with: documented fields, and checks that raise ValueError."""

import re
from collections.abc import Callable
from dataclasses import field
from typing import Any


def setting(default: Any, doc: str) -> Any:
    """A documented field; a mutable default is made anew for each configuration."""
    if isinstance(default, list | dict):
        return field(default_factory=default.copy, metadata={"doc": doc})
    return field(default=default, metadata={"doc": doc})


def fits(pattern: str, wanted: str) -> Callable[[str], None]:
    """A check for text; the value itself may hold a password and is not told."""

    def check(value: str) -> None:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"is no {wanted}")

    return check


def in_range(least: int, most: int) -> Callable[[int], None]:
    """A check for numbers."""

    def check(value: int) -> None:
        if not least <= value <= most:
            raise ValueError(f"{value} is not between {least} and {most}")

    return check


def each(check: Callable[[str], object]) -> Callable[[list[str]], None]:
    """A check for lists."""

    def check_all(values: list[str]) -> None:
        for value in values:
            check(value)

    return check_all
