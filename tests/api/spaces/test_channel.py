"""The live channel with clients that do what the old ones do, and no more."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from api.live.client import member, signed_in
from api.spaces.client import TLS, Client, Message, make_members
from beseda.api.spaces.codec_channel import http_date
from beseda.domain.ids import AccountId
from beseda.testing import BesedaServer


def acts(messages: list[Message]) -> list[int]:
    return [message["text"]["act"] for message in messages]


@pytest.mark.parametrize("version", ["8", "13"])
def test_a_mail_client_from_sign_in_to_sign_out(alena: Client, brana: Client, version: str) -> None:
    with closing(alena.listen(version)) as hers, closing(brana.listen(version)) as theirs:
        sent = alena.do("mail.sendMessage", user="Brana", texttT="Ahoj", hash="tab")["message"]
        received = theirs.hear()
        assert (received["act"], received["data"]["contact"]["user"]) == (1, "Alena")
        assert theirs.hear() == {"act": 21, "type": 3, "cnt": 1, "important": 0}
        assert (own := hers.hear())["act"] == 18
        assert own["data"]["hash"] == "tab"
        contact, letter = received["data"]["contact"]["nid"], received["data"]["nid"]
        found = brana.do("mail.getMessagesByIds", Contact=contact, MeSsages=letter, Pag=0)["messages"]
        assert found[str(letter)]["text"] == "Ahoj"
        assert {"received", "not_read"} <= found[str(letter)].keys()
        brana.do("mail.markContactsAsRead", CoNtacts=contact)
        assert (theirs.hear()["data"]["nid"], theirs.hear()["cnt"]) == (contact, 0)
        read = hers.hear()
        assert (read["act"], str(read["data"]["nid"])) == (2, sent["contact"]["nid"])
        brana.do("mail.typing", Contact=contact, message="Na", no_notify=0)
        assert hers.hear() == {"act": 24, "contact_id": int(sent["contact"]["nid"]), "user": "Brana", "voice": 0}
        theirs.hear_nothing()
        brana.do("session.logout")
        assert theirs.hear()["act"] == 30
        assert theirs.closed_with() == 1000
        hers.hear_nothing()


def test_messages_have_what_clients_read(alena: Client, brana: Client) -> None:
    with closing(brana.listen()) as theirs:
        alena.do("mail.sendMessage", user="Brana", texttT="Ahoj")
        message = theirs.message()
        assert list(message) == ["id", "channel", "text", "tag", "time", "eventid"]
        assert (type(message["id"]), message["time"]) == (int, "Fri, 20 Nov 2026 10:00:00 GMT")
        assert brana.channel not in str(message)


def test_no_such_channel(server: BesedaServer, alena: Client) -> None:
    for path in ("ws", "lpex"):
        for channel in ("", "0" * 32, alena.sid, alena.channel[:-1], f"{alena.channel}/x"):
            assert httpx.get(f"{server.url}/{path}/{channel}", verify=TLS).status_code == 403
    assert httpx.get(f"{server.url}/ws/{alena.channel}", verify=TLS).status_code == 426
    assert httpx.post(f"{server.url}/lpex/{alena.channel}", verify=TLS).status_code == 403


def test_a_channel_is_dead_with_its_session(server: BesedaServer, alena: Client) -> None:
    alena.do("session.logout")
    with closing(alena.listen()) as dead:
        assert not dead.is_open
    assert alena.poll_raw()[0] == 403


def test_a_handle_of_another_kind_opens_no_channel(server: BesedaServer, alena: Client) -> None:
    assert httpx.get(f"{server.url}/api/session/check/?sid={alena.channel}", verify=TLS).json()["code"] == "01001"


def test_silence_does_not_close(server: BesedaServer, alena: Client, brana: Client) -> None:
    with closing(brana.listen()) as theirs:
        for _ in range(30):
            server.move_clock(3600)
            server.run(server.beseda.housekeeping())
        alena = Client(server, "Alena")
        alena.do("mail.sendMessage", user="Brana", texttT="po dni a noci")
        assert theirs.hear()["act"] == 1


class TestPolls:
    def test_from_the_time_of_the_page(self, alena: Client, brana: Client) -> None:
        alena.do("mail.sendMessage", user="Brana", texttT="Ahoj")
        assert [act for act in acts(brana.poll()) if act != 35] == [1, 21]

    def test_held_until_there_is_something(self, server: BesedaServer, alena: Client, brana: Client) -> None:
        cursor = brana.poll()[-1]
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(brana.poll, cursor)
            until_held(server, 1)
            alena.do("mail.sendMessage", user="Brana", texttT="Ahoj")
            assert acts(waiting.result(60))[0] == 1

    def test_after_thirty_seconds_304_without_a_body(self, server: BesedaServer, brana: Client) -> None:
        cursor = brana.poll()[-1]
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(brana.poll_raw, cursor)
            until_held(server, 1)
            server.move_clock(29)
            assert not waiting.done()
            server.move_clock(1)
            assert waiting.result(60) == (304, [])

    def test_the_same_poll_again_is_answered_the_same(self, alena: Client, brana: Client) -> None:
        cursor = brana.poll()[-1]
        for text in "abc":
            alena.do("mail.sendMessage", user="Brana", texttT=text)
        first = brana.poll(cursor)
        assert brana.poll(cursor) == first
        assert brana.poll(first[1]) == first[2:]

    def test_a_dropped_poll_loses_nothing(self, server: BesedaServer, alena: Client, brana: Client) -> None:
        cursor = brana.poll()[-1]
        seen: list[Message] = []
        for number in range(6):
            if number % 2:
                with pytest.raises(httpx.ReadTimeout):
                    drop(server, brana, cursor)
            alena.do("mail.sendMessage", user="Brana", texttT=str(number))
            messages = brana.poll(cursor)
            seen, cursor = seen + messages, messages[-1]
        letters = [message["text"]["data"]["nid"] for message in seen if message["text"]["act"] == 1]
        assert letters == [1, 2, 3, 4, 5, 6]

    def test_the_whole_chain_with_polls_dropped_and_repeated(
        self, server: BesedaServer, alena: Client, brana: Client
    ) -> None:
        """The mail client of above without a socket: each side polls, and now and then an answer does not arrive."""
        hers, theirs = alena.poll()[-1], brana.poll()[-1]
        sent = alena.do("mail.sendMessage", user="Brana", texttT="Ahoj")["message"]
        with pytest.raises(httpx.ReadTimeout):
            drop(server, brana, brana.poll(theirs)[-1])
        received, counter = brana.poll(theirs)
        assert acts([received, counter]) == [1, 21]
        assert brana.poll(received) == [counter]
        contact, letter = (received["text"]["data"][part] for part in ("contact", "nid"))
        found = brana.do("mail.getMessagesByIds", Contact=contact["nid"], MeSsages=letter)["messages"]
        assert found[str(letter)]["text"] == "Ahoj"
        brana.do("mail.markContactsAsRead", CoNtacts=contact["nid"])
        theirs = brana.poll(counter)[-1]
        own, read = alena.poll(hers)
        assert acts([own, read]) == [18, 2]
        assert str(read["text"]["data"]["nid"]) == sent["contact"]["nid"]
        brana.do("mail.typing", Contact=contact["nid"], message="Na")
        assert acts(alena.poll(read)) == [24]
        until_held(server, 0)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(brana.poll, theirs)
            until_held(server, 1)
            brana.do("session.logout")
            assert acts(waiting.result(60))[-1] == 30

    def test_who_was_away_is_not_told_who_was_typing_then(
        self, server: BesedaServer, alena: Client, brana: Client
    ) -> None:
        sent = brana.do("mail.sendMessage", user="Alena", texttT="Ahoj")["message"]
        cursor = alena.poll()[-1]
        brana.do("mail.typing", Contact=sent["contact"]["nid"], message="Na")
        assert acts(alena.poll(cursor)) == [24]
        server.move_clock(11)
        brana.do("mail.sendMessage", user="Alena", texttT="Na shledanou")
        assert acts(alena.poll(cursor)) == [1, 21]

    def test_only_the_tag_and_the_time(self, alena: Client, brana: Client) -> None:
        cursor = brana.poll()[-1]
        alena.do("mail.sendMessage", user="Brana", texttT="Ahoj")
        assert acts(brana.poll(cursor | {"eventid": ""})) == [1, 21]

    def test_cursors_in_headers(self, server: BesedaServer, alena: Client, brana: Client) -> None:
        url = f"{server.url}/lpex/{brana.channel}"
        alena.do("mail.sendMessage", user="Brana", texttT="Ahoj")
        first = httpx.get(url, headers={"If-Modified-Since": "Fri, 20 Nov 2026 10:00:00 GMT"}, verify=TLS)
        assert first.headers["content-type"] == "application/json; charset=utf-8"
        assert 1 in acts(first.json())
        alena.do("mail.sendMessage", user="Brana", texttT="Nazdar")
        second = httpx.get(url, headers={"If-None-Match": first.headers["etag"]}, verify=TLS)
        assert acts(second.json()) == [1, 21]

    def test_a_cursor_of_before_a_room_was_entered_skips_nothing_of_it(
        self, server: BesedaServer, alena: Client, brana: Client
    ) -> None:
        """A 304 says nothing but its tag."""
        url, tag = f"{server.url}/lpex/{brana.channel}", {"If-None-Match": f'"{brana.poll()[-1]["eventid"]}"'}
        server.run(server.core.rooms.add("Praha"))
        for client in (brana, alena):
            client.do("chat.getMessages", Rid=1)
        seq = server.say("Alena", "Praha", "po příchodu")
        told = httpx.get(url, headers=tag, verify=TLS, timeout=10).json()
        assert (told[-1]["text"]["room_id"], told[-1]["text"]["id"]) == (1, seq)

    def test_from_a_time_all_is_told_also_what_is_no_longer_in_memory(
        self, server: BesedaServer, alena: Client, brana: Client
    ) -> None:
        server.run(server.core.rooms.add("Praha"))
        for client in (brana, alena):
            client.do("chat.getMessages", Rid=1)
        server.clock.move(1)
        since, said = http_date(server.clock.now()), list[int]()
        for number in range(300):
            server.clock.move(1)
            said.append(server.say("Alena", "Praha", f"n{number}"))
        told = brana.poll({"time": since, "tag": "", "eventid": ""})
        assert [each["text"]["id"] for each in told if each["text"].get("room_id") == 1] == said

    def test_a_cursor_beyond_all_that_there_is_hears_what_comes(
        self, server: BesedaServer, alena: Client, brana: Client
    ) -> None:
        """As after a backup was put back."""
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(brana.poll, {"tag": "", "time": "", "eventid": "u999999"})
            until_held(server, 1)
            alena.do("mail.sendMessage", user="Brana", texttT="Ahoj")
            assert 1 in acts(waiting.result(60))

    def test_signing_out_is_the_last_message(self, server: BesedaServer, brana: Client) -> None:
        cursor = brana.poll()[-1]
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(brana.poll, cursor)
            until_held(server, 1)
            brana.do("session.logout")
            assert acts(waiting.result(60))[-1] == 30
        assert brana.poll_raw(cursor)[0] == 403

    def test_the_rooms_that_the_member_is_in(self, server: BesedaServer, alena: Client, brana: Client) -> None:
        server.run(server.core.rooms.add("Praha"))
        for client in (alena, brana):
            client.do("chat.getMessages", Rid=1)
        cursor = brana.poll()[-1]
        ids = [alena.do("chat.sendMessage", Rid=1, msg=text)["id"] for text in "abc"]
        first = brana.poll(cursor)
        assert [message["text"]["id"] for message in first] == ids
        assert [message["text"]["id"] for message in brana.poll(first[0])] == ids[1:]
        with ThreadPoolExecutor(1) as pool:
            waiting: Future[list[Message]] = pool.submit(brana.poll, first[-1])
            until_held(server, 1)
            more = alena.do("chat.sendMessage", Rid=1, msg="d")["id"]
            assert [message["text"]["id"] for message in waiting.result(60)] == [more]

    @pytest.mark.parametrize("callback", ["alert(1)", "a b", "<x>", "a" * 65, "1a", "a;b", "й"])
    def test_what_is_no_name_of_a_function(self, server: BesedaServer, brana: Client, callback: str) -> None:
        answer = httpx.get(f"{server.url}/lpex/{brana.channel}", params={"callback": callback}, verify=TLS)
        assert answer.status_code == 400
        assert callback not in answer.text

    def test_a_stopping_server_holds_nobody(self, server: BesedaServer, brana: Client) -> None:
        cursor = brana.poll()[-1]
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(brana.poll_raw, cursor)
            until_held(server, 1)
            server.run(hang_up(server))
            assert waiting.result(60)[0] == 304


def test_a_message_is_the_same_everywhere(server: BesedaServer, alena: Client, brana: Client) -> None:
    """Posted by Chat.cz, by Spaces and by our own socket in turn: one number and one order for all three."""
    room_id = server.run(server.core.rooms.add("Praha")).id
    make_members(server, "Cyril")
    with signed_in(server, "Alena") as chatcz, member(server, "Cyril") as cyril, closing(brana.listen()) as theirs:
        chatcz.get("/Praha")
        cyril.do("enter", name="Praha")
        brana.do("chat.getMessages", Rid=room_id)
        cyril.do("follow", room=room_id)
        index = poll(chatcz, room_id, "0")["index"]
        ids, indexes, texts = [], [], []
        for number in range(9):
            text = f"zpráva {number}"
            if number % 3 == 0:
                chatcz.post("/json/getText", data={"roomId": str(room_id), "chatIndex": index, "text": text})
            elif number % 3 == 1:
                ids.append(brana.do("chat.sendMessage", Rid=room_id, msg=text)["id"])
            else:
                cyril.do("post", room=room_id, text=text)
            polled = poll(chatcz, room_id, index)
            index = polled["index"]
            indexes.append(int(index))
            texts += [line["t"] for line in polled["data"] if "t" in line]
        lines = [line for line in cyril.take_lines(9) if line["kind"] == "text"]
        heard = [theirs.hear()["id"] for _ in range(9)]
    assert heard == [line["seq"] for line in lines] == indexes == sorted(heard)
    assert ids == heard[1::3]
    shown = brana.do("chat.getMessages", Rid=room_id)["widgets"][::-1]
    assert [message["id"] for message in shown] == heard
    assert [message["text"] for message in shown] == [line["text"] for line in lines] == texts


def poll(chatcz: httpx.Client, room_id: int, index: str) -> Message:
    answer = chatcz.post("/json/getText", data={"roomId": str(room_id), "chatIndex": index})
    data: Message = answer.json()["data"]
    return data


def test_many_at_once_each_once_and_in_order(server: BesedaServer, alena: Client, brana: Client) -> None:
    """Two clients write while a third listens and a fourth polls."""
    cursor = brana.poll()[-1]
    with closing(brana.listen()) as theirs:
        clients = [alena, Client(server, "Alena")]
        threads = [threading.Thread(target=write, args=(client, number)) for number, client in enumerate(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        heard = [theirs.message() for _ in range(16)]
    polled: list[Message] = []
    while len(polled) < 16:
        polled += brana.poll(polled[-1] if polled else cursor)
    letters = [message["text"]["data"]["nid"] for message in heard if message["text"]["act"] == 1]
    assert letters == sorted(letters)
    assert len(set(letters)) == 8
    assert [message["text"] for message in polled] == [message["text"] for message in heard]


def write(client: Client, number: int) -> None:
    for index in range(4):
        client.do("mail.sendMessage", user="Brana", texttT=f"{number} {index}")


def until_held(server: BesedaServer, count: int) -> None:
    """Until exactly so many polls wait."""
    while server.run(held(server)) != count:
        pass


async def held(server: BesedaServer) -> int:
    return server.beseda.channels.held


async def hang_up(server: BesedaServer) -> None:
    server.beseda.channels.hang_up()


def drop(server: BesedaServer, client: Client, cursor: Message) -> None:
    """A poll whose client goes away before the answer."""
    query = {name: cursor[name] for name in ("tag", "eventid", "time")}
    httpx.get(f"{server.url}/lpex/{client.channel}", params=query, timeout=httpx.Timeout(30, read=0.05), verify=TLS)


def test_what_happens_on_another_node(tmp_path: Path) -> None:
    """Two servers on one database: letters, rooms, signing out."""
    with BesedaServer({}, data=tmp_path) as here, BesedaServer({}, data=tmp_path) as there:
        make_members(here, "Alena", "Brana")
        room_id = here.run(here.core.rooms.add("Praha")).id
        alena, brana = Client(there, "Alena"), Client(here, "Brana")
        with closing(brana.listen()) as theirs:
            alena.do("mail.sendMessage", user="Brana", texttT="odjinud")
            assert (theirs.hear()["act"], theirs.hear()["act"]) == (1, 21)
            cursor = brana.poll()[-1]
            with ThreadPoolExecutor(1) as pool:
                waiting = pool.submit(brana.poll, cursor)
                until_held(here, 1)
                alena.do("mail.sendMessage", user="Brana", texttT="a znovu")
                assert acts(waiting.result(60)) == [1, 21]
            assert (theirs.hear()["act"], theirs.hear()["act"]) == (1, 21)
            brana.do("chat.getMessages", Rid=room_id)
            sent = alena.do("chat.sendMessage", Rid=room_id, msg="i tady")["id"]
            assert theirs.hear() == {"act": 32, "room_id": room_id, "id": sent, "msg_id": sent, "user_id": 1}
            there.run(there.core.accounts.set_password(AccountId(2), "jine heslo 88"))
            assert theirs.hear()["act"] == 30
            assert theirs.closed_with() == 1000
