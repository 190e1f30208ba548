# Written by tools/twins.py from src/beseda/client/_async/live_admin.py: change that, then `make twins`.
"""What the admins of a room do over the live protocol, and what everybody may look at in it."""

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from beseda.client._live_lines import Who, number_of, typed
from beseda.client.lines import Line
from beseda.wire import live as wire
from beseda.wire.live.rooms import Links, Lock

if TYPE_CHECKING:
    from beseda.client._sync.live import Live


class RoomCalls:
    """Others are given by their number, or by anything that has it as `id`. All raise NotAllowed for who may not."""

    id: int
    _live: "Live"

    def people(self) -> tuple[wire.Occupant, ...]:
        """Who is in the room, with what he is there."""
        return (self._live.ask(wire.People(room=self.id))).people

    def info(self) -> wire.Info:
        """What there is to know of the room, and what the member is in it."""
        return self._live.rooms.info(self.id)

    def change(
        self,
        *,
        description: str | None = None,
        lock: Lock | None = None,
        password: str | None = None,
        links: Links | None = None,
        web: str | None = None,
        opened_by_admins: bool | None = None,
        hands_over: bool | None = None,
        keep_days: int | UnsetType | None = UNSET,
        history_lines: int | UnsetType | None = UNSET,
    ) -> wire.Info:
        """Change what is given, all or nothing; None is as it is, but for the last two, of which it is as configured.

        An admin sets the first four, a main admin all. Raises Refused, which names the reason.
        """
        call = wire.SetRoom(
            room=self.id,
            description=description,
            lock=lock,
            password=password,
            links=links,
            web=web,
            opened_by_admins=opened_by_admins,
            hands_over=hands_over,
            keep_days=keep_days,
            history_lines=history_lines,
        )
        return (self._live.ask(call)).info

    def kick(self, who: Who, reason: str, *, minutes: int | None = None) -> Line:
        """Throw somebody out and keep him out, for `minutes` (1 to 300) or as long as the rules say."""
        return self._done(wire.KickOut(room=self.id, account=number_of(who), reason=reason, minutes=minutes))

    def unkick(self, who: Who) -> Line:
        """Let somebody in again."""
        return self._done(wire.Unkick(room=self.id, account=number_of(who)))

    def kicks(self) -> tuple[wire.Kick, ...]:
        """Who is kept out now; for the permanent admins."""
        return (self._live.ask(wire.ListKicks(room=self.id))).kicks

    def mute(self, who: Who) -> Line:
        """Hide from all what somebody writes, for an hour."""
        return self._done(wire.Mute(room=self.id, account=number_of(who)))

    def unmute(self, who: Who) -> Line:
        """Hear a muted one all the same; for the member alone."""
        return self._done(wire.Unmute(room=self.id, account=number_of(who)))

    def delete_all(self, who: Who) -> Line:
        """Delete all that somebody has said so far; for a minute he cannot write."""
        return self._done(wire.DeleteAll(room=self.id, account=number_of(who)))

    def allow_links(self, who: Who) -> Line:
        """Let somebody send links for five minutes."""
        return self._done(wire.AllowLinks(room=self.id, account=number_of(who)))

    def hand_over(self, who: Who) -> None:
        """Make somebody who is inside the temporary admin in the member's place."""
        self._live.ask(wire.HandOver(room=self.id, account=number_of(who)))

    def set_admin(self, who: Who, *, admin: bool = True) -> wire.Info:
        """Appoint a permanent admin of a reserved room, or dismiss one."""
        return (self._live.ask(wire.SetAdmin(room=self.id, account=number_of(who), admin=admin))).info

    def report(self, seq: int, reason: str) -> None:
        """Tell the admins of a text, by its number. Raises NotFound, Invalid."""
        self._live.ask(wire.ReportLine(room=self.id, seq=seq, reason=reason))

    def reports(self) -> tuple[wire.Report, ...]:
        """What was reported, and nobody has settled; for the admins."""
        return (self._live.ask(wire.ListReports(room=self.id))).reports

    def settle(self, seq: int) -> None:
        """Take the reports of a text off the list."""
        self._live.ask(wire.Settle(room=self.id, seq=seq))

    def _done(self, call: wire.Call[wire.LineDone]) -> Line:
        return typed((self._live.ask(call)).line, self._live.me.id)
