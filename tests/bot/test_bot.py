"""What a bot does when something happens: listeners, dialogues, order, state, scheduled work, errors, its end."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from beseda.bot import (
    Bot,
    ChatCzNetwork,
    Context,
    FileState,
    Letter,
    Member,
    MemoryState,
    NoAnswer,
    by,
    contains,
    has_link,
    in_room,
    is_command,
    matches,
    on_network,
    per_member,
    private,
)
from beseda.bot.testing import World
from beseda.client import NotAllowed, TooOften
from beseda.client.lines import AdminChanged, Entered, Kicked, Left, Line, Text, Whisper


async def test_listeners_get_what_they_are_for() -> None:
    bot = Bot()
    heard: list[str] = []

    @bot.on(Entered, throttle=per_member(1, every="1h"))
    async def greet(ctx: Context, line: Entered) -> None:
        await ctx.room.say(f"Vítej, {line.member.nick}!")

    @bot.on(Text, Whisper, Letter)
    async def _(ctx: Context, line: Line) -> None:
        heard.append(type(line).__name__)

    @bot.on()
    async def _(ctx: Context) -> None:
        heard.append("any")

    @bot.on(Text, own=True, where=contains("vítej"))
    async def _(ctx: Context) -> None:
        heard.append("own")

    async with World(bot) as world:
        room, alena = world.room("Praha"), world.member("Alena")
        assert await alena.enters(room) == ["Vítej, Alena!"]
        assert await alena.leaves(room) == []
        assert await alena.enters(room) == []
        assert heard == ["any", "own", "any", "any"]
        heard.clear()
        await alena.says(room, "ahoj")
        await alena.whispers(room, "ahoj")
        await alena.writes("ahoj")
        await room.happen(AdminChanged, member=None)
        await room.happen(Kicked, member=Member(1, "Bot", True))
        assert heard == ["Text", "any", "Whisper", "any", "Letter", "any", "any", "any"]


async def test_filters() -> None:
    bot = Bot()
    found: list[str] = []
    checks = {
        "contains": contains("KOSTKA", "x9"),
        "matches": matches(r"^\d+$"),
        "link": has_link,
        "private": private,
        "by": by("alena"),
        "not by": ~by("alena"),
        "room": in_room("PRAHA") & on_network("live"),
        "either": contains("a") | contains("b"),
        "command": is_command,
    }
    for name, check in checks.items():

        @bot.on(Text, Whisper, where=check)
        async def _(ctx: Context, line: Line, name: str = name) -> None:
            found.append(name)

    @bot.command("kostka")
    async def _(ctx: Context) -> None: ...

    async with World(bot) as world:
        room, other, alena = world.room("Praha"), world.room("Brno"), world.member("Alena")
        for said, wanted in {
            "!kostka": {"contains", "by", "room", "either", "command"},
            "123": {"matches", "by", "room"},
            "viz https://x.y/z": {"link", "by", "room"},
            "www.neco": {"link", "by", "room"},
            "chat.cz": {"link", "by", "room", "either"},
            "konec. Ne": {"by", "room"},
        }.items():
            found.clear()
            await alena.says(room, said)
            assert set(found) == wanted, said
        found.clear()
        await world.member("Bohus").whispers(other, "zzz")
        assert set(found) == {"private", "not by"}


async def test_lines_of_one_room_come_in_order_and_a_slow_handler_holds_up_no_other_room() -> None:
    bot = Bot()
    done: list[str] = []

    @bot.on(Text)
    async def slow(ctx: Context, line: Text) -> None:
        await ctx.bot.clock.sleep(10 if line.text == "slow" else 0.1)
        done.append(line.text)

    async with World(bot) as world:
        room, other, alena = world.room("Praha"), world.room("Brno"), world.member("Alena")
        for text in ("slow", "second", "third"):
            await alena.says(room, text)
        await alena.says(other, "elsewhere")
        await world.move(1)
        assert done == ["elsewhere"]
        await world.move(11)
        assert done == ["elsewhere", "slow", "second", "third"]


async def test_a_dialogue() -> None:
    bot = Bot()

    @bot.command("kviz")
    async def quiz(ctx: Context) -> None:
        name = await ctx.ask("Jak se jmenuješ?")
        age = await ctx.ask("Kolik ti je?", int, timeout="1m")
        await ctx.reply(f"{name}, {age}")

    @bot.on(Text)
    async def echo(ctx: Context, line: Text) -> None:
        if line.text.startswith("echo"):
            await ctx.room.say(line.text)

    async with World(bot) as world:
        room, alena, bohus = world.room("Praha"), world.member("Alena"), world.member("Bohus")
        assert await alena.says(room, "!kviz") == ["Alena: Jak se jmenuješ?"]
        assert await bohus.says(room, "echo 1") == ["echo 1"]
        assert await bohus.says(room, "!kviz") == ["Bohus: Jak se jmenuješ?"]
        assert await alena.says(room, "Á") == ["Alena: Kolik ti je?"]
        assert await alena.says(room, "mnoho") == ["Alena: “Kolik ti je” is a whole number, not “mnoho”."]
        assert await bohus.says(room, "B") == ["Bohus: Kolik ti je?"]
        assert await alena.says(room, "30") == ["Alena: Á, 30"]
        assert await alena.says(room, "30") == []
        await world.move(61)
        assert await bohus.says(room, "20") == []
        assert await bohus.whispers(room, "kviz") == ["Jak se jmenuješ?"]
        assert await bohus.says(room, "nahlas") == []
        assert await bohus.whispers(room, "tiše") == ["Kolik ti je?"]


async def test_wait_for_other_things_and_for_others() -> None:
    bot = Bot()
    seen: list[object] = []

    @bot.command("souboj")
    async def duel(ctx: Context, other: Member) -> None:
        try:
            line = await ctx.wait_for(by=other, timeout=30)
            seen.append(line.text)
            gone = await ctx.wait_for(Left, by=other, timeout=30)
            seen.append(gone.member.nick)
        except NoAnswer:
            await ctx.reply("nikdo")

    async with World(bot) as world:
        room, alena, bohus = world.room("Praha"), world.member("Alena"), world.member("Bohus")
        room.enter(bohus.person)
        await alena.says(room, "!souboj Bohus")
        await alena.says(room, "já")
        await bohus.says(room, "ano")
        await bohus.leaves(room)
        assert seen == ["ano", "Bohus"]
        room.enter(bohus.person)
        await alena.says(room, "!souboj Bohus")
        await world.move(30)
        assert room.texts[-1] == "Alena: nikdo"


async def test_state_is_each_ones_own() -> None:
    bot = Bot()

    @bot.command("pocitej")
    async def count(ctx: Context) -> None:
        told: list[int] = []
        for scope in (ctx.bot_state(), ctx.room_state(), ctx.member_state()):
            async with scope as state:
                state["n"] = state.get("n", 0) + 1
                told.append(state["n"])
        await ctx.reply(str(told))

    @bot.command("rozbij")
    async def spoil(ctx: Context) -> None:
        async with ctx.bot_state() as state:
            state["n"] = 100
            raise ArithmeticError

    @bot.on_error
    async def tell(ctx: Context, error: Exception) -> None:
        await ctx.reply(type(error).__name__)

    async with World(bot) as world:
        room, other = world.room("Praha"), world.room("Brno")
        alena, bohus = world.member("Alena"), world.member("Bohus")
        assert await alena.says(room, "!pocitej") == ["Alena: [1, 1, 1]"]
        assert await bohus.says(room, "!pocitej") == ["Bohus: [2, 2, 1]"]
        assert await alena.says(room, "!rozbij") == ["Alena: ArithmeticError"]
        assert await alena.says(other, "!pocitej") == ["Alena: [3, 1, 2]"]


async def test_two_in_one_state_at_once_lose_nothing() -> None:
    bot = Bot()

    @bot.on(Text)
    async def count(ctx: Context, line: Text) -> None:
        async with ctx.bot_state() as state:
            before = state.get("n", 0)
            await ctx.bot.clock.sleep(1)
            state["n"] = before + 1

    async with World(bot) as world:
        alena = world.member("Alena")
        for number in range(5):
            await alena.says(world.room(f"Praha {number}"), "ahoj")
        await world.move(10)
        async with bot.state("bot") as state:
            assert state == {"n": 5}


async def test_a_file_keeps_the_state(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "state.json"
    store = FileState(path)
    await store.save("a", {"n": 1, "čeština": [None, 1.5]})
    assert await store.load("a") == {"n": 1, "čeština": [None, 1.5]}
    await store.aclose()
    assert path.stat().st_mode & 0o777 == 0o600
    again = FileState(path)
    assert await again.load("a") == {"n": 1, "čeština": [None, 1.5]}
    assert await again.load("b") == {}
    await again.save("b", {})
    await asyncio.sleep(0.6)
    assert json.loads(path.read_bytes())["a"] == {"n": 1, "čeština": [None, 1.5]}
    await again.aclose()
    with pytest.raises(TypeError):
        await again.save("c", {"x": object()})
    await again.aclose()
    path.write_text("spoiled")
    with pytest.raises(ValueError, match="is no state of a bot"):
        await FileState(path).load("a")
    assert path.read_text() == "spoiled"


KEEPS = """
import asyncio, sys
from beseda.bot import FileState

