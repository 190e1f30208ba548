"""The discussion of a reserved room (chat.cz help, rule 16)."""

from beseda.core.access import access_registered, access_room, rank_of
from beseda.core.caller import Caller
from beseda.core.karma import deduct, earn
from beseda.core.limits import Limiter
from beseda.core.ports import Clock, Store
from beseda.domain.discussion import Post, check_post
from beseda.domain.errors import LineNotFound, NotRoomAdmin, RoomNotFound
from beseda.domain.ids import MAX_ID, PostId, RoomId
from beseda.domain.karma import EARNED_PER_POST, POST_DELETED
from beseda.domain.rooms import Rank

PAGE = 50


class Discussion:
    def __init__(self, store: Store, clock: Clock, limiter: Limiter) -> None:
        self._store = store
        self._clock = clock
        self._limiter = limiter

    async def post(self, caller: Caller, room_id: RoomId, text: str) -> PostId:
        """Raises RegisteredOnly, RoomNotFound (or it is not reserved), MessageEmpty, MessageTooLong, TooOften."""
        account, text = access_registered(caller), check_post(text)
        self._limiter.take("discussion_post", str(account.id))
        async with self._store.unit() as unit:
            room = await access_room(unit, room_id)
            if room.main_admin_id is None:
                raise RoomNotFound
            await earn(unit, account.id, EARNED_PER_POST)
            return await unit.discussion.add(room_id, account.id, text, self._clock.now())

    async def list_posts(self, room_id: RoomId, *, before: PostId | None = None) -> list[Post]:
        """Newest first. Raises RoomNotFound."""
        await access_room(self._store.view, room_id)
        before = PostId(MAX_ID) if before is None else before
        return await self._store.view.discussion.list_of(room_id, before=before, limit=PAGE)

    async def delete(self, caller: Caller, post_id: PostId) -> RoomId:
        """One's own, or as an admin of the room: then its author loses karma (chat.cz help, rule 43).

        Raises RegisteredOnly, LineNotFound, NotRoomAdmin.
        """
        account, now = access_registered(caller), self._clock.now()
        async with self._store.unit() as unit:
            post = await unit.discussion.find(post_id) if 0 < post_id <= MAX_ID else None
            if post is None:
                raise LineNotFound
            if post.author.id != account.id:
                room = await access_room(unit, post.room_id)
                if await rank_of(unit, room, account) < Rank.PERMANENT:
                    raise NotRoomAdmin
                await deduct(unit, post.author.id, POST_DELETED, "discussion", now)
                await unit.moderation.log(room.id, now, account.id, "delete_post", post.author.id, post.text)
            await unit.discussion.delete(post_id, account.id, now)
            return post.room_id
