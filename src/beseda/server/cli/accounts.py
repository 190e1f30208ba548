"""`beseda account` and `beseda invite`: members and invitations."""

from dataclasses import replace
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
from beseda.domain.ids import MAX_ID, AccountId
from beseda.domain.operators import OperatorRole
from beseda.server.bootstrap import Parts
from beseda.server.cli.arguments import DryRun, Nick, find_member, read_password, rule
from beseda.server.cli.command import deed
from beseda.server.cli.output import Record, moment
from beseda.server.passwords import make_password

accounts = typer.Typer(help="Members.")
second_factors = typer.Typer(help="Second factors of members.")
accounts.add_typer(second_factors, name="second-factor")
invites = typer.Typer(help="Invitations to register.")
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password, do not generate one.")]
NewNick = Annotated[str, typer.Argument(metavar="NEW", help="3 to 15 characters.", show_default=False)]
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


@deed(accounts, "add", OperatorRole.OWNER)
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


@deed(accounts, "list", OperatorRole.OBSERVER, changes=False)
async def list_all(
    parts: Parts,
    nick: Annotated[str, typer.Option(help="Only those whose nicks begin so.")] = "",
    after: Annotated[
        int, typer.Option(min=0, max=MAX_ID, help="Only those with higher numbers.", show_default=False)
    ] = 0,
    limit: Annotated[int | None, typer.Option(min=1, max=MAX_ID, help="How many.", show_default="all")] = None,
) -> list[Record]:
    """Registered members in the order of registering."""
    found: list[Record] = []
    wanted = MAX_ID if limit is None else limit
    while len(found) < wanted and (
        page := await parts.core.accounts.list_registered(
            after=AccountId(after), limit=min(PAGE, wanted - len(found)), nick=nick
        )
    ):
        found += map(record, page)
        after = page[-1].id
    return found


@deed(accounts, "show", OperatorRole.MODERATOR, changes=False)
async def show(parts: Parts, nick: Nick) -> Record:
    """A member, with presence as far as other processes see it."""
    account = await find_member(parts.core, nick)
    seen = await parts.core.presence.get(account.id)
    email, phone = await parts.core.accounts.contacts(account.id)
    more = {"email": email, "phone": phone, "registered": account.registered, "rooms": [r.name for r in seen.rooms]}
    return record(account) | more | {"karma": account.karma_given, "profile_views": account.profile_views}


@deed(accounts, "block", OperatorRole.MODERATOR)
async def block(
    parts: Parts,
    nick: Nick,
    frozen: Annotated[bool, typer.Option("--frozen", help="Asleep rather than blocked.")] = False,
    dry_run: DryRun = False,
) -> Record:
    """Let a member in no more, and end all of his sessions now."""
    if dry_run:
        return await _would_end(parts, nick)
    return await _set_standing(parts, nick, Standing.FROZEN if frozen else Standing.BLOCKED)


@deed(accounts, "unblock", OperatorRole.MODERATOR, tried=True)
async def unblock(parts: Parts, nick: Nick) -> Record:
    """Let a blocked or frozen member in again."""
    return await _set_standing(parts, nick, Standing.ACTIVE)


async def _set_standing(parts: Parts, nick: str, standing: Standing) -> Record:
    account = await find_member(parts.core, nick)
    await parts.core.accounts.set_standing(account.id, standing)
    return record(replace(account, standing=standing))


@deed(accounts, "role", OperatorRole.OWNER, light=False, tried=True)
async def role(
    parts: Parts,
    nick: Nick,
    room_admin: Annotated[
        bool, typer.Option("--room-admin/--member", help="The site's admin of rooms, or a member like others.")
    ],
) -> Record:
    """Make a member the site's admin of rooms, who ranks above all admins of rooms, or no longer."""
    account = await find_member(parts.core, nick)
    given = Role.ROOM_ADMIN if room_admin else Role.MEMBER
    await parts.core.accounts.set_role(account.id, given)
    return record(replace(account, role=given))


@deed(accounts, "password", OperatorRole.OWNER, light=False)
async def password(parts: Parts, nick: Nick, password_stdin: PasswordStdin = False, dry_run: DryRun = False) -> Record:
    """Give a member another password and end all of his sessions. A generated one is told here and only here."""
    if dry_run:
        return await _would_end(parts, nick)
    account = await find_member(parts.core, nick)
    new = read_password() if password_stdin else make_password()
    await parts.core.accounts.set_password(account.id, new)
    return {"id": account.id, "nick": account.nick} | ({} if password_stdin else {"password": new})


@deed(accounts, "password-link", OperatorRole.OWNER)
async def password_link(parts: Parts, nick: Nick) -> Record:
    """Make a link with which a member sets a new password. It is told only here, is good once and for an hour.

    His sessions go on until he uses it. Another is good beside it, until one of them is used.
    """
    account = await find_member(parts.core, nick)
    link, until = await parts.core.accounts.link_password(account.id)
    return {
        "id": account.id,
        "nick": account.nick,
        "link": f"{parts.url}/-/password?link={link}",
        "until": moment(until),
    }


@deed(accounts, "rename", OperatorRole.MODERATOR, light=False, tried=True)
async def rename(parts: Parts, nick: Nick, new: NewNick) -> Record:
    """Give a member another nick. All that he wrote stands under it."""
    account = await find_member(parts.core, nick)
    return record(await parts.core.accounts.rename(account.id, new)) | {"before": account.nick}


