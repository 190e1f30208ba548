"""Slash commands: `/kick "Jan Novak" reason` (chat.cz help, rules 34 and 35)."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from beseda.domain.accounts import NICK_MAX
from beseda.domain.text import folded, one_line

WORDS = {
    "w": "whisper",
    "m": "whisper",
    "whisper": "whisper",
    "i": "ignore",
    "ignore": "ignore",
    "unignore": "unignore",
    "noanon": "lock_anonymous",
    "na": "lock_anonymous",
    "lock18": "lock_minors",
    "l18": "lock_minors",
    "lock": "lock_all",
    "l": "lock_all",
    "unlock": "unlock",
    "u": "unlock",
    "smaz": "delete",
    "link": "allow_links",
    "kick": "kick",
    "unkick": "unkick",
    "admin": "admin",
    "mute": "mute",
    "unmute": "unmute",
    "help": "help",
}
"""What each word after the slash asks for; /unignore, /unkick, /mute, /unmute and /help are our own."""
_COMMAND = re.compile(r"/([^\s/]*)(\s.*)?", re.DOTALL)
_QUOTED = re.compile(
    '["\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033](.+?)["\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033]\\s*(.*)'
)


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is what is asked for, "" when the word is unknown; `rest` is what follows it."""

    name: str
    rest: str


def read_command(text: str) -> Command | None:
    """None for what is no command: the slash must be the very first character, and the only one in the first word.

    What begins with a path or a comment ("/usr/bin is here", "// later") is a text.
    """
    found = _COMMAND.fullmatch(text)
    return Command(WORDS.get(folded(found[1]), ""), one_line(found[2] or "")) if found else None


def nick_readings(rest: str) -> Iterator[tuple[str, str, bool]]:
    """How the beginning of `rest` may be a nick: the nick, what follows it, and whether quotes make it certain.

    The longest comes first: nicks with spaces belong into quotes, but some clients never put them there.
    """
    if quoted := _QUOTED.match(rest):
        yield _typed(quoted[1]).strip(), quoted[2], True
        return
    words = rest.split(" ")
    for count in range(len(words), 0, -1):
        nick = _typed(" ".join(words[:count]))
        if nick and len(nick) <= NICK_MAX:
            yield nick, " ".join(words[count:]).strip(), False


def _typed(nick: str) -> str:
    """Composed, as nicks are kept and counted; telephones write another apostrophe, which no nick has."""
    return unicodedata.normalize("NFC", nick).replace("\u2019", "'")
