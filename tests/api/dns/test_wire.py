"""Whatever comes by the wire is read, or refused cheaply; and names, records, cookies and rates."""

import ipaddress
import struct
from pathlib import Path
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.dns.line import SECRET, make_answers, read_zones
from beseda.api.dns.answers import Peer
from beseda.api.dns.edns import HOUR_S, RENEW_S, Cookies
from beseda.api.dns.rates import Rates
from beseda.api.dns.wire import Malformed, Message, join_text, read_message, read_name, split_text

ZONES = read_zones((Path(__file__).parent / "zones.txt").read_text())
BY_UDP, BY_TCP = Peer("192.0.2.9", False), Peer("192.0.2.9", True)
QUESTION = dns.message.make_query("www.example.org", "A", use_edns=False, id=0x1234).to_wire()
HEAD = b"\x12\x34\1\0\0\1\0\0\0\0\0\0"


def packets() -> st.SearchStrategy[bytes]:
    """Good messages with a few octets changed, cut, or added; and garbage."""
    names = st.sampled_from(["example.org", "www.example.org", "big.example.org", "x.wild.example.org", ".", "a.b.c"])
    types = st.sampled_from(["A", "ANY", "SOA", "AXFR", "IXFR", "TXT", "TSIG", "OPT", "DS"])

    @st.composite
    def spoiled(draw: st.DrawFn) -> bytes:
        message = dns.message.make_query(draw(names), draw(types), use_edns=draw(st.sampled_from([False, 0, 1])))
        wire = bytearray(message.to_wire())
        for _ in range(draw(st.integers(0, 6))):
            wire[draw(st.integers(0, len(wire) - 1))] = draw(st.sampled_from([0, 1, 12, 41, 63, 64, 0xC0, 255]))
        cut = draw(st.integers(0, len(wire)))
        return bytes(wire[:cut]) + draw(st.binary(max_size=40)) if draw(st.booleans()) else bytes(wire)

    return spoiled() | st.binary(max_size=80) | st.binary(max_size=80).map(lambda data: HEAD + data)


def check(packet: bytes) -> None:
    """An answer, if there is one, is a message that other people's code reads, and as small as it must be."""
    for peer in (BY_UDP, BY_TCP):
        reply = ANSWERS.answer(packet, peer)
        if not isinstance(reply, bytes):
            continue
        assert reply[:2] == packet[:2]
        assert reply[2] & 0x80
        assert peer.stream or len(reply) <= 1232
        if (reply[2] >> 3) & 15 != dns.opcode.UPDATE:  # of which dnspython reads nothing but good ones
            dns.message.from_wire(reply)


ANSWERS = make_answers(ZONES)


@given(packets())
@example(b"")
@example(HEAD)
@example(HEAD + b"\xc0\x0c\0\1\0\1")
@example(HEAD + b"\x03www\xc0\x0c\0\1\0\1")
def test_any_packet_is_answered_or_dropped(packet: bytes) -> None:
    check(packet)


@pytest.mark.long
@pytest.mark.timeout(280)
@given(packets())
@settings(max_examples=20_000)
def test_very_many_packets_are_answered_or_dropped(packet: bytes) -> None:
    check(packet)


@given(packets())
def test_what_is_read_here_is_read_as_others_read_it(packet: bytes) -> None:
    try:
        message = read_message(packet)
    except Malformed:
        return
    try:
        theirs = dns.message.from_wire(packet, ignore_trailing=False)
    except (dns.exception.DNSException, ValueError, KeyError):
        return  # dnspython looks into the data of records too
    if theirs.question:
        assert message.name == (theirs.question[0].name.to_wire() or b"").lower()


@pytest.mark.parametrize(
    "packet",
    [
        HEAD + b"\xc0\x0c\0\1\0\1",  # a pointer to itself
        HEAD + b"\x03www\xc0\x10\0\1\0\1",
        HEAD + b"\x40" + b"a" * 64 + b"\0\0\1\0\1",  # a label of an unknown kind
        HEAD + b"\x3f" + b"a" * 63 + (b"\x3f" + b"a" * 63) * 4 + b"\0\0\1\0\1",  # longer than 255
        HEAD + b"\x03www",
        HEAD + b"\x03www\0\0\1",
        QUESTION + b"x",
        QUESTION[:4] + b"\0\2" + QUESTION[6:],
        QUESTION[:4] + b"\0\0" + QUESTION[6:],
        QUESTION[:10] + b"\xff\xff" + QUESTION[12:],
        QUESTION[:10] + b"\0\1" + QUESTION[12:] + b"\1a\0\0\x29\4\xd0\0\0\0\0\0\0",  # OPT not at the root
        QUESTION[:10] + b"\0\2" + QUESTION[12:] + b"\0\0\x29\4\xd0\0\0\0\0\0\0" * 2,  # OPT twice
        QUESTION[:10] + b"\0\1" + QUESTION[12:] + b"\0\0\x29\4\xd0\0\0\0\0\0\5\0\x0a\0\1x",  # a cookie of one octet
        QUESTION[:10] + b"\0\1" + QUESTION[12:] + b"\0\0\x29\4\xd0\0\0\0\0\0\3\0\x0a\0",  # half an option
        QUESTION[:10] + b"\0\1" + QUESTION[12:] + b"\0\0\x29\4\xd0\0\0\0\0\0\5\0\x0a\0\x09x",
    ],
)
def test_what_is_no_question_is_a_format_error_of_twelve_octets(packet: bytes) -> None:
    reply = ANSWERS.answer(packet, BY_UDP)
    assert reply == packet[:2] + bytes([0x80 | packet[2] & 1, 1]) + bytes(8)


