"""Lengths of time as people write them into the configuration."""

import re
from datetime import timedelta


def read_period(text: str) -> timedelta | None:
    """A time such as "90m", "24h" or "7d"; None for "". Raises ValueError."""
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if text and (match is None or not int(match[1])):
        raise ValueError(f"{text!r} is no time such as 90m, 24h or 7d")
    return timedelta(seconds=int(match[1]) * {"s": 1, "m": 60, "h": 3_600, "d": 86_400}[match[2]]) if match else None
