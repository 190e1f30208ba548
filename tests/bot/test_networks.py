"""Bots over the real protocols against a real server: idleness, sessions that end, breaks, restarts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from beseda.bot import Bot, ChatCzNetwork, Context, Letter, LiveNetwork, MemoryState, Network, Rank, SpacesNetwork
from beseda.client import AsyncSpaces, Manners, SessionEnded, SignInRefused, lines
from beseda.client.lines import Person
from beseda.client.secrets import MemoryTokens
from beseda.domain.tokens import Scope
from beseda.testing import PASSWORD, BesedaServer, Room

WAIT_S = 30.0
QUICK = Manners(timeout_s=WAIT_S, backoff_s=0.01, backoff_max_s=0.1, calls_per_s=None, poll_s=0.02)
AGAIN = Manners(backoff_s=0.01, backoff_max_s=0.1)


@contextlib.asynccontextmanager
async def serving(bot: Bot, ready: Callable[[], bool] | None = None) -> AsyncIterator[None]:
    """The bot runs beside the block, and has come into its rooms, or is `ready`."""
    task = asyncio.create_task(bot.serve())
    try:
        await until(lambda: ready() if ready else bool(bot.rooms) or task.done())
        yield
        bot.stop()
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(ready: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not ready():  # noqa: ASYNC110 - the server is in another thread
            await asyncio.sleep(0.01)


def echo(*networks: Network, state: MemoryState | None = None) -> Bot:
    """Repeats what is said, once."""
    bot = Bot(networks, state=state)

    @bot.on(lines.Text, lines.Whisper, Letter)
    async def repeat(ctx: Context) -> None:
        if not ctx.text.startswith("!"):
            await ctx.reply(ctx.text)

    @bot.command("rank")
    async def rank(ctx: Context) -> None:
        await ctx.reply((await ctx.rank()).name)

    @bot.command("kdo", rank=Rank.MEMBER)
    async def who(ctx: Context) -> None:
        await ctx.reply(", ".join(sorted(each.nick for each in await ctx.room.people())))

    return bot


def live(server: BesedaServer, token: str = "") -> LiveNetwork:
    own = {"token": token} if token else {"login": "Robot", "password": PASSWORD}
    return LiveNetwork(server.url, rooms=["Praha"], manners=QUICK, again=AGAIN, **own)


def chatcz(server: BesedaServer) -> ChatCzNetwork:
    return ChatCzNetwork(server.url, login="Robot", password=PASSWORD, rooms=["Praha"], manners=QUICK, again=AGAIN)


def spaces(server: BesedaServer, room: Room) -> SpacesNetwork:
    return SpacesNetwork(
        server.url,
        login="Robot",
        password=PASSWORD,
        rooms=[room.id],
        letters=True,
        look_s=0.2,
        manners=QUICK,
        again=AGAIN,
    )


def network_of(name: str, server: BesedaServer, room: Room) -> Network:
    makers: dict[str, Callable[[], Network]] = {
        "live": lambda: live(server),
        "token": lambda: live(server, bot_token(server, bot=False)),
        "chatcz": lambda: chatcz(server),
        "spaces": lambda: spaces(server, room),
    }
    return makers[name]()


def bot_token(server: BesedaServer, nick: str = "Robot", *, bot: bool = True) -> str:
    account = server.run(server.core.accounts.find(nick))
    _, secret = server.run(server.core.tokens.add(account.id, "test", Scope(bot=bot)))
    return secret


@pytest.fixture
def room(server: BesedaServer) -> Room:
    for nick in ("Robot", "Alena", "Brana"):
        server.member(nick)
    return server.room("Praha", admin="Brana")


@pytest.mark.parametrize("name", ["live", "chatcz", "spaces"])
async def test_it_answers_and_knows_ranks(server: BesedaServer, room: Room, name: str) -> None:
    async with serving(echo(network_of(name, server, room))):
        room.say("Alena", "ahoj")
        await until(lambda: room.texts() == ["ahoj", "Alena: ahoj"])
        room.say("Brana", "!rank")
        told = "MEMBER" if name == "spaces" else "PERMANENT_ADMIN"
        await until(lambda: room.texts()[2:] == ["!rank", f"Brana: {told}"])
        if name != "spaces":
            server.visitor("Host", room)
            host = next(line.author for line in room.lines() if line.author.endswith("Host"))
            room.say("Alena", "!kdo")
            await until(lambda: room.texts()[-1] == f"Alena: {', '.join(sorted(['Alena', 'Brana', 'Robot', host]))}")
            room.say("Alena", "/w Robot pst")
            await until(lambda: room.lines()[-1].kind == "whisper" and room.lines()[-1].author == "Robot")
            assert (room.lines()[-1].to, room.lines()[-1].text) == ("Alena", "pst")


async def test_a_bots_token_keeps_it_from_being_idle(server: BesedaServer, room: Room) -> None:
    bot = echo(live(server, bot_token(server)))
    async with serving(bot):
        for _ in range(3):
            server.move_clock(3000)
        room.say("Alena", "ahoj")
        await until(lambda: "Alena: ahoj" in room.texts())
        assert not [line for line in room.lines() if line.kind == "auto_left" and line.author == "Robot"]


@pytest.mark.parametrize("name", ["live", "token", "chatcz", "spaces"])
async def test_one_that_was_taken_out_or_whose_session_ended_comes_back(
    server: BesedaServer, room: Room, name: str
) -> None:
    async with serving(echo(network_of(name, server, room))):
        server.move_clock(3601)
        await until(lambda: any(line.kind == "auto_left" and line.author == "Robot" for line in room.lines()))
        await until(lambda: [line.kind for line in room.lines() if line.author == "Robot"][-1] == "entered")
        room.say("Alena", "jedna")
        await until(lambda: room.texts()[-1] == "Alena: jedna")
        server.move_clock(40 * 86400)
        await until(lambda: [line.kind for line in room.lines() if line.author == "Robot"][-1] == "entered")
        room.say("Brana", "dva")
        await until(lambda: room.texts()[-1] == "Brana: dva")
        assert room.texts() == ["jedna", "Alena: jedna", "dva", "Brana: dva"]


@pytest.mark.parametrize("name", ["live", "chatcz", "spaces"])
async def test_breaks_and_a_restart_of_the_server(server: BesedaServer, room: Room, name: str) -> None:
    async with serving(echo(network_of(name, server, room))):
        for number in range(2):
            server.drop_connections()
            room.say("Alena", f"přerušeno {number}")
        await until(lambda: len(room.texts()) == 4)
        await asyncio.to_thread(server.restart)
        room.say("Alena", "znovu")
        await until(lambda: room.texts()[-1] == "Alena: znovu")
        wanted = {"přerušeno 0", "přerušeno 1", "znovu"}
        assert sorted(room.texts()) == sorted(wanted | {f"Alena: {text}" for text in wanted})


@pytest.mark.parametrize("name", ["live", "spaces"])
async def test_what_was_said_while_it_was_away_is_answered_once(server: BesedaServer, room: Room, name: str) -> None:
    state = MemoryState()
    for number in range(3):
        if number:
            room.say("Alena", f"zatím {number}")
        async with serving(echo(network_of(name, server, room), state=state)):
            room.say("Alena", f"teď {number}")
            await until(lambda wanted=f"Alena: teď {number}": room.texts()[-1] == wanted)  # type: ignore[misc]
    said = ["teď 0", "zatím 1", "teď 1", "zatím 2", "teď 2"]
    assert sorted(room.texts()) == sorted([*said, *(f"Alena: {text}" for text in said)])


async def test_letters(server: BesedaServer, room: Room) -> None:
    server.letter("Alena", "Robot", "předem")
    async with serving(echo(spaces(server, room))):
        server.letter("Brana", "Robot", "potom")
        for nick, count in (("Alena", 1), ("Brana", 1), ("Robot", 0)):
            async with AsyncSpaces(server.url, manners=QUICK) as member, asyncio.timeout(WAIT_S):
                await member.sign_in(nick, PASSWORD)
                while (await member.counters()).mail != count:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.01)


async def test_who_was_thrown_out_comes_back_when_he_may(server: BesedaServer, room: Room) -> None:
    async with serving(echo(live(server))):
        room.say("Brana", "/kick Robot zlobí")
        await until(lambda: any(line.kind == "kicked" for line in room.lines()))
        await asyncio.sleep(0.05)
        room.say("Brana", "/unkick Robot")
        await until(lambda: [line.kind for line in room.lines() if line.author == "Robot"][-1] == "entered")
        room.say("Alena", "ahoj")
        await until(lambda: room.texts()[-1] == "Alena: ahoj")


async def test_deeds_of_admins(server: BesedaServer, room: Room) -> None:
    server.make_room_admin("Robot", room)
    bot = Bot([live(server)])
    failures: list[Exception] = []

    @bot.on(lines.Text)
    async def moderate(ctx: Context, line: lines.Text) -> None:
        assert ctx.author is not None
        if line.text == "smaž":
            await ctx.room.delete(line)
        elif line.text == "ven":
            await ctx.room.mute(ctx.author)
            await ctx.room.allow_links(ctx.author)
            await ctx.room.kick(ctx.author, "zlobí")
            await ctx.room.kick(Person(0, "nikdo"), "podruhé")

    @bot.on_error
    async def keep(ctx: Context, error: Exception) -> None:
        failures.append(error)

    async with serving(bot):
        room.say("Alena", "smaž")
        room.say("Alena", "ven")
        await until(lambda: bool(failures))
        kinds = [line.kind for line in room.lines() if line.author == "Robot"]
        assert kinds == ["entered", "line_deleted", "muted", "links_allowed", "kicked", "notice"]
        assert str(failures[0]) == "nick_not_here"


async def test_what_cannot_be_mended_is_raised(server: BesedaServer, room: Room) -> None:
    with pytest.raises(SignInRefused):
        await Bot([LiveNetwork(server.url, login="Robot", password="to neni ono", rooms=["Praha"])]).serve()
    with pytest.raises(SessionEnded):
        await Bot([live(server, "x" * 26)]).serve()
    secret = bot_token(server)
    bot = echo(live(server, secret))
    serve = asyncio.create_task(bot.serve())
    await until(lambda: bool(bot.rooms))
    account = server.run(server.core.accounts.find("Robot"))
    (token,) = server.run(server.core.tokens.list_of(account.id))
    server.run(server.core.tokens.revoke(token.id))
    with pytest.raises(SessionEnded):
        await asyncio.wait_for(serve, WAIT_S)


async def test_it_leaves_at_the_end(server: BesedaServer, room: Room) -> None:
    for network in (live(server), chatcz(server)):
        async with serving(echo(network)):
            room.say("Alena", "ahoj")
            await until(lambda: room.texts()[-1] == "Alena: ahoj")
        assert [line.kind for line in room.lines() if line.author == "Robot"][-1] == "left"


async def test_visitors_and_applications(server: BesedaServer, room: Room) -> None:
    app = server.app("Bot")
    store = MemoryTokens(server.grant(app, "Robot"))
    networks = [
        ChatCzNetwork(server.url, nick="Host", rooms=["Praha"], name="host", manners=QUICK, again=AGAIN),
        ChatCzNetwork(server.url, api_key=app.key, tokens=store, rooms=["Praha"], manners=QUICK, again=AGAIN),
    ]
    bot = Bot(networks)
    nicks: set[str] = set()

    @bot.on(lines.Text)
    async def note(ctx: Context) -> None:
        if ctx.room.network.me:
            nicks.add(ctx.room.network.me.nick)

    async with serving(bot):
        await until(lambda: len(bot.rooms) == 2)
        room.say("Alena", "ahoj")
        await until(lambda: len(nicks) == 2)
        assert "Robot" in nicks


async def test_a_slow_handler_holds_up_no_other_room_of_the_connection(server: BesedaServer, room: Room) -> None:
    other = server.room("Brno")
    network = LiveNetwork(
        server.url, login="Robot", password=PASSWORD, rooms=["Praha", "Brno"], manners=QUICK, again=AGAIN
    )
    bot = Bot([network])
    go_on = asyncio.Event()

    @bot.on(lines.Text)
    async def slow(ctx: Context, line: lines.Text) -> None:
        if line.text == "pomalu":
            await go_on.wait()
        await ctx.reply(line.text)

    def second(bot: Bot) -> None:
        @bot.on(lines.Text)  # of the same name: what both say is posted
        async def slow(ctx: Context, line: lines.Text) -> None:
            await ctx.reply("druhý")

    second(bot)
    async with serving(bot):
        await until(lambda: len(bot.rooms) == 2)
        room.say("Alena", "pomalu")
        room.say("Alena", "potom")
        other.say("Alena", "jinde")
        await until(lambda: other.texts() == ["jinde", "Alena: jinde", "Alena: druhý"])
        assert room.texts() == ["pomalu", "potom"]
        go_on.set()
        answers = ["Alena: pomalu", "Alena: druhý", "Alena: potom", "Alena: druhý"]
        await until(lambda: room.texts() == ["pomalu", "potom", *answers])
