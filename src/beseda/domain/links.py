"""What is a link: an address that people would follow, and not the end of one sentence and the beginning of the next.

A scheme, `www.`, an IP address, or a host name that ends with a top-level domain. Dots, letters and spaces by which
people get around such a rule are looked through. Sentences without a space after the full stop, names of files,
numbers, times and abbreviations are none. An e-mail address is one, since it holds a host name.
"""

import re
import unicodedata
from functools import cache
from ipaddress import AddressValueError, IPv6Address

from beseda.domain.scripts import mixes_scripts
from beseda.domain.text import INVISIBLE, look_key
from beseda.domain.top_level_domains import NAMES


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BEGIN = _words(
    "ad al am an as at au az ba be bo by ci co do ee eh er es et he hm id il im in is it je jo ke la li lo ma me mm"
    " mo mu my na nc ne ni no np nu om pa pm ps re sa se sh si so st ta td tj to tk us uz va ve vi ye za"
)
"""Domains of two letters that are words or abbreviations, too: with a capital, the first of a sentence (Czech, Slovak,
English, Russian in Latin letters)."""
_BEGIN_LONG = _words(
    "able auto baby band bank bar best big black blue book buy call car care cat cool data day deal design discover dog"
    " eat fail family fan fast film fire fish fit fly food forum free fun fyi got green group hair help here hockey hot"
    " hotel house how ice joy kids land law life like living lol love luxury makeup man map med meet men menu mini moda"
    " moi mom money music name new news next now one open page party pay pet phone photo pink pizza place play plus"
    " press pro radio read red rent rest rich run safe save school search seven show skin sky smart smile social song"
    " space sport star style support talk taxi team tips today tools town toys training travel trust video vote watch"
    " weather work world wow wtf you zero москва дети"
)
"""Longer ones that are words of these languages with which a sentence may well begin."""
_SAID_BEFORE = _words(
    "ach ahoj aha ano cau dik dobre fajn hele hm hmm jasne jo ne nevim no ok okay super tak hi hello oh so well yes da"
    " nu dr mr mrs ms st sv"
)
"""After these a word with a capital may end the text: answers of one word, and titles."""
_BEGIN_SMALL = _words(
    "as az co do im in is it je ke ma na no nu se si so tj to uz ve za here how love next now pro today you дети"
)
"""With these a sentence begins for who writes no capitals, if it goes on: "nevim.co delas"."""
_ALONE = _words("cool jo lol ne wow wtf")
"""What people say after anything, as a sentence of its own."""
_BEGIN_GOING_ON = _words("De Su AI CD DJ EU MC PR TV UK US")
"""Written so, the first of a sentence, if it goes on."""
_PLAIN = _words("cz sk eu pl ru ua com org info biz xyz рф укр бел")
"""Nothing but domains, also where they stand apart from the rest of the name."""
_FILES = _words("md mov ps py rs sh so zip")
_UNITS = _words("am cm gb kg km mb ml mm ms pm tb")
_PRODUCTS = _words("ado.net asp.net vb.net")

_SCHEME = re.compile(
    r"\b[a-z][a-z0-9+.-]{0,30}://\S"
    r"|\b(?:h[tx*]{1,2}ps?|ftps?)\s?:\s?[/\\]\s?[/\\]"
    r"|\bmagnet:\?|\bmailto:\S",
    re.IGNORECASE,
)
_WWW = re.compile(r"\bwww\d?\.\w", re.IGNORECASE)
_DOT_LIKE = re.compile("[\u3002\u06d4\u2022\u2219\u22c5\u00b7\u2027\u30fb]")
"""What is read as a dot between words; NFKC has made full-width dots and leaders dots already."""
_BRACKETS = re.compile(r"\s?[\[({<]\s?(?:\.|dot|tečka|tecka|bodka|точка|крапка)\s?[\])}>]\s?", re.IGNORECASE)
_OPENED = frozenset("[({<")
_CALM = re.compile(
    "[\0-$&')-\\-/-9;=-Z\\\\-z|-\x7f"
    "\u00c0-\u013e\u0141-\u0148\u014a-\u017f\u0400-\u052f\u2013-\u201e]*"  # NFKC makes no dots of these
    "[.]*"
)
"""What most people write: without brackets that open, dots but at the end, colons and per cent signs, no link is."""
_ESCAPED = re.compile("%([2-7][0-9a-f])", re.IGNORECASE)
_DOT_INSIDE = re.compile(r"[\w-]\.[\w-]")
_HOST = re.compile(r"(?<![\w-])[\w-]+(?:\.[\w-]+)+")
_APART = re.compile(r"(?<![\w-])([\w-]+)( \. ?| ?\. )(?=([\w-]+))")
_IPV4 = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\.?\w)")
_IPV6 = re.compile(r"(?<![\w:.])(\[?)([0-9a-f:.]{3,}+)(?!\w)", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?:\b(?:v|ver|verz[eií]|version|верси[яюи]|версі[яюї]|build|firmware|kapitol\w*|bod\w*|пункт\w*)|§)\.? ?$",
    re.IGNORECASE,
)
"""What four numbers belong to that are no address."""
_NAMED = re.compile(r"(?:domén\w*|domain\w*|koncovk\w*|домен\w*|зон[аеуы]|зоні)$", re.IGNORECASE)
_GOES_ON = re.compile(r"\s+\w")
_PATH, _PORT = re.compile(r"/\w"), re.compile(r":\d")


