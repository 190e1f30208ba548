"""The servers that people run instead: how each is started, how a member enters the one room there, and talks."""

import asyncio
import base64
import secrets
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench._crowd import frame, handshake
from bench._processes import process, server
from beseda.core.ports import NewAccount
from beseda.domain.sessions import Handle
from beseda.server.bootstrap import open_core
from beseda.server.config import load_config

MARK = "~#~"
"""In every text once, and in nothing else that goes over the wire."""
TEXT = f"{MARK:a<200}"
Step = tuple[bytes, bytes]
"""What a member says, and what the answer has in it."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """How members speak to a server. `enter` are the steps of a member; `say` is a text, with a word of its own."""

    enter: Callable[[int], list[Step]]
    say: Callable[[str], bytes]
    own: int
    """How often whoever says something gets it himself: nowhere, from the room, or in the answer as well."""


@dataclass(frozen=True, slots=True)
class Peer:
    """`prepare` makes what must be there before the first start; `keeps` says what a message is synced to."""

    name: str
    keeps: str
    start: Callable[[int, Path], AbstractContextManager[int]]
    prepare: Callable[[Path, int], Tongue]
    needs: str = ""
    """The program without which it is left out, and its package in Debian."""


async def _accounts(data: Path, members: int) -> list[str]:
    """Members with accounts of their own, all of them in the room; what each shows."""
    handles = []
    async with open_core(load_config(environment={}, overrides={"server.data": data})) as parts:
        await parts.core.rooms.add("Room")
        for number in range(members):
            async with parts.store.unit() as unit:
                new = NewAccount(registered=True, nick=f"Member {number}", sex=None, password_hash="none")
                account = await unit.accounts.add(new, parts.clock.now())
                _, handle = await parts.core.auth.start(unit, account.id, Handle.BEARER)
            caller = await parts.core.auth.caller(Handle.BEARER, handle, "::1")
            await parts.core.rooms.enter(caller, "Room")
            handles.append(handle)
    return handles


def _live(folder: Path, members: int) -> Tongue:
    handles = asyncio.run(_accounts(folder, members))
    follow = frame(b'{"op":"follow","room":1}')

    def enter(number: int) -> list[Step]:
        return [(handshake("/live", f"Authorization: Bearer {handles[number]}"), b'"hello"'), (follow, b'"cursor"')]

    return Tongue(enter, lambda word: frame(b'{"op":"post","room":1,"text":"%s"}' % _text(word)), 2)


def _beseda(port: int, folder: Path) -> AbstractContextManager[int]:
    return server("-m", "beseda", "serve", "--data", str(folder), "--listen", f"127.0.0.1:{port}", port=port)


def _text(word: str) -> bytes:
    return (TEXT[: -len(word)] + word if word else TEXT).encode()


STREAM = b"<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
ROOM = "room@conference.localhost"


def _xmpp(folder: Path, members: int) -> Tongue:
    """RFC 6120 and XEP-0045, without a word that need not be."""

    def enter(number: int) -> list[Step]:
        bind = b"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
        join = (
            f"<presence to='{ROOM}/m{number}'><x xmlns='http://jabber.org/protocol/muc'>"
            "<history maxstanzas='0'/></x></presence>"
        )
        anonymous = b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"
        return [
            (STREAM, b"</stream:features>"),
            (anonymous, b"<success"),
            (STREAM, b"</stream:features>"),
            (bind, b"<jid>"),
            (join.encode(), b"<subject"),
        ]

    def say(word: str) -> bytes:
        return b"<message to='%s' type='groupchat' id='%s'><body>%s</body></message>" % (
            ROOM.encode(),
            base64.b16encode(secrets.token_bytes(4)),
            _text(word),
        )

    return Tongue(enter, say, 1)


PROSODY = """
run_as_root = true
data_path = "{folder}"
log = {{ error = "{folder}/log" }}
network_backend = "epoll"
network_settings = {{ tcp_backlog = 1024 }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
s2s_ports = {{ }}
c2s_require_encryption = false
modules_enabled = {{ "saslauth" }}
modules_disabled = {{ "s2s" }}
storage = "{storage}"
sql = {{ driver = "SQLite3", database = "{folder}/archive.sqlite" }}
VirtualHost "localhost"
  authentication = "anonymous"
Component "conference.localhost" "muc"
  modules_enabled = {{ "muc_mam" }}
  muc_log_by_default = true
  muc_room_locking = false
"""


def _prosody(storage: str) -> Callable[[int, Path], AbstractContextManager[int]]:
    def start(port: int, folder: Path) -> AbstractContextManager[int]:
        file = folder / "prosody.cfg.lua"
        file.write_text(PROSODY.format(folder=folder, port=port, storage=storage))
        return process("prosody", "-F", "--config", str(file), port=port)

    return start


EJABBERD = """
hosts: [localhost]
loglevel: error
certfiles: []
sql_type: sqlite
sql_database: "{folder}/archive.sqlite"
auth_method: [anonymous]
anonymous_protocol: sasl_anon
shaper: {{}}
shaper_rules: {{}}
access_rules: {{anyone: {{allow: all}}}}
listen: [{{port: {port}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: false, access: anyone, backlog: 1024}}]
modules:
  mod_mam: {{db_type: {storage}, default: always}}
  mod_muc:
    access: anyone
    access_admin: anyone
    access_create: anyone
    access_persistent: anyone
    access_mam: anyone
    max_users: 5000
    history_size: 0
    default_room_options: {{mam: true, persistent: true, max_users: 5000}}
"""
ERLANG = "/usr/lib/x86_64-linux-gnu"


def _ejabberd(storage: str) -> Callable[[int, Path], AbstractContextManager[int]]:
    """Without Debian's wrapper, which becomes another user and leaves a daemon of names behind."""

    def start(port: int, folder: Path) -> AbstractContextManager[int]:
        (folder / "ejabberd.yml").write_text(EJABBERD.format(folder=folder, port=port, storage=storage))
        settings = {
            "EJABBERD_CONFIG_PATH": str(folder / "ejabberd.yml"),
            "EJABBERD_LOG_PATH": str(folder / "log"),
            "ERL_LIBS": ERLANG,
            "HOME": str(folder),
        }
        words = [
            "erl",
            "-noinput",
            "+K",
            "true",
            "+SDio",
            "1",
            "-mnesia",
            "dir",
            f'"{folder}/mnesia"',
            "-s",
            "ejabberd",
        ]
        return process(*words, port=port, settings=settings)

    return start


NGIRCD = """
[Global]
Name = irc.localhost
Info = bench
Listen = 127.0.0.1
Ports = {port}
MotdPhrase = none
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 3600
[Options]
Ident = no
DNS = no
PAM = no
"""


def _ngircd(port: int, folder: Path) -> AbstractContextManager[int]:
    file = folder / "ngircd.conf"
    file.write_text(NGIRCD.format(port=port))
    return process("ngircd", "-n", "-f", str(file), port=port)


def _irc(folder: Path, members: int) -> Tongue:
    def enter(number: int) -> list[Step]:
        nick = b"m%d" % number
        return [(b"NICK %s\r\nUSER %s 0 * :%s\r\n" % (nick, nick, nick), b" 376 "), (b"JOIN #room\r\n", b" 366 ")]

    return Tongue(enter, lambda word: b"PRIVMSG #room :%s\r\n" % _text(word), 0)


IN_PROSODY, IN_EJABBERD, IN_NGIRCD = "prosody", "ejabberdctl", "ngircd"
PEERS = (
    Peer("Beseda, SQLite", "each answer is durable: SQLite, WAL, synchronous=FULL", _beseda, _live),
    Peer("ngircd", "nothing", _ngircd, _irc, IN_NGIRCD),
    Peer("Prosody, internal", "a file, appended to, never synced", _prosody("internal"), _xmpp, IN_PROSODY),
    Peer("Prosody, SQLite", "SQLite, a commit a message", _prosody("sql"), _xmpp, IN_PROSODY),
    Peer("ejabberd, mnesia", "memory, and a file every so often", _ejabberd("mnesia"), _xmpp, IN_EJABBERD),
    Peer("ejabberd, SQLite", "SQLite, a commit a message", _ejabberd("sql"), _xmpp, IN_EJABBERD),
)
"""Ours first."""


def is_here(peer: Peer) -> bool:
    return not peer.needs or shutil.which(peer.needs) is not None
