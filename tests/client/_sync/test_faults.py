# Written by tools/twins.py from tests/client/_async/test_faults.py: change that, then `make twins`.
"""Services that are deaf, slow, lying or break off: what happened is told apart, and nothing is done twice."""

import logging
import socket
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from beseda.client import (
    BesedaError,
    Busy,
    ChatCz,
    ConnectFailed,
    Live,
    Manners,
    NotAsked,
    NotUnderstood,
    Spaces,
    SpaceWeb,
    TooOften,
    Unknown,
    lines,
)
from beseda.client._platform import Socket, SocketClosed
from beseda.testing import BesedaServer
from client._sync.helpers import HASTY, PATIENT, QUICK
from client.conftest import PASSWORD, Register
from client.liar import Behaviour, Liar, answer, drip, half, reset, silence

ROOM = {"id": 1, "name": "Praha", "description": "", "locked": "", "permanent": True, "userCount": 0, "web": ""}
ROOMS = {"status": 200, "statusMessage": "OK", "rooms": [{**ROOM, "adminUserId": 0, "novinka": {"x": 1}}], "more": []}
BALANCE = {"jsonrpc": "2.0", "version": "1", "id": "1", "result": {"real_balance": 1, "bonus_balance": 0}}
SENT = {"code": "00000", "message": {"nid": "1", "date": "1", "contact": {"nid": "1"}}}
Deed = Callable[..., Awaitable[Any]]
HTML = answer(b"<!doctype html><title>Dobry den</title>", kind="text/html")


def read_rooms(url: str, manners: Manners = PATIENT) -> Any:
    with ChatCz(url, manners=manners) as site:
        return site.rooms()


def read_balance(url: str, manners: Manners = PATIENT) -> Any:
    with SpaceWeb(url, manners=manners) as api:
        return api.pay.get_balance()


def read_counters(url: str, manners: Manners = PATIENT) -> Any:
    with Spaces(url, manners=manners) as spaces:
        return spaces.counters()


def send_letter(url: str, manners: Manners = PATIENT) -> Any:
    with Spaces(url, sid="1" * 16, manners=manners) as spaces:
        return spaces.mail.send(7, "Ahoj")


def add_domain(url: str, manners: Manners = PATIENT) -> Any:
    with SpaceWeb(url, manners=manners) as api:
        return api.domains.add("vzor.ru")


READS = [read_rooms, read_balance, read_counters]
DEEDS = [send_letter, add_domain]
BROKEN: list[tuple[Behaviour, type[BesedaError]]] = [
    (reset, Unknown),
    (silence, Unknown),
    (drip, Unknown),
    (half(ROOMS), Unknown),
    (answer(b"gone", status="502 Bad Gateway"), Unknown),
    (HTML, NotUnderstood),
    (answer(b'{"status":200,"rooms":['), NotUnderstood),
    (answer(b""), NotUnderstood),
    (answer([1, 2]), NotUnderstood),
    (answer({"status": "dobry", "code": [], "jsonrpc": 2}), NotUnderstood),
    (answer(b"", status="302 Found", Location="http://127.0.0.2:9/"), NotUnderstood),
    (answer(b"\x1f\x8b broken", Content_Encoding="gzip"), NotUnderstood),
    (answer(b'{"status":200,"code":"00006","statusMessage":"\xff"}'), NotUnderstood),
    (answer(b'{"status":200,"code":"00000","x":' + b"[" * 20_000), NotUnderstood),
]
NAMES = [
    "reset",
    "silence",
    "drip",
    "half",
    "502",
    "html",
    "cut",
    "empty",
    "list",
    "types",
    "elsewhere",
    "gzip",
    "utf-8",
    "deep",
]


@pytest.mark.parametrize(("behaviour", "kind"), BROKEN, ids=NAMES)
@pytest.mark.parametrize("ask", [read_rooms, send_letter], ids=["read", "deed"])
def test_what_is_no_answer(ask: Deed, behaviour: Behaviour, kind: type[BesedaError]) -> None:
    manners = HASTY if behaviour in (silence, drip) else PATIENT
    with Liar(behaviour) as liar, pytest.raises(kind):
        ask(liar.url, manners)
    again = kind is Unknown and ask is read_rooms
    assert len(liar.requests) == (2 if again else 1), "what could happen twice is asked once"


@pytest.mark.parametrize("ask", READS)
def test_a_read_is_tried_again(ask: Deed) -> None:
    with Liar(reset, HTML) as liar, pytest.raises(NotUnderstood) as error:
        ask(liar.url)
    assert len(liar.requests) == 2
    assert error.value.excerpt.startswith(b"<!doctype html>")


@pytest.mark.parametrize("ask", DEEDS)
def test_a_deed_is_not(ask: Deed) -> None:
    with Liar(reset, answer(SENT)) as liar, pytest.raises(Unknown):
        ask(liar.url)
    assert len(liar.requests) == 1


@pytest.mark.parametrize("ask", [*READS, *DEEDS])
def test_nobody_there(ask: Deed) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(ConnectFailed):
        ask(f"http://127.0.0.1:{port}")


def test_members_that_are_missing_are_named_and_new_ones_passed_over() -> None:
    with Liar(answer(ROOMS)) as liar:
        (room,) = read_rooms(liar.url)
        assert room.name == "Praha"
    for name in ROOM:
        without = {key: value for key, value in ROOM.items() if key != name}
        told = answer({"status": 200, "rooms": [{**without, "adminUserId": 0}]})
        with Liar(told) as liar, pytest.raises(NotUnderstood, match=f"`{name}`.*rooms"):
            read_rooms(liar.url)


