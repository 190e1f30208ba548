"""The pages in a real browser: members talk, lose the network and come back, and nothing that anybody writes runs."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from beseda.core.caller import Caller
from beseda.domain.ids import RoomId
from beseda.domain.sessions import Handle
from beseda.testing import BesedaServer
from e2e.browser import PASSWORD, PHONE, Visitor, chromium, members, needs_browser, repeat

pytestmark = needs_browser
ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\"'><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}${7*7}",
    "</textarea></script><iframe srcdoc='<script>alert(1)</script>'>",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium("--host-resolver-rules=MAP beseda.example.org 127.0.0.1") as running:
        yield running


@pytest.fixture
def server(database: str) -> Iterator[BesedaServer]:
    with BesedaServer({"server.database": database}) as running:
        running.run(running.core.rooms.add("Zahrada", description="Pro <b>všechny</b>"))
        members(running, "Alena", "Brana")
        yield running


def test_two_members_talk_whisper_and_one_is_taken_out(server: BesedaServer, browser: Browser) -> None:
    alena, brana = Visitor(browser, server.url), Visitor(browser, server.url, "cs-CZ")
    alena.sign_in("Alena", "Zahrada")
    brana.sign_in("Brana", "Zahrada")
    expect(alena.page.locator("#people li")).to_have_count(2)
    alena.say("Hello :-) http://example.org/:)")
    brana.sees("Hello 🙂 http://example.org/:)")
    for attack in ATTACKS:
        brana.say(attack)
        alena.sees(attack)
    brana.say("/w Alena <i>psst</i>")
    alena.sees("whispers to you")
    expect(brana.page.locator(".line.whisper")).to_contain_text("šeptáte")
    brana.say("/nothing")
    brana.sees("Takový příkaz neznám")
    alena.page.locator("#people button", has_text="Brana").click()
    expect(alena.page.get_by_role("dialog")).to_contain_text("Member since", ignore_case=True)
    alena.page.fill("#kick-reason", "<b>enough</b>")
    alena.page.select_option("#kick-minutes", "5")
    alena.page.get_by_role("button", name="Take out").click()
    alena.page.keyboard.press("Escape")
    expect(brana.page.locator(".outside")).to_contain_text("<b>enough</b>")
    expect(alena.page.locator("#people li")).to_have_count(1)
    expect(brana.page.locator("#text")).to_have_count(0)
    brana.page.reload()
    expect(brana.page.locator(".lead")).to_contain_text("<b>enough</b>")
    expect(brana.page.get_by_role("main")).to_contain_text("Vrátit se můžete")
    server.move_clock(6 * 60)
    brana.page.get_by_role("button", name="Vrátit se").click()
    brana.say("Zase tady")
    alena.sees("Zase tady")
    assert alena.problems == brana.problems == []


@pytest.mark.long
def test_what_was_written_while_the_network_was_away_arrives_once(server: BesedaServer, browser: Browser) -> None:
    alena, brana = Visitor(browser, server.url), Visitor(browser, server.url)
    alena.sign_in("Alena", "Zahrada")
    brana.sign_in("Brana", "Zahrada")
    alena.say("before")
    brana.sees("before")
    alena.context.set_offline(True)
    expect(alena.page.locator(".offline")).to_contain_text("No connection")
    brana.say("meanwhile 1")
    brana.say("meanwhile 2")
    alena.say("from the tunnel")
    alena.page.fill("#text", "half a sentence")
    expect(alena.page.locator(".outgoing.sending")).to_have_count(1)
    alena.context.set_offline(False)
    brana.sees("from the tunnel")
    expect(alena.page.locator(".offline")).to_have_count(0)
    for text in ("before", "meanwhile 1", "meanwhile 2", "from the tunnel"):
        for each in (alena, brana):
            expect(each.page.locator(".said", has_text=text)).to_have_count(1)
    expect(alena.page.locator("#text")).to_have_value("half a sentence")
    assert alena.problems == []


@pytest.mark.long
def test_a_laptop_sleeps_for_a_night_in_which_the_server_is_restarted(server: BesedaServer, browser: Browser) -> None:
    """Whoever was away that long is asked first; then nothing is missing, and what was being written is still there."""
    alena, brana = Visitor(browser, server.url), Visitor(browser, server.url)
    alena.page.clock.install()
    alena.sign_in("Alena", "Zahrada")
    brana.sign_in("Brana", "Zahrada")
    alena.say("good night")
    brana.sees("good night")
    alena.page.fill("#text", "half a sentence")
    alena.context.set_offline(True)
    expect(alena.page.locator(".offline")).to_contain_text("No connection")
    server.restart()
    brana.say("the server is back")
    expect(brana.page.locator(".said", has_text="the server is back")).to_have_count(1)
    expect(brana.page.locator(".outgoing")).to_have_count(0)
    for _ in range(8):
        server.move_clock(3600)
    alena.page.clock.fast_forward("08:00:00")
    brana.page.get_by_role("button", name="Come back").click()
    brana.say("good morning")
    brana.sees("good morning")
    alena.context.set_offline(False)
    expect(alena.page.locator(".outside")).to_contain_text("You were away for a while")
    alena.page.get_by_role("button", name="Come back").click()
    for text in ("good night", "the server is back", "good morning"):
        expect(alena.page.locator(".said", has_text=text)).to_have_count(1)
    expect(alena.page.locator(".new-lines + .line")).to_contain_text("the server is back")
    expect(alena.page.locator("#text")).to_have_value("half a sentence")
    assert alena.problems == brana.problems == []


@pytest.mark.long
def test_history_unread_and_several_rooms(server: BesedaServer, browser: Browser) -> None:
    server.run(server.core.rooms.add("Praha"))
    with httpx.Client(base_url=server.url) as brana:
        brana.post("/login", data={"email": "Brana", "password": PASSWORD})
        for room in ("Zahrada", "Praha"):
            brana.get(f"/{room}")
        for number in range(130):
            server.clock.move(1)
            brana.post("/json/getText", data={"roomId": 1, "text": f"line {number}."})
        alena = Visitor(browser, server.url)
        alena.sign_in("Alena", "Praha")
        alena.page.goto("/Zahrada")
        alena.sees("line 129.")
        expect(alena.page.locator(".my-rooms li")).to_have_count(2)
        brana.post("/json/getText", data={"roomId": 2, "text": "Alena, are you here?"})
        brana.post("/json/getText", data={"roomId": 2, "text": "nobody?"})
        badge = alena.page.locator(".my-rooms .badge.mention")
        expect(badge).to_contain_text("@ 1")
        expect(alena.page).to_have_title(re.compile(r"^\(@1\) Zahrada"))
        alena.page.reload()
        expect(badge).to_contain_text("@ 1")
        alena.page.locator(".my-rooms a", has_text="Praha").click()
        alena.sees("nobody?")
        expect(alena.page.locator(".badge")).to_have_count(0)
        expect(alena.page).to_have_url(re.compile("/Praha$"))
        alena.page.go_back()
        expect(alena.page.locator("h1")).to_have_text("Zahrada")
        assert alena.problems == []


@pytest.mark.long
def test_what_is_new_is_marked_from_its_first_line_however_much_there_is(
    server: BesedaServer, browser: Browser
) -> None:
    """More than is loaded at once; and what came while the network was away is marked, too, and counted once."""
    with httpx.Client(base_url=server.url) as brana:
        brana.post("/login", data={"email": "Brana", "password": PASSWORD})
        brana.get("/Zahrada")

        def say(text: str, count: int) -> None:
            for number in range(count):
                server.clock.move(1)
                brana.post("/json/getText", data={"roomId": 1, "text": f"{text} {number}."})

        alena = Visitor(browser, server.url)
        page = alena.page
        alena.sign_in("Alena", "Zahrada")
        say("early", 3)
        alena.sees("early 2.")
        with page.expect_event("websocket"):
            page.reload()
        alena.say("so much for now")
        alena.sees("so much for now")
        expect(page.locator(".state")).to_have_count(0)  # it is not under way any more
        page.goto("about:blank")
        say("line", 120)
        page.goto("/Zahrada")
        alena.sees("line 119.")
        expect(page.locator(".new-lines")).to_have_count(0)
        page.get_by_role("button", name="120 new lines, go to the first").click()
        expect(page.locator(".new-lines")).to_be_in_viewport()
        expect(page.locator(".new-lines + .line")).to_contain_text("line 0.")
        expect(page.locator(".new-above")).to_have_count(0)
        expect(page.locator(".said", has_text="so much for now")).to_have_count(1)
        page.locator(".to-end").click()
        expect(page.locator(".said", has_text="line 119.")).to_be_in_viewport()

        alena.say("I have read it")
        expect(page.locator(".new-lines")).to_have_count(0)
        alena.context.set_offline(True)
        expect(page.locator(".offline")).to_contain_text("No connection")
        say("missed", 60)
        alena.context.set_offline(False)
        alena.sees("missed 59.")
        page.get_by_role("button", name="60 new lines, go to the first").click()
        expect(page.locator(".new-lines + .line")).to_contain_text("missed 0.")
        expect(page.locator(".new-lines")).to_be_in_viewport()
        assert alena.problems == []


@pytest.mark.long
def test_news_from_elsewhere_on_a_phone_and_as_notifications(server: BesedaServer, browser: Browser) -> None:
    server.run(server.core.rooms.add("Praha"))
    phone = Visitor(browser, server.url, permissions=["notifications"], **PHONE)
    phone.context.add_init_script(
        "window.told = []; window.Notification = class { static permission = 'granted';"
        " constructor(title, { body }) { told.push([title, body]); window.last = this; } close() {} }"
    )
    page = phone.page
    phone.sign_in("Alena", "Praha")
    page.goto("/Zahrada")
    phone.sees("came in")
    head = page.locator(".talk-head button:visible")
    expect(head).to_have_count(5)
    for each in page.locator(".talk-head > *:visible").all():
        box = each.bounding_box()
        assert box
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    page.get_by_role("button", name="Tell me of what is for me").click()
    brana = Visitor(browser, server.url)
    brana.sign_in("Brana", "Praha")
    brana.say("Alena, are you here?")
    menu = page.get_by_role("button", name="Rooms and more: 1 is new")
    expect(menu).to_be_visible()
    account = server.run(server.core.accounts.find("Alena"))
    signed_in = server.run(server.core.auth.sign_in("Brana", PASSWORD, kind=Handle.COOKIE, address="192.0.2.7"))
    server.run(server.core.mail.send(Caller("192.0.2.7", signed_in.account, signed_in.session), account.id, "Hello"))
    expect(page.get_by_role("button", name="Rooms and more: 2 are new")).to_be_visible()
    assert page.evaluate("told") == [["Brana – Praha", "Alena, are you here?"], ["A letter has come", None]]
    page.get_by_role("button", name="Rooms and more").click()
    expect(page.locator("#nav a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Rooms and more")).to_be_focused()
    page.get_by_role("button", name="About the room").click()
    page.get_by_role("button", name="Leave the room").click()
    expect(page.locator("h1")).to_have_text("Praha")
    assert phone.problems == brana.problems == []


@pytest.mark.long
def test_pages_without_a_room_keep_one_in_ones_rooms(server: BesedaServer, browser: Browser) -> None:
    """What is new there is seen from the start page and from the letters; the list follows what happens."""
    alena, brana = Visitor(browser, server.url), Visitor(browser, server.url)
    alena.sign_in("Alena", "Zahrada")
    alena.sees("Alena came in")
    brana.sign_in("Brana", "Zahrada")
    for path in ("/", "/-/letters"):
        alena.page.goto(path)
        expect(alena.page.locator(".my-rooms")).to_contain_text("Zahrada")
        for _ in range(4):
            server.move_clock(60)
        brana.say(f"Alena, {path}")
        expect(alena.page.locator(".my-rooms .badge")).to_contain_text("@ 1" if path == "/" else "@ 2")
    assert "Alena" in (brana.page.locator("#people").text_content() or "")
    alena.page.goto("/")
    expect(alena.page.locator("#rooms h4 .badge")).to_have_text("@ 2")
    expect(alena.page).to_have_title("(@2) Rooms – Beseda")
    brana.page.goto("/Nova")
    brana.page.get_by_role("button", name="Open the room").click()
    fresh = alena.page.locator("#rooms .row", has_text="Nova")
    repeat(alena.page, lambda: server.move_clock(2), fresh.count)  # changes of the list are joined once a second
    expect(fresh).to_contain_text("people: 1")
    alena.page.locator(".my-rooms a").click()
    alena.sees("Alena, /-/letters")
    assert alena.problems == brana.problems == []


@pytest.mark.long
def test_all_ways_in(server: BesedaServer, browser: Browser) -> None:
    """As a guest, with a wrong password first, by registering; each lands in the room that was asked for."""
    guest = Visitor(browser, server.url)
    guest.page.goto("/Zahrada")
    guest.page.fill("#nick", "Hostka")
    guest.page.get_by_role("button", name="Enter as a guest").click()
    expect(guest.page.locator("#people")).to_contain_text("Hostka")
    wrong = Visitor(browser, server.url)
    wrong.page.goto("/Zahrada")
    wrong.page.fill("#email", "Alena")
    wrong.page.fill("#password", "nothing of this")
    wrong.page.press("#password", "Enter")
    expect(wrong.page.get_by_role("alert")).to_contain_text("not right")
    expect(wrong.page.locator("#email")).to_have_value("Alena")
    wrong.page.fill("#password", PASSWORD)
    wrong.page.press("#password", "Enter")
    expect(wrong.page.locator("#people")).to_contain_text("Alena")
    new = Visitor(browser, server.url, "ru-RU")
    new.page.goto("/Zahrada")
    new.page.get_by_role("main").get_by_role("link", name="Зарегистрироваться").click()
    new.page.fill("#nick", "Новая")
    new.page.fill("#password", "modry zvonek 12")
    new.page.press("#password", "Enter")
    expect(new.page.locator("#people")).to_contain_text("Новая")
    expect(new.page.locator("#people-title")).to_have_text("3 человека")


@pytest.mark.long
def test_a_phone_and_the_keyboard_alone(server: BesedaServer, browser: Browser) -> None:
    phone = Visitor(browser, server.url, "cs-CZ", **PHONE)
    phone.sign_in("Alena", "Zahrada")
    phone.say("z mobilu")
    phone.sees("z mobilu")
    assert phone.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(phone.page.locator("#people")).to_be_hidden()
    phone.page.get_by_role("button", name="1 člověk").click()
    expect(phone.page.locator("#people")).to_be_visible()
    phone.page.keyboard.press("Escape")
    expect(phone.page.locator("#people")).to_be_hidden()
    keys = Visitor(browser, server.url)
    keys.page.goto("/login?to=Zahrada")
    for text in ("Brana", PASSWORD):
        for _ in range(20):
            keys.page.keyboard.press("Tab")
            if keys.page.evaluate("document.activeElement.id") == ("email" if text == "Brana" else "password"):
                break
        keys.page.keyboard.type(text)
    keys.page.keyboard.press("Enter")
    expect(keys.page.locator("#text")).to_be_focused()
    expect(keys.page.locator("#people")).to_contain_text("Alena")  # who is not known yet is not completed
    keys.page.keyboard.type("/w al")
    keys.page.keyboard.press("Tab")
    expect(keys.page.locator("#text")).to_have_value("/w Alena ")
    keys.page.keyboard.type("by keys :coffee: :hea")
    keys.page.keyboard.press("Enter")
    keys.page.keyboard.press("Enter")
    phone.sees("by keys ☕ ❤️")
    keys.page.get_by_role("button", name="Emoji").focus()
    keys.page.keyboard.press("Enter")
    expect(keys.page.locator(".palette")).to_be_visible()
    keys.page.keyboard.press("Escape")
    expect(keys.page.locator(".palette")).to_have_count(0)
    expect(keys.page.locator("#text")).to_be_focused()
    expect(keys.page.locator(".outgoing")).to_have_count(0)
    keys.page.keyboard.press("Shift+Tab")
    expect(keys.page.locator("#lines")).to_be_focused()
    for pressed in ("ArrowUp", "ArrowUp", "Enter"):
        keys.page.keyboard.press(pressed)
    expect(keys.page.locator("dialog h2")).to_have_text("Alena")
    keys.page.keyboard.press("Escape")
    expect(keys.page.locator("dialog")).to_have_count(0)
    keys.page.keyboard.press("ArrowDown")
    keys.page.keyboard.press("Enter")
    expect(keys.page.locator("dialog blockquote")).to_have_text("by keys ☕ ❤️")
    assert phone.problems == keys.problems == []


@pytest.mark.long
def test_by_a_host_name_over_plain_http_all_works(server: BesedaServer, browser: Browser) -> None:
    """There browsers say less of where a request comes from, and have no service worker, clipboard or randomUUID."""
    site = f"http://beseda.example.org:{httpx.URL(server.url).port}"
    alena = Visitor(browser, site)
    alena.sign_in("Alena")
    alena.page.goto("/Nova")
    expect(alena.page.get_by_role("main")).to_contain_text("There is no such room yet")
    alena.page.evaluate("new Promise(done => { const i = new Image(); i.onerror = done; i.src = '/Jina'; })")
    assert "Nova" not in httpx.get(f"{server.url}/api/rooms").text
    alena.page.get_by_role("button", name="Open the room").click()
    expect(alena.page.locator("#people")).to_contain_text("Alena")
    alena.say("Good day")
    alena.sees("Good day")
    names = [room["name"] for room in httpx.get(f"{server.url}/api/rooms").json()["rooms"]]
    assert sorted(names) == ["Nova", "Zahrada"]
    assert alena.problems == []


@pytest.mark.long
def test_a_room_with_another_name_is_still_the_same_room(server: BesedaServer, browser: Browser) -> None:
    alena = Visitor(browser, server.url)
    alena.sign_in("Alena", "Zahrada")
    alena.say("before")
    alena.sees("before")
    server.run(server.core.reservations.rename(RoomId(1), "Sad"))
    server.move_clock(2)
    expect(alena.page.locator("h1")).to_have_text("Sad")
    expect(alena.page.locator(".my-rooms")).to_have_text("Sad")
    expect(alena.page).to_have_title("Sad – Beseda")
    expect(alena.page).to_have_url(re.compile("/Sad$"))
    for _ in range(8):
        server.move_clock(600)
    alena.page.get_by_role("button", name="Come back").click()
    alena.say("after")
    alena.sees("after")
    assert [view.name for view in server.run(server.core.rooms.list.get()).views] == ["Sad"]
    assert alena.problems == []


@pytest.mark.long
def test_a_word_is_found_and_the_page_led_to_its_line(server: BesedaServer, browser: Browser) -> None:
    """Far back, from where one reads on to the newest; what is said meanwhile is not lost."""
    server.run(server.core.rooms.add("Praha"))
    alena, brana = Visitor(browser, server.url), httpx.Client(base_url=server.url)
    alena.sign_in("Alena", "Zahrada")
    with brana:
        brana.post("/login", data={"email": "Brana", "password": PASSWORD})
        for number in range(700):
            server.clock.move(1)
            if number % 20 == 0:
                brana.get("/Zahrada")
            text = "Recept na koláč" if number == 40 else f"line {number}."
            brana.post("/json/getText", data={"roomId": 1, "text": text})
        server.run(server.core.search_index.settle())
        alena.sees("line 699.")
        page = alena.page
        lines = page.locator("#lines")
        page.get_by_role("button", name="Search").click()
        page.fill("#seek", "kolac RECEPT")
        page.locator(".hit", has_text="Recept na koláč").click()
        expect(page.locator(".line.target")).to_contain_text("Recept na koláč")
        expect(page.locator(".line.target")).to_be_in_viewport()
        expect(page.locator(".said", has_text="line 699.")).to_have_count(0)
        brana.post("/json/getText", data={"roomId": 1, "text": "said meanwhile"})
        expect(page.locator(".to-end")).to_have_text("New lines")
        for number in range(100, 700, 100):
            seen = page.locator(".said", has_text=f"line {number}.")
            repeat(page, lambda: lines.evaluate("each => each.scrollTop = each.scrollHeight"), seen.count)
            expect(seen).to_have_count(1)
        page.locator(".to-end").click()
        expect(page.locator(".said", has_text="said meanwhile")).to_be_in_viewport()
        page.locator(".hit", has_text="Recept na koláč").click()
        expect(page.locator(".line.target")).to_be_in_viewport()
        lines.evaluate("each => each.scrollTop = each.scrollHeight")
        expect(page.locator(".line.target")).not_to_be_in_viewport()
        page.locator(".hit", has_text="Recept na koláč").click()
        expect(page.locator(".line.target")).to_be_in_viewport()
        page.locator(".to-end").click()
        expect(page.locator(".said", has_text="said meanwhile")).to_have_count(1)
        page.fill("#seek", "nothing of the kind")
        expect(page.locator(".search-column .empty")).to_have_text("Nothing was found.")
        page.keyboard.press("Escape")
        expect(page.locator("#people")).to_contain_text("Brana")
        assert alena.problems == []


@pytest.mark.long
def test_a_room_is_told_of_and_set_in_place(server: BesedaServer, browser: Browser) -> None:
    alena, brana = Visitor(browser, server.url), Visitor(browser, server.url)
    alena.sign_in("Alena")
    alena.page.goto("/Nova")
    alena.page.get_by_role("button", name="Open the room").click()
    brana.sign_in("Brana", "Nova")
    page = alena.page
    page.get_by_role("button", name="About the room").click()
    expect(page.locator("dialog .facts")).to_contain_text("Temporary room")
    page.fill("#description", "<b>All</b> welcome")
    page.select_option("#lock", "logged")
    page.locator("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("dialog .saved")).to_have_text("The room is set so.")
    page.keyboard.press("Escape")
    brana.sees("Alena locked the room for guests.")
    topic = brana.page.locator(".topic")
    # Changes of the list are joined once a second.
    repeat(brana.page, lambda: server.move_clock(2), lambda: topic.text_content() == "<b>All</b> welcome")
    expect(topic).to_have_text("<b>All</b> welcome")
    brana.say("nonsense")
    alena.sees("nonsense")
    brana.page.get_by_role("button", name="About the room").click()
    expect(brana.page.locator("dialog .facts")).to_contain_text("Alena")
    expect(brana.page.locator("dialog form")).to_have_count(0)
    brana.page.get_by_role("button", name="Favourite").click()
    expect(brana.page.get_by_role("button", name="No favourite any more")).to_be_visible()
    assert alena.problems == brana.problems == []


@pytest.mark.long
def test_whoever_did_nothing_for_long_is_asked_and_by_answering_stays(server: BesedaServer, browser: Browser) -> None:
    alena = Visitor(browser, server.url)
    alena.page.clock.install()
    alena.sign_in("Alena", "Zahrada")
    alena.sees("Alena came in")
    alena.page.clock.fast_forward("54:00")
    expect(alena.page.locator(".offline")).to_have_count(0)
    alena.page.clock.fast_forward("02:00")
    expect(alena.page.locator(".offline")).to_contain_text("Are you still there?")
    alena.page.get_by_role("button", name="I am here").click()
    expect(alena.page.locator(".offline")).to_have_count(0)
    assert alena.problems == []


@pytest.mark.long
def test_a_picture_is_read_where_passwords_were_wrong(server: BesedaServer, browser: Browser) -> None:
    alena = Visitor(browser, server.url)
    page = alena.page
    page.goto("/Zahrada")
    for _ in range(4):
        page.fill("#email", "Alena")
        page.fill("#password", "nothing of this")
        page.press("#password", "Enter")
        expect(page.get_by_role("alert")).to_be_visible()
    picture = page.get_by_alt_text("A picture of four digits")
    assert picture.evaluate("each => each.decode().then(() => each.naturalWidth)") == 160
    challenge = re.findall(r"/captcha/(\d{16})\.png", page.content())[0]
    expect(page.locator("#email")).to_have_value("Alena")
    page.fill("#password", PASSWORD)
    page.fill("#code", server.core.captcha.answer(challenge))
    page.press("#code", "Enter")
    expect(page.locator("#people")).to_contain_text("Alena")
    assert alena.problems == []
