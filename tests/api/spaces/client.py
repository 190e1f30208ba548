"""A client of Spaces as people wrote them: the checklist of the live channel, step by step, and nothing cleverer."""

import json
import re
import socket
import ssl
import struct
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from api.wire.ws import PONG, TEXT, frame, upgrade
from beseda.core.accounts import Application
from beseda.testing import BesedaServer

PASSWORD = "kratka zima 7"
WAIT_S = 30.0
TLS = ssl.create_default_context()
"""Never used, but httpx makes one for each call that has none, and that takes longer than the call."""
PING, CLOSE = 0x9, 0x8
CHANGED_WITH_PROOF = re.compile(r"(send|mark|typ|swap|archive|spam|erase|fav|edit|getEdit|getReply|clear|invite)")
Message = dict[str, Any]


def make_members(server: BesedaServer, *nicks: str) -> None:
    for nick in nicks:
        server.run(server.core.accounts.add(Application(nick, PASSWORD)))


class Client:
    """One who has signed in."""

    def __init__(self, server: BesedaServer, nick: str) -> None:
        self.server = server
        answer = self._post("session", {"method": "login", "login": nick, "password": PASSWORD})
        assert answer["code"] == "00000", answer
        self.attributes: Message = answer["attributes"]
        self.sid, self.proof = str(self.attributes["sid"]), str(self.attributes["CK"])
        self.channel = str(self.attributes["channel_id"])

    def _post(self, section: str, fields: dict[str, str]) -> Message:
        # COMPAT(spaces): as the Android client does, /ajax in front and the word null behind.
        answer = httpx.post(f"{self.server.url}/ajax/neoapi/{section}/?null", data=fields, timeout=WAIT_S, verify=TLS)
        assert answer.status_code == 200
        body: Message = answer.json()
        return body

    def call(self, name: str, **fields: object) -> Message:
        section, method = name.split(".")
        sent = {key: str(value) for key, value in fields.items()} | {"method": method, "sid": self.sid}
        if CHANGED_WITH_PROOF.match(method):
            sent.setdefault("CK", self.proof)
        return self._post(section, sent)

    def do(self, name: str, **fields: object) -> Message:
        answer = self.call(name, **fields)
        assert answer["code"] == "00000", answer
        return answer

    def listen(self, version: str = "13") -> "Channel":
        return Channel(self.server, self.channel, version)

    def poll(self, cursor: Message | None = None) -> list[Message]:
        """One long poll, from the last message that was received or from the page's time; [] when there was nothing."""
        status, messages = self.poll_raw(cursor)
        assert status in (200, 304)
        return messages

    def poll_raw(self, cursor: Message | None = None) -> tuple[int, list[Message]]:
        now = format_datetime(self.server.clock.now().replace(microsecond=0), usegmt=True)
        query = {"callback": "__spcslp7", "tag": "", "eventid": "", "time": now}
        if cursor:
            query |= {name: cursor[name] for name in ("tag", "eventid", "time")}
        url = f"{self.server.url}/lpex/{self.channel}?{httpx.QueryParams(query)}&_1795168800123"
        answer = httpx.get(url, timeout=WAIT_S, verify=TLS)
        if answer.status_code != 200:
            assert not answer.content or answer.status_code >= 400
            return answer.status_code, []
        assert answer.headers["content-type"].startswith("application/javascript")
        match = re.fullmatch(r"__spcslp7\((\[.+\])\);", answer.text, re.DOTALL)
        assert match, answer.text
        messages: list[Message] = json.loads(match[1])
        assert messages
        return 200, messages


class Channel:
    """`/ws/<channel>`: no query, no cookie, no Origin; says nothing but pong."""

    def __init__(self, server: BesedaServer, channel: str, version: str) -> None:
        parts = urlsplit(server.url)
        self._server = server
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=WAIT_S)
        self._reader = self._socket.makefile("rb")
        self._socket.sendall(upgrade(f"/ws/{channel}", version=version).encode())
        self.head = b"".join(iter(self._reader.readline, b"\r\n"))
        self.is_open = self.head.startswith(b"HTTP/1.1 101")
        if self.is_open:
            server.run(server.beseda.channels.settle())

    def _next(self) -> tuple[int, bytes]:
        first, size = self._reader.read(2)
        if size == 126:
            (size,) = struct.unpack("!H", self._reader.read(2))
        return first & 0x0F, self._reader.read(size)

    def hear(self) -> Message:
        """The `text` of the next message."""
        return self.message()["text"]  # type: ignore[no-any-return]

    def message(self) -> Message:
        opcode, payload = self._next()
        while opcode == PING:
            self._socket.sendall(frame(PONG, payload))
            opcode, payload = self._next()
        assert opcode == TEXT, (opcode, payload)
        message: Message = json.loads(payload)
        assert type(message["text"]) is dict
        assert type(message["text"]["act"]) is int
        return message

    def hear_nothing(self) -> None:
        self._server.run(self._server.beseda.channels.settle())
        self._socket.sendall(frame(PING, b"?"))
        assert self._next() == (PONG, b"?")

    def closed_with(self) -> int:
        opcode, payload = self._next()
        assert opcode == CLOSE, (opcode, payload)
        return int(struct.unpack("!H", payload[:2])[0])

    def close(self) -> None:
        self._reader.close()
        self._socket.close()
