"""How long sessions live, and how long a new token waits for its confirmation."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.errors import AppNameInvalid
from beseda.domain.ids import AccountId, AppId
from beseda.domain.sessions import (
    ANONYMOUS_IDLE,
    APP_NAME_MAX,
    LIFETIMES,
    AppToken,
    Handle,
    TokenState,
    check_app_name,
    confirmable,
    ends_at,
)
from unit.domain import made

kinds = st.sampled_from(list(LIFETIMES))
spans = st.timedeltas(timedelta(0), timedelta(days=120))


def test_every_kind_but_the_channel_begins_sessions() -> None:
    assert set(LIFETIMES) == set(Handle) - {Handle.CHANNEL}


@pytest.mark.parametrize(
    ("kind", "idle", "absolute"),
    [
        (Handle.COOKIE, timedelta(days=30), timedelta(days=90)),
        (Handle.SID, timedelta(hours=24), timedelta(days=90)),
        (Handle.BEARER, timedelta(hours=4), timedelta(hours=24)),
    ],
)
def test_lifetimes_are_those_documented(kind: Handle, idle: timedelta, absolute: timedelta) -> None:
    fresh = made.session(kind=kind)
    assert ends_at(fresh, registered=True) == made.NOON + idle
    old = made.session(kind=kind, seen_at=made.NOON + absolute)
    assert ends_at(old, registered=True) == made.NOON + absolute


@given(kinds, spans, spans, st.booleans())
def test_ends_with_its_idle_time_or_its_absolute_one(
    kind: Handle, used_after: timedelta, looked_after: timedelta, registered: bool
) -> None:
    """Over random clocks: who looks sees it alive exactly while both times run."""
    seen_at = made.NOON + used_after
    session = made.session(kind=kind, seen_at=seen_at)
    now: datetime = made.NOON + looked_after
    idle = LIFETIMES[kind].idle if registered else min(LIFETIMES[kind].idle, ANONYMOUS_IDLE)
    alive = now - seen_at < idle and now - session.created_at < LIFETIMES[kind].absolute
    assert (now < ends_at(session, registered=registered)) == alive


@given(kinds, spans, spans)
def test_use_never_shortens_it(kind: Handle, first: timedelta, more: timedelta) -> None:
    before = made.session(kind=kind, seen_at=made.NOON + first)
    after = made.session(kind=kind, seen_at=made.NOON + first + more)
    for registered in (True, False):
        assert ends_at(before, registered=registered) <= ends_at(after, registered=registered)
        assert ends_at(after, registered=False) <= ends_at(after, registered=True)


@pytest.mark.parametrize(
    ("seconds", "in_time"), [(0, True), (59.999, True), (60.0, True), (60.001, False), (3600, False), (-5, True)]
)
def test_a_token_waits_60_seconds(seconds: float, in_time: bool) -> None:
    token = AppToken("digest", AppId(1), AccountId(1), TokenState.PENDING, None, None, made.NOON)
    assert confirmable(token, made.NOON + timedelta(seconds=seconds)) is in_time


def test_an_application_has_a_name() -> None:
    assert check_app_name(" C\u030ctec\u030cka ") == "Čtečka"
    assert check_app_name("x" * APP_NAME_MAX) == "x" * APP_NAME_MAX
    for name, reason in ((" ", "empty"), ("x" * (APP_NAME_MAX + 1), "longer"), ("a\nb", "printed")):
        with pytest.raises(AppNameInvalid, match=reason):
            check_app_name(name)
