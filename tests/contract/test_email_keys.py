"""A database in which e-mails and phones were compared as they were before schema 6."""

import asyncio
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from beseda.adapters.sql import schema
from beseda.core.accounts import Application
from beseda.core.core import Core
from beseda.domain.errors import BesedaError, EmailTaken, WrongCredentials
from beseda.domain.sessions import Handle
from beseda.domain.text import folded
from beseda.server.bootstrap import open_core
from beseda.server.config import load_config
from beseda.server.upgrade import plan
from contract.places import Place, Places, PostgresPlace, SqlitePlace

PASSWORD = "kratka zima 7"
MEMBERS = {
    "Alena": ("alena@example.org", None),
    "Brana": ("Brana@Example.ORG", "+420777123456"),
    "Cyril": ("user@пример.рф", None),
    "Dana": ("user@xn--e1afmkfd.xn--p1ai", "+601123456"),
    "Emil": ("User@ПРИМЕР.xn--p1ai", "+4402079460958"),
    "Filip": ("filip@faß.de", "+79991234567"),
    "Gita": ("gita@straße.example", None),
    "Hana": ("hana@xn--strae-oqa.example", None),
    "Ivan": ("ivan@a_b.example.org", None),
    "Jana": ("jana@[192.0.2.1]", None),
    "Karel": ("karel@xn--zzz-.example", None),
    "Lida": ("lída@příklad.example", None),
    "Milan": (None, None),
}
"""E-mail and phone as they are kept, in the order of registering."""