def has_link(text: str) -> bool:
    """Whether there is something that people would follow."""
    if _CALM.fullmatch(text):
        return False
    seen = _DOT_LIKE.sub(".", unicodedata.normalize("NFKC", INVISIBLE.sub("", text)))
    if "%" in seen:
        seen = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), seen)
    if not _OPENED.isdisjoint(seen):
        seen = _BRACKETS.sub(".", seen)
    if ":" in seen and (_SCHEME.search(seen) or any(map(_is_ipv6, _IPV6.finditer(seen)))):
        return True
    if _DOT_INSIDE.search(seen) and (
        _WWW.search(seen)
        or any(_is_host(found[0], seen[found.end() :]) for found in _HOST.finditer(seen))
        or any(not _NUMBERED.search(seen[max(0, found.start() - 20) : found.start()]) for found in _IPV4.finditer(seen))
    ):
        return True
    return (". " in seen or " ." in seen) and any(map(_is_apart, _APART.finditer(seen)))


def _is_host(name: str, follows: str) -> bool:
    """Whether words with dots between them are a host's name, at once followed by the next sentence or not."""
    labels = [label.strip("-_") for label in name.split(".")]
    ends = [end for end in range(2, len(labels)) if labels[end][:1].isupper() and labels[end - 1].islower()]
    return _ends_host(labels, follows) or any(
        _domain(labels[end - 1]) not in _BEGIN and _ends_host(labels[:end], "") for end in ends
    )


def _ends_host(labels: list[str], follows: str) -> bool:
    """Whether the last label is a top-level domain, and meant as one."""
    before, written = labels[-2], labels[-1]
    ending = _domain(written)
    if ending is None or not before or (len(before) == 1 and not before.isascii()):
        return False
    if _PATH.match(follows):
        return True
    if ending in _FILES or f"{before}.{ending}".casefold() in _PRODUCTS:
        return False
    if before.isdigit() and (ending in _UNITS or (len(before) < 3 and len(ending) == 2)):
        return False
    return _PORT.match(follows) is not None or not _begins_sentence(before, written, ending, follows)


def _begins_sentence(before: str, written: str, ending: str, follows: str) -> bool:
    """Whether what might be a top-level domain is rather the first word of a sentence."""
    goes_on = _GOES_ON.match(follows) is not None
    if ending in _ALONE or (goes_on and written in _BEGIN_GOING_ON and not before.isupper()):
        return True
    if ending in _BEGIN and not before.isascii() and not mixes_scripts(before + ending):
        return True
    if written[0].isupper() and not (before.isupper() and written.isupper()):
        before_more = goes_on or follows.startswith(", ") or before.casefold() in _SAID_BEFORE
        return before_more and (ending in _BEGIN or ending in _BEGIN_LONG)
    return goes_on and ending in _BEGIN_SMALL


def _is_apart(found: re.Match[str]) -> bool:
    """Whether spaces beside the dot hide a host's name: "example . org"."""
    before, between, written = found.groups()
    if _domain(written) not in _PLAIN or _NAMED.search(before):
        return False
    if between == " . ":
        return True
    return len(before) > 3 and written.islower() and not _GOES_ON.match(found.string, found.end(3))


def _is_ipv6(found: re.Match[str]) -> bool:
    """Whether colons are those of an address, not of a time or a program: a long one, or one in brackets."""
    brackets, text = found[1], found[2].rstrip(".")
    if not any(char.isdigit() for char in text) or not (brackets or len([*filter(None, text.split(":"))]) > 2):
        return False
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def _domain(label: str) -> str | None:
    """The top-level domain that a label is, as people read it and in small letters; also what two alphabets make look
    like one."""
    label = look_key(label) if mixes_scripts(label) else label.casefold()
    readable = _readable(label)
    return readable if readable in _domains() else None


def _readable(label: str) -> str:
    """The U-label of an A-label; others stay as they are."""
    try:
        return label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label


@cache
def _domains() -> frozenset[str]:
    return frozenset(map(_readable, NAMES.split())) | {"onion"}
