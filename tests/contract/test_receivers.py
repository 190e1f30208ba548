"""To whom a letter by nick goes, and whether he is online, when that changes on another node."""

from pathlib import Path

import pytest

from beseda.core.accounts import Application
from beseda.core.caller import Caller
from beseda.domain.errors import AccountNotFound
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import Parts, open_core
from beseda.testing.clock import ManualClock
from contract.places import Place
from contract.test_sign_ins import PASSWORD, config

HOME = "198.51.100.1"


async def sign_in(node: Parts, nick: str) -> Caller:
    new = await node.core.auth.sign_in(nick, PASSWORD, kind=Handle.SID, address=HOME)
    return Caller(HOME, new.account, new.session)


async def test_a_nick_is_whose_it_is_now_and_he_is_online_wherever_he_is(place: Place, tmp_path: Path) -> None:
    clock, where = ManualClock(), config(place, tmp_path)
    async with open_core(where, clock=clock) as one, open_core(where, clock=clock) as other:
        for nick in ("Alena", "Brana"):
            await one.core.accounts.add(Application(nick, PASSWORD))
        alena = await sign_in(one, "Alena")

        async def is_online(nick: str) -> bool:
            receiver = await one.core.mail.find_receiver(nick)
            _, signs = await one.core.mail.send(alena, receiver.id, "Ahoj")
            assert signs is not None
            return one.core.presence.is_online(receiver.id, signs)

        assert not await is_online("Brana"), "nobody is who has no session"
        brana = await sign_in(other, "Brana")
        assert await is_online("BRANA")
        clock.move(3600)
        assert not await is_online("Brana"), "nor who has not been heard of"
        other.core.presence.hear(brana.signed_in()[0].id, clock.now())
        await other.core.presence.keep()
        assert await is_online("Brana")
        await other.core.auth.sign_out(brana)
        assert not await is_online("Brana")

        first = await one.core.mail.find_receiver("Brana")
        await other.core.accounts.rename(first.id, "Blanka")
        await one.nodes.catch_up()
        with pytest.raises(AccountNotFound):
            await one.core.mail.find_receiver("Brana")
        assert (await one.core.mail.find_receiver("Blanka")).id == first.id
        second = await other.core.accounts.add(Application("Brana", PASSWORD))
        assert (await one.core.mail.find_receiver("Brana")).id == second.id
