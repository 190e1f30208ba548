"""Keeps order in a room: floods, links, a greeting, a log.

Whoever says more than five things in ten seconds is warned, and thrown out when he goes on. Links of those who are not
trusted are deleted; an admin trusts somebody by `!trust Nick`. Who comes in is greeted, once an hour. All that is said
goes into LOG, a line of JSON each. BESEDA_URL, BESEDA_TOKEN and ROOM as for echo.py; the bot's member has to be an
admin of the room. Admins may do as they like.
"""

import json
import logging
import os
from collections import defaultdict, deque

from beseda.bot import Bot, Context, Member, Rank, has_link, per_member
from beseda.client.lines import Entered, Text, TextDeleted, TextsDeleted

FLOOD_TEXTS, FLOOD_S = 5, 10.0

bot = Bot(rooms=[os.environ.get("ROOM", "Praha")], state=os.environ.get("STATE", "moderator.json"))
log = logging.getLogger("moderator")
log.addHandler(logging.FileHandler(os.environ.get("LOG", "moderator.log"), encoding="utf-8"))
log.setLevel(logging.INFO)
log.propagate = False
said: defaultdict[int, deque[float]] = defaultdict(lambda: deque(maxlen=FLOOD_TEXTS + 1))


@bot.on(Text, TextDeleted, TextsDeleted)
async def write_down(ctx: Context, line: Text | TextDeleted | TextsDeleted) -> None:
    told = {"at": line.at.isoformat(), "room": ctx.room.name, "seq": line.seq, "kind": type(line).__name__}
    told |= {"author": ctx.author.nick if ctx.author else None, "text": ctx.text}
    log.info(json.dumps(told, ensure_ascii=False))


@bot.on(Entered, throttle=per_member(1, every="1h"))
async def greet(ctx: Context, line: Entered) -> None:
    await ctx.room.say(f"Vítej, {line.member.nick}! Napiš !help.")


async def is_ordinary(ctx: Context) -> bool:
    """Whether somebody is bound by the rules."""
    return await ctx.rank() < Rank.ADMIN


@bot.on(Text, where=is_ordinary)
async def stop_floods(ctx: Context, line: Text) -> None:
    now_s, times = ctx.bot.clock.monotonic_s(), said[line.author.id]
    times.append(now_s)
    if len(times) <= FLOOD_TEXTS or now_s - times[0] > FLOOD_S:
        return
    times.clear()
    async with ctx.member_state() as state:
        state["floods"] = state.get("floods", 0) + 1
        warned = state["floods"] > 1
    if warned:
        await ctx.room.kick(line.author, "flood")
    else:
        await ctx.reply("pomaleji, prosím.")


@bot.on(Text, where=has_link & is_ordinary)
async def delete_links(ctx: Context, line: Text) -> None:
    async with ctx.member_state() as state:
        if state.get("trusted"):
            return
    await ctx.room.delete(line)
    await ctx.reply("odkazy jen se svolením admina.")


@bot.command("trust", help="Lets somebody send links", rank=Rank.ADMIN)
async def trust(ctx: Context, whom: Member) -> None:
    async with ctx.member_state(whom) as state:
        state["trusted"] = True
        state["floods"] = 0
    await ctx.reply(f"{whom.nick} smí posílat odkazy.")


if __name__ == "__main__":
    bot.run()