@pytest.mark.parametrize("packet", [b"", b"\0" * 11, HEAD[:2] + b"\x81" + HEAD[3:] + QUESTION[12:]])
def test_fragments_and_answers_are_not_answered(packet: bytes) -> None:
    assert ANSWERS.answer(packet, BY_UDP) is None


@pytest.mark.parametrize("opcode", [1, 2, 3, 4, 6, 15])
def test_other_opcodes_are_not_implemented(opcode: int) -> None:
    reply = ANSWERS.answer(QUESTION[:2] + bytes([opcode << 3 | 1]) + QUESTION[3:], BY_UDP)
    assert reply == QUESTION[:2] + bytes([0x81 | opcode << 3, 4]) + bytes(8)


def test_signed_questions_transfers_and_updates_are_given_back() -> None:
    for rdtype in ("AXFR", "IXFR"):
        assert isinstance(ANSWERS.answer(dns.message.make_query("example.org", rdtype).to_wire(), BY_TCP), Message)
    update = bytes([0, 1, 5 << 3, 0]) + b"\0\1\0\0\0\0\0\0" + QUESTION[12:-4] + b"\0\6\0\1"
    assert isinstance(ANSWERS.answer(update, BY_UDP), Message)


def ask(edns: dict[str, Any], peer: Peer = BY_UDP, name: str = "example.org") -> dns.message.Message:
    message = dns.message.make_query(name, "A")
    message.use_edns(**edns)
    reply = ANSWERS.answer(message.to_wire(), peer)
    assert isinstance(reply, bytes)
    return dns.message.from_wire(reply)


def test_another_version_of_edns_is_told_ours() -> None:
    answer = ask({"edns": 1})
    assert (answer.rcode(), answer.edns, answer.answer) == (dns.rcode.BADVERS, 0, [])


def test_unknown_options_and_flags_are_ignored_and_not_told() -> None:
    """Of the flags DO alone comes back (RFC 3225, 3)."""
    options = [
        dns.edns.GenericOption(dns.edns.OptionType.make(65001), b"x" * 50),
        dns.edns.GenericOption(dns.edns.OptionType.NSID, b""),
        dns.edns.ECSOption("192.0.2.0"),
    ]
    answer = ask({"edns": 0, "ednsflags": 0x8001, "options": options})
    assert (answer.rcode(), answer.ednsflags, answer.options, answer.payload) == (0, 0x8000, (), 1232)
    assert answer.answer


def test_recursion_is_neither_done_nor_offered() -> None:
    for flag in (0, dns.flags.RD):
        message = dns.message.make_query("example.org", "A", flags=flag | dns.flags.CD | dns.flags.AD)
        reply = ANSWERS.answer(message.to_wire(), BY_UDP)
        assert isinstance(reply, bytes)
        assert dns.message.from_wire(reply).flags == dns.flags.QR | dns.flags.AA | flag


def test_a_payload_below_512_counts_as_512() -> None:
    assert ask({"edns": 0, "payload": 0}).answer


def test_what_does_not_fit_is_cut_to_the_question_and_whole_by_stream() -> None:
    message = dns.message.make_query("big.example.org", "TXT", use_edns=0, payload=512)
    cut, whole = (ANSWERS.answer(message.to_wire(), peer) for peer in (BY_UDP, BY_TCP))
    assert isinstance(cut, bytes)
    assert isinstance(whole, bytes)
    assert (dns.message.from_wire(cut).flags & dns.flags.TC, dns.message.from_wire(cut).answer) == (dns.flags.TC, [])
    assert len(dns.message.from_wire(whole).answer[0]) == 5
    message.use_edns(0, payload=4096)
    fits = ANSWERS.answer(message.to_wire(), BY_UDP)
    assert isinstance(fits, bytes)
    assert not dns.message.from_wire(fits).flags & dns.flags.TC


@given(st.lists(st.binary(min_size=1, max_size=63), max_size=6))
def test_names_are_read_and_told_as_others_do(labels: list[bytes]) -> None:
    wire = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    if len(wire) > 255:
        return
    assert read_name(wire, 0) == (wire, len(wire))
    assert dns.name.from_text(split_text(wire) + ".") == dns.name.from_wire(wire, 0)[0]


