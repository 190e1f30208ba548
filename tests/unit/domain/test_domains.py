"""Domain names: shapes and zones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.domains import (
    DIRECTORY_MAX,
    REDIRECT_MAX,
    DomainName,
    check_directory,
    check_redirect,
    check_shape,
    zone_of,
)
from beseda.domain.errors import DirectoryInvalid, DomainNameInvalid, RedirectInvalid, ZoneNotServed

ZONES = frozenset({"ru", "cz", "xn--p1ai", "uk", "co.uk", "msk.ru"})


def name(ascii_name: str, readable: str = "") -> DomainName:
    return DomainName(ascii_name, readable or ascii_name)


class TestShape:
    @pytest.mark.parametrize(
        "ascii_name",
        [
            "vzor.ru",
            "a.cz",
            "1.ru",
            "xn--e1afmkfd.xn--p1ai",
            "a-b--c.cz",
            "a" * 63 + ".ru",
            ".".join(["a" * 62] * 3 + ["a" * 61]) + ".ru",  # 253 characters
        ],
    )
    def test_may_be(self, ascii_name: str) -> None:
        check_shape(name(ascii_name))

    @pytest.mark.parametrize(
        "ascii_name",
        [
            "",
            "vzor",
            ".ru",
            "vzor.",
            "a..ru",
            "-a.ru",
            "a-.ru",
            "a_b.ru",
            "a b.ru",
            "A.ru",
            "vzor.ru\n",
            "вз.ru",
            "a" * 64 + ".ru",
            ".".join(["a" * 62] * 4) + ".ru",
            "1.2.3.4",
            "vzor.123",
        ],
    )
    def test_may_not_be(self, ascii_name: str) -> None:
        with pytest.raises(DomainNameInvalid) as refusal:
            check_shape(name(ascii_name, "readable"))
        assert refusal.value.name == "readable"


class TestZone:
    @pytest.mark.parametrize(
        ("ascii_name", "zone"),
        [
            ("vzor.ru", "ru"),
            ("vzor.uk", "uk"),
            ("vzor.co.uk", "co.uk"),
            ("vzor.msk.ru", "msk.ru"),
            ("xn--e1afmkfd.xn--p1ai", "xn--p1ai"),
        ],
    )
    def test_is_what_stands_after_the_first_label(self, ascii_name: str, zone: str) -> None:
        assert zone_of(name(ascii_name), ZONES) == zone

    @pytest.mark.parametrize("ascii_name", ["www.vzor.ru", "a.b.msk.ru", "a.b.co.uk"])
    def test_holds_domains_and_not_hosts_in_them(self, ascii_name: str) -> None:
        with pytest.raises(DomainNameInvalid):
            zone_of(name(ascii_name), ZONES)

    @pytest.mark.parametrize("ascii_name", ["co.uk", "msk.ru"])
    def test_is_nobodys_itself(self, ascii_name: str) -> None:
        with pytest.raises(DomainNameInvalid):
            zone_of(name(ascii_name), ZONES)

    def test_that_is_not_served_is_told_as_it_is_read(self) -> None:
        with pytest.raises(ZoneNotServed) as refusal:
            zone_of(name("vzor.xn--p1acf", "vzor.рус"), ZONES)
        assert refusal.value.zone == "рус"


labels = st.text("abcz09-", min_size=1, max_size=5)


@given(st.lists(labels, min_size=1, max_size=4).map(".".join), st.frozensets(labels, max_size=3))
def test_every_name_is_in_one_zone_or_refused(ascii_name: str, zones: frozenset[str]) -> None:
    try:
        check_shape(name(ascii_name))
        zone = zone_of(name(ascii_name), zones)
    except (DomainNameInvalid, ZoneNotServed):
        return
    assert zone in zones or not zones
    assert ascii_name.removesuffix(zone).count(".") == 1


class TestDirectory:
    @pytest.mark.parametrize(
        "path",
        ["", "/", "web", "/тест", "/home/example", "a//b", "./a", "a b", "...", "a..b/..c", "می\u200cخواهم", "a~b"],
    )
    def test_may_be(self, path: str) -> None:
        check_directory(path)

    @pytest.mark.parametrize(
        "path",
        [
            *("..", "../x", "../../etc", "/../etc", "//..//etc", "a/..", "a/../b", "a/../../b", " ../x", "a/ .. /b"),
            *("\\", "..\\x", "C:\\x", "a\\..\\b", "~", "~root/x", "/~root"),
            *("a\0b", "a\nb", "\tx", "a\x7f", "a\x85b", "a\u2028b", "a\u202eb", "a\u2067b", "a\ud800b"),
            *("．．/x", "a／．．／b", "‥/x", "＼x", "～root"),
            *("..\u200b/x", ".\u200b./x", "..\u00ad/x", "..\ufe0f/etc", "\u2060~/x"),
            *("%2e%2e%2fetc", "a/%2E./b", ".%252e/x", "a%2Fb", "..%5Cx", "％２ｅ./x"),
            "a" * (DIRECTORY_MAX + 1),
        ],
    )
    def test_may_not_be(self, path: str) -> None:
        with pytest.raises(DirectoryInvalid):
            check_directory(path)

    @given(st.lists(st.sampled_from(["..", ".", "a", "", " ", "．．", "b.."]), max_size=6).map("/".join))
    def test_never_leads_out_of_the_home(self, path: str) -> None:
        try:
            check_directory(path)
        except DirectoryInvalid:
            return
        depth = 0
        for part in path.split("/"):
            depth += {"": 0, ".": 0, "..": -1, "．．": -1}.get(part.strip(), 1)
            assert depth >= 0


def test_a_redirect_leads_to_the_web_or_nowhere() -> None:
    longest = "https://example.org/" + "a" * (REDIRECT_MAX - 20)
    for url in ("", "http://example.org", "HTTPS://example.org/a?b#c", longest):
        check_redirect(url)
    for url in ("ftp://example.org", "example.org", "https://", "https://example.org/a b", longest + "a"):
        with pytest.raises(RedirectInvalid):
            check_redirect(url)


def test_a_directory_may_be_so_long() -> None:
    check_directory("a" * DIRECTORY_MAX)
