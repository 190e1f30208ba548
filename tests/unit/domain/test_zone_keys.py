"""What keys of zones are called, and what they may change."""

import pytest

from beseda.domain.errors import ZoneKeyRefused
from beseda.domain.zone_keys import SCOPE_MAX, check_label, check_names


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
