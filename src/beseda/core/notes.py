"""Private notes on others, which their author alone sees (chat.cz help, rule 47)."""

from beseda.core.access import access_account, access_registered
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Store
from beseda.domain.errors import MessageTooLong
from beseda.domain.ids import AccountId
from beseda.domain.text import one_line

NOTE_MAX = 500


class Notes:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def read(self, caller: Caller, about_id: AccountId) -> str:
        """The caller's note on somebody; "" when there is none. Raises RegisteredOnly."""
        account = access_registered(caller)
        return await self._store.view.notes.find(account.id, about_id)

    async def write(self, caller: Caller, about_id: AccountId, text: str) -> None:
        """Attach a note in place of the one before; an empty one takes it away.

        Raises RegisteredOnly, AccountNotFound, MessageTooLong.
        """
        account, text = access_registered(caller), one_line(text[: 4 * NOTE_MAX])
        if len(text) > NOTE_MAX:
            raise MessageTooLong(max_chars=NOTE_MAX)
        async with self._store.unit() as unit:
            about = await access_account(unit, about_id)
            await unit.notes.set(account.id, about.id, text, self._clock.now())
