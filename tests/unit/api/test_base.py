"""What the protocols share: addresses, cookies, bodies, the guard against other sites."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beseda.api.base import (
    BodyTooLarge,
    ClientGone,
    Message,
    Scope,
    WebOptions,
    address_of,
    cookie_name,
    cookies,
    guard_cross_site,
    host_of,
    is_secure,
    is_trusted,
    origin_of,
    read_body,
    session_cookies,
)
from beseda.domain.errors import CrossSite


def scope(*headers: tuple[str, str], method: str = "POST", host: str = "beseda.example.org") -> Scope:
    lines = [("host", host), *headers]
    return {
        "method": method,
        "scheme": "http",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in lines],
    }


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:C000:201", "192.0.2.1"),
        ("0:0:0:0:0:ffff:c000:0201", "192.0.2.1"),
        ("no:address", "no:address"),
        ("", ""),
    ],
)
def test_addresses_as_limits_see_them(host: str, address: str) -> None:
    assert address_of({"client": (host, 1)}) == address
    assert address_of({"client": None}) == ""


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["sid=1"], {"sid": "1"}),
        (["json=1; sid=2"], {"json": "1", "sid": "2"}),
        (["json=1;sid=2;"], {"json": "1", "sid": "2"}),
        (["sid=1; sid=2"], {"sid": "1"}),
        (["sid=1", "json=1"], {"sid": "1", "json": "1"}),
        (['sid="1"'], {"sid": "1"}),
        (["sid = 1 "], {"sid ": "1"}),
        (["a=b=c"], {"a": "b=c"}),
        ([": beta=1;"], {": beta": "1"}),
        (["nonsense", ";;;", ""], {}),
        (["sid="], {"sid": ""}),
    ],
)
def test_cookies(lines: list[str], found: dict[str, str]) -> None:
    assert cookies(scope(*(("cookie", line) for line in lines))) == found


@given(st.binary(max_size=50))
def test_any_cookie_line_is_read(line: bytes) -> None:
    cookies({"headers": [(b"cookie", line)]})


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("chat.example.org", "chat.example.org"),
        ("chat.example.org:8080", "chat.example.org:8080"),
        ("192.0.2.1:80", "192.0.2.1:80"),
        ("[2001:db8::1]:80", "[2001:db8::1]:80"),
        ("CHAT.example.org.", "chat.example.org"),
        ("chat.example.org.:8080", "chat.example.org:8080"),
        ("chat.example.org:", "chat.example.org"),
        ("chat.example.org:08080", "chat.example.org:8080"),
        ("[2001:DB8:0::1]", "[2001:db8::1]"),
        ("[::ffff:192.0.2.1]", "[::ffff:c000:201]"),
        ("[fe80::1%eth0]:80", "[fe80::1]:80"),
        ("[fe80::1%25eth0]", "[fe80::1]"),
        ("chat.example.org:65536", "localhost"),
        ("chat.example.org:80:80", "localhost"),
        ("chat.example.org:http", "localhost"),
        ("[::1", "localhost"),
        ("[1]", "localhost"),
        ("[]", "localhost"),
        (".", "localhost"),
        (":80", "localhost"),
        ("a" * 301, "localhost"),
        ("a b", "localhost"),
        ("a/b", "localhost"),
        ("a@b", "localhost"),
        ('"><script>', "localhost"),
        ("", "localhost"),
        ("a\r\nb", "localhost"),
    ],
)
def test_a_host_that_may_stand_in_a_link(host: str, known: str) -> None:
    assert host_of(scope(host=host)) == known
    assert origin_of(scope(host=host), WebOptions()) == f"http://{known}"
    assert origin_of(scope(host=host), WebOptions("https://b.example.org")) == "https://b.example.org"


def test_secure_is_what_browsers_come_by() -> None:
    assert not is_secure(scope(), WebOptions())
    assert is_secure({"scheme": "https", "headers": []}, WebOptions())
    assert is_secure(scope(), WebOptions("https://b.example.org"))


@pytest.mark.parametrize(
    ("host", "scheme", "base_url", "name"),
    [
        ("chat.example.org", "http", "", "beseda"),
        ("chat.example.org:80", "http", "", "beseda"),
        ("chat.example.org:8080", "http", "", "beseda-8080"),
        ("chat.example.org:443", "http", "", "beseda-443"),
        ("[::1]", "http", "", "beseda"),
        ("[::1]:8080", "http", "", "beseda-8080"),
        ("chat.example.org", "https", "", "__Host-beseda"),
        ("chat.example.org:443", "https", "", "__Host-beseda"),
        ("chat.example.org:80", "https", "", "__Host-beseda-80"),
        ("chat.example.org:8443", "https", "", "__Host-beseda-8443"),
        ("10.0.0.5:8080", "http", "https://chat.example.org", "__Host-beseda"),
        ("10.0.0.5:8080", "http", "https://chat.example.org:443", "__Host-beseda"),
        ("10.0.0.5:8080", "http", "https://chat.example.org:444", "__Host-beseda-444"),
        ("10.0.0.5", "http", "http://[::1]:8080", "beseda-8080"),
        ("nonsense:port", "http", "", "beseda"),
        ("", "http", "", "beseda"),
    ],
)
def test_the_cookie_says_the_port_that_browsers_come_by(host: str, scheme: str, base_url: str, name: str) -> None:
    request = {**scope(host=host), "scheme": scheme}
    assert cookie_name(request, WebOptions(base_url)) == name


@pytest.mark.parametrize(
    ("sent", "handles"),
    [
        ("beseda-8080=new", "new"),
        ("beseda=old", "old"),
        ("beseda=old; beseda-8080=new", "new old"),
        ("beseda-8080=new; beseda=old", "new old"),
        ("beseda-8080=; beseda=old", ""),
        ("beseda-8081=other", "other"),
        ("beseda-8081=other; beseda=old", "old other"),
        ("beseda-9=b; beseda-8081=a; beseda=; beseda-8080=new", "new b a"),
        ("__Host-beseda=secure", ""),
        ("besedax=1; xbeseda=1", ""),
        ("other=1", ""),
        ("", ""),
    ],
)
def test_cookies_of_older_names_are_read_after_the_one_of_todays(sent: str, handles: str) -> None:
    request = scope(("cookie", sent), host="chat.example.org:8080")
    assert list(session_cookies(request, WebOptions())) == handles.split()


@pytest.mark.parametrize(
    ("origin", "trusted"),
    [
        ("https://gate.cz", True),
        ("HTTPS://GATE.CZ:443", True),
        ("https://my.example", True),
        ("https://gate.cz:444", False),
        ("http://gate.cz", False),
        ("null", False),
        ("", False),
        (None, False),
    ],
)
def test_origins_are_trusted_however_they_are_written(origin: str | None, trusted: bool) -> None:
    options = WebOptions("https://my.example", frozenset({"https://Gate.cz:443", "nonsense"}))
    assert is_trusted(scope(*() if origin is None else [("origin", origin)]), options) is trusted


class TestCrossSite:
    """Whatever kind of body a form has; none of it is looked at."""

    OPTIONS = WebOptions("https://public.example.org", frozenset({"https://chat.cz"}))
    NAVIGATES = (("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"))

    @pytest.mark.parametrize(
        ("site", "origin", "passes"),
        [
            (None, None, True),
            ("same-origin", None, True),
            ("same-origin", "http://beseda.example.org", True),
            ("none", None, True),
            ("same-site", None, False),
            ("same-site", "http://other.example.org", False),
            ("cross-site", None, False),
            ("cross-site", "http://beseda.example.org", False),
            ("cross-site", "https://chat.cz", True),
            ("nonsense", None, False),
            ("", None, False),
            (None, "http://beseda.example.org", True),
            (None, "https://beseda.example.org", True),
            (None, "https://public.example.org", True),
            (None, "https://chat.cz", True),
            (None, "http://beseda.example.org:80", True),
            (None, "https://beseda.example.org:443", True),
            (None, "HTTP://Beseda.Example.Org.", True),
            (None, "https://public.example.org:443", True),
            ("cross-site", "https://CHAT.CZ:443", True),
            (None, "https://beseda.example.org:80", False),
            (None, "http://beseda.example.org:443", False),
            (None, "ftp://beseda.example.org", False),
            (None, "https://chat.cz/", False),
            (None, "http://chat.cz", False),
            (None, "https://chat.cz.example.org", False),
            (None, "http://other.example.org", False),
            (None, "http://beseda.example.org:81", False),
            (None, "http://beseda.example.org.evil.example", False),
            (None, "http://evil.example/beseda.example.org", False),
            (None, "beseda.example.org", False),
            (None, "null", False),
            (None, "http://[", False),
            (None, "://", False),
            (None, "\xff", False),
        ],
    )
    def test_table(self, site: str | None, origin: str | None, passes: bool) -> None:
        sent = [("sec-fetch-site", site), ("origin", origin)]
        headers = [(name, value) for name, value in sent if value is not None]
        for method in ("GET", "POST"):
            self.check(passes, scope(*headers, method=method))

    def check(self, passes: bool, request: Scope, *, links: bool = True) -> None:
        if passes:
            guard_cross_site(request, self.OPTIONS, links=links)
        else:
            with pytest.raises(CrossSite):
                guard_cross_site(request, self.OPTIONS, links=links)

    @pytest.mark.parametrize(
        ("host", "origin", "passes"),
        [
            ("Beseda.Example.org:80", "http://beseda.example.org", True),
            ("beseda.example.org:443", "https://beseda.example.org", True),
            ("beseda.example.org.", "http://beseda.example.org.", True),
            ("beseda.example.org:8080", "http://beseda.example.org:8080", True),
            ("[0::1]:8080", "http://[::1]:8080", True),
            ("beseda.example.org:8080", "http://beseda.example.org", False),
            ("beseda.example.org:8080", "http://beseda.example.org:8081", False),
            ("nonsense:port", "http://localhost", False),
            ("nonsense:port", "http://nonsense:port", False),
            ("", "http://localhost", False),
        ],
    )
    def test_a_host_is_the_same_however_it_is_written(self, host: str, origin: str, passes: bool) -> None:
        self.check(passes, scope(("origin", origin), host=host))

    def test_links_are_followed_unless_they_do_something(self) -> None:
        link = scope(("sec-fetch-site", "cross-site"), *self.NAVIGATES, method="GET")
        self.check(True, link)
        self.check(False, link, links=False)
        self.check(False, scope(("sec-fetch-site", "cross-site"), *self.NAVIGATES, method="POST"))
        for frame in ("iframe", "image"):
            headers = (("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", frame))
            self.check(False, scope(*headers, method="GET"))


class TestBody:
    def read(self, *messages: Message, max_bytes: int = 10) -> bytes:
        waiting = list(messages)

        async def receive() -> Message:
            return waiting.pop(0)

        return asyncio.run(read_body(receive, max_bytes=max_bytes))

    def part(self, body: bytes, *, more: bool = False) -> Message:
        return {"type": "http.request", "body": body, "more_body": more}

    def test_is_read_whole(self) -> None:
        assert self.read(self.part(b"0123456789")) == b"0123456789"
        assert self.read(self.part(b"01234", more=True), self.part(b"56789")) == b"0123456789"
        assert self.read({"type": "http.request"}) == b""
        assert self.read(self.part(b"", more=True), self.part(b"", more=True), self.part(b"1")) == b"1"

    def test_of_too_many_bytes_is_not_waited_for(self) -> None:
        for messages in (
            [self.part(b"0123456789a")],
            [self.part(b"0123456789a", more=True)],
            [self.part(b"0123456789", more=True), self.part(b"a")],
            [self.part(b"0123456789", more=True), self.part(b"a", more=True)],
        ):
            with pytest.raises(BodyTooLarge):
                self.read(*messages)

    def test_of_a_client_that_has_gone_is_none(self) -> None:
        gone: Message = {"type": "http.disconnect"}
        for messages in ([gone], [self.part(b"0", more=True), gone]):
            with pytest.raises(ClientGone):
                self.read(*messages)
