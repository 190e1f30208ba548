"""What becomes of a line: which handlers run, whether they may, and what is told when something goes wrong."""

import functools
import unicodedata
from collections.abc import Awaitable, Callable, Hashable, Iterable
from math import ceil
from typing import TYPE_CHECKING

from beseda.bot.arguments import BadArgument, bind
from beseda.bot.commands import Command, Handler
from beseda.bot.context import Context, NoAnswer
from beseda.bot.networks import POSTING, Letter
from beseda.bot.ranks import Rank
from beseda.bot.throttle import Throttle
from beseda.client import lines
from beseda.client._platform import async_value

if TYPE_CHECKING:
    from beseda.bot.module import Module


def by_name(commands: Iterable[Command]) -> dict[str, Command]:
    """Commands by all their names. Raises ValueError for two of one name."""
    found: dict[str, Command] = {}
    for command in commands:
        for name in dict.fromkeys(map(plain, command.names)):
            if name in found:
                raise ValueError(f"two commands are called {name!r}")
            found[name] = command
    return found


async def handle(ctx: Context) -> None:
    """Run all listeners that fit, then the command that the line gives."""
    own = is_own(ctx)
    rest = "" if own else _read_command(ctx)
    for number, listener in enumerate(ctx.bot.listeners()):
        if isinstance(ctx.line, listener.kinds) and (listener.own or not own):
            await _guarded(ctx, listener, str(number))
    if ctx.command is not None:
        await _guarded(ctx, ctx.command, ctx.command.name, rest)


def is_own(ctx: Context) -> bool:
    """Whether the bot did it itself."""
    me = ctx.room.network.me
    if isinstance(ctx.line, lines.Whisper) and ctx.line.own:
        return True
    did = isinstance(ctx.line, lines.Text | lines.Whisper | lines.Entered | lines.Left | Letter)
    return did and me is not None and ctx.author is not None and ctx.author.id == me.id


def _read_command(ctx: Context) -> str:
    """Note the command that the line gives; what stands behind its name."""
    if not isinstance(ctx.line, lines.Text | lines.Whisper | Letter):
        return ""
    text = ctx.text.strip()
    body = next((text[len(prefix) :] for prefix in ctx.bot.prefixes if text.startswith(prefix)), None)
    me = ctx.room.network.me
    if body is None and me is not None and text.casefold().startswith(me.nick.casefold()):
        told = text[len(me.nick) :]  # "Kostka: help"
        body = told[1:] if told[:1] in (",", ":", " ") else None
    if body is None and ctx.is_private:
        body = text
    name, _, rest = (body or "").lstrip().partition(" ")
    ctx.command = ctx.bot.find_command(name)
    return rest if ctx.command else ""


async def _guarded(ctx: Context, handler: Handler, name: str, rest: str = "") -> None:
    """Run one; what goes wrong in it is nobody else's matter. No other handler of the bot has the name."""
    ctx.begin(name)
    token = POSTING.set(ctx)
    try:
        if await _may_run(ctx, handler):
            await handler.module.wrapped(ctx, _deed(ctx, handler, rest))()
    except NoAnswer:
        pass
    except Exception as error:
        await _tell_error(ctx, handler.module, error)
    finally:
        POSTING.reset(token)


def _deed(ctx: Context, handler: Handler, rest: str) -> Callable[[], Awaitable[None]]:
    if isinstance(handler, Command):
        return functools.partial(_give, ctx, handler, rest)
    return functools.partial(handler.function, *((ctx, ctx.line) if handler.takes_line else (ctx,)))


async def _give(ctx: Context, command: Command, rest: str) -> None:
    try:
        args, named = await bind(ctx, command.parameters, rest)
    except BadArgument as bad:
        usage = ctx.bot.phrases.usage.format(usage=command.usage(ctx.bot.prefix))
        await ctx.reply(f"{bad.text} {usage}")
        return
    await command.function(ctx, *args, **named)


async def _may_run(ctx: Context, handler: Handler) -> bool:
    """Filters, then rank, then throttle: whoever is not meant is told nothing, who gives a command is told why not."""
    for check in (*(module.where for module in handler.module.outwards()), handler.where):
        if check is not None and not await async_value(check(ctx)):
            return False
    if not await allows(ctx, handler):
        if isinstance(handler, Command):
            await ctx.reply(ctx.bot.phrases.denied)
        return False
    return handler.throttle is None or await _passes(ctx, handler, handler.throttle)


async def allows(ctx: Context, handler: Handler) -> bool:
    """Whether the rank is high enough; the service is asked only when it matters."""
    needed = max(handler.rank, handler.module.least_rank)
    return needed == Rank.VISITOR or await ctx.rank() >= needed


async def _passes(ctx: Context, handler: Handler, throttle: Throttle) -> bool:
    whom: Hashable = ""
    if throttle.by == "member":
        whom = (ctx.room.network.name, ctx.author.id if ctx.author else 0)
    elif throttle.by == "room":
        whom = ctx.room.key
    now_s = ctx.bot.clock.monotonic_s()
    counts = ctx.bot.counts(throttle)
    wait_s = counts.pass_one(whom, now_s)
    if wait_s and isinstance(handler, Command) and counts.tell_once(whom, now_s):
        await ctx.reply(ctx.bot.phrases.too_often.format(seconds=ceil(wait_s)))
    return not wait_s


async def _tell_error(ctx: Context, module: "Module", error: Exception) -> None:
    handlers = module.error_handlers()
    if not handlers:
        ctx.bot.unhandled(error, f"{ctx.room.key}, a handler failed")
    for handler in handlers:
        try:
            await handler(ctx, error)
        except Exception as failure:
            ctx.bot.unhandled(failure, f"{ctx.room.key}, a handler of errors failed")


async def give_help(ctx: Context, name: str | None = None) -> None:
    """The command `help`: what there is for this member, or one of them."""
    bot, phrases = ctx.bot, ctx.bot.phrases
    if name is not None:
        found = bot.find_command(name.removeprefix(bot.prefix))
        if found is None or not await allows(ctx, found):
            await ctx.reply(phrases.no_command.format(text=name))
            return
        text = phrases.usage.format(usage=found.usage(bot.prefix))
        await ctx.reply(" — ".join(filter(None, (text, " ".join(found.help.split())))))
        return
    shown = [each for each in bot.commands if not each.hidden and await allows(ctx, each)]
    names = ", ".join(f"{bot.prefix}{each.name}" for each in shown)
    more = phrases.more.format(usage=f"{bot.prefix}{phrases.help_name} {shown[-1].name}") if shown else ""
    await ctx.reply(" ".join(filter(None, (phrases.commands.format(commands=names) + ".", more))))


def plain(name: str) -> str:
    """Names are the same in whatever case."""
    return unicodedata.normalize("NFC", name).casefold()
