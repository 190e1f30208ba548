"""Reads and plays transcripts; compat/README.md describes them."""

import contextlib
import http.client
import json
import re
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from beseda.core.accounts import Application
from beseda.core.auth import SignedIn
from beseda.core.caller import Caller
from beseda.core.domains import NewDomain
from beseda.domain.accounts import Account, Role, Sex, Standing
from beseda.domain.events import AccountChanged
from beseda.domain.ids import AppId, RoomId
from beseda.domain.karma import LIFE
from beseda.domain.ledger import Pocket
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer

PLACE = re.compile("«([a-zA-Z_][a-zA-Z0-9_]*)(?::([^»]*))?»")
KINDS: dict[str, Callable[[Any], bool]] = {
    "int": lambda value: type(value) is int,
    "str": lambda value: type(value) is str,
    "number": lambda value: type(value) in (int, float),
    "bool": lambda value: type(value) is bool,
    "any": lambda value: True,
}
MORE = "…"


@dataclass
class Step:
    """One line at the left margin and what is indented below it."""

    line: str
    number: int
    block: list[str] = field(default_factory=list)


@dataclass
class Scene:
    title: str
    steps: list[Step]


def read_scenes(path: Path) -> Iterator[Scene]:
    """The scenes of a file."""
    scene: Scene | None = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.startswith("#"):
            if scene is None or scene.steps:
                if scene is not None:
                    yield scene
                scene = Scene(line.lstrip("# "), [])
        elif line.startswith("  ") or not line.strip():
            if scene is not None and scene.steps:
                scene.steps[-1].block.append(line[2:])
        elif scene is not None:
            scene.steps.append(Step(line.strip(), number))
    if scene is not None:
        yield scene


def split_block(block: list[str]) -> tuple[list[str], str]:
    """The head lines and the body, which an empty line parts."""
    while block and not block[-1].strip():
        block = block[:-1]
    if "" not in block:
        return block, ""
    cut = block.index("")
    return block[:cut], "\n".join(block[cut + 1 :])


