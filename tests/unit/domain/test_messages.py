"""What a text may be, and who sees a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.accounts import Account
from beseda.domain.errors import LinksRefused, MessageEmpty, MessageTooLong
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.messages import (
    MESSAGE_MAX,
    OWN,
    Hidden,
    Kind,
    Line,
    Reader,
    check_links,
    check_text,
    entombed,
    is_private,
    sees,
)
from beseda.domain.rooms import Links
from beseda.domain.text import folded
from unit.domain import made

ALENA, BRANA, CYRIL = (made.account(number) for number in (1, 2, 3))
PEOPLE = (ALENA, BRANA, CYRIL)


def line(kind: Kind, actor: Account | None = ALENA, target: Account | None = None, hidden: Hidden = Hidden.NO) -> Line:
    return Line(RoomId(1), 1, made.NOON, kind, actor, target, "x", 0, hidden)


def reader(who: Account, *, ignored: frozenset[AccountId] = frozenset(), lifted: bool = False) -> Reader:
    return Reader(who.id, ignored, frozenset({ALENA.id}) if lifted else frozenset())


@given(text=st.text(max_size=1200))
def test_a_text_is_one_printable_line_or_refused(text: str) -> None:
    try:
        kept = check_text(text)
    except MessageEmpty:
        assert not folded(text).strip("\u2800\ufff9\ufffa\ufffb ")
    except MessageTooLong:
        assert len(text) > MESSAGE_MAX
    else:
        assert 0 < len(kept) <= MESSAGE_MAX
        assert made.is_fit(kept)
        assert kept == kept.strip()
        assert check_text(kept) == kept


def test_who_may_send_links() -> None:
    poor, rich = made.account(1), made.account(2, karma_given=1)
    link = "http://example.org"
    for policy, author, exempt in ((Links.KARMA, poor, False), (Links.NONE, poor, False), (Links.NONE, rich, False)):
        with pytest.raises(LinksRefused):
            check_links(link, policy, author, exempt=exempt)
        check_links("ahoj", policy, author, exempt=False)
    for policy, author, exempt in (
        (Links.KARMA, rich, False),
        (Links.KARMA, poor, True),
        (Links.ALL, poor, False),
        (Links.NONE, poor, True),
    ):
        check_links(link, policy, author, exempt=exempt)


@given(kind=st.sampled_from(Kind), hidden=st.sampled_from(Hidden), who=st.sampled_from(PEOPLE), lifted=st.booleans())
def test_everybody_sees_what_he_did_himself(kind: Kind, hidden: Hidden, who: Account, lifted: bool) -> None:
    assert sees(line(kind, who, BRANA, hidden), reader(who, ignored=frozenset({who.id}), lifted=lifted))


@given(kind=st.sampled_from(sorted(OWN)), who=st.sampled_from([BRANA, CYRIL]))
def test_what_is_for_the_actor_alone(kind: Kind, who: Account) -> None:
    assert not sees(line(kind, ALENA, who), reader(who))


@given(kind=st.sampled_from(Kind), hidden=st.sampled_from(Hidden), ignoring=st.booleans(), lifted=st.booleans())
def test_what_is_not_private_is_seen_by_all_who_do_not_ignore(
    kind: Kind, hidden: Hidden, ignoring: bool, lifted: bool
) -> None:
    told = line(kind, ALENA, BRANA, hidden)
    looks = sees(told, reader(CYRIL, ignored=frozenset({ALENA.id} if ignoring else ()), lifted=lifted))
    if not is_private(told):
        assert looks == (not (ignoring and kind is Kind.TEXT))
    elif kind is Kind.TEXT and hidden is Hidden.MUTED:
        assert looks == (lifted and not ignoring)
    elif kind in OWN or kind is Kind.WHISPER:
        assert not looks


def test_a_whisper_is_for_two() -> None:
    told = line(Kind.WHISPER, ALENA, BRANA)
    assert [sees(told, reader(who)) for who in PEOPLE] == [True, True, False]
    assert not sees(told, reader(BRANA, ignored=frozenset({ALENA.id})))


def test_a_tombstone_says_nothing() -> None:
    left = entombed(line(Kind.TEXT))
    assert (left.text, left.hidden, left.seq) == ("", Hidden.DELETED, 1)


def test_what_is_far_too_long_is_not_even_read() -> None:
    assert check_text("\x00" * (4 * MESSAGE_MAX - 1) + "a") == "a"
    with pytest.raises(MessageTooLong):
        check_text("\x00" * 4 * MESSAGE_MAX + "a")


def test_the_longest_text() -> None:
    assert check_text("a" * MESSAGE_MAX) == "a" * MESSAGE_MAX
    with pytest.raises(MessageTooLong):
        check_text("a" * (MESSAGE_MAX + 1))
