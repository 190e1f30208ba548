"""How often what may be done: one table."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Limit:
    """A token bucket: `burst` calls at once, then one more every `per_s` seconds, for each key.

    A `shared` one is counted over all nodes and survives a restart: what stands against guessing, and the rules of the
    service. The others protect a node, each its own.
    """

    name: str
    burst: int
    per_s: float
    keyed_by: str
    meaning: str
    shared: bool = False


Counted = tuple[str, str]
"""The name of a limit, and the key that a call is counted under."""

LIMITS = {
    limit.name: limit
    for limit in (
        Limit(
            "sign_in_address",
            30,
            2,
            "address",
            "wrong passwords from one address that is strange to the account",
            shared=True,
        ),
        Limit(
            "sign_in_account",
            10,
            12,
            "account",
            "wrong passwords for one account from addresses strange to it",
            shared=True,
        ),
        Limit(
            "sign_in_pair",
            5,
            12,
            "account and address",
            "wrong passwords for one account from one address",
            shared=True,
        ),
        Limit(
            "second_factor",
            5,
            600,
            "account",
            "wrong codes of one member's second factor from addresses strange to the account",
            shared=True,
        ),
        Limit(
            "second_factor_known",
            5,
            600,
            "account and address",
            "the same from one address that the member signed in from",
            shared=True,
        ),
        Limit("sid_guess", 10, 6, "address", "unknown sid values from one address", shared=True),
        Limit("proof_guess", 5, 3600, "session", "wrong anti-forgery values in one session", shared=True),
        Limit("app_token", 20, 3, "address", "unknown application tokens and keys from one address", shared=True),
        Limit("register", 5, 600, "address", "new accounts from one address", shared=True),
        Limit("anonymous_sign_in", 10, 30, "address", "anonymous visitors from one address"),
        Limit("room_open", 10, 60, "account", "rooms that one member or visitor opens"),
        Limit("room_line", 20, 1, "account", "lines and commands that one member or visitor writes into rooms"),
        Limit("anonymous_line", 1, 10, "account", "lines of an anonymous visitor in permanent rooms", shared=True),
        Limit("refusal_line", 60, 1, "account", "refusals that a line of the room explains; others the answer alone"),
        Limit("report", 10, 60, "account", "reports of messages to the admins of rooms"),
        Limit("karma_negative", 5, 17_280, "account", "negative karma that an admin gives", shared=True),
        Limit("discussion_post", 5, 60, "account", "posts in discussions of rooms"),
        Limit("picture", 5, 600, "account", "pictures that one member uploads"),
        Limit("letter_send", 60, 2, "account", "letters that one member sends or changes"),
        Limit("typing", 10, 1, "account", "drafts of letters that are kept while one member writes"),
        Limit("invite", 5, 30, "account", "invitations into rooms, each to up to 50 members"),
        Limit("search", 20, 1, "account, or address", "searches for members and letters"),
        Limit("dns_change", 600, 0.2, "account", "changes of single records that one member makes"),
        Limit("zone_file", 20, 3, "account", "whole zones that one member writes, compares or takes back"),
        Limit("domain_claim", 200, 5, "account", "names that one member asks for and must prove, or have approved"),
        Limit("own_data", 3, 3600, "account", "archives of all that one member has here"),
        Limit("captcha", 30, 2, "address", "pictures to read before signing in"),
        Limit(
            "room_password", 10, 30, "member, or address", "wrong passwords for rooms; visitors by address", shared=True
        ),
        Limit("socket_frame", 40, 0.5, "connection", "frames from one WebSocket; who sends more is cut off"),
    )
}


ROUNDING = 1e-6
"""Of a token: who waits as long as he was told to is not turned away for the last bit of a fraction."""


class Bucket(NamedTuple):
    """`tokens` left at `at_s`, a moment on any steadily growing clock of seconds."""

    tokens: float
    at_s: float


def take(limit: Limit, bucket: Bucket | None, now_s: float) -> tuple[Bucket, float]:
    """The bucket after one call, and the seconds to wait: 0.0 when the call may pass, else it took nothing."""
    if bucket is None:
        return Bucket(limit.burst - 1.0, now_s), 0.0
    tokens, now_s = refilled(limit, bucket, now_s), max(now_s, bucket.at_s)
    if tokens >= 1 - ROUNDING:
        return Bucket(max(0.0, tokens - 1), now_s), 0.0
    return Bucket(tokens, now_s), (1 - tokens) * limit.per_s


def full_at_s(limit: Limit, bucket: Bucket) -> float:
    """From when on the bucket is as if there had never been one."""
    return bucket.at_s + (limit.burst - bucket.tokens) * limit.per_s


def give_back(limit: Limit, bucket: Bucket, calls: int = 1) -> Bucket:
    """The bucket as if so many calls fewer had been counted."""
    return Bucket(min(float(limit.burst), bucket.tokens + calls), bucket.at_s)


def refilled(limit: Limit, bucket: Bucket, now_s: float) -> float:
    """The tokens in the bucket at `now_s`; a clock that went back refills nothing."""
    return min(float(limit.burst), bucket.tokens + max(0.0, now_s - bucket.at_s) / limit.per_s)