class Stage:
    """A server, the actors' cookies, and the names known so far."""

    def __init__(self, server: BesedaServer) -> None:
        self.server = server
        self.names: dict[str, str] = {}
        self.accounts: dict[str, Account] = {}
        self.apps: dict[str, int] = {}
        self.jars: dict[str, dict[str, str]] = {}
        self.inside_by: dict[str, SignedIn] = {}
        self.answers: dict[str, tuple[http.client.HTTPResponse, bytes]] = {}
        self.sockets: dict[str, ClientConnection] = {}

    def fill(self, text: str) -> str:
        """The text with all known names put in."""
        return PLACE.sub(lambda match: self.names[match[1]], text)

    def play(self, step: Step) -> None:
        for pattern, deed in DEEDS.items():
            if match := re.fullmatch(pattern, step.line):
                deed(self, *match.groups())
                return
        if match := re.fullmatch(r"(\w+) sends( raw)?(?: ([0-9]+) times)?", step.line):
            for _ in range(int(match[3] or 1)):
                self._send(match[1], step.block, raw=bool(match[2]))
        elif match := re.fullmatch(r"(\w+) receives", step.line):
            self._receive(match[1], step.block)
        elif match := re.fullmatch(r"(\w+) hears", step.line):
            self._hear(match[1], step.block)
        else:
            raise ValueError(f"no such step: {step.line}")

    def _send(self, actor: str, block: list[str], *, raw: bool) -> None:
        head, body = split_block([self.fill(line) for line in block])
        request_line, *lines = head
        if raw:
            content = body.replace("\n", "").encode("utf-8").decode("unicode_escape").encode("latin-1")
        else:
            multipart = any(line.lower().startswith("content-type: multipart/") for line in lines)
            content = (body + "\n" if multipart else body).replace("\n", "\r\n" if multipart else "\n").encode("utf-8")
        names = {line.split(":", 1)[0].lower() for line in lines}
        host = urlsplit(self.server.url).netloc
        if "host" not in names:
            lines.append(f"Host: {host}")
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
        message_bytes = message.encode("latin-1", "surrogateescape") + content
        self.answers[actor] = self._exchange(request_line.split()[0], message_bytes)
        for header in self.answers[actor][0].headers.get_all("Set-Cookie", []):
            self._keep_cookie(jar, header)

    def _exchange(self, verb: str, message: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        parts = urlsplit(self.server.url)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
            connection.sendall(message)
            answer = http.client.HTTPResponse(connection, method=verb)
            answer.begin()
            body = answer.read()
        return answer, body

    def _keep_cookie(self, jar: dict[str, str], header: str) -> None:
        pair, *attributes = [part.strip() for part in header.split(";")]
        name, _, value = pair.partition("=")
        if any(attribute.lower() == "max-age=0" for attribute in attributes):
            jar.pop(name, None)
        else:
            jar[name] = value

    def _receive(self, actor: str, block: list[str]) -> None:
        answer, body = self.answers.pop(actor)
        text = body.decode("utf-8")
        head, expected = split_block(block)
        assert f"{answer.status}" == head[0], f"{answer.status} {text}"
        for line in head[1:]:
            name, _, wanted = line.partition(": ")
            found = answer.headers.get_all(name, [])
            assert any(self._fits(wanted, value) for value in found), f"{name}: {found}"
        if expected.lstrip().startswith(("{", "[")):
            self._compare(json.loads(expected), json.loads(text), "body")
        else:
            for line in expected.splitlines():
                self._check_line(line, text)

    def _check_line(self, line: str, text: str) -> None:
        verb, _, wanted = line.partition(" ")
        match verb:
            case "empty":
                assert text == ""
            case "is":
                assert self._fits(wanted, text), text
            case "has":
                assert self.fill(wanted) in text, text
            case "lacks":
                assert self.fill(wanted) not in text, text
            case "matches":
                assert re.search(self.fill(wanted), text), text
            case _:
                raise ValueError(f"no such expectation: {line}")

    def _fits(self, wanted: str, found: str) -> bool:
        """Whether text is as written, capturing on the way."""
        groups: dict[str, str] = {}

        def pattern(match: re.Match[str]) -> str:
            name, inner = match[1], match[2]
            if inner is None:
                return re.escape(self.names[name])
            groups[name] = inner
            return f"(?P<{name}>{inner})"

        parts, end = [], 0
        for match in PLACE.finditer(wanted):
            parts += [re.escape(wanted[end : match.start()]), pattern(match)]
            end = match.end()
        fitted = re.fullmatch("".join([*parts, re.escape(wanted[end:])]), found, re.DOTALL)
        if fitted:
            self.names |= {name: fitted[name] for name in groups}
        return fitted is not None

    def _compare(self, wanted: Any, found: Any, where: str) -> None:
        if isinstance(wanted, str) and (match := PLACE.fullmatch(wanted)) and match[1] in KINDS and match[2] is None:
            assert KINDS[match[1]](found), f"{where}: {found!r} is not of type {match[1]}"
        elif isinstance(wanted, str) and (match := PLACE.fullmatch(wanted)) and type(found) is int:
            assert self._fits(wanted, str(found)), f"{where}: {found!r} is not {wanted}"
        elif isinstance(wanted, str) and isinstance(found, str):
            assert self._fits(wanted, found), f"{where}: {found!r} is not {wanted!r}"
        elif isinstance(wanted, dict) and isinstance(found, dict):
            open_ended = wanted.pop(MORE, None) is not None
            missing, extra = wanted.keys() - found.keys(), found.keys() - wanted.keys()
            assert not missing, f"{where}: lacks {missing}: {found}"
            assert open_ended or not extra, f"{where}: has {extra}: {found}"
            for key, value in wanted.items():
                self._compare(value, found[key], f"{where}.{key}")
        elif isinstance(wanted, list) and isinstance(found, list):
            open_ended = wanted[-1:] == [MORE]
            wanted = wanted[:-1] if open_ended else wanted
            assert len(found) >= len(wanted) if open_ended else len(found) == len(wanted), f"{where}: {found}"
            for index, (left, right) in enumerate(zip(wanted, found, strict=False)):
                self._compare(left, right, f"{where}[{index}]")
        else:
            assert type(wanted) is type(found), f"{where}: {found!r} is not {wanted!r}"
            assert wanted == found, f"{where}: {found!r} is not {wanted!r}"

    # What is given, and what an operator does.

    def member(self, name: str, password: str, more: str | None) -> None:
        options = dict(part.strip().split(" ", 1) for part in (more or "").split(",") if part.strip())
        born = options.get("born")
        application = Application(
            nick=options.get("nick", name),
            password=password,
            email=options.get("email", ""),
            phone=options.get("phone", ""),
            sex=Sex(options["sex"]) if "sex" in options else None,
            birth_date=date.fromisoformat(born) if born else None,
            age_public=options.get("age") == "public",
        )
        self.accounts[name] = account = self.server.run(self.server.core.accounts.add(application))
        self.names[f"{name}_id"] = str(account.id)
        self.names[f"{name}_password"] = password

    def room(self, name: str) -> None:
        room = self.server.run(self.server.core.rooms.add(name))
        self.names[f"{re.sub(r'[^a-zA-Z0-9_]', '_', name)}_room"] = str(room.id)

    def room_admin(self, name: str, room: str) -> None:
        room_id = self.server.run(self.server.core.rooms.find_by_name(room))
        assert room_id is not None
        self.server.run(self.server.core.rooms.set_admin(room_id.id, self.accounts[name].id, True))

    def app(self, name: str) -> None:
        app, key = self.server.run(self.server.core.apps.add(name))
        self.apps[name], self.names[name] = app.id, key

    def grant(self, token: str, app: str, name: str) -> None:
        deed = self.server.core.apps.grant(AppId(self.apps[app]), self.accounts[name].id)
        self.names[token] = self.server.run(deed)

    def revoke(self, app: str) -> None:
        self.server.run(self.server.core.apps.revoke(AppId(self.apps[app])))

    def sign_in(self, name: str, kind: Handle) -> SignedIn:
        """A session beside the protocols."""
        auth, password = self.server.core.auth, self.names[f"{name}_password"]
        return self.server.run(auth.sign_in(self.accounts[name].nick, password, kind=kind, address="192.0.2.1"))

    def token(self, token: str, name: str) -> None:
        self.names[token] = self.sign_in(name, Handle.BEARER).handle

    def caller(self, name: str) -> Caller:
        """A member who is signed in, for preparing what he has."""
        signed_in = self.sign_in(name, Handle.COOKIE)
        return Caller("192.0.2.1", signed_in.account, signed_in.session)

    def domain(self, domain: str, name: str) -> None:
        caller = self.caller(name)
        self.server.run(self.server.core.domains.add(caller, NewDomain(domain)))
        self.server.run(self.server.core.auth.sign_out(caller))

    def balance(self, name: str, amount: str, pocket: str) -> None:
        deed = self.server.core.billing.credit(
            self.accounts[name].id, Pocket(pocket), round(float(amount) * 100), "given"
        )
        self.server.run(deed)

    def favourite(self, room: str, name: str) -> None:
        found = self.server.run(self.server.core.rooms.find_by_name(room))
        assert found is not None
        caller = self.caller(name)
        self.server.run(self.server.core.rooms.set_favourite(caller, found.id, True))
        self.server.run(self.server.core.auth.sign_out(caller))

    def sid(self, sid: str, name: str) -> None:
        """A session as Spaces has it: its sid, and under names made from it the CK and the channel."""
        signed_in = self.sign_in(name, Handle.SID)
        self.names[sid], self.names[f"{sid}_CK"] = signed_in.handle, signed_in.handle[-4:]
        self.names[f"{sid}_channel"] = self.server.core.auth.channel(signed_in.session)

    def ignore(self, name: str, other: str) -> None:
        caller = self.caller(name)
        self.server.run(self.server.core.ignoring.set_ignored(caller, self.accounts[other].id, True))
        self.server.run(self.server.core.auth.sign_out(caller))

    def letter(self, name: str, other: str, text: str) -> None:
        caller = self.caller(name)
        self.server.run(self.server.core.mail.send(caller, self.accounts[other].id, text))
        self.server.run(self.server.core.auth.sign_out(caller))

    def delete_line(self, name: str, seq: str, room: str) -> None:
        """By somebody who is in a room."""
        inside, room_id = self.inside_by[name], RoomId(int(self.names[f"{room}_room"]))
        caller = Caller("192.0.2.1", inside.account, inside.session)
        self.server.run(self.server.core.messages.delete(caller, room_id, int(seq)))

    def karma_gift(self, amount: str, name: str, other: str) -> None:
        caller = self.caller(name)
        self.server.run(self.server.core.karma.give(caller, self.accounts[other].id, int(amount)))
        self.server.run(self.server.core.auth.sign_out(caller))

    def read_picture(self, challenge: str, code: str) -> None:
        self.names[code] = self.server.core.captcha.answer(self.names[challenge])

    def open_channel(self, actor: str, channel: str) -> None:
        url = f"{self.server.url.replace('http', 'ws')}/ws/{self.names[channel]}"
        self.sockets[actor] = connect(url, open_timeout=10).__enter__()
        self._settle()

    def _settle(self) -> None:
        """Everything that has happened is on its way."""
        self.server.run(self.server.beseda.channels.settle())

    def _hear(self, actor: str, block: list[str]) -> None:
        """What the channel tells, message by message."""
        for line in filter(str.strip, block):
            found = json.loads(self.sockets[actor].recv(timeout=10))
            self._compare(json.loads(line), found["text"], "text")

    def hear_nothing(self, actor: str) -> None:
        """Since what was heard last; a ping sees to it that nothing is on its way."""
        self._settle()
        assert self.sockets[actor].ping().wait(10)
        with contextlib.suppress(TimeoutError):
            raise AssertionError(f"heard {self.sockets[actor].recv(timeout=0)!r}")

    def hear_the_end(self, actor: str) -> None:
        with contextlib.suppress(ConnectionClosed):
            raise AssertionError(f"heard {self.sockets[actor].recv(timeout=10)!r}")

    def standing(self, verb: str, name: str) -> None:
        standing = {"blocks": Standing.BLOCKED, "freezes": Standing.FROZEN, "unblocks": Standing.ACTIVE}[verb]
        self.server.run(self.server.core.accounts.set_standing(self.accounts[name].id, standing))

    def password(self, name: str, password: str) -> None:
        self.server.run(self.server.core.accounts.set_password(self.accounts[name].id, password))
        self.names[f"{name}_password"] = password

    def inside(self, name: str, room: str) -> None:
        """A member with a session of his own, in a room that may be new."""
        if name not in self.inside_by:
            self.inside_by[name] = self.sign_in(name, Handle.COOKIE)
        self._put_inside(name, room, self.inside_by[name])

    def visitor_inside(self, name: str, nick: str, room: str) -> None:
        auth = self.server.core.auth
        deed = auth.sign_in_anonymously(Caller(f"192.0.2.{len(self.jars) + 2}"), nick, Sex.MALE, kind=Handle.COOKIE)
        signed_in = self.server.run(deed)
        self.accounts[name] = signed_in.account
        self.names[f"{name}_id"] = str(signed_in.account.id)
        self._put_inside(name, room, signed_in)

    def _put_inside(self, name: str, room: str, signed_in: SignedIn) -> None:
        self.jars.setdefault(name, {})["beseda"] = signed_in.handle
        caller = Caller("192.0.2.1", signed_in.account, signed_in.session)
        room_id = self.server.run(self.server.core.rooms.enter(caller, room))
        self.names[f"{re.sub(r'[^a-zA-Z0-9_]', '_', room)}_room"] = str(room_id)

    def room_admin_of_the_site(self, name: str) -> None:
        self.server.run(self.server.core.accounts.set_role(self.accounts[name].id, Role.ROOM_ADMIN))

    def karma(self, name: str, earned: str, given: str, level: str) -> None:
        """As if it had come about long ago."""
        store, account = self.server.beseda.parts.store, self.accounts[name]

        async def set_karma() -> None:
            async with store.unit() as unit:
                await unit.karma.earn(account.id, int(earned))
                await unit.karma.add_gift(account.id, account.id, int(given), "", self.server.clock.now())
                await unit.karma.recount_all(self.server.clock.now() - LIFE)
                await unit.karma.set_level(account.id, int(level))
                unit.record(AccountChanged(self.server.clock.now(), account.id))

        self.server.run(set_karma())

    def wait_here(self, seconds: str) -> None:
        """Time passes while all clients go on."""
        left = float(seconds)
        while left > 0:
            self.server.move_clock(min(left, 60.0))
            left -= 60.0
            for account in self.accounts.values():
                rooms = self.server.run(self.server.core.presence.look(account.id)).rooms
                self.server.core.presence.note(account.id, self.server.clock.now(), [room.id for room in rooms])

    def wait(self, seconds: str) -> None:
        self.server.move_clock(float(seconds))

    def restart(self) -> None:
        before = self.server
        before.__exit__(None, None, None)
        self.server = BesedaServer(before.settings, data=before.config.server.data, clock=before.clock)
        self.server.__enter__()


DEEDS: dict[str, Callable[..., None]] = {
    r'Given member (\w+), password "([^"]*)"((?:, [a-z]+ [^,]+)*)': Stage.member,
    r"Given room (.+)": Stage.room,
    r"Given permanent admin (\w+) of (.+)": Stage.room_admin,
    r"Given (\w+) is in (.+)": Stage.inside,
    r"Given visitor (\w+), nick (.+), is in (.+)": Stage.visitor_inside,
    r"Given the site's admin (\w+)": Stage.room_admin_of_the_site,
    r"Given karma of (\w+): earned ([0-9]+), given (-?[0-9]+), level ([0-3])": Stage.karma,
    r"Given app (\w+)": Stage.app,
    r"Given sid (\w+) of (\w+)": Stage.sid,
    r"Given (\w+) ignores (\w+)": Stage.ignore,
    r"Given a letter from (\w+) to (\w+): (.+)": Stage.letter,
    r"Given karma gift ([0-9]+) from (\w+) to (\w+)": Stage.karma_gift,
    r"(\w+) deletes line ([0-9]+) of (\w+)": Stage.delete_line,
    r"The picture (\w+) is read as (\w+)": Stage.read_picture,
    r"(\w+) opens the channel (\w+)": Stage.open_channel,
    r"(\w+) hears nothing": Stage.hear_nothing,
    r"(\w+) hears that the channel is closed": Stage.hear_the_end,
    r"Given token (\w+) of (\w+)": Stage.token,
    r"Given grant (\w+) of (\w+) to (\w+)": Stage.grant,
    r"Given domain (\S+) of (\w+)": Stage.domain,
    r"Given (\w+) has ([0-9.]+) (real|bonus)": Stage.balance,
    r"Given favourite (.+) of (\w+)": Stage.favourite,
    r"The operator (blocks|freezes|unblocks) (\w+)": Stage.standing,
    r'The operator gives (\w+) the password "([^"]*)"': Stage.password,
    r"The operator revokes (\w+)": Stage.revoke,
    r"([0-9.]+) seconds? pass(?:es)?": Stage.wait,
    r"([0-9.]+) seconds? pass(?:es)? with all clients at work": Stage.wait_here,
    r"The server restarts": Stage.restart,
}
SETTING = re.compile(r"Given setting ([a-z_.]+) = (.+)")


def play(scene: Scene) -> None:
    """Play a scene on a server of its own; an AssertionError names the line that went otherwise."""
    settings = {match[1]: json.loads(match[2]) for step in scene.steps if (match := SETTING.fullmatch(step.line))}
    with tempfile.TemporaryDirectory(prefix="beseda-") as folder:
        stage = Stage(BesedaServer(settings, data=Path(folder)))
        stage.server.__enter__()
        try:
            for step in scene.steps:
                if not SETTING.fullmatch(step.line):
                    _play_step(stage, step)
        finally:
            for client in stage.sockets.values():
                client.close()
            stage.server.__exit__(None, None, None)


def _play_step(stage: Stage, step: Step) -> None:
    try:
        stage.play(step)
    except AssertionError as error:
        raise AssertionError(f"line {step.number}: {step.line}: {error}") from None
