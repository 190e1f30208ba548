"""Pages about rooms: what everybody may know of one, what its admins set, what they did, its discussion."""

from collections.abc import Mapping

from beseda.api.chatcz import codec
from beseda.api.chatcz.call import Reply, Route, SiteCall, call_names
from beseda.api.chatcz.codec_people import read_number
from beseda.api.chatcz.errors import Refusal, RequestRefused
from beseda.api.chatcz.pages import Pages, see
from beseda.api.words import N_
from beseda.core.core import Core
from beseda.core.room_settings import SAME
from beseda.domain.discussion import POST_MAX
from beseda.domain.history import NEWEST_MAX
from beseda.domain.ids import AccountId, KickId, PostId, RoomId
from beseda.domain.reservations import KEEP_DAYS_MAX
from beseda.domain.rooms import Links, Lock, Rank

LOCK_CHOICES = {
    Lock.OPEN: N_("for nobody"),
    Lock.ANONYMOUS: N_("for guests"),
    Lock.MINORS: N_("for everybody under 18"),
    Lock.ALL: N_("for everybody"),
}
LINK_CHOICES = {Links.KARMA: N_("who has karma"), Links.ALL: N_("everybody"), Links.NONE: N_("nobody")}

LOG_TEXTS = {
    "kick": N_("took out"),
    "unkick": N_("let back in"),
    "mute": N_("muted"),
    "delete_line": N_("deleted a line of"),
    "delete_lines": N_("deleted all texts of"),
    "delete_post": N_("deleted a post of"),
    "allow_links": N_("allowed links to"),
    "lock": N_("set the lock"),
    "settle_report": N_("settled the report of line"),
    "reserve": N_("reserved the room"),
    "release": N_("gave up the reservation"),
    "appoint": N_("made an admin of"),
    "dismiss": N_("dismissed the admin"),
    "close": N_("deleted the room"),
}
"""Deeds of the moderation log; these and the choices are texts of the house's."""


