"""Plays one scene: sends what its actors send, byte for byte, and compares what they receive."""

import contextlib
import http.client
import json
import re
import socket
import ssl
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from beseda.compat.comparing import Names, Unlike
from beseda.compat.hands import Hands
from beseda.compat.name_server import NameServer
from beseda.compat.scenes import NEEDS, SETTING, Need, Scene, Step

TIMEOUT_S = 10.0
MINUTE_S = 60.0


class Failed(AssertionError):
    """Something went otherwise; the message names the line."""


def play(scene: Scene, hands: Hands, make: Callable[[Hands], "Player"] | None = None) -> None:
    """Raises Failed, and NotProvided for what the target does not let anybody have."""
    hands.begin(scene)
    with contextlib.closing((make or Player)(hands)) as player:
        for step in scene.steps:
            try:
                player.play(step)
            except (Unlike, OSError, http.client.HTTPException, ConnectionClosed) as error:
                raise Failed(f"line {step.number}: {step.line}: {error or type(error).__name__}") from error


class Player:
    """The actors' cookies, what they were answered, their sockets, and the names known so far."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands
        self.names = Names()
        self.nicks: dict[str, str] = {}
        self.jars: dict[str, dict[str, str]] = {}
        self.answers: dict[str, tuple[http.client.HTTPResponse, bytes]] = {}
        self.sockets: dict[str, ClientConnection] = {}
        self._stack = contextlib.ExitStack()

    def close(self) -> None:
        self._stack.close()

    @property
    def way(self) -> str:
        """By which what is sent goes to the server."""
        return self.hands.url

    def play(self, step: Step) -> None:
        """Raises Unlike, NotProvided, OSError."""
        if NEEDS.fullmatch(step.line) or SETTING.fullmatch(step.line):
            return
        for pattern, deed in DEEDS.items():
            if match := re.fullmatch(pattern, step.line):
                deed(self, *match.groups())
                return
        if match := re.fullmatch(r"(\w+) sends( raw)?(?: ([0-9]+) times)?", step.line):
            for _ in range(int(match[3] or 1)):
                self._send(match[1], step.block, raw=bool(match[2]))
        elif match := re.fullmatch(r"(\w+) receives", step.line):
            self._receive(match[1], step.block)
        elif match := re.fullmatch(r"The name server is asked (.+)", step.line):
            self._name_server().ask(self.names.fill(match[1]), step.block, self.names)
        elif match := re.fullmatch(r"The name server is told for (\S+) by (\S+) (\S+)", step.line):
            zone, key, secret = map(self.names.fill, match.groups())
            self._name_server().change(zone, key, secret, step.block, self.names)
        elif match := re.fullmatch(r"(\w+) hears", step.line):
            self._hear(match[1], step.block)
        else:
            raise ValueError(f"no such step: {step.line}")

    def _send(self, actor: str, block: list[str], *, raw: bool) -> None:
        head, body = split_block([self.names.fill(line) for line in block])
        request_line, *lines = head
        if raw:
            content = body.replace("\n", "").encode("utf-8").decode("unicode_escape").encode("latin-1")
        else:
            multipart = any(line.lower().startswith("content-type: multipart/") for line in lines)
            content = (body + "\n" if multipart else body).replace("\n", "\r\n" if multipart else "\n").encode("utf-8")
        names = {line.split(":", 1)[0].lower() for line in lines}
        if "host" not in names:
            lines.append(f"Host: {urlsplit(self.hands.url).netloc}")
        if "content-length" not in names and (content or request_line.startswith(("POST", "PUT"))):
            lines.append(f"Content-Length: {len(content)}")
        jar = self.jars.setdefault(actor, {})
        if "cookie" in names:
            lines = [line for line in lines if line.lower().rstrip() != "cookie:"]
        elif jar:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in jar.items()))
        if not request_line.endswith(" HTTP/1.0"):
            request_line += " HTTP/1.1"
        message = "\r\n".join([request_line, *lines, "Connection: close", "", ""])
        self.answers[actor] = self._exchange(
            request_line.split()[0], message.encode("latin-1", "surrogateescape") + content
        )
        for header in self.answers[actor][0].headers.get_all("Set-Cookie", []):
            _keep_cookie(jar, header)

    def _exchange(self, verb: str, message: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        parts = urlsplit(self.way)
        secure = parts.scheme == "https"
        host, port = parts.hostname or "", parts.port or (443 if secure else 80)
        with contextlib.ExitStack() as stack:
            connection = stack.enter_context(socket.create_connection((host, port), timeout=TIMEOUT_S))
            if secure:
                context = ssl.create_default_context()
                connection = stack.enter_context(context.wrap_socket(connection, server_hostname=host))
            connection.sendall(message)
            answer = http.client.HTTPResponse(connection, method=verb)
            answer.begin()
            return answer, answer.read()

    def _receive(self, actor: str, block: list[str]) -> None:
        answer, body = self.answers.pop(actor)
        head, expected = split_block(block)
        self.names.check_answer(head, expected, answer, body)

    def _hear(self, actor: str, block: list[str]) -> None:
        """What the channel tells, message by message."""
        for line in filter(str.strip, block):
            try:
                found = json.loads(self.sockets[actor].recv(timeout=TIMEOUT_S))
            except TimeoutError:
                raise Unlike(f"heard nothing, not {line}") from None
            except ValueError as error:
                raise Unlike(f"heard no JSON: {error}") from None
            self.names.compare(json.loads(line), found.get("text") if isinstance(found, dict) else found, "text")

    def open_channel(self, actor: str, channel: str) -> None:
        url = f"ws{self.way.removeprefix('http')}/ws/{self.names[channel]}"
        self.sockets[actor] = self._stack.enter_context(self.connect(url))
        self.hands.call("settle")

    def connect(self, url: str) -> ClientConnection:
        """A WebSocket."""
        return connect(url, open_timeout=TIMEOUT_S)

    def hear_nothing(self, actor: str) -> None:
        """Since what was heard last; a ping sees to it that nothing is on its way."""
        self.hands.call("settle")
        if not self.sockets[actor].ping().wait(TIMEOUT_S):
            raise Unlike("no pong")
        with contextlib.suppress(TimeoutError):
            raise Unlike(f"heard {self.sockets[actor].recv(timeout=0)!r}")

    def hear_the_end(self, actor: str) -> None:
        with contextlib.suppress(ConnectionClosed):
            raise Unlike(f"heard {self.sockets[actor].recv(timeout=TIMEOUT_S)!r}")

    # What is given, and what an operator does.

    def member(self, name: str, password: str, more: str) -> None:
        options = dict(part.strip().split(" ", 1) for part in more.split(",") if part.strip())
        arguments: dict[str, Any] = {key: options[key] for key in ("email", "phone", "sex", "born") if key in options}
        if "age" in options:
            arguments["age_public"] = options["age"] == "public"
        self.nicks[name] = options.get("nick", name)
        made = self.hands.call("member", nick=self.nicks[name], password=password, **arguments)
        self.names[f"{name}_id"] = str(made["id"])

    def room(self, name: str) -> None:
        self.names[_key_of_room(name)] = str(self.hands.call("room", name=name)["id"])

    def inside(self, name: str, room: str) -> None:
        """A member with a session of his own, in a room that may be new."""
        self._put_inside(name, room, self.hands.call("enter", who=self.nicks[name], where=room))

    def visitor_inside(self, name: str, nick: str, room: str) -> None:
        self.nicks[name] = nick
        self._put_inside(name, room, self.hands.call("visitor", nick=nick, where=room))
        self.names[f"{name}_id"] = self._look_up(f"/api/room/{self.names[_key_of_room(room)]}/users", "users", nick)

    def _put_inside(self, name: str, room: str, cookies: dict[str, str]) -> None:
        self.jars.setdefault(name, {}).update(cookies)
        key = _key_of_room(room)
        if key not in self.names:
            self.names[key] = self._look_up("/api/rooms", "rooms", room)

    def _look_up(self, path: str, member: str, name: str) -> str:
        """The number of whatever is listed under a name, as anybody may see it."""
        host = urlsplit(self.hands.url).netloc
        _, body = self._exchange(
            "GET", f"GET {quote(path)} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        )
        try:
            listed = json.loads(body)[member]
            (number,) = (each["id"] for each in listed if name in (each.get("name"), each.get("nick")))
        except (ValueError, LookupError, TypeError) as error:
            raise Unlike(f"{path} does not list {name}: {error!r}") from error
        return str(number)

    def app(self, name: str) -> None:
        self.names[name] = self.hands.call("app", name=name)["key"]

    def grant(self, token: str, app: str, name: str) -> None:
        self.names[token] = self.hands.call("grant", app=app, who=self.nicks[name])

    def token(self, token: str, name: str) -> None:
        self.names[token] = self.hands.call("token", who=self.nicks[name])

    def personal_token(self, token: str, name: str, more: str) -> None:
        """Its scope is written `zones vzor.ru, types TXT A, read-only`."""
        scope: dict[str, Any] = {}
        for part in filter(None, (part.strip() for part in more.split(","))):
            kind, *words = part.split()
            scope[kind.replace("-", "_")] = words or True
        days = scope.pop("days", [None])[0]
        scope |= {"days": int(days)} if days else {}
        self.names[token] = self.hands.call("personal_token", who=self.nicks[name], **scope)

    def decide(self, verb: str, request: str, reason: str | None) -> None:
        deed = {"approves": "approve", "denies": "deny"}[verb]
        more = {"reason": reason} if reason else {}
        self.hands.call(deed, request=int(self.names.fill(request)), **more)

    def sid(self, sid: str, name: str) -> None:
        """A session as Spaces has it: its sid, and under names made from it the CK and the channel."""
        made = self.hands.call("sid", who=self.nicks[name])
        self.names[sid], self.names[f"{sid}_CK"], self.names[f"{sid}_channel"] = (
            made["sid"],
            made["ck"],
            made["channel"],
        )

    def read_picture(self, challenge: str, code: str) -> None:
        self.names[code] = self.hands.call("read_captcha", challenge=self.names[challenge])

    def standing(self, verb: str, name: str) -> None:
        standing = {"blocks": "blocked", "freezes": "frozen", "unblocks": "active"}[verb]
        self.hands.call("set_standing", who=self.nicks[name], standing=standing)

    def _name_server(self) -> NameServer:
        there, now_s = self.hands.call("name_server") or "", time.time()
        if Need.CLOCK in self.hands.provides:
            now_s = datetime.fromisoformat(self.hands.call("move_clock", seconds=0)).timestamp()
        return NameServer(there, now_s)

    def wait_here(self, seconds: str) -> None:
        """Time passes while all clients go on."""
        left = float(seconds)
        while left > 0:
            self.hands.call("move_clock", seconds=min(left, MINUTE_S))
            self.hands.call("keep_at_work")
            left -= MINUTE_S


def _asks(deed: str, *arguments: tuple[str, str]) -> Callable[..., None]:
    """A step that is one call: its arguments in the order of the groups, and what each is (`who`, `int`, `text`)."""

    def ask(player: Player, *groups: str) -> None:
        given: dict[str, Any] = {}
        for (name, kind), group in zip(arguments, groups, strict=True):
            given[name] = player.nicks[group] if kind == "who" else int(group) if kind == "int" else group
        player.hands.call(deed, **given)

    return ask


DEEDS: dict[str, Callable[..., None]] = {
    r'Given member (\w+), password "([^"]*)"((?:, [a-z]+ [^,]+)*)': Player.member,
    r"Given room (.+)": Player.room,
    r"Given permanent admin (\w+) of (.+)": _asks("make_room_admin", ("who", "who"), ("where", "text")),
    r"Given (\w+) is in (.+)": Player.inside,
    r"Given visitor (\w+), nick (.+), is in (.+)": Player.visitor_inside,
    r"Given the site's admin (\w+)": _asks("make_site_admin", ("who", "who")),
    r"Given karma of (\w+): earned ([0-9]+), given (-?[0-9]+), level ([0-3])": _asks(
        "set_karma", ("who", "who"), ("earned", "int"), ("given", "int"), ("level", "int")
    ),
    r"Given app (\w+)": Player.app,
    r"Given sid (\w+) of (\w+)": Player.sid,
    r"Given (\w+) ignores (\w+)": _asks("ignore", ("who", "who"), ("whom", "who")),
    r"Given a letter from (\w+) to (\w+): (.+)": _asks(
        "letter", ("sender", "who"), ("receiver", "who"), ("text", "text")
    ),
    r"Given karma gift ([0-9]+) from (\w+) to (\w+)": _asks(
        "give_karma", ("amount", "int"), ("giver", "who"), ("who", "who")
    ),
    r"(\w+) deletes line ([0-9]+) of (\w+)": _asks("delete_line", ("who", "who"), ("seq", "int"), ("where", "text")),
    r"The picture (\w+) is read as (\w+)": Player.read_picture,
    r"(\w+) opens the channel (\w+)": Player.open_channel,
    r"(\w+) hears nothing": Player.hear_nothing,
    r"(\w+) hears that the channel is closed": Player.hear_the_end,
    r"Given token (\w+) of (\w+)": Player.token,
    r"Given personal token (\w+) of (\w+)((?:[:,] [a-z]+(?:-[a-z]+)?[^,]*)*)": (
        lambda player, token, name, more: player.personal_token(token, name, more.removeprefix(":"))
    ),
    r"The operator (approves|denies) request (\S+?)(?:: (.+))?": Player.decide,
    r"Given grant (\w+) of (\w+) to (\w+)": Player.grant,
    r"Given domain (\S+) of (\w+)": _asks("domain", ("name", "text"), ("who", "who")),
    r"Given (\w+) has ([0-9.]+) (real|bonus)": _asks("credit", ("who", "who"), ("amount", "text"), ("pocket", "text")),
    r"Given favourite (.+) of (\w+)": _asks("favourite", ("where", "text"), ("who", "who")),
    r"The operator (blocks|freezes|unblocks) (\w+)": Player.standing,
    r'The operator gives (\w+) the password "([^"]*)"': _asks("set_password", ("who", "who"), ("password", "text")),
    r"The operator revokes (\w+)": _asks("revoke", ("app", "text")),
    r"([0-9.]+) seconds? pass(?:es)?": lambda player, seconds: player.hands.call("move_clock", seconds=float(seconds)),
    r"([0-9.]+) seconds? pass(?:es)? with all clients at work": Player.wait_here,
    r"The server restarts": lambda player: player.hands.call("restart"),
}


def split_block(block: list[str]) -> tuple[list[str], str]:
    """The head lines and the body, which an empty line parts."""
    while block and not block[-1].strip():
        block = block[:-1]
    if "" not in block:
        return block, ""
    cut = block.index("")
    return block[:cut], "\n".join(block[cut + 1 :])


def _keep_cookie(jar: dict[str, str], header: str) -> None:
    pair, *attributes = [part.strip() for part in header.split(";")]
    name, _, value = pair.partition("=")
    if any(attribute.lower() == "max-age=0" for attribute in attributes):
        jar.pop(name, None)
    else:
        jar[name] = value


def _key_of_room(name: str) -> str:
    return f"{re.sub(r'[^a-zA-Z0-9_]', '_', name)}_room"
