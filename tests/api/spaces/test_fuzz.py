"""Anything at all in forms and cursors: never a 5xx, no event lost, none twice."""

from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.spaces.client import TLS, Client, Message, make_members
from beseda.api.forms import Form
from beseda.api.spaces.codec import CHANGES, READS
from beseda.api.spaces.codec_channel import read_cursor
from beseda.domain.ids import MAX_ID, RoomId, UpdateId
from beseda.testing import BesedaServer
from beseda.wire.spaces.channel import event_id
from beseda.wire.spaces.codes import CODES

pytestmark = pytest.mark.long

QUICK = settings(
    max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
FREE = {"server.limits": dict.fromkeys(("letter_send", "typing", "search", "invite", "room_line"), "100000/0.001")}


@pytest.fixture(scope="module")
def running() -> Iterator[BesedaServer]:
    with BesedaServer(FREE) as server:
        make_members(server, "Alena", "Brana")
        server.run(server.core.rooms.add("Praha"))
        yield server


@pytest.fixture(scope="module")
def clients(running: BesedaServer) -> tuple[Client, Client]:
    return Client(running, "Alena"), Client(running, "Brana")


FIELDS = (
    "Contact user texttT Reply hash MeSsages CoNtacts List P O L Pag q Garbage Archive Spam Fav For_all Message message"
    " Voice UsErs S Rid msg To_user_id Private IdS frIends code No_notify"
)
names = st.sampled_from(FIELDS.split())
known = st.sampled_from(["", "0", "1", "2", "-1", "1,2,", "9" * 19, "9" * 30, str(MAX_ID), "Brana", "null", "/help"])
values = known | st.text(max_size=20)
methods = st.sampled_from(sorted((READS | CHANGES) - {"session.logout"}))


@given(method=methods, fields=st.lists(st.tuples(names, values), max_size=8), tail=st.binary(max_size=20))
@settings(QUICK)
def test_every_method_answers_whatever_is_in_its_fields(
    clients: tuple[Client, Client], method: str, fields: list[tuple[str, str]], tail: bytes
) -> None:
    alena, _ = clients
    section, name = method.split(".")
    body = httpx.QueryParams([*fields, ("sid", alena.sid), ("CK", alena.proof)])
    address = {"message_list": "/ajax/mail/message_list/", "room": "/ajax/chat/room/"}.get(name, f"/ajax/{name}/")
    path = address if section == "page" else f"/api/{section}/{name}/"
    answer = httpx.post(alena.server.url + path, content=str(body).encode() + b"&" + tail, verify=TLS)
    assert answer.status_code == 200
    assert answer.json()["code"] in CODES
    assert answer.json()["code"] != "00006"


@given(st.dictionaries(st.sampled_from(["tag", "time", "eventid"]), st.text(max_size=40)), st.text(max_size=40))
@example({"eventid": "u1." + "9" * 19 + "-1"}, "")
@example({"tag": "9" * 40, "time": "Fri, 99 Nov 99999 10:00:00 GMT"}, "u")
def test_anything_is_a_cursor(query: dict[str, str], header: str) -> None:
    cursor = read_cursor(Form(list(query.items())), header, header, header)
    assert cursor.update is None or 0 <= cursor.update <= MAX_ID
    assert cursor.since is None or isinstance(cursor.since, datetime)


@given(st.integers(0, MAX_ID), st.dictionaries(st.integers(1, MAX_ID), st.integers(0, MAX_ID), max_size=20))
def test_a_cursor_comes_back_as_it_was(update: int, rooms: dict[int, int]) -> None:
    seen = {RoomId(room): seq for room, seq in rooms.items()}
    text = event_id(UpdateId(update), seen.items())
    for cursor in (read_cursor(Form([("eventid", text)]), "", "", ""), read_cursor(Form([]), text, "", "")):
        assert (cursor.update, cursor.rooms) == (update, seen)


steps = st.lists(st.sampled_from(["letter", "chat", "poll", "drop", "again", "restart of the page"]), max_size=14)


@given(steps=steps)
@settings(QUICK, max_examples=40)
@example(steps=["chat", "letter", "drop", "again", "chat", "poll", "again", "letter", "restart of the page", "chat"])
def test_nothing_is_lost_and_nothing_comes_twice(clients: tuple[Client, Client], steps: list[str]) -> None:
    """Polls that are dropped, repeated, or begun anew with the last message that the page has seen."""
    alena, brana = clients
    for client in clients:
        client.do("chat.getMessages", Rid=1)
    alena.do("mail.sendMessage", user="Brana", texttT=unused("start"))
    start = brana.poll()
    alena.do("mail.sendMessage", user="Brana", texttT=unused("start"))
    start = brana.poll(start[-1])
    cursors, received, expected = [start[-1]], list[Message](), list[tuple[int, int]]()
    for step in [*steps, "poll"]:
        waiting = len(expected) - len([1 for message in received if message["text"]["act"] in (1, 32)])
        if step == "letter":
            expected.append((1, int(alena.do("mail.sendMessage", user="Brana", texttT=unused("x"))["message"]["nid"])))
        elif step == "chat":
            expected.append((32, alena.do("chat.sendMessage", Rid=1, msg="x")["id"]))
        elif step == "drop" and waiting:
            brana.poll(cursors[-1])
        elif step == "again" and len(cursors) > 1:
            assert brana.poll(cursors[-2])[0] in received
        elif step in ("poll", "restart of the page") and waiting:
            messages = brana.poll(cursors[-1])
            received += messages
            cursors.append(messages[-1])
    told = [message["text"] for message in received]
    letters = [(1, text["data"]["nid"]) for text in told if text["act"] == 1]
    chats = [(32, text["id"]) for text in told if text["act"] == 32]
    assert letters == [each for each in expected if each[0] == 1]
    assert chats == [each for each in expected if each[0] == 32]


_used = iter(range(10**9))


def unused(text: str) -> str:
    """No letter that was sent before."""
    return f"{text} {next(_used)}"
