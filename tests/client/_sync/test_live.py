# Written by tools/twins.py from tests/client/_async/test_live.py: change that, then `make twins`.
"""The live protocol against a real server: rooms, resuming, keys, sessions that end."""

import pytest

from beseda.client import Live, NotAllowed, SessionEnded, SignInRefused, Unknown, lines
from beseda.client._platform import Socket, connect
from beseda.testing import BesedaServer
from client._sync.helpers import QUICK
from client.conftest import PASSWORD, Register, make_register


class Breaking:
    """A connector whose sockets a test breaks; `deaf_after_send` breaks the next one as soon as it has sent."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []
        self.opened = 0

    def __call__(self, url: str, headers: object, timeout_s: float) -> Socket:
        socket = connect(url, headers, timeout_s)  # type: ignore[arg-type]
        self.sockets.append(socket)
        self.opened += 1
        return socket

    def break_off(self) -> None:
        self.sockets[-1].close()


def signed_in(server: BesedaServer, nick: str, connector: Breaking | None = None) -> Live:
    live = Live(server.url, manners=QUICK, connector=connector)
    live.sign_in(nick, PASSWORD)
    return live


def test_two_talk(server: BesedaServer, register: Register, room: str) -> None:
    with (
        signed_in(server, register()) as alena,
        signed_in(server, register("Bohus")) as bohus,
        alena.enter(room) as hers,
        bohus.enter(room) as his,
    ):
        said = his.say("Ahoj <b> & \u0161")
        whispered = his.whisper(alena.me, "pst")
        told = iter(hers.lines())
        assert isinstance(next(told), lines.Entered)
        assert next(told) == said
        heard = next(told)
        assert isinstance(heard, lines.Whisper)
        assert (heard.author, heard.to, heard.own, heard.text) == (bohus.me, alena.me, False, "pst")
        assert isinstance(whispered, lines.Whisper)
        assert whispered.own
        older = [line for line in hers.history()]
        assert [line.seq for line in older] == sorted((line.seq or 0 for line in older), reverse=True)
        assert said in older


def test_a_key_posts_once(server: BesedaServer, register: Register, room: str) -> None:
    with signed_in(server, register()) as live, live.enter(room) as entered:
        first = entered.say("jednou", key="k1")
        assert entered.say("jednou", key="k1") == first


def test_refusals_say_why(server: BesedaServer, register: Register, room: str) -> None:
    with signed_in(server, register()) as live:
        with pytest.raises(NotAllowed) as refused:
            live.follow(10**6)
        assert refused.value.code == "not_in_room"
        entered = live.enter(room)
        notice = entered.say("/kick nikdo proto")
        assert isinstance(notice, lines.Notice)
        assert notice.text == "nick_not_here"
        entered.leave()
        live.leave(entered)
        with pytest.raises(ZeroDivisionError):
            with live.enter(room) as again:
                raise ZeroDivisionError
        with pytest.raises(NotAllowed):
            again.people()


def test_what_broke_is_resumed_with_nothing_missing_and_nothing_twice(
    server: BesedaServer, register: Register, room: str
) -> None:
    connector = Breaking()
    with (
        signed_in(server, register(), connector) as alena,
        signed_in(server, register("Bohus")) as bohus,
        alena.enter(room) as hers,
        bohus.enter(room) as his,
    ):
        told = iter(hers.lines())
        assert isinstance(next(told), lines.Entered)
        said = [his.say(str(number)) for number in range(3)]
        assert next(told) == said[0]
        connector.break_off()
        said += [his.say(str(number)) for number in range(3, 6)]
        assert [next(told) for _ in range(5)] == said[1:]
        connector.break_off()
        said.append(hers.say("posted after a break"))
        assert next(told) == said[-1]
        assert connector.opened == 3


def test_all_rooms_in_one_iterator(server: BesedaServer, register: Register, room: str) -> None:
    with signed_in(server, register()) as live:
        one, other = live.enter(room), live.enter(f"{room} b")
        said = {one.say("a"), other.say("b")}
        told = iter(live.lines())
        assert {next(told), next(told)} == said
        one.leave()
        other.leave()
        assert [line for line in live.lines()] == []


def test_who_leaves_elsewhere_hears_no_more(server: BesedaServer, register: Register, room: str) -> None:
    nick = register()
    with signed_in(server, nick) as here, signed_in(server, register("Brana")) as admin:
        ruled = admin.enter(f"{room} c")
        entered = here.enter(f"{room} c")
        ruled.say(f"/kick {nick} proto")
        told = [line for line in entered.lines()]
        assert isinstance(told[-1], lines.Kicked)
        assert (told[-1].member, told[-1].by, told[-1].reason) == (here.me, admin.me, "proto")
        with pytest.raises(NotAllowed) as refused:
            here.enter(f"{room} c")
        assert refused.value.code == "kicked_out"


def test_the_idle_are_taken_out_and_come_back(fresh_server: BesedaServer) -> None:
    fresh_server.run(fresh_server.core.rooms.add("Praha"))
    register = make_register(fresh_server)
    with signed_in(fresh_server, register()) as live, live.enter("Praha") as entered:
        said = entered.say("ahoj")
        told = iter(entered.lines())
        assert next(told) == said
        fresh_server.move_clock(3601)
        gone = next(told)
        assert isinstance(gone, lines.Left)
        assert gone.taken_out
        back = next(told)
        while not isinstance(back, lines.Entered):  # the role of the admin passes on meanwhile
            back = next(told)
        assert back.member == live.me
        said = entered.say("jsem tu")
        while next(told) != said:
            pass


def test_one_that_is_followed_by_number_alone_is_entered_again(fresh_server: BesedaServer) -> None:
    fresh_server.run(fresh_server.core.rooms.add("Praha"))
    register = make_register(fresh_server)
    nick = register()
    with signed_in(fresh_server, nick) as elsewhere, signed_in(fresh_server, nick) as live:
        said = (elsewhere.enter("Praha")).say("ahoj")
        followed = live.follow((elsewhere.enter("Praha")).id, after=0)
        told = iter(followed.lines())
        while next(told) != said:
            pass
        elsewhere.close()
        fresh_server.move_clock(3601)
        while not isinstance(next(told), lines.Left):
            pass
        while not isinstance(next(told), lines.Entered):
            pass
        assert isinstance(followed.say("jsem tu"), lines.Text)


def test_another_run_goes_on_where_the_last_one_was(server: BesedaServer, register: Register, room: str) -> None:
    with signed_in(server, register()) as bohus, bohus.enter(room) as his:
        nick = register()
        with signed_in(server, nick) as alena:
            cursor = (alena.enter(room)).cursor
        said = his.say("zatím")
        with signed_in(server, nick) as alena, alena.enter(room, after=cursor) as hers:
            assert next(iter(hers.lines())) == said


def test_a_session_that_ended_is_renewed_where_there_is_a_password(fresh_server: BesedaServer) -> None:
    fresh_server.run(fresh_server.core.rooms.add("Praha"))
    nick = make_register(fresh_server)()
    with signed_in(fresh_server, nick) as live, Live(fresh_server.url, token="x" * 26) as stranger:
        fresh_server.move_clock(25 * 3600)
        entered = live.enter("Praha")
        assert isinstance(entered.say("znovu"), lines.Text)
        with pytest.raises(SessionEnded):
            stranger.connect()


def test_a_refused_password_is_not_tried_again(server: BesedaServer, register: Register) -> None:
    with Live(server.url, manners=QUICK) as live:
        nick = register()
        for _ in range(20):  # more often than the server would stand
            with pytest.raises(SignInRefused):
                live.sign_in(nick, "to neni ono")


def test_a_restart_in_the_middle_of_a_talk(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("data")
    port = 0
    with BesedaServer(data=data) as first:
        port = int(first.url.rpartition(":")[2])
        first.run(first.core.rooms.add("Praha"))
        register = make_register(first)
        nicks = register(), register("Bohus")
        alena, bohus = signed_in(first, nicks[0]), signed_in(first, nicks[1])
        hers, his = alena.enter("Praha"), bohus.enter("Praha")
        told = iter(hers.lines())
        assert isinstance(next(told), lines.Entered)
        said = [his.say("before")]
        his.say("unread")
    with pytest.raises(Unknown):
        his.say("during")
    with BesedaServer({"server.listen": f"127.0.0.1:{port}"}, data=data):
        said.append(his.say("after"))
        texts: list[str] = []
        while "after" not in texts:
            line = next(told)
            assert not isinstance(line, lines.Gap)
            texts += [line.text] if isinstance(line, lines.Text) else []
        assert texts == ["before", "unread", "after"]
        alena.close()
        bohus.close()
