"""The list of rooms and its changes, people, cards, what admins do."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from api.live.client import Live, member
from beseda.testing import BesedaServer


@pytest.fixture
def three(server: BesedaServer) -> Iterator[list[Live]]:
    """Alena, who leads Praha, Brana and Cyril; all in Praha, which is room 1."""
    with ExitStack() as stack:
        opened = [stack.enter_context(member(server, nick)) for nick in ("Alena", "Brana", "Cyril")]
        for each in opened:
            each.do("enter", name="Praha")
        yield opened


def test_the_list_and_what_becomes_of_it_told_once_a_second(server: BesedaServer, three: list[Live]) -> None:
    alena, brana, cyril = three
    alena.do("set_favourite", room=1, favourite=True)
    listed = alena.do("rooms", watch=True)
    assert listed["favourites"] == [1]
    assert listed["rooms"] == [{"id": 1, "name": "Praha", "people": 3, "permanent": True, "admin": 1}]
    brno = brana.do("enter", name="Brno")["room"]
    cyril.do("enter", room=brno)
    cyril.do("leave", room=1)
    assert alena.do("own")["ok"]
    assert alena.told["changes"] == []
    server.move_clock(1)
    told = alena.take_told("changes")
    assert told["gone"] == []
    assert {room["id"]: room["people"] for room in told["rooms"]} == {1: 2, brno: 2}
    for each in (brana, cyril):
        each.do("leave", room=brno)
    server.move_clock(1)
    assert alena.take_told("changes") == {"rooms": [], "gone": [brno]}
    server.move_clock(5)
    assert brana.do("rooms")["rooms"][0]["people"] == 2
    assert alena.told["changes"] == []
    assert brana.told["changes"] == []


def test_a_room_is_opened_only_if_that_is_wanted(three: list[Live]) -> None:
    alena = three[0]
    assert alena.refused("enter", name="Nova", opens=False) == "room_not_found"
    assert alena.refused("enter", room=99) == "room_not_found"
    assert alena.refused("enter") == "bad_name"
    assert alena.refused("enter", name="Nova", opens=1) == "bad_opens"


def test_people_with_their_marks(server: BesedaServer, three: list[Live]) -> None:
    alena, brana, _ = three
    server.run(server.core.rooms.set_admin(1, 3, True))  # type: ignore[arg-type]
    people = {each["nick"]: each for each in alena.do("people", room=1)["people"]}
    assert [people[nick].get("star") for nick in ("Alena", "Brana", "Cyril")] == ["temporary", None, "permanent"]
    assert not any(each.get("away") for each in people.values())
    server.clock.move(80)
    people = {each["nick"]: each for each in alena.do("people", room=1)["people"]}
    assert [people[nick].get("away") for nick in ("Alena", "Brana", "Cyril")] == [None, True, True]
    brana.do("leave", room=1)
    assert brana.refused("people", room=1) == "not_in_room"
    assert brana.refused("people", room=99) == "room_not_found"


def test_settings_are_changed_all_or_nothing(three: list[Live]) -> None:
    alena, brana, _ = three
    info = alena.do("set_room", room=1, description="O všem", links="all", lock="logged")["info"]
    assert (info["description"], info["links"], info["lock"], info["rank"]) == ("O všem", "all", "logged", "temporary")
    assert "in_force" not in info
    assert alena.refused("set_room", room=1, description="Jinak", history_lines=5) == "not_room_admin"
    assert brana.refused("set_room", room=1, description="Jinak") == "not_room_admin"
    assert alena.refused("set_room", room=1, lock="x") == "bad_lock"
    assert alena.refused("set_room", room=1, links="x") == "bad_links"
    assert brana.do("room", room=1)["info"]["description"] == "O všem"


def test_a_reserved_room_says_how_much_newcomers_may_read(three: list[Live]) -> None:
    alena, brana, cyril = three
    room = alena.do("enter", name="Moje")["room"]
    assert alena.do("room", room=room)["info"]["reservable"]
    assert alena.do("reserve", room=room, reserved=True)["info"]["rank"] == "main"
    info = alena.do("set_room", room=room, history_lines=1, keep_days=7, hands_over=False)["info"]
    assert (info["history_lines"], info["history_lines_set"], info["keep_days"], info["hands_over"]) == (
        1,
        True,
        7,
        False,
    )
    for text in ("a", "b", "c"):
        alena.do("post", room=room, text=text)
    brana.do("enter", room=room)
    page = brana.do("history", room=room)
    assert [line.get("text") for line in page["lines"]] == ["c", None]
    assert (page["more"], page["newer"]) == (False, False)
    hidden = page["lines"][0]["seq"] - 1
    assert brana.refused("history", room=room, around=hidden) == "line_not_found"
    around = brana.do("history", room=room, around=hidden + 1, limit=1)
    assert ([line["text"] for line in around["lines"]], around["more"], around["newer"]) == (["c"], False, True)
    cyril.do("enter", room=room)
    brana.do("follow", room=room, after=0)
    assert brana.lines[0]["seq"] == hidden + 1
    info = alena.do("set_admin", room=room, account=2, admin=True)["info"]
    assert [each["nick"] for each in info["admins"]] == ["Brana"]
    alena.do("set_room", room=room, history_lines=None)
    assert alena.do("room", room=room)["info"]["history_lines"] == 50
    for value in (-1, "5", 201):
        code = alena.refused("set_room", room=room, history_lines=value)
        assert code == ("reservation_refused" if value == 201 else "bad_history_lines")
    assert alena.do("reserve", room=room, reserved=False)["ok"]


def test_what_an_admin_does_to_others(server: BesedaServer, three: list[Live]) -> None:
    alena, brana, cyril = three
    said = cyril.do("post", room=1, text="kupte si")["line"]["seq"]
    brana.do("report", room=1, seq=said, reason="reklama")
    assert brana.refused("reports", room=1) == "not_room_admin"
    (report,) = alena.do("reports", room=1)["reports"]
    assert (report["seq"], report["text"], report["reporter"]["nick"]) == (said, "kupte si", "Brana")
    alena.do("settle", room=1, seq=said)
    assert alena.refused("settle", room=1, seq=said) == "line_not_found"
    for op, kind in (
        ("mute", "muted"),
        ("unmute", "unmuted"),
        ("allow_links", "links_allowed"),
        ("delete_all", "lines_deleted"),
    ):
        assert alena.do(op, room=1, account=3)["line"]["kind"] == kind
    line = alena.do("kick", room=1, account=3, reason="dost", minutes=2)["line"]
    assert (line["kind"], line["text"], line["number"]) == ("kicked", "dost", 2)
    assert cyril.refused("enter", name="Praha") == "kicked_out"
    server.clock.move(121)
    cyril.do("enter", name="Praha")
    assert alena.do("kick", room=1, account=3, reason="zase")["line"]["number"] == 300
    alena.do("unkick", room=1, account=3)
    cyril.do("enter", name="Praha")
    for minutes, code in ((0, "amount_invalid"), (301, "amount_invalid"), ("5", "bad_minutes")):
        assert alena.refused("kick", room=1, account=3, reason="x", minutes=minutes) == code
    assert alena.refused("kick", room=1, account=3, reason=" ") == "command_incomplete"
    assert brana.refused("kick", room=1, account=3, reason="x") == "not_room_admin"
    assert alena.refused("kicks", room=1) == "not_room_admin"
    server.run(server.core.rooms.set_admin(1, 1, True))  # type: ignore[arg-type]
    alena.do("kick", room=1, account=3, reason="dost")
    assert [kick["account"]["nick"] for kick in alena.do("kicks", room=1)["kicks"]] == ["Cyril"]
    alena.do("hand_over", room=1, account=2)
    assert brana.do("room", room=1)["info"]["rank"] == "temporary"


def test_cards(server: BesedaServer, three: list[Live]) -> None:
    alena, brana, _ = three
    alena.do("note", account=2, text="z Brna")
    alena.do("send", account=2, text="Ahoj")
    alena.do("ignore", account=3, ignored=True)
    card = alena.do("card", account=2, room=1, visit=True)["card"]
    assert (card["account"]["nick"], card["online"], card["note"], card["views"]) == ("Brana", True, "z Brna", 1)
    assert [room["name"] for room in card["rooms"]] == ["Praha"]
    assert card["may"] == [
        "whisper",
        "letter",
        "ignore",
        "note",
        "kick",
        "mute",
        "delete_all",
        "allow_links",
        "hand_over",
    ]
    assert card["contact"] == alena.do("letters", account=2)["contact"]["contact"]
    assert brana.do("card", account=1, room=1)["card"]["may"] == card["may"][:4]
    own = alena.do("card", account=1)["card"]
    assert (own["own"], own["may"]) == (True, [])
    assert alena.do("card", account=3)["card"]["ignored"]
    assert [each["nick"] for each in alena.do("ignored")["people"]] == ["Cyril"]
    assert [each["nick"] for each in alena.do("find", nick="BR")["people"]] == ["Brana"]
    assert alena.refused("card", account=99) == "account_not_found"
    assert alena.refused("card", account=1, room=99) == "room_not_found"
    assert alena.refused("give_karma", account=2, amount=5) == "karma_too_low"
