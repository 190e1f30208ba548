"""Records by dnspython: each type in a canonical form, by whatever way it comes."""

import asyncio

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from beseda.adapters.dns_records import DnsRecords
from beseda.domain.errors import RecordRefused, ZoneFileInvalid, ZoneFull
from beseda.domain.records import APEX, Data, RecordSet

CODEC = DnsRecords()
ZONE = "vzor.ru"
DIGEST = "AB" * 32
CANONICAL = [
    ("A", "192.0.2.1", "192.0.2.1"),
    ("A", r"\# 4 C0000201", "192.0.2.1"),
    ("AAAA", "2001:DB8:0:0::1", "2001:db8::1"),
    ("CNAME", "WWW", "www.vzor.ru."),
    ("CNAME", "@", "vzor.ru."),
    ("MX", "10 Mail.Example.ORG.", "10 mail.example.org."),
    ("MX", "0 .", "0 ."),
    ("NS", "ns1", "ns1.vzor.ru."),
    ("NS", "шахматы.рф.", "xn--80aa9azamq0a.xn--p1ai."),
    ("TXT", "two words", '"two" "words"'),
    ("TXT", r'"a \"b\" \\ ;c" "ž"', r'"a \"b\" \\ ;c" "\197\190"'),
    ("SRV", "0 5 5060 Sip", "0 5 5060 sip.vzor.ru."),
    ("CAA", '0 issue "ca.example.org"', '0 issue "ca.example.org"'),
    ("DS", f"1 13 2 {DIGEST}", f"1 13 2 {DIGEST.lower()}"),
    ("TLSA", f"3 1 1 {DIGEST}", f"3 1 1 {DIGEST.lower()}"),
    ("SSHFP", f"4 2 {DIGEST}", f"4 2 {DIGEST.lower()}"),
    ("HTTPS", "1 . alpn=h2,h3 port=8443", '1 . alpn="h2,h3" port="8443"'),
    ("SVCB", "0 svc", "0 svc.vzor.ru."),
    ("NAPTR", '100 10 "S" "SIP+D2U" "" _sip._udp', '100 10 "S" "SIP+D2U" "" _sip._udp.vzor.ru.'),
    ("PTR", "host.example.org.", "host.example.org."),
    ("LOC", "50 5 0 N 14 25 0 E 200m", "50 5 0.000 N 14 25 0.000 E 200.00m"),
    ("TYPE65280", r"\# 3 ABCDEF", r"\# 3 abcdef"),
    ("TYPE65280", r"\# 0", r"\# 0"),
    ("TYPE13", '"VAX" "VMS"', r"\# 8 0356415803564d53"),
]
WRONG = [
    ("A", "192.0.2"),
    ("A", "mx1.example.org."),
    ("A", "192.0.2.1 192.0.2.2"),
    ("A", "192.0.2.1\n192.0.2.2"),
    ("AAAA", "192.0.2.1"),
    ("MX", "mail"),
    ("MX", "65536 mail"),
    ("TXT", '"open'),
    ("TXT", '"' + "a" * 256 + '"'),
    ("SRV", "1 2 3"),
    ("CAA", "0 issue"),
    ("DS", "1 13 2 AB"),
    ("LOC", "91 0 0 N 0 0 0 E 0m"),
    ("TYPE65280", "abc"),
    ("TYPE65280", r"\# 2 ab"),
    ("CNAME", "a..b"),
    ("CNAME", "a" * 64),
    ("CNAME", ".".join(["a" * 50] * 6)),
    ("HTTPS", "1 . alpn="),
]


@pytest.mark.parametrize(("type_", "written", "text"), CANONICAL)
def test_data_has_one_form(type_: str, written: str, text: str) -> None:
    data = CODEC.data(ZONE, "x", type_, written)
    assert data.text == text
    assert CODEC.data(ZONE, "x", type_, text) == data
    assert CODEC.from_wire(type_, data.wire) == data


@pytest.mark.parametrize(("type_", "written"), WRONG)
def test_wrong_data_is_refused(type_: str, written: str) -> None:
    with pytest.raises(RecordRefused) as refused:
        CODEC.data(ZONE, "x", type_, written)
    assert (refused.value.reason, refused.value.type) == ("data_invalid", type_)
    assert refused.value.detail.startswith(f"x {type_}: the data is not that of this type")


@example("TLSA", bytes(3))
@example("SSHFP", bytes(2))
@example("DS", b"\xff" * 4)
@example("LOC", bytes.fromhex("001216138abf28e08317ee60e698e4a0"))
@given(st.sampled_from([type_ for type_, _, _ in CANONICAL]), st.text(max_size=60) | st.binary(max_size=30))
def test_any_data_is_taken_or_refused(type_: str, written: str | bytes) -> None:
    try:
        data = CODEC.data(ZONE, "x", type_, written) if isinstance(written, str) else CODEC.from_wire(type_, written)
    except RecordRefused:
        return
    assert data.text.isascii()
    assert CODEC.data(ZONE, "x", type_, data.text) == data
    assert CODEC.from_wire(type_, data.wire) == data


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("", APEX),
        ("@", APEX),
        ("WWW", "www"),
        (" www ", "www"),
        ("vzor.ru.", APEX),
        ("Www.VZOR.ru.", "www"),
        ("vzor.ru", "vzor.ru"),
        ("_acme-challenge.a", "_acme-challenge.a"),
        ("*.lab", "*.lab"),
        ("*", "*"),
        ("Шахматы", "xn--80aa9azamq0a"),
        ("0/25", "0/25"),
        ("a" * 63, "a" * 63),
    ],
)
def test_owner_names(written: str, name: str) -> None:
    assert CODEC.owner(written, ZONE) == name


