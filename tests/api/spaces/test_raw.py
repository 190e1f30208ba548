"""Requests as old clients really send them, byte by byte."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from api.spaces.client import Client
from beseda.testing import BesedaServer

LETTER_MAX = 10_000


def send(server: BesedaServer, head: str, body: bytes) -> dict[str, Any]:
    """The envelope that answers."""
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        lines = f"{head}\r\nHost: spaces.example.org\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall(lines.encode() + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
    envelope: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return envelope


URLENCODED = "Content-Type: application/x-www-form-urlencoded"


def test_ajax_in_front_and_null_behind(server: BesedaServer, alena: Client) -> None:
    body = f"method=sendMessage&user=Brana&texttT=Ahoj&sid={alena.sid}&CK={alena.proof}".encode()
    head = f"POST /ajax/neoapi/mail/?null HTTP/1.1\r\nX-proxy: spaces\r\n{URLENCODED}"
    assert send(server, head, body)["message"]["text"] == "Ahoj"


def test_a_header_whose_name_ends_in_two_colons(server: BesedaServer, alena: Client) -> None:
    """Of the comments of Spaces.Forum: the name of the header is `Cookie:`."""
    body = f"method=getTopCounts&sid={alena.sid}".encode()
    head = f"POST /neoapi/common/ HTTP/1.1\r\nCookie:: beta=1;\r\n{URLENCODED}"
    assert send(server, head, body)["code"] == "00000"


def test_bytes_that_nobody_escaped(server: BesedaServer, alena: Client, brana: Client) -> None:
    """Spaces.Forum writes the low eight bits of every character, spaces and all."""
    alena.do("mail.sendMessage", user="Brana", texttT="Ahoj")
    head = f"POST /ajax/neoapi/mail/?null HTTP/1.1\r\n{URLENCODED}"
    start = f"method=typing&sid={brana.sid}&CK={brana.proof}&Contact=2&no_notify=1&message=".encode()
    for raw in (b"dva slova = \xe1\xff\x00 100%", b"a & b", "привет".encode(), b"%zz%"):
        assert send(server, head, start + raw)["code"] == "00000"


def test_multipart_without_a_boundary_in_its_header(server: BesedaServer, alena: Client) -> None:
    """As React Native's polyfills elsewhere than on Android send it."""
    fields = {"method": "sendMessage", "user": "Brana", "texttT": "Ahoj světe", "sid": alena.sid, "CK": alena.proof}
    head = "content-disposition: form-data; name"
    body = "".join(
        f'--x7\r\n{head}="{name}"\r\nContent-Length: {len(value.encode())}\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head = "POST /neoapi/mail HTTP/1.1\r\nContent-Type: multipart/form-data"
    assert send(server, head, f"{body}--x7--\r\n".encode())["message"]["text"] == "Ahoj světe"


def test_the_method_in_the_path_with_a_counter(server: BesedaServer, alena: Client) -> None:
    body = f"CoNtacts=1&sid={alena.sid}&CK={alena.proof}&_origin=http://spaces.example.org".encode()
    head = f"POST /api/mail/markContactsAsRead/?_=3 HTTP/1.1\r\n{URLENCODED}"
    assert send(server, head, body)["code"] == "02001"


def test_a_page_by_post_without_a_body(server: BesedaServer, alena: Client) -> None:
    head = f"POST /mail/ HTTP/1.1\r\nX-Proxy: spaces\r\nCookie: json=1; sid={alena.sid}"
    assert send(server, head, b"")["form"] == {"contacts": []}


@pytest.mark.parametrize("char", ["x", "é", "я", "🦊"])
def test_the_longest_letter(server: BesedaServer, alena: Client, char: str) -> None:
    assert alena.do("mail.sendMessage", user="Brana", texttT=char * LETTER_MAX)["message"]["text"] == char * LETTER_MAX
    assert alena.call("mail.sendMessage", user="Brana", texttT=char * (LETTER_MAX + 1))["code"] == "00016"


def test_more_than_any_letter(server: BesedaServer, alena: Client) -> None:
    assert alena.call("mail.sendMessage", user="Brana", texttT="x" * 200_000)["code"] == "00012"


def test_a_hundred_letters_at_once(server: BesedaServer, alena: Client) -> None:
    """As repeated fields."""
    alena.do("mail.sendMessage", user="Brana", texttT="Ahoj")
    ids = "&".join(f"MeSsages={number}" for number in range(1, 101))
    body = f"method=getMessagesByIds&Contact=1&{ids}&sid={alena.sid}".encode()
    assert list(send(server, f"POST /neoapi/mail HTTP/1.1\r\n{URLENCODED}", body)["messages"]) == ["1"]


def test_pages_of_other_sites_change_nothing(server: BesedaServer, alena: Client) -> None:
    """By the cookie; and what they ask for does not know the visitor."""
    cookies = {"sid": alena.sid, "json": "1"}
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example.org"}
    body = {"method": "sendMessage", "user": "Brana", "texttT": "x", "CK": alena.proof}
    answer = httpx.post(f"{server.url}/neoapi/mail", data=body, cookies=cookies, headers=foreign).json()
    assert answer["code"] in ("01001", "01006")
    for path in ("/mail/", "/journal/", "/ajax/events/", "/api/common/getTopCounts"):
        code = httpx.get(server.url + path, cookies=cookies, headers=foreign).json()["code"]
        assert code == ("01006" if path == "/journal/" else "01001")
    assert alena.do("mail.getContacts")["contacts"] == []
