"""Words: what texts are found by. The same on every engine, which compare nothing but ASCII."""

import re
import unicodedata
from dataclasses import dataclass

from beseda.domain.text import folded

WORD_MAX = 40
"""Characters of a word that count."""
ASKED_MAX = 10
"""Words of a question that count."""


@dataclass(frozen=True, slots=True)
class Question:
    """Texts with all the words, and with one that begins with `start`, unless it is ""."""

    words: tuple[str, ...]
    start: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.start)


def words(text: str) -> list[str]:
    """The words of a text, each once: folded, without accents; of scripts without spaces each character is one.

    "Příliš, ŽLUŤOUČKÝ" has `prilis` and `zlutoucky`.
    """
    return list(dict.fromkeys(each[:WORD_MAX] for each in _bare(text).split()))


def _bare(text: str) -> str:
    """Words with spaces between them, and nothing else."""
    text = folded(text)
    if text.isascii():
        return re.sub(r"[^0-9a-z]+", " ", text)
    kept: list[str] = []
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.combining(char):
            continue
        if unicodedata.category(char)[0] not in "LNM":
            kept.append(" ")
        elif unicodedata.east_asian_width(char) in "WF":
            kept.append(f" {char} ")
        else:
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def ask(text: str) -> Question:
    """What somebody searches for: the last word may be the beginning of one, unless something follows it."""
    found = words(text)[:ASKED_MAX]
    if not found or not _bare(text[-1:]).strip():
        return Question(tuple(found))
    return Question(tuple(found[:-1]), found[-1])


def encoded(word: str) -> str:
    """A word in ASCII letters and digits; the beginning of a word is encoded as the beginning of the code."""
    return f"w{word}" if word.isascii() else f"x{word.encode().hex()}"
