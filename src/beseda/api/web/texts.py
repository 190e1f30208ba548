"""What the pages say, by gettext: the catalogues of `locale/`, whose messages are the English texts.

Facts stand in braces, in Jinja and in JavaScript alike. `make texts` gathers the messages, and writes what is read at
run time: the `.mo` files, and for scripts `static/texts/`.
"""

import gettext
from functools import cache
from pathlib import Path

Texts = gettext.NullTranslations

LANGUAGES = {"cs": "Čeština", "ru": "Русский", "en": "English"}
"""Each by its own name."""
NEAREST = {"sk": "cs"}
"""Who reads one of ours though it is not their own."""
COMMANDS = "commands-"
"""What the names of catalogues begin with that have what the operator's commands say."""
PROGRAMS = "cs"
"""For what says nothing of languages."""
PSEUDO = "qps"
"""A made-up language of long, accented texts: it shows what is not translated, and which layout breaks."""
_ACCENTED = str.maketrans("aceinorsuyzACEINORSUYZ", "áčéíňóřšúýžÁČÉÍŇÓŘŠÚÝŽ")


def preferred(accept: str) -> str:
    """The language of ours that an Accept-Language header wants most; English for who wants none of them."""
    if not accept.strip():
        return PROGRAMS
    wanted = []
    for place, part in enumerate(accept.lower().split(",")[:32]):
        tag, _, quality = part.partition(";")
        code = tag.strip().partition("-")[0]
        weight = _weight(quality.strip())
        if weight > 0 and (code := NEAREST.get(code, code)) in LANGUAGES:
            wanted.append((-weight, place, code))
    return min(wanted)[2] if wanted else "en"


def _weight(quality: str) -> float:
    try:
        return float(quality.removeprefix("q=")) if quality else 1.0
    except ValueError:
        return 0.0


class Pseudo(gettext.NullTranslations):
    """Of every text a longer one with accents, which can still be read."""

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)


def pseudo(message: str) -> str:
    """Accented but for the facts in braces, and longer by a third."""
    parts = message.split("{")
    rest = [name + "}" + text.translate(_ACCENTED) for name, _, text in (part.partition("}") for part in parts[1:])]
    return "[" + "{".join([parts[0].translate(_ACCENTED), *rest]) + " ~" * max(1, len(message) // 6) + "]"


@cache
def texts_of(language: str) -> Texts:
    if language == PSEUDO:
        return Pseudo()
    if language == "en":
        return gettext.NullTranslations()
    texts, commands = (_read(f"{kind}{language}") for kind in ("", COMMANDS))
    texts.add_fallback(commands)
    return texts


def _read(name: str) -> gettext.GNUTranslations:
    with Path(__file__).with_name("locale").joinpath(f"{name}.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def number(n: int, language: str) -> str:
    """Thousands apart, as each language has it."""
    return f"{n:,}" if language == "en" else f"{n:,}".replace(",", "\u00a0")


def money(amount_minor: int, language: str) -> str:
    """Hundredths as an amount, with a real minus; of which currency is the operator's matter."""
    whole, rest = divmod(abs(amount_minor), 100)
    minus, point = "\u2212" if amount_minor < 0 else "", "." if language == "en" else ","
    return f"{minus}{number(whole, language)}{point}{rest:02}"
