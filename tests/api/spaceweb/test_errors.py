"""Every refusal of the core has a code and a text, and none tells what is inside."""

import pytest

from beseda.api.spaceweb.errors import ERRORS, RECORD_REASONS, answer_to
from beseda.domain.errors import (
    BesedaError,
    DomainListRefused,
    DomainNameInvalid,
    DomainTaken,
    NotSignedIn,
    TooOften,
    WrongCredentials,
    ZoneNotServed,
    leaves,
)
from beseda.domain.records import REASONS
from beseda.wire.spaceweb.envelope import Extended, ExtendedResult, Fault

FACTS = {
    "reason": "secret",
    "min_chars": 8,
    "max_chars": 128,
    "max_records": 10_000,
    "line": 7,
    "serial": 2026112001,
    "detail": "some detail",
    "name": "vzor.ru",
    "record": "_beseda-challenge.vzor.ru",
    "value": "beseda=0",
    "number": 7,
    "words": "",
    "max_requests": 100,
    "lock": "secret",
    "zone": "child",
    "refusals": (),
    "needed_minor": 1234567,
    "available_minor": 7654321,
    "retry_after_s": 0.2,
}


def test_every_refusal_has_a_place_in_the_table() -> None:
    assert set(ERRORS) == set(leaves())


@pytest.mark.parametrize("leaf", leaves())
def test_every_refusal_has_a_code_of_the_list_and_a_russian_text(leaf: type[BesedaError]) -> None:
    answer = answer_to(leaf(**FACTS))
    if isinstance(answer, Extended):
        message, code = answer.extended_result.message, ERRORS[leaf][0]
    else:
        message, code = answer.message, answer.code
    assert code in (-32400, -32500, -32603, -32001, -32002, -32003, -32004)
    assert any("а" <= letter <= "я" for letter in message.lower())
    assert "secret" not in message
    assert leaf.__name__ not in message


def test_only_the_end_of_a_session_makes_clients_sign_in_anew() -> None:
    assert [leaf for leaf, (code, _) in ERRORS.items() if code == -32603] == [NotSignedIn]


def test_nobody_who_waits_as_told_is_told_to_wait_no_time() -> None:
    assert answer_to(TooOften(retry_after_s=0.2)) == Fault(-32001, "Слишком много попыток. Повторите через 1 с")


def test_a_list_is_refused_name_by_name() -> None:
    refusals = (("a.ru", DomainTaken(name="a.ru")), ("-", DomainNameInvalid(name="-")))
    assert answer_to(DomainListRefused(refusals=refusals)) == Extended(
        ExtendedResult(0, "Домены не добавлены", [("a.ru", "Домен занят"), ("-", "Недопустимое имя домена")])
    )


def test_a_list_refused_for_one_reason_says_it() -> None:
    refusals = (("a.child", ZoneNotServed(zone="child")), ("b.child", ZoneNotServed(zone="child")))
    answer = answer_to(DomainListRefused(refusals=refusals))
    assert isinstance(answer, Extended)
    assert answer.extended_result.message == "Зона .child не поддерживается для регистрации"


def test_credentials_have_the_code_that_clients_remember() -> None:
    assert ERRORS[WrongCredentials][0] == -32400


def test_every_reason_why_a_record_is_refused_has_its_text() -> None:
    assert RECORD_REASONS.keys() == REASONS.keys()
    assert len(set(RECORD_REASONS.values())) == len(RECORD_REASONS)
