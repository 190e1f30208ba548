"""Rooms as many use them at once: whatever they do, what the list and the pages show stays true."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from beseda.core.caller import Caller
from beseda.domain.errors import BesedaError, NotInRoom, RoomNotFound
from beseda.domain.ids import AccountId, RoomId
from beseda.domain.rooms import Lock
from unit.core.world import World

MEMBERS = ("Alena", "Brana", "Cyril", "Dana")
VISITORS = ("Host 1", "Host 2")
PEOPLE = MEMBERS + VISITORS
ROOMS = ("Praha", "Brno", "Aš")
who = st.sampled_from(PEOPLE)
room = st.sampled_from(ROOMS)


class Rooms(RuleBasedStateMachine):
    """`inside` is who should be where: the model is no more than that."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World().__enter__()
        self.callers: dict[str, Caller] = {}
        self.inside: set[tuple[str, str]] = set()
        self.ids_of: dict[str, list[RoomId]] = {name: [] for name in ROOMS}

    def teardown(self) -> None:
        self.world.__exit__(None, None, None)

    @initialize()
    def prepare(self) -> None:
        """A permanent room, and members of different karma."""
        praha = self.world.run(self.world.core.rooms.add("Praha"))
        self.ids_of["Praha"].append(praha.id)
        for karma, nick in enumerate(MEMBERS):
            account = self.world.run(self.world.known(nick))
            self.world.run(self.world.set_karma(account, karma // 2, karma // 3))
        self.world.run(
            self.world.core.rooms.set_admin(praha.id, self.world.run(self.world.core.accounts.find("Dana")).id, True)
        )
        for nick in PEOPLE:
            self.come(nick)

    def come(self, nick: str) -> None:
        if nick in VISITORS:
            self.world.clock.move(31)  # visitors from one address are limited
            self.callers[nick], _ = self.world.run(self.world.visitor_in(nick))
        else:
            account = self.world.run(self.world.core.accounts.find(nick))
            self.callers[nick], _ = self.world.run(self.world.signed_in(account))

    def note(self) -> None:
        """All clients poll."""
        for nick in self.callers:
            self.poll(nick)

    def poll(self, nick: str, *, but: str = "") -> None:
        """In all rooms, or all but one."""
        rooms = [self.room_id(name) for someone, name in self.inside if someone == nick and name != but]
        self.world.core.presence.hear(
            self.account_id(nick), self.world.clock.now(), [room_id for room_id in rooms if room_id is not None]
        )

    def account_id(self, nick: str) -> AccountId:
        return self.callers[nick].signed_in()[0].id

    def room_id(self, name: str) -> RoomId | None:
        found = self.world.run(self.world.core.rooms.find_by_name(name))
        return found.id if found else None

    @rule(nick=who, name=room, password=st.sampled_from(["", "sezam"]))
    def enter(self, nick: str, name: str, password: str) -> None:
        try:
            room_id = self.world.run(self.world.core.rooms.enter(self.callers[nick], name, password))
        except BesedaError:
            assert (nick, name) not in self.inside
            return
        self.inside.add((nick, name))
        if room_id not in self.ids_of[name]:
            assert not any(room_id in ids for ids in self.ids_of.values())
            self.ids_of[name].append(room_id)

    @rule(nick=who, name=room)
    def leave(self, nick: str, name: str) -> None:
        room_id = self.room_id(name)
        try:
            self.world.run(self.world.core.rooms.leave(self.callers[nick], room_id or RoomId(10**6)))
        except (NotInRoom, RoomNotFound):
            assert (nick, name) not in self.inside
        self.inside.discard((nick, name))

    @rule(nick=who)
    def sign_out_and_in(self, nick: str) -> None:
        self.world.run(self.world.core.auth.sign_out(self.callers[nick]))
        self.inside = {(someone, name) for someone, name in self.inside if someone != nick}
        self.come(nick)

    @rule(nick=who)
    def fall_silent(self, nick: str) -> None:
        """Everybody else polls on; the server comes round."""
        self.note()
        for _ in range(4):
            self.world.clock.move(50)
            for other in PEOPLE:
                if other != nick:
                    self.poll(other)
            self.world.run(self.world.core.presence.sweep())
        self.inside = {(someone, name) for someone, name in self.inside if someone != nick}

    @rule(nick=who, name=room)
    def forget_a_room(self, nick: str, name: str) -> None:
        """He polls all others, as everybody else does all."""
        self.note()
        for _ in range(4):
            self.world.clock.move(50)
            for other in PEOPLE:
                self.poll(other, but=name if other == nick else "")
            self.world.run(self.world.core.presence.sweep())
        self.inside.discard((nick, name))

    @rule(nick=who, name=room, lock=st.sampled_from(Lock), password=st.sampled_from([None, "", "sezam"]))
    def lock(self, nick: str, name: str, lock: Lock, password: str | None) -> None:
        self.by_admin(nick, name, self.world.core.rooms.change_settings, lock=lock, password=password)

    @rule(nick=who, to=who, name=room)
    def hand_over(self, nick: str, to: str, name: str) -> None:
        self.by_admin(nick, name, self.world.core.rooms.hand_over, self.account_id(to))

    def by_admin(self, nick: str, name: str, deed: object, *args: object, **settings: object) -> None:
        room_id = self.room_id(name)
        if room_id is None:
            return
        view = self.world.run(self.world.core.rooms.view(room_id))
        may = view.admin_id == self.account_id(nick) or (nick, name) == ("Dana", "Praha")
        try:
            self.world.run(deed(self.callers[nick], room_id, *args, **settings))  # type: ignore[operator]
        except BesedaError:
            return
        assert may

    @rule(minutes=st.integers(0, 2))
    def time_passes(self, minutes: int) -> None:
        for _ in range(minutes):
            self.world.clock.move(timedelta(minutes=1).total_seconds())
            self.note()
            self.world.run(self.world.core.presence.sweep())

    @precondition(lambda self: self.callers)
    @invariant()
    def all_is_as_it_should_be(self) -> None:
        listing = self.world.run(self.world.core.rooms.list.get())
        stored = {view.id: view for view in self.world.run(self.world.parts.store.view.rooms.list_views())}
        assert listing.by_id == stored
        assert sorted(view.id for view in listing.views) == sorted(stored)
        shown = {view.name for view in stored.values()}
        assert shown == {name for name in ROOMS if name == "Praha" or any(where == name for _, where in self.inside)}
        for view in stored.values():
            present, _ = self.world.run(self.world.core.rooms.occupants(self.callers["Alena"], view.id))
            nicks = {occupant.account.nick for occupant in present}
            assert nicks == {nick for nick, name in self.inside if name == view.name}
            assert view.user_count == len(present)
            assert view.id == self.ids_of[view.name][-1]
            if view.admin_id is not None:
                [admin] = [occupant for occupant in present if occupant.account.id == view.admin_id]
                assert admin.account.registered
            elif not view.permanent:
                assert not any(occupant.account.registered for occupant in present)


TestRooms = Rooms.TestCase
TestRooms.settings = settings(max_examples=10, stateful_step_count=40)


class RoomsForLong(Rooms):
    pass


TestRoomsForLong = pytest.mark.long(RoomsForLong.TestCase)
TestRoomsForLong.settings = settings(max_examples=60, stateful_step_count=40)
