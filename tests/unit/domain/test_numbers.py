"""Numbers of the rules, written down once more: members, documents, databases and other programs rely on them."""

import dataclasses
import importlib
from datetime import timedelta
from enum import IntEnum

import pytest

from beseda.domain.accounts import KarmaLevel
from beseda.domain.limits import LIMITS
from beseda.domain.mail import MailList
from beseda.domain.operators import OperatorRole
from beseda.domain.rooms import Rank
from beseda.domain.samples import Span
from beseda.domain.sessions import LIFETIMES

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=seconds) for seconds in (1, 60, 3600, 86_400))
NUMBERS: dict[str, dict[str, object]] = {
    "accounts": {"NICK_MIN": 3, "NICK_MAX": 15, "ANONYMOUS_NICK_MAX": 8, "ADULT_AGE": 18, "OLDEST": 130,
                 "INVITE_USES_MAX": 1_000_000},
    "announcements": {"SHOWN_FOR": DAY, "SHOWN_MAX": 366 * DAY, "KEPT": 400 * DAY},
    "captcha": {"DIGITS": 4, "LIVES_FOR": 5 * MINUTE, "FORGOTTEN_AFTER": HOUR, "ASKED_AFTER": 3,
                "KNOWN_ASKED_AFTER": 20, "ATTACKED_AFTER": 10, "GUESSING_AFTER": 20},
    "contacts": {"EMAIL_MAX": 254},
    "discussion": {"POST_MAX": 4_000},
    "domains": {"DOMAINS_PER_CALL": 100, "DIRECTORY_MAX": 255, "SUBDOMAINS_MAX": 1_000, "KEPT": 7 * DAY,
                "REDIRECT_MAX": 2_000},
    "history": {"NEWEST_MAX": 200, "COMES_BACK_WITHIN": DAY},
    "ids": {"MAX_ID": 0x7FFF_FFFF_FFFF_FFFF},
    "karma": {"LIFE": 365 * DAY, "EARNED_PER_HOUR": 1, "EARNED_PER_POST": 1, "POST_DELETED": 5, "ROOM_DELETED": 10,
              "PICTURE_DELETED": 10, "REPORT_REJECTED": 1, "AMOUNT_MAX": 1_000, "NEGATIVE_MAX": 10},
    "ledger": {"MAX_AMOUNT_MINOR": 1_000_000_000_000_000},
    "mail": {"LETTER_MAX": 10_000, "NO_LETTER": 0, "REPEATED_WITHIN": 10 * SECOND, "EDITED_WITHIN": DAY},
    "messages": {"MESSAGE_MAX": 1_000, "KEY_MAX": 64},
    "moderation": {"KICK": 15 * MINUTE, "KICK_AGAIN": 5 * HOUR, "KICK_MEMORY": DAY, "MUTE": HOUR, "SILENCE": MINUTE,
                   "LINKS": 5 * MINUTE, "REASON_MAX": 200, "EVIDENCE_MAX": 200},
    "operators": {"AUDIT_KEPT": 400 * DAY, "TOKEN_TOUCH_EVERY": MINUTE, "PROOF_FOR_DEEDS": 10 * MINUTE,
                  "PROOF_FOR_LOOKS": 12 * HOUR},
    "ownership": {"REQUESTS_MAX": 100, "REASON_MAX": 200},
    "presence": {"KEEP_EVERY": 20 * SECOND, "AWAKE_EVERY": MINUTE},
    "reads": {"COUNTED_MAX": 999},
    "records": {"NEW": 0, "TTL_MIN": 1, "TTL_MAX": 0x7FFF_FFFF, "SET_MAX_BYTES": 60_000},
    "refusals": {"KEPT": 7 * DAY, "KEPT_MAX": 200_000, "WAIT_MAX": DAY, "LISTED_MAX": 10_000},
    "reservations": {"FOUNDERS_MONTHS": 3, "WEB_MAX": 200, "KEEP_DAYS_MAX": 3_650},
    "rooms": {"NAME_MAX": 50, "DESCRIPTION_MAX": 300},
    "samples": {"SAMPLED_EVERY": MINUTE, "SAMPLES_KEPT": 31 * DAY},
    "search": {"WORD_MAX": 40, "ASKED_MAX": 10},
    "second_factor": {"STEP_S": 30, "DIGITS": 6, "SECRET_BYTES": 20, "SKEW_STEPS": 1, "ASKED_FOR": 5 * MINUTE,
                      "ENROL_WITHIN": 30 * MINUTE, "RECOVERY_CODES": 10, "RECOVERY_CHARS": 16},
    "secrets": {"PASSWORD_MAX": 128, "ROOM_PASSWORD_MAX": 64},
    "sessions": {"CONFIRM_WITHIN": MINUTE, "TOUCH_EVERY": MINUTE, "APP_NAME_MAX": 50, "ANONYMOUS_IDLE": HOUR},
    "sign_ins": {"KNOWN_FOR": 90 * DAY, "KNOWN_MAX": 32, "ONE_NAME_AT_ONCE": 8},
    "tokens": {"NAME_MAX": 50, "DAYS_MAX": 3_660, "TOKENS_MAX": 50, "LISTED_MAX": 100},
    "updates": {"KEPT_FOR": HOUR, "TYPING_FOR": 10 * SECOND},
    "zone_keys": {"KEYS_MAX": 50, "SCOPE_MAX": 100},
    "zones": {"RECORDS_MAX": 10_000, "SERIALS": 0x1_0000_0000, "LOST_LEAST": 1_000, "LOST_PER_S": 10},
}  # fmt: skip
MODULES = {name: importlib.import_module(f"beseda.domain.{name}") for name in [*NUMBERS, "events", "zone_updates"]}
KEPT_AS: dict[type[IntEnum], list[int]] = {
    KarmaLevel: [0, 1, 2, 3],
    MailList: [0, 1, 2, 3, 4, 5, 6],
    OperatorRole: [1, 2, 3],
    Rank: [0, 1, 2, 3, 4],
}
SAID_OTHERWISE = {
    ("KeyScope", "update"): True,
    ("Occupant", "first_seq"): 1,
    ("Room", "hands_over"): True,
    ("Soa", "refresh"): 7200,
    ("Soa", "retry"): 900,
    ("Soa", "expire"): 1_209_600,
    ("Soa", "minimum"): 600,
    ("Soa", "ttl"): 3600,
}


