"""What authors of bots and clients build their tests on."""

import inspect

import beseda.testing


def test_testing_exports_just_this() -> None:
    assert beseda.testing.__all__ == ["BesedaServer", "ManualClock"]
    for name in beseda.testing.__all__:
        assert inspect.getdoc(getattr(beseda.testing, name)) or name == "ManualClock"


def test_the_server_has_just_these_members() -> None:
    members = {name for name in vars(beseda.testing.BesedaServer) if not name.startswith("_")}
    assert members == {"beseda", "core", "move_clock", "run", "url"}
    signature = inspect.signature(beseda.testing.BesedaServer)
    assert list(signature.parameters) == ["settings", "data", "clock"]


def test_the_clock_has_just_these_members() -> None:
    members = {name for name in vars(beseda.testing.ManualClock) if not name.startswith("_")}
    assert members == {"monotonic_s", "move", "now", "set_back"}