@pytest.fixture
def place(runner: asyncio.Runner, places: Places, engine: str, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A database of schema 4 with these members."""
    place = runner.run(places.empty(engine))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "_upgrade", partial(schema._upgrade, revision="0004"))
        runner.run(place.migrate())
    password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    rows = []
    for nick, (email, phone) in MEMBERS.items():
        values = (nick, nick.lower(), email, folded(email) if email else None, phone, password_hash)
        told = ", ".join("NULL" if value is None else f"'{value}'" for value in values)
        rows.append(
            "INSERT INTO accounts (nick, nick_key, email, email_key, phone, password_hash, registered, standing,"  # noqa: S608
            f" created_ms, accessed_ms) VALUES ({told}, 1, 'active', 0, 0)"
        )
    runner.run(place.run("UPDATE schema_state SET version = 4, oldest_code = 1", *rows))
    return place


def database(place: Place) -> str:
    if isinstance(place, PostgresPlace):
        return place.dsn
    assert isinstance(place, SqlitePlace)
    return f"sqlite://{place.path}"


async def who_signs_in(core: Core, login: str) -> str:
    try:
        return (await core.auth.sign_in(login, PASSWORD, kind=Handle.COOKIE, address=login)).account.nick
    except WrongCredentials:
        return "nobody"


LOGINS = {
    "ALENA@example.org": "Alena",
    "brana@example.org": "Brana",
    "user@пример.рф": "Cyril",
    "USER@ПРИМЕР.рф": "Cyril",
    "user@xn--e1afmkfd.xn--p1ai": "Dana",
    "user@XN--E1AFMKFD.xn--p1ai": "Dana",
    "user@пример.xn--p1ai": "Emil",
    "User@ПРИМЕР.xn--p1ai": "Emil",
    "user@пример。рф": "Cyril",
    "user@xn--e1afmkfd.рф": "Cyril",
    "filip@faß.de": "Filip",
    "filip@xn--fa-hia.de": "Filip",
    "filip@fass.de": "nobody",
    "gita@STRASSE.example": "nobody",
    "gita@straße.example": "Gita",
    "hana@xn--strae-oqa.example": "Hana",
    "ivan@a_b.example.org": "Ivan",
    "jana@[192.0.2.1]": "Jana",
    "karel@xn--zzz-.example": "Karel",
    "LÍDA@PŘÍKLAD.example": "Lida",
    "lída@xn--pklad-zsa96e.example": "Lida",
    "+420 777 123 456": "Brana",
    "420777123456": "Brana",
    "601 123 456": "Dana",
    "+601123456": "Dana",
    "+44 (0)20 7946 0958": "Emil",
    "8 (999) 123-45-67": "Filip",
    "+7 999 123-45-67": "Filip",
    "Milan": "Milan",
}


async def test_everybody_goes_on_signing_in(place: Place, tmp_path: Path) -> None:
    quick = {"accounts.hash_memory_kib": 8, "accounts.hash_passes": 1}
    config = load_config(
        environment={}, overrides={"server.data": tmp_path, "server.database": database(place), **quick}
    )
    async with open_core(config) as parts:
        assert parts.migrated
        assert {login: await who_signs_in(parts.core, login) for login in LOGINS} == LOGINS
        for nick in MEMBERS:
            assert await who_signs_in(parts.core, nick) == nick
        for email in ("user@ПРИМЕР.РФ", "USER@xn--e1afmkfd.xn--p1ai", "Lída@Příklad.example", "filip@faß.de"):
            with pytest.raises(EmailTaken):
                await parts.core.accounts.add(Application("Nova", PASSWORD, email=email))
        await parts.core.accounts.add(Application("Nova", PASSWORD, email="filip@fass.de"))
        assert await who_signs_in(parts.core, "filip@fass.de") == "Nova"
        assert await who_signs_in(parts.core, "filip@faß.de") == "Filip"
    async with open_core(config) as parts:
        assert not parts.migrated
        assert {login: await who_signs_in(parts.core, login) for login in LOGINS} == LOGINS | {"filip@fass.de": "Nova"}


async def test_of_those_who_share_an_address_one_keeps_it(place: Place, tmp_path: Path) -> None:
    """Cyril has the key of user@пример.рф, Dana and Emil have theirs in spellings of their own."""
    quick = {"accounts.hash_memory_kib": 8, "accounts.hash_passes": 1}
    config = load_config(
        environment={}, overrides={"server.data": tmp_path, "server.database": database(place), **quick}
    )
    before = {"schema": 4, "to": schema.SCHEMA, "due": True, "backup_before": True}
    assert [await plan(config), await plan(config)] == [before, before]
    async with open_core(config) as parts:
        accounts = parts.core.accounts
        shared = await accounts.shared_emails()
        assert [[account.nick for account, _ in members] for members in shared.values()] == [["Cyril", "Dana", "Emil"]]
        emil = await accounts.find("Emil")
        email, others = await accounts.merge_email(emil.id, dry_run=True)
        assert (email, [account.nick for account, _ in others]) == ("User@ПРИМЕР.xn--p1ai", ["Cyril", "Dana"])
        assert await accounts.shared_emails() == shared
        assert await accounts.merge_email(emil.id, dry_run=False) == (email, others)
        for login in ("user@пример.рф", "USER@ПРИМЕР.рф", "user@xn--e1afmkfd.xn--p1ai", "User@ПРИМЕР.xn--p1ai", "Emil"):
            assert await who_signs_in(parts.core, login) == "Emil"
        for nick, phone in (("Cyril", ""), ("Dana", "+601123456")):
            assert await accounts.contacts((await accounts.find(nick)).id) == ("", phone)
            assert await who_signs_in(parts.core, nick) == nick
        assert await who_signs_in(parts.core, "601 123 456") == "Dana"
        assert await accounts.contacts(emil.id) == (email, "+4402079460958")
        assert await accounts.shared_emails() == {}
        assert (await plan(config))["due"] is False
        assert await accounts.merge_email(emil.id, dry_run=False) == (email, [])
        assert await accounts.merge_email((await accounts.find("Milan")).id, dry_run=False) == ("", [])


async def test_the_keys_that_are_kept_are_those_of_the_code(place: Place) -> None:
    """What the migration writes, once and for ever, is what is looked for."""
    from beseda.adapters.idn import Idna2008
    from beseda.adapters.phones import Phones
    from beseda.core.identities import Identities

    await place.migrate()
    identities = Identities(Idna2008(), Phones())
    opened = await place.open()
    rows = await opened.reader.fetch("SELECT email, email_key FROM accounts WHERE email IS NOT NULL ORDER BY id")
    await opened.close()
    spelled = 0
    for email, key in rows:
        keys = identities.login_keys(email)
        assert key in (keys.email, keys.spelling)
        spelled += key == keys.spelling
        try:
            assert identities.email(email).key == keys.email
        except BesedaError:
            assert key == folded(email)
    assert spelled == 2
