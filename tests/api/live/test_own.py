"""What waits for a member: unread lines, letters; the same in all his clients, also after a restart."""

from pathlib import Path

from api.live.client import member, register
from beseda.testing import BesedaServer


def test_a_mark_is_the_same_in_two_browsers(server: BesedaServer) -> None:
    with member(server, "Alena") as one, member(server, "Alena") as other, member(server, "Brana") as brana:
        for each in (one, brana):
            each.do("enter", name="Praha")
        other.do("enter", name="Praha")
        for text in ("ahoj", "co dela alena?", "Alenka ne"):
            brana.do("post", room=1, text=text)
        last = brana.do("post", room=1, text="psst", to=1)["line"]["seq"]
        (mark,) = other.do("own", watch=True)["marks"]
        assert (mark["unread"], mark["mentions"]) == (4, 2)
        told = one.do("read", room=1, seq=last - 1)["mark"]
        assert told == {"room": 1, "read": last - 1, "unread": 1, "mentions": 1}
        assert other.take_told("mark") == told
        assert one.do("read", room=1, seq=2)["mark"] == told
        assert one.do("read", room=1, seq=10**9)["mark"]["read"] == last
        assert other.do("own")["marks"][0]["read"] == last
        assert other.told["mark"] == []
        server.clock.move(2)
        assert other.take_told("mark")["unread"] == 0
        brana.do("post", room=1, text="a co ted")
        other.do("post", room=1, text="nic")
        assert one.do("own")["marks"][0]["unread"] == 0
        assert one.refused("read", room=7, seq=1) == "not_in_room"


def test_marks_survive_a_restart_and_are_kept_when_the_server_stops(tmp_path: Path) -> None:
    with BesedaServer(data=tmp_path) as server:
        server.run(server.core.rooms.add("Praha"))
        register(server, "Alena", "Brana")
        with member(server, "Alena") as alena, member(server, "Brana") as brana:
            for each in (alena, brana):
                each.do("enter", name="Praha")
            seqs = [brana.do("post", room=1, text=f"{number}")["line"]["seq"] for number in range(3)]
            for seq in seqs[:2]:
                alena.do("read", room=1, seq=seq)
    with BesedaServer(data=tmp_path) as server, member(server, "Alena") as alena:
        alena.do("enter", name="Praha")
        (mark,) = alena.do("own")["marks"]
        assert (mark["read"], mark["unread"]) == (seqs[1], 1)


def test_at_most_one_write_in_two_seconds_and_room(server: BesedaServer) -> None:
    with member(server, "Alena") as alena, member(server, "Brana") as brana:
        for each in (alena, brana):
            each.do("enter", name="Praha")
        seqs = [brana.do("post", room=1, text=f"{number}")["line"]["seq"] for number in range(15)]
        server.run(server.core.search_index.settle())
        before = server.beseda.parts.store.units
        for seq in seqs:
            alena.do("read", room=1, seq=seq)
        assert server.beseda.parts.store.units == before + 1


def test_who_is_awake_is_not_idle(server: BesedaServer) -> None:
    with member(server, "Alena") as alena, member(server, "Brana") as brana:
        assert alena.hello["idle_timeout_s"] == 3600
        for each in (alena, brana):
            each.do("enter", name="Praha")
            each.do("follow", room=1)
        for _ in range(3):
            server.clock.move(1500)
            alena.do("awake")
            for each in (alena, brana):
                each.do("own")
            server.move_clock(1)
        assert [each["nick"] for each in alena.do("people", room=1)["people"]] == ["Alena"]


