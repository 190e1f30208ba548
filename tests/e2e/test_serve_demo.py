"""`beseda demo`: all that it says to try works."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import dns.message
import dns.query
import httpx
import pytest

from e2e.serving import QUICK_HASHES, started

SETTINGS = QUICK_HASHES | {"BESEDA_DNS_LISTEN": "127.0.0.1:0"}
"""Any port but that of a demo that somebody else has begun."""


@pytest.mark.long
@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide is written for curl")
def test_its_guide_works_line_by_line_and_nothing_is_left(tmp_path: Path) -> None:
    with started("demo", "--listen", "127.0.0.1:0", settings=SETTINGS | {"TMPDIR": str(tmp_path)}) as demo:
        (folder,) = tmp_path.iterdir()
        commands = re.findall(r"^  ((?:curl|TOKEN=|BEARER=).*)$", demo.printed, re.MULTILINE)
        script = "\n".join(f"{command}\necho" for command in commands)
        ran = subprocess.run(["sh", "-ec", script], capture_output=True, text=True, timeout=60, check=True)
        assert demo.stop() == 0
    assert not folder.exists()
    answers = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    rooms, room, admins, signed_in, users, talk, session, domains, balance, moved = answers
    assert [each["name"] for each in rooms["rooms"]] == ["Kavárna", "Knihovna"]
    assert room["room"]["permanent"] is True
    assert [admin["nick"] for admin in admins["admins"]] == ["Alena"]
    assert signed_in["status"] == 200
    assert [user["nick"] for user in users["users"]] == ["Alena"]
    assert [line["t"] for line in talk["data"]["data"] if "t" in line] == ["Ahoj"]
    assert (session["code"], session["attributes"]["name"]) == ("00000", "Alena")
    assert [domain["fqdn_readable"] for domain in domains["result"]] == ["beseda-priklad.com", "беседа-пример.рф"]
    assert (balance["result"]["real_balance"], balance["result"]["bonus_balance"]) == (500, 25.5)
    assert moved["result"] == 1
    assert "beseda_requests_total" in ran.stdout


@pytest.mark.long
def test_it_answers_for_its_domains() -> None:
    with started("demo", "--listen", "127.0.0.1:0", settings=SETTINGS) as demo:
        found = re.search(r"^  DNS +127\.0\.0\.1:([0-9]+) ", demo.printed, re.MULTILINE)
        assert found, demo.printed
        question = dns.message.make_query("xn----7sbcmeadx0b2aldd.xn--p1ai", "SOA")
        for query in (dns.query.udp, dns.query.tcp):
            assert query(question, "127.0.0.1", timeout=10, port=int(found[1])).answer
        assert demo.stop() == 0


def test_it_begins_with_a_page_to_open_and_who_to_be() -> None:
    with started("demo", "--listen", "127.0.0.1:0", settings=SETTINGS) as demo:
        first = demo.printed.splitlines()[0]
        found = re.fullmatch(r"Open (http://127\.0\.0\.1:[0-9]+/login) and sign in as (\w+), password (\S+)", first)
        assert found, first
        page, nick, password = found.groups()
        assert 'name="password"' in httpx.get(page).text
        answer = httpx.post(page, data={"email": nick, "password": password}, follow_redirects=True)
        assert f">{nick}<" in answer.text
        assert 'id="nav-user"' in answer.text
        assert demo.stop() == 0


@pytest.mark.long
def test_its_passwords_are_new_each_time() -> None:
    printed = []
    for _ in range(2):
        with started("demo", "--listen", "127.0.0.1:0", settings=SETTINGS) as demo:
            printed.append(re.findall("[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", demo.printed))
            assert demo.stop() == 0
    assert len(printed[0]) >= 2
    assert not set(printed[0]) & set(printed[1])
