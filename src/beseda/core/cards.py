"""Cards: somebody as another meets him, and what he may do to him."""

from dataclasses import dataclass

from beseda.core.access import access_account, access_room, rank_of
from beseda.core.caller import Caller
from beseda.core.ports import Clock, Store
from beseda.core.presence import Presence, PresenceBook
from beseda.domain.accounts import Account, public_age
from beseda.domain.cards import CardDeed, Meeting, deeds, deeds_in_room
from beseda.domain.ids import AccountId, ContactId, RoomId


@dataclass(frozen=True, slots=True)
class Card:
    """`age` is 0 when it is not told; `contact_id` 0 when no letters were exchanged. `note` is the caller's."""

    presence: Presence
    age: int
    own: bool
    ignored: bool
    note: str
    contact_id: ContactId
    may: list[CardDeed]


class Cards:
    def __init__(self, store: Store, clock: Clock, presence: PresenceBook) -> None:
        self._store = store
        self._clock = clock
        self._presence = presence

    async def show(
        self, caller: Caller, account_id: AccountId, room_id: RoomId | None = None, *, visit: bool = False
    ) -> Card:
        """Somebody's card; a `visit` counts as a view of a member's profile.

        Raises NotSignedIn, TokenTooNarrow, AccountNotFound, RoomNotFound.
        """
        signed_in, _ = caller.signed_in()
        caller.check_whole()
        view = self._store.view
        me, other = await access_account(view, signed_in.id), await access_account(view, account_id)
        if visit and other.registered:
            await self._presence.visit_profile(caller, account_id)
        presence = await self._presence.get(account_id)
        both_talk = bool(presence.rooms) and me.id in await view.rooms.inside_any([me.id])
        may = deeds(me, other, both_talk=both_talk)
        if room_id is not None:
            may += deeds_in_room(me, other, await self._meet(me, other, room_id))
        contact = await view.mail.find_contact(me.id, other.id)
        return Card(
            presence=presence,
            age=public_age(presence.account, self._clock.now().date()),
            own=me.id == other.id,
            ignored=await view.ignoring.ignores(me.id, other.id),
            note=await view.notes.find(me.id, other.id),
            contact_id=contact.id if contact else ContactId(0),
            may=may,
        )

    async def _meet(self, me: Account, other: Account, room_id: RoomId) -> Meeting:
        view = self._store.view
        room = await access_room(view, room_id)
        return Meeting(
            rank=await rank_of(view, room, me),
            other_rank=await rank_of(view, room, other),
            inside=await view.rooms.find_occupant(room_id, other.id) is not None,
            leads=room.admin_id == other.id,
        )