@pytest.mark.parametrize("name", NUMBERS)
def test_the_numbers_of_a_topic(name: str) -> None:
    assert {each: getattr(MODULES[name], each) for each in NUMBERS[name]} == NUMBERS[name]


def test_databases_keep_these_numbers() -> None:
    assert {kind: [*map(int, kind)] for kind in KEPT_AS} == KEPT_AS


def test_what_is_not_said_is_no_or_none_or_nothing() -> None:
    classes = {kind for module in MODULES.values() for kind in vars(module).values() if dataclasses.is_dataclass(kind)}
    said = {
        (getattr(kind, "__name__", ""), field.name): field.default
        for kind in classes
        for field in dataclasses.fields(kind)
        if isinstance(field.default, int | bool) and field.default
    }
    assert said == SAID_OTHERWISE


def test_sessions_last_so_long() -> None:
    assert {kind.value: (each.idle / HOUR, each.absolute / HOUR) for kind, each in LIFETIMES.items()} == {
        "cookie": (30 * 24, 90 * 24),
        "sid": (24, 90 * 24),
        "bearer": (4, 24),
        "token": (36_500 * 24, 36_500 * 24),
    }


def test_how_far_back_one_looks() -> None:
    assert [(span.length, span.step) for span in Span] == [
        (HOUR, MINUTE), (DAY, 12 * MINUTE), (7 * DAY, 84 * MINUTE), (30 * DAY, 6 * HOUR)
    ]  # fmt: skip


def test_how_often_what_may_be_done() -> None:
    """Calls at once, seconds for each more, and whether all nodes count together."""
    told = {
        "sign_in_address": (30, 2, True),
        "sign_in_account": (10, 12, True),
        "sign_in_pair": (5, 12, True),
        "second_factor": (5, 600, True),
        "second_factor_known": (5, 600, True),
        "sid_guess": (10, 6, True),
        "proof_guess": (5, 3600, True),
        "app_token": (20, 3, True),
        "register": (5, 600, True),
        "anonymous_sign_in": (10, 30, False),
        "room_open": (10, 60, False),
        "room_line": (20, 1, False),
        "anonymous_line": (1, 10, True),
        "refusal_line": (60, 1, False),
        "report": (10, 60, False),
        "karma_negative": (5, 17280, True),
        "discussion_post": (5, 60, False),
        "picture": (5, 600, False),
        "letter_send": (60, 2, False),
        "typing": (10, 1, False),
        "invite": (5, 30, False),
        "search": (20, 1, False),
        "dns_change": (600, 0.2, False),
        "zone_file": (20, 3, False),
        "domain_claim": (200, 5, False),
        "own_data": (3, 3600, False),
        "captcha": (30, 2, False),
        "room_password": (10, 30, True),
        "socket_frame": (40, 0.5, False),
    }  # fmt: skip
    assert {name: (limit.burst, limit.per_s, limit.shared) for name, limit in LIMITS.items()} == told
