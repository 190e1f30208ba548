"""The only door to what is not yours: fetch an object for a caller, or refuse."""

from beseda.core.caller import Caller
from beseda.core.ports import Repositories
from beseda.domain.accounts import Account
from beseda.domain.domains import Domain, DomainName
from beseda.domain.errors import (
    AccountNotFound,
    ContactNotFound,
    DomainNotFound,
    LetterNotFound,
    LineNotFound,
    NotInRoom,
    NotRoomAdmin,
    NotSignedIn,
    RegisteredOnly,
    RoomNotFound,
    TokenTooNarrow,
)
from beseda.domain.ids import MAX_ID, AccountId, ContactId, LetterId, RoomId
from beseda.domain.mail import Contact, Letter
from beseda.domain.messages import Hidden, Kind, Line
from beseda.domain.rooms import Occupant, Rank, Room, RoomView, rank_in
from beseda.domain.sessions import Session
from beseda.domain.zones import Plan, ZoneHead, enclosing


def access_registered(caller: Caller, room_id: RoomId | None = None) -> Account:
    """The caller's account, if it is a member's, and his token is for everything, or for the room that it is about."""
    account, _ = caller.signed_in()
    if room_id is None:
        caller.check_whole()
    else:
        caller.check_room(room_id)
    if not account.registered:
        raise RegisteredOnly
    return account


def access_by_hand(caller: Caller) -> Account:
    """The account of a member who signed in himself: no token may make others, or change how he does."""
    account = access_registered(caller)
    if caller.signed_in()[1].token_id is not None:
        raise TokenTooNarrow
    return account


async def access_session(repos: Repositories, caller: Caller) -> tuple[Account, Session]:
    """The caller's account and session, if the session has not ended since the call began."""
    account, session = caller.signed_in()
    if await repos.sessions.find(session.id) is None:
        raise NotSignedIn
    return account, session


async def access_account(repos: Repositories, account_id: AccountId) -> Account:
    """Any account; everybody may see that it exists."""
    account = await repos.accounts.find(account_id) if 0 < account_id <= MAX_ID else None
    if account is None:
        raise AccountNotFound
    return account


async def access_member(repos: Repositories, account_id: AccountId) -> Account:
    """A registered member; anonymous visitors have no profile."""
    account = await access_account(repos, account_id)
    if not account.registered:
        raise AccountNotFound
    return account


async def access_room(repos: Repositories, room_id: RoomId) -> Room:
    """Any room that exists."""
    room = await repos.rooms.find(room_id) if 0 < room_id <= MAX_ID else None
    if room is None:
        raise RoomNotFound
    return room


async def access_room_view(repos: Repositories, room_id: RoomId) -> RoomView:
    """Any room that exists, as the list shows it."""
    view = await repos.rooms.find_view(room_id) if 0 < room_id <= MAX_ID else None
    if view is None:
        raise RoomNotFound
    return view


async def access_occupied_room(repos: Repositories, caller: Caller, room_id: RoomId) -> tuple[Room, Occupant]:
    """A room that the caller is in."""
    account, _ = caller.signed_in()
    caller.check_room(room_id)
    room = await access_room(repos, room_id)
    occupant = await repos.rooms.find_occupant(room_id, account.id)
    if occupant is None:
        raise NotInRoom
    return room, occupant


async def rank_of(repos: Repositories, room: Room, account: Account) -> Rank:
    """What somebody is in a room."""
    admin = account.registered and await repos.rooms.is_admin(room.id, account.id)
    return rank_in(room, account, permanent_admin=admin)


async def access_room_settings(
    repos: Repositories, caller: Caller, room_id: RoomId, least: Rank = Rank.TEMPORARY
) -> tuple[Room, Rank]:
    """A room in which the caller is an admin of at least this rank, and which he is."""
    account = access_registered(caller, room_id)
    room = await access_room(repos, room_id)
    rank = await rank_of(repos, room, account)
    if rank < least:
        raise NotRoomAdmin
    return room, rank


async def access_line(repos: Repositories, caller: Caller, room_id: RoomId, seq: int) -> Line:
    """A text that has not been deleted, in a room that the caller is in or is an admin of."""
    account, _ = caller.signed_in()
    caller.check_room(room_id)
    room = await access_room(repos, room_id)
    inside = await repos.rooms.find_occupant(room_id, account.id) is not None
    if not inside and await rank_of(repos, room, account) is Rank.NONE:
        raise NotInRoom
    line = await repos.messages.find(room_id, seq) if 0 < seq <= MAX_ID else None
    if line is None or line.kind is not Kind.TEXT or line.hidden is Hidden.DELETED:
        raise LineNotFound
    return line


async def access_contact(repos: Repositories, caller: Caller, contact_id: ContactId) -> tuple[Account, Contact]:
    """One of the caller's own contacts, and the caller."""
    account = access_registered(caller)
    found = await repos.mail.find_contacts(account.id, [contact_id]) if 0 < contact_id <= MAX_ID else []
    if not found:
        raise ContactNotFound
    return account, found[0]


async def access_letter(repos: Repositories, account: Account, contact: Contact, letter_id: LetterId) -> Letter:
    """A letter that an account has from or to one of its contacts."""
    found = await repos.mail.find_letters(account.id, [letter_id]) if 0 < letter_id <= MAX_ID else []
    if not found or found[0].contact_id != contact.id:
        raise LetterNotFound
    return found[0]


async def access_domain(repos: Repositories, caller: Caller, name: DomainName) -> Domain:
    """A domain on the caller's account; one on another's looks like one that does not exist."""
    account, _ = caller.signed_in()
    if not account.registered:
        raise RegisteredOnly
    caller.check_zone(name.ascii)
    domain = await repos.domains.find(name.ascii)
    if domain is None or domain.account_id != account.id:
        raise DomainNotFound(name=name.readable)
    return domain


async def access_domain_itself(repos: Repositories, caller: Caller, name: DomainName) -> Domain:
    """The same, to change more than its records: no token for some zones or records is for that."""
    caller.check_whole()
    return await access_domain(repos, caller, name)


async def access_domain_of_anybody(repos: Repositories, name: DomainName) -> Domain:
    """Any domain, for operators."""
    domain = await repos.domains.find(name.ascii)
    if domain is None:
        raise DomainNotFound(name=name.readable)
    return domain


async def access_zone(repos: Repositories, caller: Caller, name: DomainName) -> tuple[Domain, ZoneHead]:
    """The domain on the caller's account that a name is, or is below, and its zone; one of another's is none.

    Whoever changes records asks `access_records` too.
    """
    account, _ = caller.signed_in()
    if not account.registered:
        raise RegisteredOnly
    domain = await repos.domains.find_nearest(enclosing(name.ascii))
    if domain is None or domain.account_id != account.id:
        raise DomainNotFound(name=name.readable)
    caller.check_zone(domain.name.ascii)
    head = await repos.zones.find(domain.id)
    if head is None:
        raise DomainNotFound(name=name.readable)
    return domain, head


def access_records(caller: Caller, head: ZoneHead, made: Plan) -> None:
    """TokenTooNarrow unless the caller's token is for all records that a plan makes others."""
    for name, type_ in made.sets:
        caller.check_zone(head.name, name, type_)
