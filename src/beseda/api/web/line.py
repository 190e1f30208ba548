"""What one line of a room looks like in a page's HTML. line.js draws the same, and takes it over: a test compares."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from markupsafe import Markup, escape

from beseda.api.web.dates import clock, moment
from beseda.api.web.refusals import by_code
from beseda.api.web.texts import Texts, number
from beseda.api.words import N_
from beseda.domain.accounts import Account
from beseda.domain.messages import Hidden, Kind, Line

HUES = 12
TALK = frozenset({Kind.TEXT, Kind.WHISPER})
LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"'\u201c\u201d\u00ab\u00bb]+", re.IGNORECASE)
AFTER_LINK = re.compile(r"[.,;:!?)\]}'\"\u2026]+\Z")
WHOLE_LINK = re.compile(r"(?:https?://|www\.).", re.IGNORECASE)
SMILEY = re.compile(r"(?<!\S)(?::'\(|[:;]-?[)(DPpOo*]|<3)(?=\Z|[\s.,!?])")
_MOUTHS = {")": "🙂", "D": "😄", "(": "🙁", "P": "😛", "p": "😛", "O": "😮", "o": "😮", "*": "😘"}
SMILEYS = {
    **{f":{nose}{mouth}": picture for mouth, picture in _MOUTHS.items() for nose in ("", "-")},
    ";)": "😉",
    ";-)": "😉",
    ":'(": "😢",
    "<3": "❤️",
}
LOCKED = {
    "": N_("{actor} opened the room to all."),
    "logged": N_("{actor} locked the room for guests."),
    "y18": N_("{actor} locked the room for everybody under 18."),
    "all": N_("{actor} locked the room."),
}
NOTICES = {
    "ignored": N_("You ignore {target} now."),
    "unignored": N_("You ignore {target} no longer."),
    "admin_already": N_("{target} is the admin already."),
    "lock_already": N_("The room is so already."),
    "account_not_found": N_("There is nobody of this name."),
}
TEXTS = {
    Kind.ENTERED: N_("{actor} came in"),
    Kind.LEFT: N_("{actor} left"),
    Kind.AUTO_LEFT: N_("{actor} is not here any more"),
    Kind.KICKED: N_("{actor} took out {target} for {duration}: {text}"),
    Kind.UNKICKED: N_("{actor} let {target} come back"),
    Kind.MUTED: N_("{actor} muted {target} for {duration}. /unmute lets you hear him all the same."),
    Kind.UNMUTED: N_("You hear {target} again."),
    Kind.LINKS_ALLOWED: N_("{actor} let {target} send links for {duration}"),
    Kind.LINE_DELETED: N_("{actor} deleted a line of {target}"),
    Kind.LINES_DELETED: N_("{actor} deleted all texts of {target}"),
    Kind.ANNOUNCED: N_("Announcement: {text}"),
}
"""Of the others the text depends on the line."""
COMMANDS = (
    ("/w", N_("nick text: whisper")),
    ("/i", N_("nick: ignore")),
    ("/unignore", N_("nick: ignore no longer")),
    ("/unmute", N_("nick: hear a muted one all the same")),
    ("/kick", N_("nick reason: take out of the room")),
    ("/unkick", N_("nick: let come back")),
    ("/mute", N_("nick: hide from all, for an hour")),
    ("/smaz", N_("nick: delete all texts")),
    ("/link", N_("nick: let send links for five minutes")),
    ("/admin", N_("nick: hand over the room")),
    ("/na", N_("lock the room for guests")),
    ("/l18", N_("lock the room for everybody under 18")),
    ("/l", N_("lock the room")),
    ("/u", N_("open the room to all")),
    ("/help", N_("this list")),
)


@dataclass(frozen=True, slots=True)
class Pen:
    """For whom lines are drawn, and in which way: `zone` is None where nobody knows the reader's."""

    me: Account
    texts: Texts
    language: str
    zone: tzinfo | None

    def text(self, message: str) -> str:
        return self.texts.gettext(message)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone or UTC)

    def nick(self, account: Account | None) -> Markup | str:
        """A button, which the script makes open the member's card."""
        if account is None:
            return self.text(N_("The server"))
        return Markup(
            '<button type="button" class="nick hue-{}" data-person="{}" tabindex="-1" aria-haspopup="dialog">'
            "{}</button>"
        ).format(account.id % HUES, account.id, account.nick)

    def time(self, at: datetime) -> Markup:
        told = clock(self.local(at), self.language)
        return Markup('<time datetime="{}">{}</time>').format(moment(at), told if self.zone else f"{told} UTC")

    def duration(self, minutes: int) -> str:
        hours, rest = divmod(minutes, 60)
        if hours and not rest:
            return self._counted("{n} hour", "{n} hours", hours)
        return self._counted("{n} minute", "{n} minutes", minutes)

    def _counted(self, one: str, many: str, n: int) -> str:
        return self.texts.ngettext(one, many, n).format(n=number(n, self.language))

    def mentions(self, line: Line) -> bool:
        """Whether a line is for the reader: whispered, or with the nick in it."""
        if line.actor is not None and line.actor.id == self.me.id:
            return False
        word = rf"(?:^|[\W_]){re.escape(self.me.nick)}(?:$|[\W_])"
        return line.kind is Kind.WHISPER or (
            line.kind is Kind.TEXT and re.search(word, line.text, re.IGNORECASE) is not None
        )

    def draw(self, line: Line, *, grouped: bool) -> Markup:
        """`grouped` says that the author stands above already."""
        if line.kind is Kind.NOTICE and line.text == "help":
            return self._help(line)
        if line.kind not in TALK:
            return Markup('<li class="line system {}" data-seq="{}"><span>{}</span>{}</li>').format(
                line.kind, line.seq, Markup("").join(self._happened(line)), self.time(line.at)
            )
        classes = f"line {line.kind} {'grouped' if grouped else 'first'}{' mention' if self.mentions(line) else ''}"
        author = Markup() if grouped else self._author(line)
        muted = Markup('<small class="tag">{}</small>').format(self.text(N_("is muted")))
        if line.hidden is Hidden.DELETED:
            body = Markup('<span class="gone">{}</span>').format(self.text(N_("deleted")))
        else:
            body = Markup('<bdi class="said">{}</bdi>').format(linked(line.text))
        aside = Markup('<span class="aside-time">{}</span>').format(self.time(line.at)) if grouped else Markup()
        return Markup(
            '<li class="{}" data-seq="{}" tabindex="-1">{}<p class="words" dir="auto">{}{}{}</p></li>'
        ).format(classes, line.seq, author, muted if line.hidden is Hidden.MUTED else "", body, aside)

    def _author(self, line: Line) -> Markup:
        whispered = Markup()
        if line.kind is Kind.WHISPER:
            mine = line.actor is not None and line.actor.id == self.me.id
            to = self.nick(line.target) if mine else self.text(N_("you"))
            told = self.text(N_("you whisper") if mine else N_("whispers to you"))
            whispered = Markup('<span class="whispered">⇛ {} <small>{}</small></span>').format(to, told)
        return Markup('<p class="author">{}{}{}</p>').format(self.nick(line.actor), whispered, self.time(line.at))

    def _help(self, line: Line) -> Markup:
        listed = Markup("").join(
            Markup("<dt>{}</dt><dd>{}</dd>").format(name, self.text(text)) for name, text in COMMANDS
        )
        return Markup('<li class="line system help" data-seq="{}"><dl>{}</dl><p>{}</p></li>').format(
            line.seq, listed, self.text(N_("A nick with a space stands in quotes."))
        )

    def _happened(self, line: Line) -> Iterator[Markup]:
        """What happened, in words, with nicks in between."""
        facts: dict[str, Callable[[], str]] = {
            "actor": lambda: self.nick(line.actor),
            "target": lambda: self.nick(line.target),
            "text": lambda: Markup("<bdi>{}</bdi>").format(line.text),
            "duration": lambda: self.duration(line.number),
        }
        for place, part in enumerate(re.split(r"\{(\w+)\}", self._sentence(line))):
            yield escape(facts[part]() if place % 2 and part in facts else part)

    def _sentence(self, line: Line) -> str:
        match line.kind:
            case Kind.ADMIN:
                there = N_("{target} is the admin of the room now")
                return self.text(there if line.target else N_("The room has no admin"))
            case Kind.LOCKED:
                return self.text(LOCKED.get(line.text, LOCKED["all"]))
            case Kind.DESCRIBED:
                told = N_("{actor} described the room: {text}")
                return self.text(told if line.text else N_("{actor} took the description away"))
            case Kind.FAVOURITE:
                told = N_("This room is a favourite of yours now.")
                return self.text(told if line.number else N_("No favourite any more."))
            case Kind.NOTICE if line.text in NOTICES:
                return self.text(NOTICES[line.text])
            case Kind.NOTICE:
                told_by_code = by_code(self.texts)
                return told_by_code.get(line.text, told_by_code["otherwise"])
            case _:
                return self.text(TEXTS[line.kind])


def linked(text: str) -> Markup:
    """A text with its links as links, and smileys as pictures."""
    parts, at = Markup(), 0
    for match in LINK.finditer(text):
        address = match[0]
        if not ("(" in address and address.endswith(")")):
            address = AFTER_LINK.sub("", address)
        if not WHOLE_LINK.match(address):
            continue
        href = f"https://{address}" if address[:4].lower() == "www." else address
        parts += escape(_smiled(text[at : match.start()], text[max(at - 1, 0) : at]))
        parts += Markup('<a href="{}" target="_blank" rel="nofollow noopener noreferrer ugc">{}</a>').format(
            href, address
        )
        at = match.start() + len(address)
    return parts + escape(_smiled(text[at:], text[max(at - 1, 0) : at]))


def _smiled(text: str, before: str) -> str:
    """The text with smileys that stand alone as pictures; `before` is what stands before it."""
    return SMILEY.sub(lambda found: SMILEYS.get(found[0], found[0]), before + text)[len(before) :]
