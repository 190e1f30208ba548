"""Commands: how they are written, what their arguments are, who may give them, and what help says."""

from datetime import timedelta
from enum import Enum
from typing import Annotated, Literal

import pytest

from beseda.bot import CZECH, RUSSIAN, BadArgument, Bot, Context, Member, Module, Rank, Rest, per_member, private
from beseda.bot.testing import World


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


def even(ctx: Context, text: str) -> int:
    if not text.isdigit() or int(text) % 2:
        raise BadArgument(f"{text} is not even.")
    return int(text)


def typed() -> Bot:
    bot = Bot()

    @bot.command("int")
    async def _(ctx: Context, sides: int = 6) -> None:
        await ctx.reply(repr(sides))

    @bot.command("all")
    async def _(ctx: Context, a: float, b: bool, c: timedelta, d: Literal["x", 2], e: Colour) -> None:
        await ctx.reply(repr((a, b, c.total_seconds(), d, e.name)))

    @bot.command("who")
    async def _(ctx: Context, whom: Member, reason: Rest = "") -> None:
        await ctx.reply(f"{whom.nick} [{reason}]")

    @bot.command("passed")
    async def _(ctx: Context, count: int | None, *, text: str) -> None:
        await ctx.reply(repr((count, text)))

    @bot.command("sum")
    async def _(ctx: Context, *numbers: int) -> None:
        await ctx.reply(str(sum(numbers)))

    @bot.command("either")
    async def _(ctx: Context, what: int | str) -> None:
        await ctx.reply(repr(what))

    @bot.command("even")
    async def _(ctx: Context, number: Annotated[int, even]) -> None:
        await ctx.reply(repr(number))

    return bot


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("!int", "6"),
        ("!INT 20", "20"),
        ("  !int   -3  ", "-3"),
        ("!int x", "“sides” is a whole number, not “x”. Usage: !int [sides]"),
        ("!int " + "9" * 101, f"“sides” is a whole number, not “{'9' * 101}”. Usage: !int [sides]"),
        ("!int 1 2", "“2” is too much. Usage: !int [sides]"),
        ("!all 1,5 ano 1h30m X red", "(1.5, True, 5400.0, 'x', 'RED')"),
        ("!all -2 NE 90s 2 Blue", "(-2.0, False, 90.0, 2, 'BLUE')"),
        ("!all 1 ano 5m", "“d” is missing. Usage: !all <a> <b> <c> <x|2> <red|blue>"),
        ("!all 1 maybe 5m 2 red", "“b” is yes or no, not “maybe”. Usage: !all <a> <b> <c> <x|2> <red|blue>"),
        (
            "!all 1 ne 5 2 red",
            "“c” is a time such as 90s, 10m or 1h30m, not “5”. Usage: !all <a> <b> <c> <x|2> <red|blue>",
        ),
        ("!all 1 ne 5m 3 red", "“d” is one of x, 2, not “3”. Usage: !all <a> <b> <c> <x|2> <red|blue>"),
        ("!who alena", "Alena []"),
        ("!who @Alena  for  nothing ", "Alena [for  nothing]"),
        ('!who "Jan Novák" "quoted" text', 'Jan Novák ["quoted" text]'),
        ("!who „Jan Novák“", "Jan Novák []"),
        ("!who Brana", "“Brana” is not here. Usage: !who <whom> [reason...]"),
        ("!passed 3 a b", "(3, 'a b')"),
        ("!passed a b", "(None, 'a b')"),
        ("!passed 3", "“text” is missing. Usage: !passed [count] <text...>"),
        ("!sum 1 2 3", "6"),
        ("!sum", "0"),
        ("!sum 1 b", "“numbers” is a whole number, not “b”. Usage: !sum [numbers...]"),
        ("!either 5", "5"),
        ("!either five", "'five'"),
        ("!even 4", "4"),
        ("!even 5", "5 is not even. Usage: !even <number>"),
        ("Bot: int 4", "4"),
        ("bot int 4", "4"),
    ],
)
async def test_arguments(said: str, answer: str) -> None:
    async with World(typed()) as world:
        room = world.room("Praha")
        room.enter(world.member("Jan Novák").person)
        assert await world.member("Alena").says(room, said) == [f"Alena: {answer}"]


@pytest.mark.parametrize("said", ["int 4", "! int 4 5", "!nothing", "Botox: int", "!", "Bot", "", "ahoj !int"])
async def test_what_is_no_command(said: str) -> None:
    async with World(typed()) as world:
        told = await world.member("Alena").says(world.room("Praha"), said)
        assert told == (["Alena: “5” is too much. Usage: !int [sides]"] if said == "! int 4 5" else [])


async def test_in_private_there_is_no_prefix_and_the_answer_is_private() -> None:
    async with World(typed()) as world:
        room, alena = world.room("Praha"), world.member("Alena")
        assert await alena.whispers(room, "int 4") == ["4"]
        assert type(room.lines[-1]).__name__ == "Whisper"
        assert await alena.writes("!int 5") == ["5"]


def test_what_no_text_makes_is_refused_at_once() -> None:
    bot = Bot()

    async def takes_bytes(ctx: Context, what: bytes) -> None: ...

    async def takes_nothing() -> None: ...

    def plain(ctx: Context) -> None: ...

    with pytest.raises(TypeError, match="no text makes what"):
        bot.command("a")(takes_bytes)
    with pytest.raises(TypeError, match="takes no context"):
        bot.command("a")(takes_nothing)
    with pytest.raises(TypeError, match="no `async def`"):
        bot.command("a")(plain)  # type: ignore[type-var]
    for name in ("", "two words", "/slash", 'quo"te'):
        with pytest.raises(ValueError, match="no name of a command"):
            bot.command(name)(takes_bytes)