@pytest.mark.parametrize(
    "written",
    [
        "a..b",
        ".",
        "..",
        "a b",
        "a\\.b",
        "jiny.ru.",
        "a.*",
        "x*",
        "**",
        "a" * 64,
        ".".join(["a" * 60] * 5),
        "a;b",
    ],
)
def test_wrong_owner_names(written: str) -> None:
    with pytest.raises(RecordRefused) as refused:
        CODEC.owner(written, ZONE)
    assert refused.value.reason == "name_invalid"


def test_names_of_types() -> None:
    for written, name in (("a", "A"), ("TYPE1", "A"), ("type65280", "TYPE65280"), ("HINFO", "TYPE13"), (" mx ", "MX")):
        assert CODEC.type_name(written) == name
    made = "SOA OPT TSIG TKEY RRSIG NSEC NSEC3 NSEC3PARAM DNSKEY DNAME ANY AXFR IXFR MAILB MAILA TYPE41 TYPE255"
    for wrong in (*made.split(), "", "NONSENSE", "TYPE", "TYPE0", "TYPE65535", "TYPE65536", "TYPE١", "A A", "*"):
        with pytest.raises(RecordRefused) as refused:
            CODEC.type_name(wrong)
        assert refused.value.reason == "type_refused"


WORDS = ("@", "IN", "A", "MX", "TXT", "\n", "$TTL", "$GENERATE", "(", ")", '"', ";", "10", "1-3", "192.0.2.1", "x$")


def read(text: str, ttl: int = 77) -> tuple[list[RecordSet], list[Exception]]:
    return asyncio.run(CODEC.read_file(ZONE, text, ttl))


def test_reads_a_master_file() -> None:
    text = """\ufeff$ORIGIN vzor.ru.
$TTL 1h
@ IN SOA ns1 hostmaster ( 1 2h 15m 2w 10m ) ; not kept
  NS ns1.example.org.
www 60 A 192.0.2.1
    A 192.0.2.2
$ORIGIN lab.vzor.ru.
*   IN TXT "a;b" ( "c"
        "d" )
$GENERATE 1-3 h$ A 192.0.2.$
Škola.vzor.ru. AAAA 2001:db8::1
"""
    sets, refusals = read(text)
    assert refusals == []
    assert [(each.name, each.type, each.ttl, [data.text for data in each.data]) for each in sets] == [
        ("@", "NS", 3600, ["ns1.example.org."]),
        ("www", "A", 60, ["192.0.2.1", "192.0.2.2"]),
        ("*.lab", "TXT", 3600, ['"a;b" "c" "d"']),
        *((f"h{n}.lab", "A", 3600, [f"192.0.2.{n}"]) for n in (1, 2, 3)),
        ("xn--kola-f6a", "AAAA", 3600, ["2001:db8::1"]),
    ]


def test_times_to_live_in_master_files() -> None:
    sets, _ = read("www A 192.0.2.1\n")
    assert sets == [RecordSet("www", "A", 77, (Data(bytes([192, 0, 2, 1]), "192.0.2.1"),))]
    assert [each.ttl for each in read("a 1w A 192.0.2.1\nb A 192.0.2.1\n")[0]] == [604_800, 604_800]
    assert [each.ttl for each in read("a 600 A 192.0.2.1\na 60 A 192.0.2.2\n")[0]] == [60]


def test_what_a_zone_does_not_keep_is_told_record_by_record() -> None:
    sets, refusals = read(
        "jiny.ru. A 192.0.2.1\nd DNAME x\na.* A 192.0.2.1\nsub SOA a b 1 2 3 4 5\nok A 192.0.2.1\n", 60
    )
    assert [each.name for each in sets] == ["ok"]
    reasons = [(each.reason, each.type) for each in refusals if isinstance(each, RecordRefused)]
    assert reasons == [("name_invalid", "A"), ("type_refused", "DNAME"), ("name_invalid", "A"), ("type_refused", "SOA")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("www A 192.0.2.1\nwww A x\n", 2),
        ("www FOO x\n", 1),
        ("$INCLUDE /etc/passwd\n", 1),
        ("$UNICODE 2008\n", 1),
        ("$TTL x\n", 2),  # dnspython has read its end
        ("www CH A 192.0.2.1\n", 1),
        ("a..b A 192.0.2.1\n", 1),
        ("\nwww TXT (\n\n", 2),
        ("$GENERATE 1-2 a\n", 2),
        ("\x00", 1),
    ],
)
def test_what_is_no_master_file(text: str, line: int) -> None:
    with pytest.raises(ZoneFileInvalid) as refused:
        read(text)
    assert refused.value.line == line
    assert "<" not in refused.value.detail


@pytest.mark.long
def test_a_bomb_in_a_master_file() -> None:
    with pytest.raises(ZoneFull):
        read("$GENERATE 1-999999999 h$ A 192.0.2.1\n")


@given(st.text(max_size=200) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        read(text)
    except (ZoneFileInvalid, ZoneFull):
        return
