"""What keys of zones are called, and what they may change."""

import pytest

from beseda.domain.errors import TokenTooNarrow, ZoneKeyRefused
from beseda.domain.ids import ZoneKeyId
from beseda.domain.tokens import ANYTHING, Scope
from beseda.domain.zone_keys import SCOPE_MAX, Algorithm, KeyScope, ZoneKey, check_label, check_names, narrowed
from unit.domain.made import NOON


def test_a_label_is_folded() -> None:
    assert [check_label(label) for label in ("A", "Cert_Bot-2", "a" * 40)] == ["a", "cert_bot-2", "a" * 40]
    for label in ("", "-a", "a-", "a b", "a" * 41, "ž"):
        with pytest.raises(ZoneKeyRefused, match="1 to 40 letters"):
            check_label(label)


def test_names_are_patterns_in_a_zone_and_not_too_many() -> None:
    assert check_names([" WWW", "www", "@", "*.lab", "_acme-challenge.*"]) == ("www", "@", "*.lab", "_acme-challenge.*")
    assert len(check_names(f"n{number}" for number in range(SCOPE_MAX))) == SCOPE_MAX
    with pytest.raises(ZoneKeyRefused, match=f"at most {SCOPE_MAX}"):
        check_names(f"n{number}" for number in range(SCOPE_MAX + 1))
    for name in ("", "a b", "a.*.b", ".".join(["a" * 63] * 4)):
        with pytest.raises(ZoneKeyRefused, match="no name in a zone"):
            check_names([name])


def test_the_longest_name() -> None:
    longest = ".".join(["a" * 63] * 3 + ["a" * 61])
    assert check_names([longest]) == (longest,)
    with pytest.raises(ZoneKeyRefused):
        check_names([longest + "a"])


@pytest.mark.parametrize(("zone", "name"), [("example.org", "bot.example.org"), ("", "bot")])
def test_a_key_is_named_within_its_zone(zone: str, name: str) -> None:
    assert ZoneKey(ZoneKeyId(1), zone, "bot", None, Algorithm.SHA256, "", KeyScope(), NOON).name == name


def test_a_key_that_a_token_makes_is_no_wider() -> None:
    token = Scope(zones=frozenset({"example.org"}), names=frozenset({"*.lab", "www"}), types=frozenset({"TXT", "A"}))
    assert narrowed(KeyScope(transfer=True), token, "example.org") == KeyScope(
        True, True, ("*.lab", "www"), ("A", "TXT")
    )
    inside = KeyScope(names=("a.lab",), types=("A",))
    assert narrowed(inside, token, "example.org") == narrowed(inside, ANYTHING, "example.org") == inside
    reading = KeyScope(update=False, transfer=True)
    assert narrowed(reading, Scope(read_only=True), "example.org") == reading
    for scope, other, zone in (
        (KeyScope(), token, "example.net"),
        (KeyScope(), Scope(read_only=True), "example.org"),
        (KeyScope(names=("a.lab", "mail")), token, "example.org"),
        (KeyScope(types=("A", "MX")), token, "example.org"),
    ):
        with pytest.raises(TokenTooNarrow):
            narrowed(scope, other, zone)


def test_what_is_no_name_is_told_in_part() -> None:
    for check in (check_label, lambda label: check_names([label])):
        with pytest.raises(ZoneKeyRefused) as refused:
            check("!" * 81)
        assert refused.value.detail.startswith(f"'{'!' * 80}' is no name")


def test_what_a_key_covers() -> None:
    some = KeyScope(names=("*.lab", "www"), types=("A",))
    assert [some.covers(name, "A") for name in ("a.lab", "www", "lab")] == [True, True, False]
    assert some.covers("www", "TXT") is KeyScope(update=False).covers("www", "A") is False
    assert KeyScope().covers("@", "MX") is True