def test_a_name_is_written_as_it_is_read() -> None:
    assert join_text("WWW.Example.org.") == b"\3www\7example\3org\0"
    assert join_text("") == b"\0"


CLIENT = bytes.fromhex("2464c4abcf10c957")
V4 = ipaddress.ip_address("198.51.100.100").packed
V6 = ipaddress.ip_address("2001:db8:220:1:59de:d0f4:8769:82b8").packed


def test_server_cookies_are_those_of_rfc_9018() -> None:
    """Its appendix A.1 (a first cookie) and A.4 (IPv6, with another secret)."""
    option, known = Cookies(SECRET).option(CLIENT, V4, 1559731985)
    assert (option[4:].hex(), known) == ("2464c4abcf10c957010000005cf79f111f8130c3eee29480", False)
    other = Cookies(bytes.fromhex("dd3bdf9344b678b185a6f5cb60fca715"))
    sent = bytes.fromhex("22681ab97d52c298010000005cf7c57926556bd0934c72f8")
    assert other.option(sent, V6, 1559741961)[1]


def test_a_cookie_is_good_for_an_hour_and_renewed_after_half_of_it() -> None:
    cookies, start = Cookies(SECRET), 1_700_000_000
    cookie = cookies.option(CLIENT, V4, start)[0][4:]
    assert cookies.option(cookie, V4, start + RENEW_S - 1) == (b"\0\x0a\0\x18" + cookie, True)
    renewed, known = cookies.option(cookie, V4, start + RENEW_S + 1)
    assert known
    assert renewed[4:] != cookie
    assert not cookies.option(cookie, V4, start + HOUR_S + 1)[1]
    assert not cookies.option(cookie, V6, start)[1]
    assert not cookies.option(cookie[:-1] + b"\0", V4, start)[1]
    assert not Cookies(bytes(16)).option(cookie, V4, start)[1]


def test_a_cookie_is_answered_with_one_that_is_good_then() -> None:
    first = ask({"edns": 0, "options": [dns.edns.CookieOption(CLIENT, b"")]}).options[0]
    assert isinstance(first, dns.edns.CookieOption)
    again = ask({"edns": 0, "options": [dns.edns.CookieOption(CLIENT, first.server)]}).options[0]
    assert again == first


def test_a_bare_question_for_a_cookie_is_answered() -> None:
    opt = b"\0\0\x29\4\xd0\0\0\0\0\0\x0c\0\x0a\0\x08" + CLIENT
    reply = ANSWERS.answer(b"\0\7\0\0\0\0\0\0\0\0\0\1" + opt, BY_UDP)
    assert isinstance(reply, bytes)
    assert struct.unpack_from("!HHHHHH", reply) == (7, 0x8000, 0, 0, 0, 1)
    assert CLIENT in reply


def test_networks_are_limited_and_told_to_come_by_stream() -> None:
    """Not those that are exempt, nor who shows a good cookie, nor anybody by stream."""
    answers = make_answers(ZONES, rate=5, exempt=[ipaddress.ip_network("192.0.2.0/24")])

    def flood(host: str, packet: bytes, stream: bool = False) -> list[int]:
        replies = [answers.answer(packet, Peer(host, stream)) for _ in range(40)]
        return [dns.message.from_wire(reply).flags & dns.flags.TC for reply in replies if isinstance(reply, bytes)]

    first = flood("198.51.100.1", QUESTION)
    assert len(first) == 40
    assert first.count(0) in range(10, 13)
    assert flood("198.51.100.77", QUESTION).count(0) < 3  # the same /24
    assert flood("198.51.101.1", QUESTION).count(0) in range(10, 13)
    assert flood("192.0.2.1", QUESTION).count(0) == 40
    assert flood("198.51.100.1", QUESTION, stream=True).count(0) == 40
    assert len(flood("203.0.113.1", QUESTION[:-1])) in range(10, 13)  # no message: nothing more is told
    message = dns.message.make_query("example.org", "A")
    message.use_edns(0, options=[dns.edns.CookieOption(CLIENT, b"")])
    option = dns.message.from_wire(bytes(answers.answer(message.to_wire(), Peer("198.51.102.1", False)))).options[0]  # type: ignore[arg-type]
    message.use_edns(0, options=[option])
    assert flood("198.51.102.1", message.to_wire()).count(0) == 40


def test_limits_forget_networks_that_are_quiet() -> None:
    now = [0.0]
    rates = Rates(2, [], lambda: now[0])
    assert [rates.allows("192.0.2.1") for _ in range(6)] == [True] * 4 + [False] * 2
    assert [rates.allows("2001:db8::1") for _ in range(6)] == [True] * 4 + [False] * 2
    assert not rates.allows("::ffff:192.0.2.7")
    now[0] = 1.0
    assert [rates.allows("192.0.2.1") for _ in range(4)] == [True] * 2 + [False] * 2
    assert rates.limited == 7
