"""Money: postings sum to zero, bonus money goes first, nobody falls below zero."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain.errors import AlreadyMoved, AmountInvalid, BalanceTooLow
from beseda.domain.ids import AccountId, EntryId
from beseda.domain.ledger import (
    INCOME,
    MAX_AMOUNT_MINOR,
    OUTSIDE,
    Balance,
    Entry,
    Pocket,
    after,
    charge,
    check_amount,
    check_repeated,
    credit,
    pocket_book,
)
from unit.domain.made import NOON

WHO = AccountId(7)
amounts = st.integers(1, MAX_AMOUNT_MINOR)
balances = st.builds(Balance, st.integers(0, MAX_AMOUNT_MINOR), st.integers(0, MAX_AMOUNT_MINOR))


@given(amounts, st.sampled_from(Pocket))
def test_credit_moves_money_from_outside_into_one_pocket(amount: int, pocket: Pocket) -> None:
    moved = {posting.book: posting.amount_minor for posting in credit(WHO, pocket, amount)}
    assert moved == {OUTSIDE: -amount, pocket_book(WHO, pocket): amount}


@given(balances, amounts)
def test_charge_takes_bonus_money_first_and_never_more_than_there_is(balance: Balance, amount: int) -> None:
    available = balance.real_minor + balance.bonus_minor
    if available < amount:
        with pytest.raises(BalanceTooLow) as refusal:
            charge(WHO, balance, amount)
        assert (refusal.value.needed_minor, refusal.value.available_minor) == (amount, available)
        return
    postings = charge(WHO, balance, amount)
    moved = {posting.book: posting.amount_minor for posting in postings}
    assert len(moved) == len(postings)
    assert all(moved.values())
    assert sum(moved.values()) == 0
    assert moved[INCOME] == amount
    bonus, real = (-moved.get(pocket_book(WHO, pocket), 0) for pocket in (Pocket.BONUS, Pocket.REAL))
    assert bonus == min(balance.bonus_minor, amount)
    entry = Entry(EntryId(1), datetime(2026, 11, 27, tzinfo=UTC), "", postings)
    assert after(balance, WHO, entry) == Balance(balance.real_minor - real, balance.bonus_minor - bonus)
    assert after(balance, AccountId(8), entry) == balance
    assert bonus <= balance.bonus_minor
    assert real <= balance.real_minor


@pytest.mark.parametrize("amount", [0, -1, -MAX_AMOUNT_MINOR, MAX_AMOUNT_MINOR + 1])
def test_odd_amounts_are_refused(amount: int) -> None:
    with pytest.raises(AmountInvalid):
        credit(WHO, Pocket.REAL, amount)
    with pytest.raises(AmountInvalid):
        charge(WHO, Balance(MAX_AMOUNT_MINOR * 2, 0), amount)


def test_books_of_two_members_are_two() -> None:
    books = {pocket_book(AccountId(number), pocket) for number in (1, 11, 111) for pocket in Pocket}
    assert len(books | {OUTSIDE, INCOME}) == 8


def test_an_amount_is_kept_as_it_is() -> None:
    assert [check_amount(amount) for amount in (1, MAX_AMOUNT_MINOR)] == [1, MAX_AMOUNT_MINOR]


def test_a_key_that_is_used_again_must_have_moved_the_same() -> None:
    assert check_repeated(Entry(EntryId(1), NOON, "", credit(WHO, Pocket.REAL, 1)), WHO, 1)
    for postings in (credit(WHO, Pocket.BONUS, 5), charge(WHO, Balance(3, 2), 5)):
        entry = Entry(EntryId(1), NOON, "", postings)
        assert check_repeated(entry, WHO, 5) is entry
        for who, amount in ((WHO, 4), (WHO, 0), (AccountId(8), 5)):
            with pytest.raises(AlreadyMoved) as moved:
                check_repeated(entry, who, amount)
            assert (moved.value.entry, moved.value.moved_minor) == (1, 5)
