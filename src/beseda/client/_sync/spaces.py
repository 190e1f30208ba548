# Written by tools/twins.py from src/beseda/client/_async/spaces.py: change that, then `make twins`.
"""Spaces: sign-in, letters, counters, the journal, members, rooms and the live channel (Spaces session API)."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec

from beseda.client._answers import UNREADABLE, Answer
from beseda.client._platform import Connector, connect, value
from beseda.client._refusals import of_spaces
from beseda.client._sync.http import Http
from beseda.client._sync.service import Service
from beseda.client._sync.spaces_channel import Channel
from beseda.client._sync.spaces_mail import Mail
from beseda.client._sync.spaces_rooms import Rooms
from beseda.client._urls import socket_url
from beseda.client.captcha import Captcha, Picture
from beseda.client.errors import CaptchaNeeded, NotUnderstood, SessionEnded
from beseda.client.manners import Manners
from beseda.client.secrets import Secret
from beseda.client.spaces_events import Event
from beseda.wire.spaces import calls, people
from beseda.wire.spaces.codes import SUCCESS

SPACES_URL = "https://spcs.me"
CHANNEL_URL = "https://lp03.spcs.me"
CAPTCHAS_MAX = 3
RECORDS = 30
T = TypeVar("T")


class Spaces(Service):
    """Spaces, or a Beseda. `sid` is a session's from before (`check` tells whether it is good).

    `rid` is sent with sign-in when it is given: the document calls it required, later versions have dropped it.
    `channel_url` is where the live channel is, if not where everything else is.
    """

    def __init__(
        self,
        url: str = SPACES_URL,
        *,
        sid: str = "",
        rid: str = "",
        channel_url: str = "",
        manners: Manners | None = None,
        transport: httpx.BaseTransport | None = None,
        connector: Connector | None = None,
    ) -> None:
        super().__init__(url, manners)
        self._http = Http(self._url, self._manners, transport)
        self._sid = Secret(sid)
        self._rid = Secret(rid)
        self._me: calls.Attributes | None = None
        self._channels: set[Channel] = set()
        self.channel_url = channel_url or (CHANNEL_URL if self._http.url == SPACES_URL else self._http.url)
        self.connector = connector or connect
        self.time_s = 0
        """When the service answered last, by its own clock."""
        self.mail = Mail(self)
        """Letters and contacts."""
        self.rooms = Rooms(self)
        """Rooms, by their numbers."""

    def _who(self) -> str:
        return self._me.name if self._me else ""

    def close(self) -> None:
        """Close the connections; the session goes on until `sign_out`."""
        for channel in tuple(self._channels):
            channel.close()
        self._http.close()

    @property
    def http(self) -> Http:
        return self._http

    @property
    def sid(self) -> str:
        """The session, "" when there is none: a secret, to be kept as one."""
        return self._sid.reveal()

    @property
    def me(self) -> calls.Attributes:
        """Who is signed in. Raises RuntimeError when nobody is, or it is not known yet (`check`)."""
        if self._me is None:
            raise RuntimeError("not signed in, or not checked yet")
        return self._me

    def sign_in(self, login: str, password: str, *, captcha: Captcha | None = None, code: str = "") -> calls.Attributes:
        """Sign in by nick, e-mail or phone (session.login).

        When the service wants a picture read, `captcha` is called with it, and again when what it said was wrong, up to
        three times. Raises SignInRefused, CaptchaNeeded, TooOften.
        """
        fields = [("login", login), ("password", password)]
        for attempt in range(CAPTCHAS_MAX + 1):
            answer = [("code", code)] if code else []
            try:
                members = self._ask("session", "login", [*fields, *answer], safe=False, signs_in=True)
                return self._begin(members)
            except CaptchaNeeded as needed:
                if captcha is None or attempt == CAPTCHAS_MAX:
                    raise
                code = value(captcha(self.picture(needed.picture_url)))
        raise AssertionError("unreachable")

    def _begin(self, members: Mapping[str, Any]) -> calls.Attributes:
        """A session, from whose channel those who listen hear from now on."""
        before = self._me
        me = self._signed_in(members)
        if before and before.channel_id != me.channel_id:
            for channel in tuple(self._channels):
                channel.close()
        return me

    def picture(self, url: str) -> Picture:
        """A picture to be read, fetched without the session. Raises NotUnderstood."""
        answer = self._http.ask("GET", url, safe=True, where="captcha")
        answer.expect(200)
        return Picture(url, answer.body, str(answer.headers.get("content-type", "")))

    def check(self) -> calls.Attributes:
        """Who is signed in, as the service says (session.check). Raises SessionEnded."""
        return self._signed_in(self._ask("session", "check", [], safe=True, secret=True))

    def _signed_in(self, members: Mapping[str, Any]) -> calls.Attributes:
        try:
            self._me = calls.read_attributes(members)
        except msgspec.ValidationError as error:
            raise NotUnderstood(f"{error}, in `attributes`", where="session") from error
        self._sid = Secret(self._me.sid)
        return self._me

    def sign_out(self) -> None:
        """End the session (session.logout); one that has ended is signed out."""
        with suppress(SessionEnded):
            self._ask("session", "logout", [], safe=True, proved=True)
        self._sid, self._me = Secret(""), None

    def counters(self) -> people.Counters:
        """What is new (common.getTopCounts)."""
        return self.read(self.get("common", "getTopCounts"), people.Counters, "common.getTopCounts")

    def beacon(self) -> None:
        """Say that the member is there (common.beacon)."""
        self.get("common", "beacon")

    def journal(self, *, new_only: bool = False) -> Iterator[people.Record]:
        """The entries of the journal, newest first, page by page (journal.getRecords); they then count as seen."""
        offset = 0
        while True:
            fields = [("L", str(RECORDS)), ("O", str(offset)), ("S", "2" if new_only else "0"), ("Android", "1")]
            members = self.get("journal", "getRecords", fields)
            records = self.read(members.get("widgets", []), list[people.Record], "journal.getRecords")
            for record in records:
                yield record
            if len(records) < RECORDS:
                return
            offset += RECORDS

    def search(self, nick: str) -> list[people.FoundUser]:
        """Members whose nick has this in it; whoever has that very nick comes first (users.search)."""
        members = self.get("users", "search", [("q", nick)])
        return self.read(members.get("users"), list[people.FoundUser], "users.search")

    def online(self, user_ids: Iterable[int]) -> dict[int, people.Presence]:
        """Who of these accounts is there (users.isOnline)."""
        members = self.get("users", "isOnline", [("UsErs", str(each)) for each in user_ids])
        return self.read(members.get("status") or {}, dict[int, people.Presence], "users.isOnline")

    def channel(self) -> Iterator[Event]:
        """What happens, from now on: letters, counters, texts of rooms.

        The socket is opened anew when it breaks, and what came meanwhile is asked for; where none can be opened the
        channel is polled. Nothing comes twice; where something may be missing, Missed says so, and why. Raises
        SessionEnded when the session has ended.
        """
        channel = Channel(self)
        self._channels.add(channel)
        try:
            for event in channel.events():
                yield event
        finally:
            self._channels.discard(channel)
            channel.close()

    def get(self, section: str, name: str, fields: calls.Fields | None = None) -> dict[str, Any]:
        """The members of the answer to a call that changes nothing. Raises what all calls do."""
        return self._ask(section, name, fields or [], safe=True)

    def change(
        self, section: str, name: str, fields: calls.Fields | None = None, *, safe: bool = False
    ) -> dict[str, Any]:
        """The same of one that changes something, with its proof; `safe` says that to do it twice does no harm."""
        return self._ask(section, name, fields or [], safe=safe, proved=True)

    def page(self, path: str, **query: object) -> dict[str, Any]:
        """The members of a page of the site, which is JSON for who asks for that."""
        address = f"{path}?{urlencode(query)}"
        answer = self._http.ask("GET", address, safe=True, where=path, headers=self._headers())
        return self._members(answer, signs_in=False)

    def _ask(
        self,
        section: str,
        name: str,
        fields: calls.Fields,
        *,
        safe: bool,
        proved: bool = False,
        signs_in: bool = False,
        secret: bool = False,
    ) -> dict[str, Any]:
        rid = self._rid.reveal() if section == "session" else ""
        sent = calls.call_fields(name, fields, self.sid[-4:] if proved else "", rid)
        answer = self._http.ask(
            "POST",
            f"/neoapi/{section}",
            safe=safe,
            where=f"{section}.{name}",
            files=[(field, (None, value)) for field, value in sent],
            headers=self._headers(with_sid=not signs_in),
            secret=secret or signs_in,
        )
        return self._members(answer, signs_in)

    def _headers(self, *, with_sid: bool = True) -> dict[str, str]:
        return calls.headers(self.sid if with_sid else "")

    def _members(self, answer: Answer, signs_in: bool) -> dict[str, Any]:
        answer.expect(200)
        try:
            code, members = calls.read_answer(answer.body)
        except UNREADABLE as error:
            raise answer.not_understood(str(error)) from error
        if code != SUCCESS:
            raise of_spaces(code, members, signs_in=signs_in)
        time_s = members.get("time")
        self.time_s = time_s if isinstance(time_s, int) else self.time_s
        return members

    def read(self, value: Any, kind: type[T], where: str) -> T:
        """A part of an answer as a type. Raises NotUnderstood."""
        try:
            return msgspec.convert(calls.without_nulls(value), kind, strict=False, str_keys=True)
        except msgspec.ValidationError as error:
            raise NotUnderstood(str(error), where=where, excerpt=msgspec.json.encode(value)) from error

    def socket_address(self) -> str:
        """Where the channel's socket is: a secret."""
        return f"{socket_url(self.channel_url)}/ws/{self.me.channel_id}"

    def poll_address(self) -> str:
        """Where the channel is polled: a secret."""
        return f"{self.channel_url}/lpex/{self.me.channel_id}"
