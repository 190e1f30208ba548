"""What authors of bots rely on: names, their explanations, and that nothing heavy comes with them."""

import inspect
import subprocess
import sys

import beseda.bot
import beseda.bot.testing
from beseda.bot import Bot, Context, Module, Room
from beseda.bot.testing import Actor, World, WorldRoom

NAMES = {
    *("BadArgument", "Bot", "CZECH", "ChatCzNetwork", "Clock", "Context", "ENGLISH", "FileState", "Filter", "Hears"),
    *("Letter", "LiveNetwork", "Member", "MemoryState", "Module", "Network", "NoAnswer", "Phrases", "RUSSIAN", "Rank"),
    *(
        "Rest",
        "Room",
        "SpacesNetwork",
        "StateStore",
        "Throttle",
        "Unsupported",
        "by",
        "contains",
        "has_link",
        "in_room",
    ),
    *("is_command", "matches", "on_network", "overall", "per_member", "per_room", "private"),
}
MODULE = {"command", "commands", "daily", "error_handlers", "every", "include", "jobs", "least_rank", "listeners"} | {
    *("middleware", "on", "on_error", "outwards", "where", "wrapped"),
}


def public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


def test_bots_export_just_this() -> None:
    assert set(beseda.bot.__all__) == NAMES


def test_the_members_are_just_these() -> None:
    assert public(Module) == MODULE
    assert public(Bot) == {"busy", "came_in", "counts", "cursor", "find_command", "hear", "prefix", "rank", "room"} | {
        *("rooms", "run", "serve", "state", "stop", "unhandled"),
    }
    assert public(Context) == {"ask", "begin", "bot_state", "is_private", "member_state", "next_key", "rank"} | {
        *("reply", "room_state", "wait_for"),
    }
    assert public(Room) == {"allow_links", "command", "cursor_key", "delete", "find", "handled", "key", "kick"} | {
        *("mute", "people", "private", "rank", "resumes", "say", "text_max", "whisper"),
    }
    assert public(World) == {"kill", "letters", "member", "move", "room", "settle", "start", "stop"}
    assert public(Actor) == {"enters", "leaves", "nick", "person", "says", "whispers", "world", "writes"}
    assert {"commands", "deleted", "fail_next", "happen", "lines", "texts"} <= dir_of(WorldRoom)


def dir_of(kind: type) -> set[str]:
    """Attributes that its constructor sets, too."""
    return public(kind) | {word.partition(":")[0] for word in inspect.getsource(kind).replace("self.", " ").split()}


def test_every_public_name_is_explained() -> None:
    obvious = {"manners", "nick", "now", "monotonic_s", "sleep", "load", "save", "where", "enter", "leave", "rooms"}
    overridden = {"run", "aclose", "people", "rank", "find", "delete", "handled"}
    kinds = [thing for name in NAMES if inspect.isclass(thing := getattr(beseda.bot, name))]
    for kind in [*kinds, Actor, World, WorldRoom]:
        assert inspect.getdoc(kind)
        for name, member in vars(kind).items():
            if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
                assert inspect.getdoc(member) or name in obvious | overridden, f"{kind.__name__}.{name}"


def test_importing_bots_imports_no_server() -> None:
    program = "import sys, beseda.bot, beseda.bot.testing; print(*sorted(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert not loaded & {"starlette", "sqlalchemy", "uvicorn", "structlog", "beseda.server", "beseda.testing"}
    assert not {name for name in loaded if name.startswith(("beseda.core", "beseda.domain", "beseda.api"))}