def test_letters(server: BesedaServer) -> None:
    with member(server, "Alena") as alena, member(server, "Brana") as brana:
        assert brana.do("own", watch=True)["counts"] == {"letters": 0, "notices": 0}
        alena.do("own", watch=True)
        letter = alena.do("send", account=2, text="<b>Ahoj</b>\nBrano!", key="1")["letter"]
        assert letter["text"] == "<b>Ahoj</b>\nBrano!"
        assert alena.do("send", account=2, text="<b>Ahoj</b>\nBrano!", key="1")["letter"]["letter"] == letter["letter"]
        told = brana.take_told("letter")
        assert (told["what"], told["letter"], told["account"]["nick"], told["unread"]) == ("received", 1, "Alena", 1)
        assert brana.take_told("counts") == {"letters": 1}
        assert alena.take_told("letter")["what"] == "sent"
        (thread,) = brana.do("threads")["threads"]
        assert (thread["account"]["nick"], thread["unread"], thread["last"]["text"]) == ("Alena", 1, letter["text"])
        contact = thread["contact"]
        brana.do("read_letters", contacts=[contact])
        assert brana.take_told("thread")["what"] == "read"
        assert alena.take_told("thread")["what"] == "read"
        assert alena.do("letters", account=2)["letters"][0]["read"]
        brana.do("typing", contact=contact, draft="Odpov")
        assert alena.take_told("writing")["account"]["nick"] == "Brana"
        assert brana.do("threads")["threads"][0]["draft"] == "Odpov"
        for number in range(4):
            answer = brana.do("send", account=1, text=f"{number}", answers=1)["letter"]
        assert answer["answers"] == {"letter": 1, "text": letter["text"]}
        page = alena.do("letters", account=2, limit=3)
        assert ([each["text"] for each in page["letters"]], page["more"]) == (["3", "2", "1"], True)
        page = alena.do("letters", contact=page["contact"]["contact"], before=page["before"], limit=3)
        assert ([each["text"] for each in page["letters"]], page["more"]) == (["0", letter["text"]], False)
        mine = page["contact"]["contact"]
        assert alena.do("edit", contact=mine, letter=1, text="Nic")["letter"]["edited"]
        assert [brana.take_told("letter")["what"] for _ in range(5)] == [*["sent"] * 4, "edited"]
        for op, flag in (("archive", "archived"), ("spam", "spam"), ("throw", "thrown")):
            for value in (True, False):
                alena.do(op, contacts=[mine], **{flag: value})
        alena.do("keep", contact=mine, letters=[1], favourite=True)
        assert [each["letter"] for each in alena.do("letters", contact=mine, list="favourite")["letters"]] == [1]
        alena.do("erase", contact=mine, letters=[1], for_all=True)
        assert alena.refused("keep", contact=mine, letters=[1], favourite=True) == "letter_not_found"
        alena.do("erase", contacts=[mine])
        assert alena.do("threads")["threads"] == []
        assert alena.do("letters", account=3)["letters"] == []
        for op, members, code in (
            ("threads", {"list": "email"}, "bad_list"),
            ("archive", {"contacts": ["1"], "archived": True}, "bad_contacts"),
            ("archive", {"contacts": [1] * 101, "archived": True}, "bad_contacts"),
            ("archive", {"contacts": [77], "archived": True}, "contact_not_found"),
            ("send", {"account": 1, "text": "sobě"}, "letter_to_oneself"),
            ("send", {"account": 99, "text": "nikomu"}, "account_not_found"),
        ):
            assert alena.refused(op, **members) == code


def test_search_and_jump(server: BesedaServer) -> None:
    with member(server, "Alena") as alena, member(server, "Brana") as brana:
        for each in (alena, brana):
            each.do("enter", name="Praha")
        for number in range(30):
            brana.do("post", room=1, text=f"řádek {number}")
            server.clock.move(1)
        server.run(server.core.search_index.settle())
        page = alena.do("search", text="radek 1")
        assert [line["text"] for line in page["lines"]][:2] == ["řádek 19", "řádek 18"]
        page = alena.do("search", text="rad", room=1, limit=4)
        assert page["more"]
        seq = alena.do("search", text="rad", room=1, limit=4, before=page["before"])["lines"][0]["seq"]
        around = alena.do("history", room=1, around=seq, limit=5)
        assert [line["seq"] for line in around["lines"]] == [seq - 2, seq - 1, seq, seq + 1, seq + 2]
        after = alena.do("history", room=1, after=around["after"], limit=2)
        assert [line["seq"] for line in after["lines"]] == [seq + 3, seq + 4]
        assert alena.refused("search", text="!!") == "message_empty"
        assert alena.refused("search", text="x", room=9) == "not_in_room"
