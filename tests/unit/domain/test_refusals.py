"""Of a refusal only what is ours is kept."""

from beseda.domain.errors import TooOften
from beseda.domain.refusals import REQUEST_ID, TOLD_TEXTS, facts_of


def test_numbers_are_kept_and_texts_of_ours() -> None:
    assert facts_of(None) == {}
    assert facts_of(TooOften(limit="sign_in", retry_after_s=2.5, key="alena@example.org", names=["Alena"])) == {
        "limit": "sign_in",
        "retry_after_s": 2.5,
    }
    assert {"nick", "text", "password"}.isdisjoint(TOLD_TEXTS)


def test_what_a_request_is_called() -> None:
    assert REQUEST_ID.fullmatch("5f0c3a1b-00000042")
    for wrong in ("5f0c3a1b-0000042", "5F0C3A1B-00000042", "5f0c3a1b00000042", "5f0c3a1b-00000042\n", "-00000042"):
        assert not REQUEST_ID.fullmatch(wrong)
