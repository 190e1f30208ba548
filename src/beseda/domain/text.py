"""What people write: how it is kept, compared, searched and sorted. What looks the same is the same.

Nothing here asks whether Python knows a character: its tables are older than the telephones that people write with.
"""

import re
import unicodedata
from functools import lru_cache

_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
INVISIBLE = re.compile(f"[{_UNSEEN}]")
"""Unicode's Default_Ignorable_Code_Point: some of these count as letters, none is seen."""
_VISIBLE = re.compile(rf"[^\s{_UNSEEN}\u2800\ufff9-\ufffb]")
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
UNFIT = re.compile(f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff{_NONCHARACTERS}]")
"""What is no text: controls but those that separate, halves of surrogate pairs, noncharacters."""
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What no single line has: controls, ends of lines and of paragraphs, what turns text around, halves of characters."""
_LOST = re.compile("[\ufff9-\ufffb\ufffd]")
"""What annotates, and what decoders put in place of what they cannot read."""
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_EMBEDDINGS, _ISOLATES = "\u202a\u202b\u202d\u202e", "\u2066\u2067\u2068"
_POP_EMBEDDING, _POP_ISOLATE = "\u202c", "\u2069"
_LOOK_ALIKES = str.maketrans("авекмнорстухѕіјһԛԝёїʼ", "abekmhopctyxsijhqwëï'")
"""Cyrillic letters drawn as Latin ones, small or capital: words of one alphabet each can still look alike. And the
apostrophe that is a letter."""
_AFTER_LETTERS = "\U0010fffd"
"""Stands after the letters of every alphabet."""
_SORTED_AS = str.maketrans(
    {"ł": "l", "đ": "d", "ø": "o", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"}
    | {"ґ": f"г{_AFTER_LETTERS}", "є": f"е{_AFTER_LETTERS}", "і": f"и{_AFTER_LETTERS}"}
)
"""Where letters stand whose mark no decomposition takes off, and Ukrainian ones, which follow those they resemble."""


def one_line(text: str) -> str:
    """A text as it is kept on one line: every run of white space one space, none around it.

    All else stays but what is `UNFIT`, and directions that are not closed.
    """
    if text.isprintable():  # what turns text around is not, either
        return " ".join(text.split())
    return " ".join(closed(_fit(text)).split())


def lines(text: str) -> str:
    """The same for a text of several lines, composed (NFC): every kind of line end is one, and spaces stay as many as
    they are."""
    found = (re.sub(r"\s", " ", closed(line)).rstrip() for line in _fit(text).splitlines())
    return unicodedata.normalize("NFC", "\n".join(found).strip())


def is_blank(text: str) -> bool:
    """Whether there is nothing to be seen."""
    return _VISIBLE.search(text) is None


def is_plain(text: str) -> bool:
    """Whether it is one line of what can be seen, and no character of it was lost on the way."""
    return not (UNFIT.search(text) or CONTROL.search(text) or INVISIBLE.search(text) or _LOST.search(text))


def folded(text: str) -> str:
    """The form in which texts are compared and searched: NFKC and case folding (Unicode NFKC_Casefold), on one line,
    without what nobody sees."""
    if text.isascii():
        return one_line(text.casefold())
    text = unicodedata.normalize("NFKC", INVISIBLE.sub("", _fit(text))).casefold()
    return " ".join(unicodedata.normalize("NFKC", text).split())


def look_key(text: str) -> str:
    """The form in which names are compared: folded, and letters of other alphabets that look alike are one."""
    return folded(text).translate(_LOOK_ALIKES)


@lru_cache(maxsize=4096)
def sort_key(text: str) -> str:
    """What a list of names is sorted by, in the order of code points: letters without marks, then marks, then case.

    It holds no NUL, so that a database can keep it; equal for equal texts only.
    """
    apart = unicodedata.normalize("NFD", folded(text))
    bare = "".join(char for char in apart if not unicodedata.combining(char)).translate(_SORTED_AS)
    marked = "".join(f"{_AFTER_LETTERS}{char}" if unicodedata.combining(char) else char for char in apart)
    return f"{bare}\x01{marked}\x01{text}"


def closed(line: str) -> str:
    """The line without directions that are opened and not closed, or closed and not opened (UAX 9, BD9 and BD11):
    they would turn around what stands beside the text."""
    if _DIRECTIONS.search(line) is None:
        return line
    opened: list[int] = []
    isolates, unmatched = 0, set[int]()
    for place, char in enumerate(line):
        if char in _EMBEDDINGS or char in _ISOLATES:
            opened.append(place)
            isolates += char in _ISOLATES
        elif char == _POP_EMBEDDING:
            if opened and line[opened[-1]] in _EMBEDDINGS:
                opened.pop()
            else:
                unmatched.add(place)
        elif char == _POP_ISOLATE:
            if not isolates:
                unmatched.add(place)
                continue
            while line[last := opened.pop()] not in _ISOLATES:
                unmatched.add(last)  # an embedding that ends with what it is in
            isolates -= 1
    unmatched.update(opened)
    return "".join(char for place, char in enumerate(line) if place not in unmatched)


def _fit(text: str) -> str:
    """The text without what is `UNFIT`; what Python would print holds none of it, and that is quickly known."""
    return text if text.replace("\n", "").isprintable() else UNFIT.sub("", text)