def test_200_with_an_error_inside() -> None:
    with Liar(answer({"status": 503, "statusMessage": "Plno"})) as liar, pytest.raises(Busy) as busy:
        read_rooms(liar.url)
    assert (busy.value.code, busy.value.message) == (503, "Plno")
    with Liar(answer({"code": "00007"})) as liar, pytest.raises(TooOften):
        send_letter(liar.url)
    with Liar(answer({"code": 6})) as liar, pytest.raises(Unknown):
        send_letter(liar.url)
    fault = {"jsonrpc": "2.0", "id": None, "error": {"code": "-32003", "message": "pozdeji"}}
    with Liar(answer(fault)) as liar, pytest.raises(Busy):
        add_domain(liar.url)


def test_an_answer_to_another_call() -> None:
    with Liar(answer(BALANCE)) as liar, pytest.raises(NotUnderstood, match="expected the id"):
        read_balance(liar.url)


class Scripted:
    """A socket that says what a test says, then is silent or breaks; answers carry the number of the last call."""

    def __init__(self, *said: str) -> None:
        self._said = list(said)
        self.sent: list[str] = []

    def send(self, text: str) -> None:
        self.sent.append(text)

    def receive(self, timeout_s: float | None) -> str:
        if not self._said:
            raise SocketClosed(1006)
        return self._said.pop(0).replace("RE", str(len(self.sent)))

    def close(self) -> None:
        self._said.clear()


def scripted(*said: str) -> Live:
    def connect(url: str, headers: object, timeout_s: float) -> Socket:
        return Scripted(*said)

    return Live("http://127.0.0.1:1", token="tok", manners=HASTY, connector=connect)


HELLO = '{"hello":{"version":1,"account":{"id":1,"nick":"Alena","registered":true,"x":0}},"y":0}'
DONE = '{"re":RE,"ok":true,"room":7,"cursor":1}'


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ((), ConnectFailed),
        (("<html>",), NotUnderstood),
        (('{"hello":{"version":1}}',), NotUnderstood),
        (('{"line":{"room":1,"seq":1,"at":1,"kind":"text"}}',), NotUnderstood),
        ((HELLO,), Unknown),
        ((HELLO, '{"re":RE,"ok":true}'), NotUnderstood),
        ((HELLO, '{"re":RE,"ok":false,"error":{"code":"outcome_unknown"}}'), Unknown),
        ((HELLO, '{"re":RE,"ok":false,"error":{"code":"overloaded"}}'), Busy),
    ],
)
def test_a_live_server_that_lies(said: tuple[str, ...], kind: type[BesedaError]) -> None:
    live = scripted(*said)
    with pytest.raises(kind):
        live.enter("Praha")
    live.close()


def test_lines_of_kinds_to_come() -> None:
    told = '{"line":{"room":7,"seq":%d,"at":1000,"kind":"%s","nove":[1]}}'
    live = scripted(HELLO, DONE, DONE, told % (2, "dance"), told % (2, "dance"), told % (3, "text"))
    room = live.enter("Praha")
    heard = iter(room.lines())
    dance, broken = next(heard), next(heard)
    assert isinstance(dance, lines.Other)
    assert dance.kind == "dance"
    assert isinstance(broken, lines.Other), "a text without its author"
    assert broken.seq == 3
    live.close()


def test_patience_ends() -> None:
    live = Live("http://127.0.0.1:9", token="tok", manners=HASTY.replace(patience_s=0.05))
    with pytest.raises(NotAsked):
        live.wait_for(lambda: False)
    live.close()


def test_secrets_are_shown_nowhere(server: BesedaServer, register: Register, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    nick = register()
    shown: list[str] = []
    secrets = [PASSWORD]
    with (
        Spaces(server.url, rid="secretrid", manners=QUICK) as spaces,
        ChatCz(server.url, manners=QUICK) as site,
        Live(server.url, manners=QUICK) as live,
        SpaceWeb(f"{server.url}/rpc", manners=QUICK) as api,
    ):
        for ask in (spaces.sign_in, site.sign_in, live.sign_in, api.sign_in):
            ask(nick, PASSWORD)
        secrets += [spaces.sid, spaces.me.channel_id, api.token, "secretrid"]
        secrets += [cookie.value or "" for cookie in site._http._client.cookies.jar]
        live.enter(f"{nick} c")
        try:
            spaces.mail.send("Nikdo", "x")
        except BesedaError as error:
            shown += traceback.format_exception(error)
        shown += [repr(each) for each in (spaces, site, live, api, spaces.me, live._token, vars(api), vars(spaces))]
    for behaviour in (reset, HTML, half({"x": 1})):
        with Liar(behaviour) as liar, pytest.raises(BesedaError) as failed:
            with SpaceWeb(liar.url, token="tajny-token", manners=PATIENT) as api:
                api.sign_in(nick, PASSWORD)
        shown += traceback.format_exception(failed.value)
    told = answer({"jsonrpc": "2.0", "id": "x", "result": "tajny-token"})
    with Liar(told) as liar, pytest.raises(NotUnderstood) as lied:
        with SpaceWeb(liar.url, manners=PATIENT) as api:
            api.sign_in(nick, PASSWORD)
    shown += traceback.format_exception(lied.value)
    everything = "\n".join([*shown, caplog.text])
    for secret in [*secrets, "tajny-token"]:
        assert secret
        assert secret not in everything
