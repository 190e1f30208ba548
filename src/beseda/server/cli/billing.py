"""`beseda balance`: members' money, in decimal strings."""

import re
from collections.abc import Awaitable
from typing import Annotated

import typer

from beseda.core.rehearsal import is_rehearsal
from beseda.domain.accounts import Account
from beseda.domain.errors import AlreadyMoved
from beseda.domain.ids import MAX_ID
from beseda.domain.ledger import Balance, Entry, Pocket, after
from beseda.domain.operators import OperatorRole
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import Nick, find_member
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record, amount, moment
from beseda.server.progress import LOOKED_ON

balances = typer.Typer(help="Members' money.")
Memo = Annotated[str, typer.Option(help="What it is for.")]
Key = Annotated[str, typer.Option(help="The same key twice moves money once.", show_default=False)]


def minor(text: str) -> int:
    """The amount in minor units; up to two places after the point."""
    match = re.fullmatch(r"([0-9]{1,15})(?:\.([0-9]{1,2}))?", text)
    if match is None:
        raise typer.BadParameter(f"{text!r} is no amount such as 100 or 99.50")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


Amount = Annotated[
    int, typer.Argument(metavar="AMOUNT", parser=minor, help="Such as 100 or 99.50.", show_default=False)
]


def _told(account: Account, balance: Balance) -> dict[str, object]:
    return {"nick": account.nick, "real": amount(balance.real_minor), "bonus": amount(balance.bonus_minor)}


async def _moved(parts: Parts, account: Account, deed: Awaitable[Entry]) -> dict[str, object]:
    """What was moved now, or before with the same key, and what the member has then."""
    try:
        entry = await deed
    except AlreadyMoved as before:
        told = f"already moved {amount(before.moved_minor)} in entry {before.entry}"
        raise typer.BadParameter(told, param_hint="--key") from None
    moved_minor = sum(posting.amount_minor for posting in entry.postings if posting.amount_minor > 0)
    balance = await parts.core.billing.balance_of(account.id)
    if is_rehearsal() and entry not in await parts.core.billing.statement(account.id, before=entry.id + 1, limit=1):
        balance = after(balance, account.id, entry)
    entered = {"entry": entry.id, "moved": amount(moved_minor), "at": moment(entry.at), "memo": entry.memo}
    return _told(account, balance) | entered


@deed(balances, "show", OperatorRole.MODERATOR, changes=False)
async def show(parts: Parts, nick: Nick) -> Record:
    """What a member has."""
    account = await find_member(parts.core, nick)
    return _told(account, await parts.core.billing.balance_of(account.id))


@deed(balances, "statement", OperatorRole.MODERATOR, changes=False)
async def statement(
    parts: Parts,
    nick: Nick,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many.")] = 100,
    before: Annotated[int, typer.Option(min=1, max=MAX_ID, help="Older than this entry.", show_default=False)] = MAX_ID,
) -> list[Record]:
    """What moved a member's money, the newest first."""
    account = await find_member(parts.core, nick)
    entries = await parts.core.billing.statement(account.id, before=before, limit=limit)
    return [
        {
            "entry": entry.id,
            "at": moment(entry.at),
            "real": amount(moved.real_minor),
            "bonus": amount(moved.bonus_minor),
            "memo": entry.memo,
        }
        for entry in entries
        for moved in [after(Balance(0, 0), account.id, entry)]
    ]


@deed(balances, "verify", OperatorRole.MODERATOR, changes=False)
async def verify(parts: Parts) -> Record:
    """Replay the ledger: every entry sums to zero, every book is what was posted to it, nobody owes money."""
    progress = LOOKED_ON.get()
    problems = await parts.core.billing.check(lambda done, total: progress("replaying the ledger", done, total))
    return {"sound": not problems, "problems": problems}


@deed(balances, "credit", OperatorRole.OWNER, tried=True)
async def credit(
    parts: Parts,
    nick: Nick,
    amount_minor: Amount,
    bonus: Annotated[bool, typer.Option("--bonus", help="Bonus money, spent first.")] = False,
    memo: Memo = "credit",
    key: Key = "",
) -> Record:
    """Bring a member money."""
    account, pocket = await find_member(parts.core, nick), Pocket.BONUS if bonus else Pocket.REAL
    return await _moved(parts, account, parts.core.billing.credit(account.id, pocket, amount_minor, memo, key=key))


@deed(balances, "charge", OperatorRole.OWNER, light=False, tried=True)
async def charge(parts: Parts, nick: Nick, amount_minor: Amount, memo: Memo = "charge", key: Key = "") -> Record:
    """Take a member's money, bonus money first."""
    account = await find_member(parts.core, nick)
    return await _moved(parts, account, parts.core.billing.charge(account.id, amount_minor, memo, key=key))
