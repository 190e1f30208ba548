"""Money: entries that are only added, balances that are never negative."""

import pytest

from beseda.adapters.sql.engine import SqlStore
from beseda.domain.errors import BalanceTooLow
from beseda.domain.ids import MAX_ID, AccountId, EntryId
from beseda.domain.ledger import (
    INCOME,
    MAX_AMOUNT_MINOR,
    Balance,
    Entry,
    Pocket,
    Posting,
    charge,
    credit,
    pocket_book,
)
from contract.made import AT, STRANGE, do

WHO = AccountId(7)


async def post(store: SqlStore, *postings: Posting, key: str) -> Entry:
    return await do(store, lambda unit: unit.ledger.post(postings, "memo", AT, key=key))


async def test_begins_with_nothing(store: SqlStore) -> None:
    assert await store.view.ledger.balance(WHO) == Balance(0, 0)
    assert await store.view.ledger.find(EntryId(MAX_ID)) is None
    assert await store.view.ledger.find_by_key("key") is None


async def test_keeps_entries(store: SqlStore) -> None:
    postings = credit(WHO, Pocket.REAL, MAX_AMOUNT_MINOR)
    entry = await do(store, lambda unit: unit.ledger.post(postings, STRANGE, AT, key=STRANGE))
    assert entry == Entry(entry.id, AT, STRANGE, postings)
    assert await store.view.ledger.find(entry.id) == entry
    assert await store.view.ledger.find_by_key(STRANGE) == entry
    assert await store.view.ledger.balance(WHO) == Balance(MAX_AMOUNT_MINOR, 0)


async def test_sums_each_pocket_of_each_member(store: SqlStore) -> None:
    await post(store, *credit(WHO, Pocket.REAL, 500), key="1")
    await post(store, *credit(WHO, Pocket.BONUS, 70), key="2")
    await post(store, *credit(AccountId(71), Pocket.REAL, 9), key="3")
    balance = await store.view.ledger.balance(WHO)
    assert balance == Balance(500, 70)
    taken = await post(store, *charge(WHO, balance, 100), key="4")
    assert taken.postings == (
        Posting(pocket_book(WHO, Pocket.BONUS), -70),
        Posting(pocket_book(WHO, Pocket.REAL), -30),
        Posting(INCOME, 100),
    )
    assert await store.view.ledger.balance(WHO) == Balance(470, 0)


async def test_the_same_key_posts_once(store: SqlStore) -> None:
    first = await post(store, *credit(WHO, Pocket.REAL, 500), key="once")
    assert await post(store, *credit(WHO, Pocket.REAL, 900), key="once") == first
    assert await store.view.ledger.balance(WHO) == Balance(500, 0)


async def test_no_book_of_a_member_falls_below_zero(store: SqlStore) -> None:
    await post(store, *credit(WHO, Pocket.REAL, 500), key="1")
    with pytest.raises(BalanceTooLow) as refused:
        await post(store, Posting(INCOME, 501), Posting(pocket_book(WHO, Pocket.REAL), -501), key="2")
    assert (refused.value.needed_minor, refused.value.available_minor) == (501, 500)
    assert await store.view.ledger.balance(WHO) == Balance(500, 0)
    assert await store.view.ledger.find_by_key("2") is None
    await post(store, Posting(INCOME, 500), Posting(pocket_book(WHO, Pocket.REAL), -500), key="2")
    assert await store.view.ledger.balance(WHO) == Balance(0, 0)


async def test_what_does_not_sum_to_zero_is_no_entry(store: SqlStore) -> None:
    with pytest.raises(ValueError, match="sum to zero"):
        await post(store, Posting(INCOME, 1), key="1")
    assert await store.view.ledger.find_by_key("1") is None
