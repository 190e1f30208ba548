"""`beseda account` and `beseda invite`: members and invitations."""

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from beseda.core.accounts import Application
from beseda.domain.accounts import (
    Account,
    Role,
    Sex,
    Standing,
    check_birth_date,
    check_invite_uses,
    read_birth_date,
)
from beseda.domain.ids import AccountId
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import Nick, find_member, read_password, rule
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record, moment
from beseda.server.passwords import make_password

accounts = typer.Typer(help="Members.")
invites = typer.Typer(help="Invitations to register.")
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password, do not generate one.")]
PAGE = 1_000


def record(account: Account) -> dict[str, object]:
    """An account as the command line tells it."""
    return {
        "id": account.id,
        "nick": account.nick,
        "standing": account.standing.value,
        "role": account.role.value or "member",
        "sex": account.sex.value if account.sex else None,
        "born": account.birth_date.isoformat() if account.birth_date else None,
        "age_public": account.age_public,
        "created": moment(account.created_at),
        "active": moment(account.accessed_at),
    }


@rule
def birth_date(text: str) -> date | None:
    """The day of somebody who may be alive."""
    born = read_birth_date(text)
    return check_birth_date(born, datetime.now(UTC).date()) if born else None


@deed(accounts, "add")
async def add(
    parts: Parts,
    nick: Annotated[str, typer.Argument(metavar="NICK", help="3 to 15 characters.", show_default=False)],
    email: Annotated[str, typer.Option(help="Signs in as well as the nick does.")] = "",
    phone: Annotated[str, typer.Option(help="Signs in as well as the nick does.")] = "",
    sex: Annotated[Sex | None, typer.Option(show_default=False)] = None,
    born: Annotated[date | None, typer.Option(parser=birth_date, metavar="YYYY-MM-DD", show_default=False)] = None,
    age_public: Annotated[bool, typer.Option("--age-public", help="Others see the age.")] = False,
    password_stdin: PasswordStdin = False,
) -> Record:
    """Add a member, whatever the configuration says of registering. A generated password is told here and only here."""
    password = read_password() if password_stdin else make_password()
    account = await parts.core.accounts.add(Application(nick, password, email, phone, sex, born, age_public))
    return record(account) | ({} if password_stdin else {"password": password})


@deed(accounts, "list")
async def list_all(parts: Parts) -> list[Record]:
    """All registered members in the order of registering."""
    found: list[Record] = []
    after = AccountId(0)
    while page := await parts.core.accounts.list_registered(after=after, limit=PAGE):
        found += map(record, page)
        after = page[-1].id
    return found


@deed(accounts, "show")
async def show(parts: Parts, nick: Nick) -> Record:
    """A member, with presence as far as other processes see it."""
    account = await find_member(parts.core, nick)
    seen = await parts.core.presence.look(account.id)
    email, phone = await parts.core.accounts.contacts(account.id)
    more = {"email": email, "phone": phone, "registered": account.registered, "rooms": [r.name for r in seen.rooms]}
    return record(account) | more | {"karma": account.karma_given, "profile_views": account.profile_views}


@deed(accounts, "block")
async def block(
    parts: Parts,
    nick: Nick,
    frozen: Annotated[bool, typer.Option("--frozen", help="Asleep rather than blocked.")] = False,
) -> Record:
    """Let a member in no more, and end all of his sessions now."""
    return await _set_standing(parts, nick, Standing.FROZEN if frozen else Standing.BLOCKED)


@deed(accounts, "unblock")
async def unblock(parts: Parts, nick: Nick) -> Record:
    """Let a blocked or frozen member in again."""
    return await _set_standing(parts, nick, Standing.ACTIVE)


async def _set_standing(parts: Parts, nick: str, standing: Standing) -> Record:
    account = await find_member(parts.core, nick)
    await parts.core.accounts.set_standing(account.id, standing)
    return record((await parts.core.presence.look(account.id)).account)


@deed(accounts, "role")
async def role(
    parts: Parts,
    nick: Nick,
    room_admin: Annotated[
        bool, typer.Option("--room-admin/--member", help="The site's admin of rooms, or a member like others.")
    ],
) -> Record:
    """Make a member the site's admin of rooms, who ranks above all admins of rooms, or no longer."""
    account = await find_member(parts.core, nick)
    await parts.core.accounts.set_role(account.id, Role.ROOM_ADMIN if room_admin else Role.MEMBER)
    return record((await parts.core.presence.look(account.id)).account)


@deed(accounts, "password")
async def password(parts: Parts, nick: Nick, password_stdin: PasswordStdin = False) -> Record:
    """Give a member another password and end all of his sessions. A generated one is told here and only here."""
    account = await find_member(parts.core, nick)
    new = read_password() if password_stdin else make_password()
    await parts.core.accounts.set_password(account.id, new)
    return {"id": account.id, "nick": account.nick} | ({} if password_stdin else {"password": new})


@deed(invites, "add")
async def invite(
    parts: Parts,
    uses: Annotated[int, typer.Option(callback=rule(check_invite_uses), help="How many may register with it.")] = 1,
) -> Record:
    """Make a code with which people may register where registration is by invitation. It is told only here."""
    return {"code": await parts.core.accounts.invite(uses), "uses": uses}
