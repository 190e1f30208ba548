"""A database of an older Beseda with rows in it, brought to the schema of today."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic import command

from beseda.adapters.sql import schema
from beseda.adapters.sql.engine import SqlStore
from beseda.adapters.sql.statements import from_ms
from beseda.domain.ids import AccountId, ContactId
from beseda.domain.mail import MailList
from contract.made import AT, after
from contract.places import Place, Places

ACCOUNT = (
    "INSERT INTO accounts (registered, nick, nick_key, password_hash, standing, created_ms, accessed_ms)"
    " VALUES (1, '{0}', '{1}', 'none', 'active', 0, 0)"
)
CONTACT = (
    "INSERT INTO mail_contacts (owner_id, other_id, unread, fresh, received, last_letter_id, last_received_id, list)"
    " VALUES ({0}, {1}, 2, {2}, 2, 2, 2, {3})"
)
LETTER = "INSERT INTO letters (sender_id, receiver_id, text, at_ms) VALUES ({0}, {1}, 'x', 0)"
COPY = "INSERT INTO mail_copies (owner_id, contact_id, letter_id, received) VALUES ({0}, {1}, {2}, 1)"


@contextmanager
def older(monkeypatch: pytest.MonkeyPatch, revision: str) -> Iterator[None]:
    """As if the code's newest migration were this one."""
    upgrade = command.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _head: upgrade(config, revision))
        patch.setattr(schema, "SCHEMA", int(revision))
        yield


async def test_a_badge_that_was_lost_comes_back(places: Places, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brana has two unread letters of each of the others; the archive and back had cost her the one badge."""
    place: Place = await places.empty(engine)
    with older(monkeypatch, "0004"):
        assert await place.migrate()
    await place.run(
        *(ACCOUNT.format(nick, nick.lower()) for nick in ("Alena", "Brana", "Cyril", "Dana")),
        *(CONTACT.format(2, other, fresh, shown) for other, fresh, shown in ((1, 0, 0), (3, 2, 0), (4, 0, 2))),
        *(LETTER.format(other, 2) for other in (1, 1, 3, 3, 4, 4)),
        *(COPY.format(2, contact, letter) for contact in (1, 2, 3) for letter in (2 * contact - 1, 2 * contact)),
    )
    assert await place.migrate()
    assert not await place.migrate()
    store = SqlStore(await place.open(), lambda events: None)
    mail = store.view.mail
    assert [await mail.count_new(AccountId(2)), await mail.count_unread(AccountId(2))] == [4, 4]
    async with store.unit() as unit:
        await unit.mail.set_list(ContactId(3), MailList.INBOX)
        await unit.mail.set_thrown(AccountId(2), ContactId(1), None, thrown=True)
    assert await mail.count_new(AccountId(2)) == 4
    await store.close()


async def test_who_is_inside_has_not_been_told_away(
    places: Places, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing has happened that another node would have to hear of."""
    place: Place = await places.empty(engine)
    with older(monkeypatch, "0010"):
        assert await place.migrate()
    await place.run(
        ACCOUNT.format("Alena", "alena"),
        "INSERT INTO rooms (name, name_key, permanent, created_ms) VALUES ('Praha', 'praha', 1, 0)",
        "INSERT INTO occupants (room_id, account_id, entered_ms, accessed_ms) VALUES (1, 1, 0, 0)",
    )
    assert await place.migrate()
    store = SqlStore(await place.open(), lambda events: None)
    assert await store.view.rooms.back(AT) == []
    assert await store.view.rooms.silent(from_ms(0), after(1), from_ms(0)) == [(1, 1)]
    assert await store.view.journal.span() == (0, 0)
    await store.close()


async def test_who_had_no_choice_has_chosen_no_look(
    places: Places, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place: Place = await places.empty(engine)
    with older(monkeypatch, "0025"):
        assert await place.migrate()
    await place.run(ACCOUNT.format("Alena", "alena"))
    assert await place.migrate()
    store = SqlStore(await place.open(), lambda events: None)
    assert [account.look for account in await store.view.accounts.find_all([AccountId(1)])] == [None]
    await store.close()
