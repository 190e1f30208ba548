"""How names that people write are compared: what looks the same is the same."""

import re
import unicodedata

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's Default_Ignorable_Code_Point: some of these count as letters, none is seen."""

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What no single line has: controls, ends of lines and of paragraphs, what turns text around, halves of characters."""


def folded(text: str) -> str:
    """NFKC and case folding (Unicode NFKC_Casefold); one line, without what nobody sees and no database keeps."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).casefold())
    return one_line(text)


def one_line(text: str) -> str:
    """The text without control characters, every run of spaces made one."""
    if not text.isprintable():
        text = "".join(char for char in text if char.isprintable() or char.isspace())
    return " ".join(text.split())
