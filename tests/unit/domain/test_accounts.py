"""Nicks, what a sign-in name may mean, ages."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.accounts import (
    INVITE_USES_MAX,
    LoginKeys,
    Sex,
    age,
    check_birth_date,
    check_invite_uses,
    check_nick,
    is_adult,
    login_keys,
    nick_key,
    nick_order,
    public_age,
    read_birth_date,
    read_sex,
)
from beseda.domain.domains import DomainName
from beseda.domain.errors import BirthDateInvalid, InviteUsesInvalid, NickInvalid, NoSuchLogin, SexInvalid
from unit.domain import made

anything = st.text(st.characters(codec=None), max_size=30)


class TestNick:
    @pytest.mark.parametrize(
        "nick",
        [
            "Eva",
            "Alena",
            "Žaneta",
            "Dana Nováková",
            "Jiří 1985",
            "Вера",
            "Ёжик",
            "Павел Иванов",
            "x_y-z.!",
            "(tma)",
            "Øystein",
            "Ελένη",
            "2x4b",
            "O'Neil",
            "[bot]",
            "a=b+c",
        ],
    )
    def test_may_be(self, nick: str) -> None:
        assert check_nick(nick) == nick

    @pytest.mark.parametrize(
        ("nick", "reason"),
        [
            ("", "shorter"),
            ("ab", "shorter"),
            ("  ab  ", "shorter"),
            ("a" * 16, "longer"),
            ("abc\x00", "character"),
            ("ab\u200bc", "character"),
            ("ab\u202ec", "character"),
            ("ab\u00adc", "character"),
            ("abc\ufe0f", "character"),
            ("abc\u034f", "character"),
            ("a\u1160b\u1160", "character"),
            ("\u115f\u115f\u115f", "character"),
            ("\u3164\u3164\u3164", "character"),
            ("abc\u0489", "character"),
            ("i\u0323\u0323\u0323x", "character"),
            ("ab\ud800c", "character"),
            ("हिन्दी\u0323", "character"),
            ("हि\u093f\u093f\u093f", "character"),
            ("\u093fहि", "character"),
            ("Вера\u0484", "character"),
            ("ไทย\u093f", "character"),
            ("ａｂｃ", "character"),
            ("ﬁnn", "character"),
            ("x²y", "character"),
            ("a@b.cz", "character"),
            ("a/b", "character"),
            ('a"b', "character"),
            ("a<b>", "character"),
            ("a,b", "character"),
            ("a;b", "character"),
            ("a&b", "character"),
            ("a#b", "character"),
            ("a%b", "character"),
            ("a?b", "character"),
            ("a\\b", "character"),
            ("a:b", "character"),
            ("emoji 😀", "character"),
            ("...", "letter"),
            ("- -", "letter"),
            ("12345", "letter"),
            ("+420777123456", "letter"),
            ("Aлена", "alphabets"),
            ("Αlena", "alphabets"),
            ("bоb", "alphabets"),
            ("b০b", "alphabets"),
        ],
    )
    def test_may_not_be(self, nick: str, reason: str) -> None:
        with pytest.raises(NickInvalid) as refusal:
            check_nick(nick)
        assert reason in str(refusal.value)

    @pytest.mark.parametrize(
        "nick",
        [
            "メール",
            "علي٣",
            "Демʼянко",
            "東京タワー",
            "서울漢",
            "Αθήνα",
            "Алена 77",
            "Ötzi_2",
            "हिन्दी",
            "ไทยแลนด์",
            "ที่นี่",
            "தமிழ்",
        ],
    )
    def test_may_be_in_any_alphabet(self, nick: str) -> None:
        assert check_nick(nick) == nick

    @pytest.mark.parametrize("space", [*"\t\n\u00a0\u2003\u202f\u3000", "  ", " \u00a0 "])
    def test_all_white_space_is_one(self, space: str) -> None:
        assert check_nick(f"{space}Jan{space}Novak{space}") == "Jan Novak"
        assert login_keys(f"Jan{space}Novak", None, None).nick == "jan novak"
        assert check_nick(f"Jan{space}" + "Novak" + "x" * 6) == "Jan Novakxxxxxx"

    def test_lengths(self) -> None:
        assert check_nick("abc") == "abc"
        assert check_nick("a" * 15) == "a" * 15
        assert check_nick("a" * 8, registered=False) == "a" * 8
        with pytest.raises(NickInvalid):
            check_nick("a" * 9, registered=False)

    def test_is_kept_composed_and_trimmed(self) -> None:
        assert check_nick("  Z\u030can\u0301eta ") == "Žańeta"
        assert check_nick("Jan\u00a0Hus") == "Jan Hus"

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Alena", "ALENA"),
            ("Žaneta", "žANETA"),
            ("Strauß", "STRAUSS"),
            ("Вера", "ВЕРА"),
            ("осе", "oce"),
            ("СОСНА", "COCHA"),
            ("ТОМ", "tom"),
            ("Демʼянко", "Дем'янко"),
            ("Jan Hus", "jan\u00a0hus"),
        ],
    )
    def test_look_alikes_are_one(self, one: str, other: str) -> None:
        assert nick_key(one) == nick_key(other)

    @pytest.mark.parametrize(("one", "other"), [("Вера", "Bepa1"), ("Лев", "Aeb"), ("Дана", "Dana"), ("Jan", "Ján")])
    def test_others_are_not(self, one: str, other: str) -> None:
        assert nick_key(one) != nick_key(other)

    @given(anything)
    def test_is_refused_or_good_for_ever(self, text: str) -> None:
        try:
            nick = check_nick(text)
        except NickInvalid:
            return
        assert check_nick(nick) == nick
        assert 3 <= len(nick) <= 15
        assert nick.isprintable()
        assert nick_key(nick) == nick_key(text)
        assert login_keys(nick, None, None) == LoginKeys(nick_key(nick), None, None)

    @given(anything, anything)
    def test_keys_are_stable(self, one: str, other: str) -> None:
        assert nick_key(nick_key(one)) == nick_key(one)
        if one.casefold() == other.casefold():
            assert nick_key(one) == nick_key(other)


class TestLogin:
    @pytest.mark.parametrize(
        ("login", "keys"),
        [
            (" Alena ", LoginKeys("alena", None, None)),
            ("Z\u030caneta Kova\u0301r\u030co", LoginKeys("žaneta kovářo", None, None)),
            ("Alena@Example.org", LoginKeys(None, "alena@a.example", None, "<alena@example.org>")),
            ("a@example.org", LoginKeys("a@example.org", "a@a.example", None, "<a@example.org>")),
            ("+420 777 123 456", LoginKeys(None, None, None, old_phone="+420777123456")),
            ("89991234567", LoginKeys("89991234567", None, None, old_phone="+79991234567")),
        ],
    )
    def test_may_match(self, login: str, keys: LoginKeys) -> None:
        domain = DomainName("a.example", "a.example") if "@" in login else None
        assert login_keys(login, domain, None) == keys
        assert login_keys(login, domain, "+42") == replace(keys, phone="+42")

    def test_an_email_of_no_domain_is_compared_letter_by_letter(self) -> None:
        assert login_keys("Alena@a_b.ORG", None, None).email == "alena@a_b.org"

    @pytest.mark.parametrize("login", ["", "  ", "ab", "a" * 16, "a" * 250 + "@b.cz", "ab\0c"])
    def test_can_be_nobody(self, login: str) -> None:
        with pytest.raises(NoSuchLogin):
            login_keys(login, None, None)

    @pytest.mark.parametrize(
        "login", ["+420777123456", "00420777123456", "420 777 123 456", "(420) 777-123-456", "4.2.0.777123456"]
    )
    def test_all_ways_to_write_a_number_count_as_one(self, login: str) -> None:
        assert login_keys(login, None, None).counted == "+420777123456"
        assert login_keys(login, None, "+1").counted == "+1"

    def test_names_count_by_their_key(self) -> None:
        assert login_keys("ALENA", None, None).counted == login_keys("Alena", None, None).counted == "alena"
        assert login_keys("A@B.cz", DomainName("b.cz", "b.cz"), None).counted == "a@b.cz"


class TestBirthDate:
    TODAY = date(2026, 11, 20)

    @pytest.mark.parametrize(
        ("text", "born"),
        [
            ("", None),
            ("  ", None),
            ("1990-02-03", date(1990, 2, 3)),
            (" 2008-02-29 ", date(2008, 2, 29)),
            ("0001-01-01", date(1, 1, 1)),
        ],
    )
    def test_is_a_day_or_left_out(self, text: str, born: date | None) -> None:
        assert read_birth_date(text) == born

    @pytest.mark.parametrize(
        "text",
        [
            "3.2.1990",
            "19900203",
            "1990-W05-6",
            "1990-2-3",
            "1990-02-30",
            "0000-01-01",
            "1990-02-03T00",
            "١٩٩٠-٠٢-٠٣",
            "x",
        ],
    )
    def test_is_nothing_else(self, text: str) -> None:
        with pytest.raises(BirthDateInvalid):
            read_birth_date(text)

    @pytest.mark.parametrize("born", [date(1, 1, 1), date(1895, 12, 31), date(2026, 11, 21), date.max])
    def test_of_nobody_alive(self, born: date) -> None:
        with pytest.raises(BirthDateInvalid):
            check_birth_date(born, self.TODAY)

    @pytest.mark.parametrize("born", [date(1896, 1, 1), date(1990, 2, 3), date(2026, 11, 20)])
    def test_of_somebody(self, born: date) -> None:
        assert check_birth_date(born, self.TODAY) == born


def test_a_sex_is_m_or_f_or_unsaid() -> None:
    assert [read_sex(text) for text in ("m", "f", "")] == [Sex.MALE, Sex.FEMALE, None]
    for text in ("x", "M", "mf", " m", "0"):
        with pytest.raises(SexInvalid):
            read_sex(text)


def test_an_invitation_is_for_somebody() -> None:
    assert check_invite_uses(1) == 1
    assert check_invite_uses(INVITE_USES_MAX) == INVITE_USES_MAX
    for uses in (0, -1, INVITE_USES_MAX + 1):
        with pytest.raises(InviteUsesInvalid):
            check_invite_uses(uses)


class TestAge:
    BORN = date(2008, 11, 20)

    @pytest.mark.parametrize(
        ("today", "years"),
        [
            (date(2026, 11, 19), 17),
            (date(2026, 11, 20), 18),
            (date(2026, 11, 21), 18),
            (date(2008, 11, 20), 0),
            (date(2000, 1, 1), 0),
        ],
    )
    def test_is_whole_years(self, today: date, years: int) -> None:
        assert age(self.BORN, today) == years

    def test_of_who_was_born_on_29_february(self) -> None:
        born = date(2008, 2, 29)
        assert age(born, date(2026, 2, 28)) == 17
        assert age(born, date(2026, 3, 1)) == 18
        assert age(born, date(2028, 2, 29)) == 20

    def test_not_filled_in_is_zero(self) -> None:
        assert age(None, date(2026, 1, 1)) == 0

    @given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
    def test_grows_by_one_a_year_and_never_shrinks(self, born: date, today: date) -> None:
        assert 0 <= age(born, today) <= age(born, today + timedelta(days=1)) <= age(born, today) + 1

    def test_adults_are_registered_and_18_from_the_birthday_on(self) -> None:
        eighteen = made.account(birth_date=self.BORN)
        assert not is_adult(eighteen, date(2026, 11, 19))
        assert is_adult(eighteen, date(2026, 11, 20))
        assert not is_adult(made.account(), date(2026, 11, 20))
        assert not is_adult(made.account(registered=False, birth_date=date(1980, 1, 1)), date(2026, 11, 20))

    def test_is_public_or_zero(self) -> None:
        assert public_age(made.account(birth_date=self.BORN), date(2026, 11, 20)) == 18
        assert public_age(made.account(birth_date=self.BORN, age_public=False), date(2026, 11, 20)) == 0
        assert public_age(made.account(), date(2026, 11, 20)) == 0


def test_a_login_is_a_nick_if_it_is_as_long_as_nicks_are() -> None:
    for length in (3, 15):
        assert login_keys("a" * length, None, None).nick == "a" * length
    for length in (2, 16):
        with pytest.raises(NoSuchLogin):
            login_keys("a" * length, None, None)


def test_people_are_in_the_order_of_their_nicks() -> None:
    people = [replace(made.account(), nick=nick) for nick in ("Žofie", "adam", "Bára", "Cyril")]
    assert [each.nick for each in sorted(people, key=nick_order)] == ["adam", "Bára", "Cyril", "Žofie"]


def test_the_longest_email_to_sign_in_with() -> None:
    domain = DomainName("example.org", "example.org")
    assert login_keys("a" * 242 + "@example.org", domain, None).email
    with pytest.raises(NoSuchLogin):
        login_keys("a" * 243 + "@example.org", domain, None)
