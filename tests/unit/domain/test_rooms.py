"""Rooms: names, locks, the temporary admin."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.accounts import KarmaLevel
from beseda.domain.errors import RoomDescriptionTooLong, RoomLocked, RoomNameInvalid, RoomPasswordWrong
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.rooms import (
    DESCRIPTION_MAX,
    FORBIDDEN_CHARS,
    NAME_MAX,
    Lock,
    Occupant,
    check_description,
    check_entry,
    check_name,
    is_listed,
    keeps_out,
    list_order,
    lock_in_force,
    name_key,
    successor,
    takes_role,
)
from beseda.domain.text import one_line
from unit.domain import made

ANONYMOUS = made.account(registered=False, birth_date=date(1980, 1, 1))
AGELESS = made.account()
MINOR = made.account(birth_date=date(2008, 11, 21))
ADULT = made.account(birth_date=date(2008, 11, 20))
SECRET_AGE = made.account(birth_date=date(1980, 1, 1), age_public=False)


@st.composite
def occupants(draw: st.DrawFn) -> list[Occupant]:
    """Those in a room, in the order in which they came."""
    minutes = sorted(draw(st.lists(st.integers(0, 5), max_size=6)))
    return [
        made.occupant(
            made.account(
                number,
                registered=draw(st.booleans()),
                karma_given=draw(st.integers(-2, 3)),
                karma_level=draw(st.sampled_from(KarmaLevel)),
            ),
            made.NOON + timedelta(minutes=minute),
        )
        for number, minute in enumerate(minutes, 1)
    ]


class TestSuccessor:
    """chat.cz help, rules 7 to 9."""

    @given(occupants(), st.booleans())
    def test_is_the_best_of_those_who_may(self, present: list[Occupant], permanent: bool) -> None:
        may = [o for o in present if o.account.registered and (not permanent or o.account.karma_level)]
        heir = successor(made.room(permanent=permanent), present)
        if heir is None:
            assert not may
            return
        assert heir in may
        most = max(o.account.karma_given for o in may)
        assert heir.account.karma_given == most
        assert heir.entered_at == min(o.entered_at for o in may if o.account.karma_given == most)

    def test_with_equal_karma_is_who_has_been_in_longest(self) -> None:
        late, early = (
            made.occupant(made.account(1), made.NOON),
            made.occupant(made.account(2), made.NOON - timedelta(1)),
        )
        assert successor(made.room(), [late, early]) is early

    def test_with_the_highest_karma_though_it_is_negative(self) -> None:
        worse, bad = made.account(1, karma_given=-9), made.account(2, karma_given=-1)
        heir = successor(made.room(), [made.occupant(worse), made.occupant(bad)])
        assert heir is not None
        assert heir.account is bad

    def test_of_a_permanent_room_has_a_mark(self) -> None:
        rich = made.occupant(made.account(1, karma_given=99))
        marked = made.occupant(made.account(2, karma_given=1, karma_level=KarmaLevel.YELLOW))
        assert successor(made.room(permanent=True), [rich, marked]) is marked
        assert successor(made.room(permanent=True), [rich]) is None


class TestAdminOnEntry:
    """Rules 6 and 8."""

    def test_first_registered_takes_a_free_role(self) -> None:
        for permanent in (True, False):
            assert takes_role(made.room(permanent=permanent), made.account(7))

    def test_nobody_takes_a_role_that_is_not_free(self) -> None:
        assert not takes_role(made.room(admin_id=3), made.account(7, karma_given=99))

    def test_anonymous_never(self) -> None:
        assert not takes_role(made.room(), made.account(7, registered=False))


class TestLocks:
    """Rules 17 to 22."""

    @pytest.mark.parametrize(
        ("lock", "out"),
        [
            (Lock.OPEN, []),
            (Lock.ANONYMOUS, [ANONYMOUS]),
            (Lock.MINORS, [ANONYMOUS, AGELESS, MINOR]),
            (Lock.ALL, [ANONYMOUS, AGELESS, MINOR, ADULT, SECRET_AGE]),
        ],
        ids=[lock.name for lock in Lock],
    )
    def test_keep_out(self, lock: Lock, out: list[object]) -> None:
        for account in (ANONYMOUS, AGELESS, MINOR, ADULT, SECRET_AGE):
            assert keeps_out(lock, account, made.NOON) is (account in out)

    def test_of_permanent_rooms_hold_while_a_permanent_admin_is_in(self) -> None:
        for lock in Lock:
            assert lock_in_force(made.room(lock=lock), permanent_admin_inside=False) is lock
            assert lock_in_force(made.room(permanent=True, lock=lock), permanent_admin_inside=True) is lock
            assert lock_in_force(made.room(permanent=True, lock=lock), permanent_admin_inside=False) is Lock.OPEN

    @pytest.mark.parametrize(
        ("room_password", "given_password", "was_inside", "room_admin", "refusal"),
        [
            ("", "", False, False, RoomLocked),
            ("", "guess", False, False, RoomLocked),
            ("", "", True, False, RoomLocked),
            ("sezam", "", False, False, RoomLocked),
            ("sezam", "Sezam", False, False, RoomPasswordWrong),
            ("sezam", "sezam ", False, False, RoomPasswordWrong),
            ("sezam", "sezam", False, False, None),
            ("sezam", "", True, False, None),
            ("sezam", "guess", True, False, None),
            ("", "", False, True, None),
            ("sezam", "guess", False, True, None),
        ],
    )
    def test_open_to_who_knows_the_password_or_was_inside(
        self,
        room_password: str,
        given_password: str,
        was_inside: bool,
        room_admin: bool,
        refusal: type[Exception] | None,
    ) -> None:
        def enter(lock: Lock) -> None:
            room = made.room(lock=lock, password=room_password)
            check_entry(
                room, lock, ADULT, made.NOON, password=given_password, room_admin=room_admin, was_inside=was_inside
            )

        enter(Lock.OPEN)
        enter(Lock.MINORS)
        if refusal is None:
            enter(Lock.ALL)
        else:
            with pytest.raises(refusal):
                enter(Lock.ALL)

    @pytest.mark.parametrize("password", ["", "sezam"])
    def test_say_which_they_are_and_whether_a_password_opens_them(self, password: str) -> None:
        room = made.room(lock=Lock.MINORS, password=password)
        with pytest.raises(RoomLocked) as refusal:
            check_entry(room, room.lock, MINOR, made.NOON, password="", room_admin=False, was_inside=False)
        assert refusal.value.lock == "y18"
        assert refusal.value.password_opens is bool(password)


class TestNames:
    RESERVED = frozenset({"login", "leaveroom"})

    @pytest.mark.parametrize("name", ["Praha", "Žižkov v noci", "О жизни", "30+", "C++ & co.", "a;b", "日本語", "😀 a"])
    def test_may_be(self, name: str) -> None:
        assert check_name(name, reserved=self.RESERVED) == name

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("", "empty"),
            (" \t ", "empty"),
            ("a" * (NAME_MAX + 1), "longer"),
            ("a\x00b", "character"),
            ("a\u200bb", "character"),
            ("a\u202eb", "character"),
            ("a\ud800b", "character"),
            ("a\ue000b", "character"),
            ("...", "letter"),
            ("😀", "letter"),
            ("\u3164", "letter"),
            ("\u115f \u1160", "letter"),
            ("login", "address"),
            ("LOGIN", "address"),
            (" Login ", "address"),
            ("ｌｏｇｉｎ", "address"),
            ("leaveRoom", "address"),
            *((f"a{char}b", "character") for char in sorted(FORBIDDEN_CHARS)),
        ],
    )
    def test_may_not_be(self, name: str, reason: str) -> None:
        with pytest.raises(RoomNameInvalid) as refusal:
            check_name(name, reserved=self.RESERVED)
        assert reason in str(refusal.value)

    @pytest.mark.parametrize("name", ["Рraha", "Prаha 5", "Чат для всеx", "b০b", "pub Ηudba", "Р\u0335raha"])
    def test_mix_no_alphabets_in_a_word(self, name: str) -> None:
        with pytest.raises(RoomNameInvalid, match="alphabets"):
            check_name(name, reserved=self.RESERVED)

    @pytest.mark.parametrize(
        "name",
        [
            "Praha Москва",
            "IT-отдел",
            "メール",
            "東京タワー 2",
            "Демʼянко",
            "Rodina 👨\u200d👩\u200d👧",
            "\U0001fae8x",
            "England 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "می\u200cخواهم",
            "Node.js",
            "हिन्दी",
        ],
    )
    def test_may_be_in_any_alphabet(self, name: str) -> None:
        assert check_name(name, reserved=self.RESERVED) == name

    def test_are_kept_composed_on_one_line(self) -> None:
        assert check_name("  Z\u030ciz\u030ckov \n v  noci ") == "Žižkov v noci"

    @given(st.text(st.characters(codec=None), max_size=60))
    def test_are_refused_or_fit_for_an_address(self, text: str) -> None:
        try:
            name = check_name(text, reserved=self.RESERVED)
        except RoomNameInvalid:
            return
        assert check_name(name, reserved=self.RESERVED) == name
        assert name_key(name) == name_key(text)
        assert not set("/?#%") & set(name)
        assert made.is_fit(name)

    @given(st.text(st.characters(codec=None), max_size=400))
    def test_descriptions_are_one_printable_line(self, text: str) -> None:
        if len(one_line(text)) > DESCRIPTION_MAX:
            with pytest.raises(RoomDescriptionTooLong):
                check_description(text)
            return
        description = check_description(text)
        assert made.is_fit(description)
        assert check_description(description) == description


@given(
    st.lists(st.tuples(st.text("abč ", min_size=1, max_size=3), st.integers(0, 3)), max_size=8),
    st.frozensets(st.integers(0, 7).map(RoomId)),
)
def test_list_is_favourites_then_people_then_empty(rooms: list[tuple[str, int]], favourites: frozenset[RoomId]) -> None:
    views = [made.view(number, name=name, user_count=count) for number, (name, count) in enumerate(rooms)]
    ordered = sorted(views, key=lambda view: list_order(view, favourites))
    ranks = [0 if view.id in favourites else 1 if view.user_count else 2 for view in ordered]
    favourite_ranks = [(view.id not in favourites, view.user_count == 0) for view in ordered]
    assert ranks == sorted(ranks)
    assert favourite_ranks == sorted(favourite_ranks)
    for one, next_one in itertools.pairwise(ordered):
        if (one.id in favourites) == (next_one.id in favourites):
            assert one.user_count >= next_one.user_count


@pytest.mark.parametrize(("permanent", "count", "listed"), [(True, 0, True), (False, 0, False), (False, 1, True)])
def test_empty_rooms_are_listed_if_they_are_permanent(permanent: bool, count: int, listed: bool) -> None:
    assert is_listed(replace(made.view(user_count=count), permanent=permanent)) is listed


def test_the_fullest_rooms_come_first_then_by_name() -> None:
    views = [made.view(number, name=name, user_count=count) for number, (name, count) in enumerate(
        [("b", 1), ("a", 1), ("c", 2), ("d", 0)]
    )]  # fmt: skip
    assert [view.name for view in sorted(views, key=list_order)] == ["c", "a", "b", "d"]


def test_who_stays_and_who_inherits() -> None:
    bare = made.room()
    assert not bare.stays
    assert made.room(permanent=True).stays
    assert replace(bare, main_admin_id=AccountId(1)).stays
    alone = replace(bare, hands_over=False)
    assert successor(alone, [made.occupant(made.account())]) is None
    assert not takes_role(alone, made.account())


def test_names_and_descriptions_may_be_so_long() -> None:
    assert check_name("x" * NAME_MAX) == "x" * NAME_MAX
    assert check_description("x" * DESCRIPTION_MAX) == "x" * DESCRIPTION_MAX
    with pytest.raises(RoomDescriptionTooLong) as refusal:
        check_description("x" * (DESCRIPTION_MAX + 1))
    assert refusal.value.max_chars == DESCRIPTION_MAX
    for tag in ("\U000e0020", "\U000e007f"):
        assert check_name(f"x{tag}") == f"x{tag}"
    for beside in ("\U000e001f", "\U000e0080"):
        with pytest.raises(RoomNameInvalid):
            check_name(f"x{beside}")