class SiteRooms:
    guarded = True

    def __init__(self, core: Core, pages: Pages) -> None:
        self._core = core
        self._pages = pages
        reads = {
            "/info/#": Route("room_info", self._info),
            "/info/log/#": Route("room_log", self._log),
            "/info/reports/#": Route("room_reports", self._reports),
            "/info/kick/#": Route("kick_record", self._kick),
            "/info/discussion/#": Route("discussion", self._discussion),
        }
        writes = {
            "/info/settings/#": Route("set_room", self._settings),
            "/info/reserved/#": Route("set_reserved_room", self._reserved_settings),
            "/info/reserve/#": Route("reserve", self._reserve),
            "/info/admins/#": Route("appoint", self._appoint),
            "/info/unkick/#": Route("unkick", self._unkick),
            "/info/settle/#": Route("settle_report", self._settle),
            "/info/report/#": Route("report", self._report),
            "/info/close/#": Route("close_room", self._close),
            "/info/post/#": Route("discuss", self._post),
            "/info/delete/#": Route("delete_post", self._delete_post),
        }
        self._routes = {shape: {"GET": route, "HEAD": route} for shape, route in reads.items()} | {
            shape: {"POST": route} for shape, route in writes.items()
        }
        self.calls = call_names(self._routes)

    def routes(self, shape: str) -> Mapping[str, Route]:
        return self._routes.get(shape, {})

    def refuse(self, call: SiteCall, error: Refusal) -> Reply:
        return self._pages.refuse(call, error)

    async def _info(self, call: SiteCall) -> Reply:
        info = await self._core.reservations.info(call.caller, call.room_id)
        permanent = info.rank >= Rank.PERMANENT
        return self._pages.page(
            "info.html",
            call,
            info=info,
            opened_at=info.room.created_at,
            ranks=Rank,
            kicks=await self._core.moderation.list_kicks(call.caller, call.room_id) if permanent else [],
            lock_choices=LOCK_CHOICES,
            link_choices=LINK_CHOICES,
            keep_days_max=KEEP_DAYS_MAX,
            newest_max=NEWEST_MAX,
            newest_configured=self._core.rooms.history_lines,
        )

    async def _log(self, call: SiteCall) -> Reply:
        info = await self._core.reservations.info(call.caller, call.room_id)
        log = await self._core.moderation.log(call.caller, call.room_id)
        rows = [(deed.at, deed, LOG_TEXTS.get(deed.deed, deed.deed)) for deed in log]
        return self._pages.page("log.html", call, room=info.room, rows=rows)

    async def _reports(self, call: SiteCall) -> Reply:
        info = await self._core.reservations.info(call.caller, call.room_id)
        reports = await self._core.moderation.list_reports(call.caller, call.room_id)
        rows = [(report.at, report) for report in reports]
        return self._pages.page("reports.html", call, room=info.room, rows=rows)

    async def _kick(self, call: SiteCall) -> Reply:
        record = await self._core.moderation.kick_record(call.caller, KickId(call.number))
        lines = [(line.at, line) for line in record.evidence]
        return self._pages.page("kick.html", call, kick=record.kick, at=record.kick.at, lines=lines)

    async def _discussion(self, call: SiteCall) -> Reply:
        info = await self._core.reservations.info(call.caller, call.room_id)
        posts = await self._core.discussion.list_posts(call.room_id)
        rows = [(post.at, post) for post in posts]
        return self._pages.page(
            "discussion.html",
            call,
            info=info,
            rows=rows,
            moderates=info.rank >= Rank.PERMANENT,
            post_max=POST_MAX,
        )

    async def _settings(self, call: SiteCall) -> Reply:
        settings, links = codec.read_room_settings(call.form), call.form.get("links")
        if links is not None and links not in list(Links):
            raise RequestRefused(400, "links data invalid")
        await self._core.rooms.change_settings(
            call.caller,
            call.room_id,
            description=settings.description,
            lock=settings.lock,
            password=settings.password,
            links=None if links is None else Links(links),
        )
        return _back(call.room_id)

    async def _reserved_settings(self, call: SiteCall) -> Reply:
        """A box that is not ticked is not sent; no days are as configured, and so are no lines."""
        form, lines = call.form, call.form.get("history_lines")
        await self._core.settings.change(
            call.caller,
            call.room_id,
            web=form.get("web") or "",
            opened_by_admins=form.get("opened_by_admins") == "1",
            hands_over=form.get("hands_over") == "1",
            keep_days=read_number(form, "keep_days") if form.get("keep_days") else None,
            history_lines=SAME if lines is None else read_number(form, "history_lines") if lines else None,
        )
        return _back(call.room_id)

    async def _reserve(self, call: SiteCall) -> Reply:
        """`reserve` is 1, or anything else to give the reservation up, after which the room may be gone."""
        if call.form.get("reserve") == "1":
            await self._core.reservations.reserve(call.caller, call.room_id)
            return _back(call.room_id)
        await self._core.reservations.release(call.caller, call.room_id)
        return see("/")

    async def _appoint(self, call: SiteCall) -> Reply:
        """`nick` becomes an admin when `admin` is 1, else he is one no longer."""
        member = await self._core.accounts.find_nick(call.form.get("nick") or "")
        await self._core.reservations.set_admin(call.caller, call.room_id, member.id, call.form.get("admin") == "1")
        return _back(call.room_id)

    async def _unkick(self, call: SiteCall) -> Reply:
        kicked = AccountId(read_number(call.form, "userId"))
        await self._core.moderation.unkick(call.caller, call.room_id, kicked)
        return _back(call.room_id)

    async def _report(self, call: SiteCall) -> Reply:
        """`seq` is the number of the text, which the index of a poll tells, `reason` why."""
        seq = read_number(call.form, "seq")
        await self._core.moderation.report(call.caller, call.room_id, seq, call.form.get("reason") or "")
        return _back(call.room_id)

    async def _settle(self, call: SiteCall) -> Reply:
        """`seq` is the number of the text, which goes when `delete` is 1."""
        seq = read_number(call.form, "seq")
        if call.form.get("delete") == "1":
            await self._core.messages.delete(call.caller, call.room_id, seq)
        else:
            await self._core.moderation.settle_report(call.caller, call.room_id, seq)
        return see(f"/info/reports/{call.room_id}")

    async def _close(self, call: SiteCall) -> Reply:
        await self._core.reservations.close(call.caller, call.room_id, call.form.get("reason") or "")
        return see("/")

    async def _post(self, call: SiteCall) -> Reply:
        await self._core.discussion.post(call.caller, call.room_id, call.form.get("text") or "")
        return see(f"/info/discussion/{call.room_id}")

    async def _delete_post(self, call: SiteCall) -> Reply:
        room_id = await self._core.discussion.delete(call.caller, PostId(call.number))
        return see(f"/info/discussion/{room_id}")


def _back(room_id: RoomId) -> Reply:
    return see(f"/info/{room_id}")