async def test_two_of_one_name_are_refused() -> None:
    bot = Bot()

    @bot.command("Ahoj", "hi")
    async def _(ctx: Context) -> None: ...

    @bot.command("AHOJ")
    async def _(ctx: Context) -> None: ...

    with pytest.raises(ValueError, match="two commands are called 'ahoj'"):
        await bot.serve()


async def test_ranks() -> None:
    bot = Bot(owners=["Majitel"])

    @bot.command("kick", rank=Rank.ADMIN)
    async def _(ctx: Context, whom: Member, reason: Rest = "") -> None:
        await ctx.room.kick(whom, reason)

    @bot.command("mine", rank=Rank.OWNER, hidden=True)
    async def _(ctx: Context) -> None:
        await ctx.reply((await ctx.rank()).name)

    async with World(bot) as world:
        room = world.room("Praha")
        alena, admin = world.member("Alena"), world.member("Brana", rank=Rank.ADMIN, room=room)
        owner = world.member("majitel")
        room.enter(world.member("Jan Novák").person)
        room.enter(alena.person)
        assert await alena.says(room, "!kick Brana") == ["Alena: That is not for you."]
        assert await alena.says(room, "!help") == ["Alena: Commands: !help. More about one: !help help"]
        assert await alena.says(room, "!help kick") == ["Alena: There is no command “kick”."]
        assert await admin.says(room, "!kick alena za spam") == []
        assert await owner.says(room, '!kick "Jan Novák"') == []
        assert await owner.says(room, "!mine") == ["majitel: OWNER"]
        assert await admin.says(room, "!mine") == ["Brana: That is not for you."]
        assert room.commands == ["/kick Alena za spam", '/kick "Jan Novák"']
        everywhere = world.member("Cyril", rank=Rank.ADMIN)
        assert await everywhere.says(world.room("Brno"), "!kick Cyril") == []
        visitor = world.member("majitel2", rank=Rank.VISITOR)
        assert await visitor.says(room, "!mine") == ["majitel2: That is not for you."]


async def test_throttled_commands_say_so_once() -> None:
    bot = Bot()

    @bot.command("kostka", throttle=per_member(2, every="10s"))
    async def _(ctx: Context) -> None:
        await ctx.reply("6")

    for _run in range(2):  # each counts for itself
        async with World(bot) as world:
            room, alena, bohus = world.room("Praha"), world.member("Alena"), world.member("Bohus")
            assert await alena.says(room, "!kostka") == ["Alena: 6"]
            await world.move(4)
            assert await alena.says(room, "!kostka") == ["Alena: 6"]
            assert await alena.says(room, "!kostka") == ["Alena: Not so often: again in 6 s."]
            assert await alena.says(room, "!kostka") == []
            assert await bohus.says(room, "!kostka") == ["Bohus: 6"]
            await world.move(6)
            assert await alena.says(room, "!kostka") == ["Alena: 6"]
            assert await alena.says(room, "!kostka") == ["Alena: Not so often: again in 4 s."]


async def test_help_is_in_the_language_of_the_bot() -> None:
    for phrases, name in ((CZECH, "pomoc"), (RUSSIAN, "помощь")):
        bot = Bot(phrases=phrases, prefix=("?", "!"))

        @bot.command("kostka", help="Hodí kostkou.\n    O tolika stěnách.")
        async def _(ctx: Context, stran: int = 6) -> None: ...

        async with World(bot) as world:
            room, alena = world.room("Praha"), world.member("Alena")
            (told,) = await alena.says(room, f"?{name}")
            assert f"?kostka, ?{name}" in told or f"?{name}, ?kostka" in told
            assert await alena.says(room, "!help") == [told]
            (told,) = await alena.says(room, f"!{name} KOSTKA")
            assert told.endswith("?kostka [stran] — Hodí kostkou. O tolika stěnách.")


async def test_modules_share_what_they_are_for() -> None:
    bot = Bot(help=False)
    seen: list[str] = []
    games = Module(where=~private, throttle=per_member(1, every="1m"))
    dice = Module()

    @bot.middleware
    async def outer(ctx: Context, call_next: object) -> None:
        seen.append("outer")
        await call_next()  # type: ignore[operator]

    @games.middleware
    async def inner(ctx: Context, call_next: object) -> None:
        seen.append("inner")
        if "stop" not in ctx.text:
            await call_next()  # type: ignore[operator]

    @dice.command("kostka")
    async def _(ctx: Context, *, text: str = "") -> None:
        seen.append("dice")

    @bot.command("jine")
    async def _(ctx: Context) -> None:
        seen.append("other")

    games.include(dice)
    bot.include(games)
    with pytest.raises(ValueError, match="part of one other"):
        bot.include(games)
    async with World(bot) as world:
        room, alena = world.room("Praha"), world.member("Alena")
        await alena.says(room, "!kostka")
        assert seen == ["outer", "inner", "dice"]
        await alena.says(room, "!kostka stop")
        await alena.whispers(room, "!kostka")
        await alena.says(room, "!jine")
        assert seen[3:] == ["outer", "inner", "outer", "other"]
