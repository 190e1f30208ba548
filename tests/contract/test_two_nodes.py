"""Two servers on one database: who is heard of in a room on one of them is there for both."""

import re

import httpx

from api.live.client import cookie_of, live, signed_in
from beseda.testing import BesedaServer


def pass_time(nodes: tuple[BesedaServer, BesedaServer], seconds: float) -> None:
    """The first comes round before the second."""
    nodes[0].clock.move(seconds)
    for node in nodes:
        node.run(node.beseda.housekeeping())


def rooms_of(node: BesedaServer, nick: str) -> list[str]:
    account = node.run(node.core.accounts.find(nick))
    return [room.name for room in node.run(node.core.presence.get(account.id)).rooms]


def enter(client: httpx.Client, name: str) -> int:
    found = re.search(r"/leaveRoom/(\d+)", client.get(f"/{name}").text)
    assert found is not None
    return int(found[1])


def test_a_connection_on_the_other_node_keeps_the_member_in_the_rooms_that_it_follows(
    nodes: tuple[BesedaServer, BesedaServer],
) -> None:
    one, other = nodes
    with signed_in(one, "Alena") as client:
        praha, brno = (enter(client, name) for name in ("Praha", "Brno"))
        with live(other, cookie_of(client)) as socket:
            socket.do("follow", room=praha)
            for _ in range(8):
                pass_time(nodes, 25)
            assert [rooms_of(node, "Alena") for node in nodes] == [["Praha"], ["Praha"]]
            assert socket.do("post", room=praha, text="jsem tu")["ok"]
            assert socket.refused("post", room=brno, text="tady ne") == "not_in_room"
        for _ in range(7):
            pass_time(nodes, 20)
        assert rooms_of(one, "Alena") == ["Praha"]
        pass_time(nodes, 10)
        pass_time(nodes, 10)
        assert [rooms_of(node, "Alena") for node in nodes] == [[], []]


def test_one_room_is_polled_on_each_node(nodes: tuple[BesedaServer, BesedaServer]) -> None:
    one, other = nodes
    with signed_in(one, "Alena") as client:
        praha, brno, _ = (enter(client, name) for name in ("Praha", "Brno", "Most"))
        with httpx.Client(base_url=other.url, headers=cookie_of(client)) as beside:
            for _ in range(8):
                for caller, room in ((client, praha), (beside, brno)):
                    answer = caller.post("/json/getText", data={"roomId": room, "chatIndex": "1"})
                    assert answer.json()["success"]
                pass_time(nodes, 20)
        assert [rooms_of(node, "Alena") for node in nodes] == [["Praha", "Brno"], ["Praha", "Brno"]]


def test_what_happens_on_one_node_is_told_on_the_other(nodes: tuple[BesedaServer, BesedaServer]) -> None:
    """Marks of what was read, the list of rooms, what was said before; and a token that was revoked."""
    one, other = nodes
    account = one.run(one.core.accounts.find("Alena"))
    token, secret = one.run(one.core.tokens.add(account.id, "skript", one.core.tokens.scope()))
    with signed_in(one, "Alena") as client, live(one, cookie_of(client)) as here:
        room = here.do("enter", name="Brno")["room"]
        seq = here.do("post", room=room, text="ahoj")["line"]["seq"]
        with live(other, {"Authorization": f"Bearer {secret}"}) as there:
            assert [each["name"] for each in there.do("rooms", watch=True)["rooms"]] == ["Brno"]
            assert there.do("own", watch=True)["marks"][0]["read"] == seq
            assert there.do("history", room=room)["lines"][-1]["text"] == "ahoj"
            assert here.do("read", room=room, seq=seq + 1)["mark"]["read"] == seq
            here.do("post", room=room, text="/help")
            mark = here.do("read", room=room, seq=seq + 1)["mark"]
            assert (mark["read"], there.take_told("mark")) == (seq + 1, mark)
            here.do("leave", room=room)
            other.run(other.beseda.parts.nodes.catch_up())  # else it would come too late for this second
            nodes[0].clock.move(1)
            assert there.take_told("changes")["gone"] == [room]
            one.run(one.core.tokens.revoke(token.id))
            assert there.closed_with() == 1008
