"""What authors of bots and clients build their tests on."""

import inspect

import beseda.testing
from beseda.testing import AsyncBesedaServer, AsyncRoom, BesedaServer, ManualClock, Room

DEEDS = {
    *("app", "cookie", "credit", "delete_line", "domain", "drop_connections", "enter", "fail_next", "favourite"),
    *("give_karma", "grant", "ignore", "keep_at_work", "letter", "lines", "lose_next", "make_room_admin"),
    *("make_site_admin", "member", "move_clock", "read_captcha", "revoke", "room", "say", "set_karma", "set_password"),
    *("approve", "deny", "name_server", "personal_token"),
    *("set_standing", "settle", "sid", "slow_down", "texts", "token", "visitor"),
}


def public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


def test_testing_exports_just_this() -> None:
    servers = ["AsyncBesedaServer", "AsyncRoom", "BesedaServer", "ManualClock"]
    assert sorted(beseda.testing.__all__) == sorted(
        ["PASSWORD", "App", "Member", "Place", "Room", "Said", "Sid", *servers]
    )
    for name in beseda.testing.__all__:
        assert inspect.getdoc(getattr(beseda.testing, name)) or name == "ManualClock"


def test_the_servers_have_just_these_members() -> None:
    assert public(BesedaServer) == DEEDS | {"beseda", "core", "do", "restart", "run", "submit", "url"}
    assert public(AsyncBesedaServer) == DEEDS | {"do", "restart", "url"}
    assert list(inspect.signature(BesedaServer).parameters) == ["settings", "data", "clock"]
    assert list(inspect.signature(AsyncBesedaServer).parameters) == ["settings", "data", "clock", "plain"]
    for kind in (BesedaServer, AsyncBesedaServer):
        for name in DEEDS:
            assert inspect.getdoc(vars(kind)[name]), name


def test_rooms_have_just_these_members() -> None:
    assert public(Room) == public(AsyncRoom) == {"enter", "lines", "say", "texts"}


def test_the_clock_has_just_these_members() -> None:
    assert public(ManualClock) == {"monotonic_s", "move", "now", "set_back"}
