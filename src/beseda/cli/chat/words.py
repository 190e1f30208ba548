"""What happens in a room, and what can be done there, in words for people."""

from beseda.cli.member import printable
from beseda.client import lines
from beseda.client.lines import Line, Person

OWN = {
    "join": "ROOM: go into one more room",
    "leave": "leave this room",
    "room": "NAME: show another open room",
    "people": "who is here",
    "rooms": "all rooms",
    "more": "show earlier lines",
    "search": "WORDS: find lines",
    "quit": "end",
}
"""Commands of this client."""
COMMANDS = {
    "w": "NICK TEXT: whisper",
    "m": "NICK TEXT: whisper",
    "whisper": "NICK TEXT: whisper",
    "i": "NICK: hear nothing of somebody any more",
    "ignore": "NICK: hear nothing of somebody any more",
    "unignore": "NICK: hear somebody again",
    "kick": "NICK REASON: throw somebody out",
    "unkick": "NICK: let somebody in again",
    "mute": "NICK: hide what somebody writes, for an hour",
    "unmute": "NICK: hear somebody who is muted",
    "smaz": "NICK: delete all that somebody said",
    "link": "NICK: let somebody send links",
    "admin": "NICK: make somebody the admin",
    "l": "lock the room for all",
    "lock": "lock the room for all",
    "l18": "lock the room for minors",
    "lock18": "lock the room for minors",
    "na": "lock the room for visitors",
    "noanon": "lock the room for visitors",
    "u": "unlock the room",
    "unlock": "unlock the room",
    "help": "this list",
}
"""Commands of the server (docs/live.md), which are texts that begin with a slash."""
WITH_NICK = frozenset(word for word, told in COMMANDS.items() if told.startswith("NICK"))
_LOCKS = {"": "open", "logged": "locked for visitors", "y18": "locked for minors", "all": "locked"}


def help_lines() -> list[str]:
    """A line a command, with all the words for it."""
    words: dict[str, list[str]] = {}
    for word, told in {**OWN, **COMMANDS}.items():
        words.setdefault(told, []).append(f"/{word}")
    return [f"{' '.join(same)} {told}" for told, same in words.items()]


def clock(line: Line) -> str:
    """When, in the zone of this machine."""
    return line.at.astimezone().strftime("%H:%M")


def describe(line: Line) -> tuple[str, str]:
    """Who speaks, "" for the system; and what there is to tell. Both do nothing to a terminal but show themselves."""
    speaker, text = _describe(line)
    return printable(speaker), printable(text)


def _describe(line: Line) -> tuple[str, str]:
    match line:
        case lines.Text():
            return line.author.nick, f"{line.text} (muted)" if line.muted else line.text
        case lines.Whisper(to=to) if to is not None:
            return f"{line.author.nick} → {to.nick}", line.text
        case lines.Whisper():
            return f"{line.author.nick} →", line.text
        case _:
            return "", _event(line)


def _event(line: Line) -> str:
    match line:
        case lines.Entered(member=member):
            return f"{member.nick} came in"
        case lines.Left(member=member, taken_out=taken_out):
            return f"{member.nick} {'was gone for too long' if taken_out else 'left'}"
        case lines.PresenceChanged(member=member, heard=heard):
            return f"{member.nick} is {'back' if heard else 'away'}"
        case lines.AdminChanged(member=member):
            return f"{_nick(member)} is the admin now"
        case lines.LockChanged(lock=lock):
            return f"the room is {_LOCKS.get(lock, 'locked')} now"
        case lines.Described(description=description):
            return f"the room is now about: {description}"
        case lines.Notice(text=text, about=about):
            return text.replace("_", " ") + (f": {about.nick}" if about else "")
        case lines.Announced(text=text):
            return f"an operator says: {text}"
        case lines.Gap(reason=reason):
            return f"something may be missing here: {reason}"
        case lines.Other(kind=kind):
            return kind.replace("_", " ")
        case _:
            return _moderation(line)


def _moderation(line: Line) -> str:
    match line:
        case lines.Kicked(member=member, by=by, reason=reason, minutes=minutes):
            return f"{_nick(member)} was thrown out by {_nick(by)} for {minutes} min: {reason}"
        case lines.Unkicked(member=member):
            return f"{member.nick} may come in again"
        case lines.Muted(member=member, minutes=minutes):
            return f"{member.nick} is muted for {minutes} min"
        case lines.Unmuted(member=member):
            return f"{member.nick} is heard again"
        case lines.LinksAllowed(member=member, minutes=minutes):
            return f"{member.nick} may send links for {minutes} min"
        case lines.TextDeleted(author=author):
            return f"a text of {_nick(author)} was deleted"
        case lines.TextsDeleted(author=author):
            return f"all texts of {author.nick} were deleted"
        case _:
            return type(line).__name__


def _nick(person: Person | None) -> str:
    return person.nick if person else "nobody"