async def keep():
    await FileState(sys.argv[1]).save("a", {"n": 7})
    print("has it", flush=True)
    await asyncio.sleep(60)

asyncio.run(keep())
"""


@pytest.mark.long
async def test_two_bots_do_not_write_one_state(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", KEEPS, path, stdout=asyncio.subprocess.PIPE)
    assert other.stdout
    try:
        assert await other.stdout.readline() == b"has it\n"
        ours = FileState(path)
        for deed in (
            ours.load("a"),
            ours.save("a", {"n": 8}),
            Bot([ChatCzNetwork(rooms=["Praha"])], state=path).serve(),
        ):
            with pytest.raises(BlockingIOError, match=r"another program uses this just now: .*state\.json"):
                await deed
        await ours.aclose()
        while not path.exists():  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)
    finally:
        other.kill()
        await other.communicate()
    assert await ours.load("a") == {"n": 7}  # whoever was killed holds nothing
    await ours.aclose()


async def test_scheduled_work() -> None:
    bot = Bot()
    done: list[str] = []

    @bot.every("10m")
    async def often(bot: Bot) -> None:
        room = bot.room("praha")
        assert room is not None
        await room.say("tik")
        await bot.clock.sleep(15 * 60)  # longer than the pause

    @bot.daily("12:30")
    async def noon(bot: Bot) -> None:
        done.append(bot.clock.now().astimezone().strftime("%H:%M"))

    @bot.every(3600)
    async def fails(bot: Bot) -> None:
        raise ArithmeticError("scheduled")

    async with World(bot) as world:
        room = world.room("Praha")
        await world.move(599)
        assert room.texts == []
        await world.move(1)
        assert room.texts == ["tik"]
        await world.move(15 * 60 + 9 * 60)
        assert room.texts == ["tik"]
        await world.move(60)
        assert room.texts == ["tik", "tik"]
        raised = 0
        for _hour in range(48):
            try:
                await world.move(3600)
            except ArithmeticError:
                raised += 1
        assert raised == 48
        assert done == ["12:30", "12:30"]


async def test_errors_are_the_nearest_modules_matter_and_stop_nothing() -> None:
    bot = Bot()
    told: list[object] = []

    @bot.on(Text)
    async def fails(ctx: Context, line: Text) -> None:
        await ctx.room.say("x")

    @bot.on(Text)
    async def works(ctx: Context, line: Text) -> None:
        told.append(line.text)

    async with World(bot) as world:
        room, alena = world.room("Praha"), world.member("Alena")
        room.fail_next(NotAllowed("muted"))
        with pytest.raises(NotAllowed):
            await alena.says(room, "první")
        assert told == ["první"]

        @bot.on_error
        async def tell(ctx: Context, error: Exception) -> None:
            told.append(error)
            raise ZeroDivisionError

        room.fail_next(refused := NotAllowed("muted"))
        with pytest.raises(ZeroDivisionError):
            await alena.says(room, "druhý")
        assert told == ["první", refused, "druhý"]


async def test_who_was_killed_goes_on_with_nothing_missing_and_nothing_twice() -> None:
    bot = Bot()
    handled: list[str] = []

    @bot.on(Text)
    async def echo(ctx: Context, line: Text) -> None:
        handled.append(line.text)
        await ctx.reply(line.text)
        await ctx.room.say("konec")
        await ctx.bot.clock.sleep(5)

    async with World(bot) as world:
        room, alena = world.room("Praha"), world.member("Alena")
        await alena.says(room, "a")
        await world.move(5)
        await alena.says(room, "b")
        await world.kill()  # answered, but not noted
        room.add(Text, author=alena.person, text="c")
        await world.start()
        await world.move(20)
        assert handled == ["a", "b", "b", "c"]
        assert room.texts == ["Alena: a", "konec", "Alena: b", "konec", "Alena: c", "konec"]
        await world.stop()
        room.add(Text, author=alena.person, text="d")
        await world.start()
        await world.move(20)
        assert room.texts[-2:] == ["Alena: d", "konec"]


async def test_who_does_not_resume_begins_with_what_comes() -> None:
    bot = Bot(resume=False)

    @bot.on(Text)
    async def echo(ctx: Context, line: Text) -> None:
        await ctx.reply(line.text)

    state = MemoryState()
    async with World(bot, state=state) as world:
        room, alena = world.room("Praha"), world.member("Alena")
        await alena.says(room, "a")
        await world.stop()
        room.add(Text, author=alena.person, text="b")
        await world.start()
        assert await alena.says(room, "c") == ["Alena: c"]
        assert room.texts == ["Alena: a", "Alena: c"]


async def test_what_is_being_done_is_finished_at_the_end() -> None:
    bot = Bot(drain_s=5)
    done: list[str] = []
    begun = asyncio.Event()

    @bot.on(Text)
    async def slow(ctx: Context, line: Text) -> None:
        begun.set()
        try:
            await asyncio.sleep(0.02)
            done.append(line.text)
            await ctx.wait_for(timeout=1000)
        finally:
            done.append("end")

    async with World(bot) as world:
        world.room("Praha").add(Text, author=world.member("Alena").person, text="a")
        await begun.wait()
    assert done == ["a", "end"]


async def test_what_takes_too_long_at_the_end_is_broken_off() -> None:
    bot = Bot(drain_s=0.05)

    @bot.on(Text)
    async def slow(ctx: Context, line: Text) -> None:
        await ctx.bot.clock.sleep(1000)

    async with World(bot) as world:
        await world.member("Alena").says(world.room("Praha"), "a")
    assert bot.busy == set()


async def test_what_is_said_is_no_command_of_the_service() -> None:
    bot = Bot()

    @bot.command("echo")
    async def echo(ctx: Context, *, text: str) -> None:
        await ctx.room.say(text)

    async with World(bot) as world:
        room = world.room("Praha")
        assert await world.member("Alena").says(room, "!echo /kick Bohus") == ["› /kick Bohus"]
        assert room.commands == []
        long = "slovo " * 300
        said = await world.member("Alena").says(room, f"!echo {long}")
        assert " ".join(said) == long.strip()
        assert [len(part) <= 1000 for part in said] == [True, True]
        said = await world.member("Alena").says(room, "!echo " + "x" * 998 + " /kick Bohus")
        assert said == ["x" * 998, "› /kick Bohus"]


async def test_who_speaks_too_often_waits() -> None:
    bot = Bot()

    @bot.command("ping")
    async def ping(ctx: Context) -> None:
        await ctx.reply("pong")

    async with World(bot) as world:
        room, alena = world.room("Praha"), world.member("Alena")
        room.fail_next(*[TooOften("too_often", retry_after_s=0.001)] * 4)
        assert await alena.says(room, "!ping") == ["Alena: pong"]
        for hopeless in ([TooOften("too_often", retry_after_s=31)], [TooOften("too_often", retry_after_s=0.001)] * 5):
            room.fail_next(*hopeless)
            with pytest.raises(TooOften):
                await alena.says(room, "!ping")


async def test_several_networks() -> None:
    first, second = World(Bot()).networks["live"], World(Bot()).networks["live"]
    first.name, second.name = "chatcz", "spaces"
    bot = Bot([first, second])

    @bot.on(Text)
    async def bridge(ctx: Context, line: Text) -> None:
        for room in ctx.bot.rooms:
            if room is not ctx.room:
                await room.say(line.text)

    async with World(bot) as world:
        one, two = world.room("A", on="chatcz"), world.room("B", on="spaces")
        await world.member("Alena").says(one, "ahoj")
        assert (one.texts, two.texts) == ([], ["ahoj"])
        assert bot.room("b", on="spaces") is two
        assert bot.room("b", on="chatcz") is None


async def test_a_bot_that_has_nowhere_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BESEDA_URL", raising=False)
    with pytest.raises(ValueError, match="BESEDA_URL"):
        await Bot(rooms=["Praha"]).serve()