@deed(accounts, "sessions", OperatorRole.MODERATOR, changes=False)
async def sessions(parts: Parts, nick: Nick) -> list[Record]:
    """Where a member is signed in."""
    account = await find_member(parts.core, nick)
    return [
        {"id": each.id, "kind": each.kind.value, "created": moment(each.created_at), "seen": moment(each.seen_at)}
        for each in await parts.core.accounts.sessions(account.id)
    ]


@deed(accounts, "sign-out", OperatorRole.MODERATOR)
async def sign_out(parts: Parts, nick: Nick, dry_run: DryRun = False) -> Record:
    """End all sessions of a member, and the tokens of his applications."""
    if dry_run:
        return await _would_end(parts, nick)
    account = await find_member(parts.core, nick)
    return {"id": account.id, "nick": account.nick, "ended": await parts.core.accounts.sign_out(account.id)}


async def _would_end(parts: Parts, nick: str) -> Record:
    """How many sessions a dry run spares."""
    account = await find_member(parts.core, nick)
    return {"id": account.id, "nick": account.nick, "sessions": len(await parts.core.accounts.sessions(account.id))}


@deed(accounts, "shared-emails", OperatorRole.MODERATOR, changes=False)
async def shared_emails(parts: Parts) -> list[Record]:
    """E-mail addresses that several members have, in spellings that were told apart in former times."""
    found = await parts.core.accounts.shared_emails()
    return [
        {"nick": account.nick, "email": email, "same_as": same_as, "created": moment(account.created_at)}
        for same_as, members in found.items()
        for account, email in members
    ]


@deed(accounts, "merge-email", OperatorRole.OWNER, grave=True)
async def merge_email(parts: Parts, nick: Nick, dry_run: DryRun = False) -> Record:
    """Let a member alone have his e-mail address: whoever has it in another spelling loses it.

    Those go on signing in by their nicks, or their phones; nothing else of them is changed.
    """
    account = await find_member(parts.core, nick)
    email, others = await parts.core.accounts.merge_email(account.id, dry_run=dry_run)
    if not email:
        raise typer.BadParameter(f"{account.nick} has no e-mail address")
    lose = [f"{other.nick} ({written})" for other, written in others]
    return {"id": account.id, "nick": account.nick, "email": email, "taken_from": lose}


@deed(second_factors, "show", OperatorRole.MODERATOR, changes=False)
async def show_second_factor(parts: Parts, nick: Nick) -> Record:
    """Whether a member has a second factor, and how many recovery codes."""
    account = await find_member(parts.core, nick)
    found = await parts.core.second_factors.find(account.id)
    told = {"id": account.id, "nick": account.nick, "on": found is not None}
    return told | ({"since": moment(found[0].since), "recovery_codes": found[1]} if found else {})


@deed(second_factors, "off", tried=True)
async def turn_second_factor_off(parts: Parts, nick: Nick) -> Record:
    """Let a member in by his password alone: he has lost both his authenticator and his recovery codes."""
    account = await find_member(parts.core, nick)
    was_on = await parts.core.second_factors.switch_off(account.id)
    return {"id": account.id, "nick": account.nick, "was_on": was_on}


@deed(accounts, "delete", OperatorRole.OWNER, grave=True)
async def delete(
    parts: Parts,
    nick: Nick,
    now: Annotated[bool, typer.Option("--now", help="At once, not in a week.")] = False,
    dry_run: DryRun = False,
) -> Record:
    """Delete a member in a week, and let him in no more until then.

    Profile, letters and whatever else is his goes; what he said in rooms stays, of a "deleted member", and so do his
    domains, for the operator.
    """
    account = await find_member(parts.core, nick)
    told: dict[str, object] = {"id": account.id, "nick": account.nick}
    if dry_run:
        return told | {"deleted": False, **await parts.core.deletions.weigh(account.id)}
    if not now:
        return told | {"deleted": False, "due": moment(await parts.core.deletions.ask(account.id))}
    await parts.core.deletions.delete(account.id)
    return told | {"deleted": True, "due": None}


@deed(accounts, "keep", OperatorRole.OWNER, tried=True)
async def keep(parts: Parts, nick: Nick) -> Record:
    """Do not delete a member after all, and let him in again."""
    account = await find_member(parts.core, nick)
    return {"id": account.id, "nick": account.nick, "was_to_go": await parts.core.deletions.cancel(account.id)}


@deed(invites, "list", OperatorRole.MODERATOR, changes=False)
async def list_invites(parts: Parts) -> list[Record]:
    """Invitations that can still be used. The codes are kept nowhere: each has a name of its own here."""
    found = await parts.core.accounts.list_invites()
    return [{"name": name, "uses_left": uses, "created": moment(at)} for name, uses, at in found]


@deed(invites, "revoke", OperatorRole.MODERATOR, tried=True)
async def revoke_invite(
    parts: Parts,
    invite: Annotated[str, typer.Argument(metavar="INVITE", help="The code, or its name.", show_default=False)],
) -> Record:
    """End an invitation."""
    if not await parts.core.accounts.revoke_invite(invite):
        raise typer.BadParameter("there is no such invitation")
    return {"revoked": True}


@deed(invites, "add", OperatorRole.MODERATOR)
async def invite(
    parts: Parts,
    uses: Annotated[int, typer.Option(callback=rule(check_invite_uses), help="How many may register with it.")] = 1,
) -> Record:
    """Make a code with which people may register where registration is by invitation. It is told only here."""
    return {"code": await parts.core.accounts.invite(uses), "uses": uses}
