"""What is a link: texts in Czech, Russian, Ukrainian and English."""

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.domain import links
from beseda.domain.links import has_link
from beseda.domain.top_level_domains import NAMES, VERSION

SENTENCES = """
Nevím.Co děláš
Dobře.To je fajn
nevim.co delas vecer
NEVIM.CO DELAS
Ano.Je to tak.No jo
Čau.Já jsem z Brna
Konec. Začátek
Tak.Pro tebe cokoli
Řekl.TV nejde
jdu.De si lehnout
Hm.Ne
tak.jo
ahoj.ahoj
konec...To nic
no…Co
do 15.30.To jdu
2.je to tak
100.kg brambor
1.cz
a.v.Č
я.It
ahoj lidi
Po.Út.St.Čt
firma s.r.o. a a.s.
tj. dnes, např. v Praze
Привет.Как дела
Не знаю.Что делаешь
Дети.Дети дома
т.е. завтра
м.б. и так, и т.д.
г.Москва, ул.Мира
скажи.да
Привіт.Як справи
Добре.То й добре
вул.Шевченка, м.Київ
OK.To je ono
Ok.Now what
OK.Call me
yes.you can
I was there.It was fun
That is it.In fact I do
e.g. this, i.e. that
Ph.D. student from the U.S.A. today
J.K.Rowling met Dr.No
haha.lol
Tak.Pro tebe cokoli, ok.Play it again
Konec.To, co chces
Tak.No
tak .cz
seznam .cz je tam
Seznam .Cz
seznam.cz.ahoj
example.xn--é
"""
NUMBERS_AND_FILES = """
sejdeme se v 12.30
v 10:30.Tak jo
1.2.2026 nebo 10.5.2026 12.30
cena 99.90 Kč, celkem 1.000.000
verze 1.2.3
firmware 1.2.3.4
версия 10.0.0.1
10.km za námi
12:30:45
00:1a:2b:3c:4d:5e
Node.js je fajn
ASP.NET framework
foto.jpg
main.py:12 spadne
README.md
script.sh v archiv.zip
libc.so
std::vector nebo a::b
mám doménu .cz
C# a .NET
http:
://
:-) :) ::
a...b
50 % z 3.5
"""
PLAIN = """
Seznam.ru.Ahoj
No.ru.Ahoj
1.org
123.cz
a:b::1
http://a
HTTPS://A.B
see ftp://x/y
tg://resolve
magnet:?xt=urn
www.example
example.org
seznam.cz
koukni na example.cz, je tam
(example.org)
see example.com.
example.co.uk
about.me
example.online
example.cz.Ahoj
a.cz/b?c
t.me/kanal
youtu.be/abc
пример.рф
зайди на example.ru сегодня
ждём.рф
приклад.укр
дивись example.com.ua
напиши ivan@example.ua
x@example.com
main.py/x
192.0.2.1
93.184.216.34:81
http://192.0.2.1/
[2001:db8::1]
2001:db8:0:1::5
sub.example.org:8080/x
"""
EVASIONS = """
Да.Co
seznam.Cz
SEZNAM.CZ
Example.Com
Яндекс.Ru
пример.Рф
Youtu.Be/abc
seznam . cz
www . example . org
seznam .cz
blog .cz
mrkni seznam. cz
пример . рф
hxxp://example.org
hxxps://x.y
h**p://example
http : //example
http:\\\\example.org
https：／／example．org
seznam。cz
seznam｡cz
кремль。рф
ｓｅｚｎａｍ．ｃｚ
seznam․cz
example•com
sez\u200bnam.c\u200dz
sez\u00adnam.cz
seznam[.]cz
seznam (tečka) cz
сайт(точка)ru
example.org:8080
seznam%2Ecz
http%3A%2F%2Fexample
xn--e1afmkfd.xn--p1ai
XN--E1AFMKFD.XN--P1AI
seznam.сz
example.сom
_seznam.cz_
example[dot]com
seznam (tecka) cz
seznam {dot} cz
seznam <dot> cz
seznam [at] x (dot) cz
example\u2027org
example\u30fborg
example\uff65org
levne.Sbs
casino.Online
Free.Porn
сайт.Онлайн
casino.ONLINE hraj
mrkni na levne.Sbs je to tam
youtu.Be
telegram.Me
Github.Io
Github.Io je tam
"""


def texts(table: str) -> list[str]:
    return [
        text.encode().decode("unicode_escape").encode("latin-1").decode() if "\\u" in text else text
        for text in table.strip().split("\n")
    ]


@pytest.mark.parametrize("text", texts(SENTENCES) + texts(NUMBERS_AND_FILES))
def test_no_link(text: str) -> None:
    assert has_link(text) is False


@pytest.mark.parametrize("text", texts(PLAIN))
def test_a_link(text: str) -> None:
    assert has_link(text) is True


@pytest.mark.parametrize("text", texts(EVASIONS))
def test_a_link_in_disguise(text: str) -> None:
    assert has_link(text)


def test_top_level_domains_are_those_of_iana() -> None:
    assert VERSION.isdigit()
    assert len(NAMES.split()) > 1_400
    for name in NAMES.split():
        assert has_link(f"https://example.{name}")
        assert has_link(f"example.{name}/a"), name


@given(st.text("aA1 .:/", max_size=40))
def test_without_a_domain_there_is_no_host(text: str) -> None:
    if "://" not in text and not any(label.casefold() in NAMES.split() for label in text.replace("/", ".").split(".")):
        assert not has_link(text)


@given(
    st.sampled_from(texts(PLAIN)),
    st.sampled_from(["", "ahoj ", "Привет, "]),
    st.sampled_from(["", " tam", "!", ", co?"]),
)
def test_it_is_one_wherever_it_stands(link: str, before: str, after: str) -> None:
    assert has_link(f"{before}{link}{after}")


@pytest.mark.parametrize(
    "piece", ["a", "a.", "Ф.", ".", ":", "1:", "1.2.3.4 ", "[0:", "cz . ", "a.To ", "http : / ", "-.", "a.cz-"]
)
def test_the_longest_text_is_soon_read(piece: str) -> None:
    began = time.process_time()
    has_link((piece * 1_000)[:1_000] + "č")
    assert time.process_time() - began < 0.5


NOBODY = re.compile(r"(?!)")
LIVELY = st.text(st.sampled_from(".:%[({<> /-hwocz4¶·•ľŀŉřяё…„“⒈ﬁ①３ 2") | st.characters(), max_size=30)


@given(LIVELY)
def test_what_needs_no_second_look_would_hold_no_link_at_the_second(text: str) -> None:
    said = has_link(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(links, "_CALM", NOBODY)
        assert has_link(text) == said


def test_no_calm_character_is_read_as_one_of_those_that_links_are_made_of() -> None:
    calm = [char for char in map(chr, range(0x10000)) if links._CALM.fullmatch(char)]
    assert len(calm) > 500
    assert [char for char in calm if char != "." and set(unicodedata.normalize("NFKC", char)) & set("[({<.:%·")] == []
