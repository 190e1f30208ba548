"""The character sets that forms may declare, by the labels that browsers know (WHATWG Encoding Standard, 4.2).

Single bytes that hold ASCII, and UTF-8: what old sites and clients in Europe send. Nothing that Python knows besides
(UTF-7, UTF-16, codecs that are no character sets) is ever reached by a name that somebody sent.
"""

_ISO_8859 = {
    2: "csisolatin2 iso-ir-101 l2 latin2 iso_8859-2:1987",
    3: "csisolatin3 iso-ir-109 l3 latin3 iso_8859-3:1988",
    4: "csisolatin4 iso-ir-110 l4 latin4 iso_8859-4:1988",
    5: "csisolatincyrillic cyrillic iso-ir-144 iso_8859-5:1988",
    6: "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e iso-8859-6-i iso-ir-127"
    " iso_8859-6:1987",
    7: "csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso_8859-7:1987 sun_eu_greek",
    8: "csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 iso_8859-8:1988 visual"
    " csiso88598i iso-8859-8-i logical",
    10: "csisolatin6 iso-ir-157 l6 latin6",
    13: "",
    14: "",
    15: "csisolatin9 l9",
    16: "",
}
_LABELS = {
    # ASCII says nothing of other bytes, so they are what they are where nothing is declared.
    "utf-8": "utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 us-ascii ascii ansi_x3.4-1968",
    "cp866": "866 csibm866 ibm866",
    "koi8-r": "cskoi8r koi koi8 koi8_r",
    "koi8-u": "koi8-ru",
    "cp874": "dos-874 windows-874 iso-8859-11 iso8859-11 iso885911 tis-620",
    "cp1252": "windows-1252 x-cp1252 iso-8859-1 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 cp819 ibm819 csisolatin1"
    " iso-ir-100 l1 latin1",
    "cp1254": "windows-1254 x-cp1254 iso-8859-9 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 csisolatin5 iso-ir-148 l5"
    " latin5",
    **{f"cp{page}": f"windows-{page} x-cp{page}" for page in (1250, 1251, 1253, 1255, 1256, 1257, 1258)},
    **{f"iso-8859-{part}": f"iso8859-{part} iso8859{part} iso_8859-{part} {more}" for part, more in _ISO_8859.items()},
}
CODECS = {label: codec for codec, labels in _LABELS.items() for label in (codec, *labels.split())}
"""Python's name of a character set by each of its labels."""


def find_codec(label: str | None) -> str | None:
    """Python's name of what a label stands for; None for none that is read. Case and spaces around do not matter."""
    return CODECS.get(label.strip(" \t\r\n\f").lower()) if label else None
