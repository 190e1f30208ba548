"""Zones as text, and what in them will not work."""

from beseda.domain.records import APEX, Data, RecordSet
from beseda.domain.zone_files import warnings, zone_file

ZONE = "example.org"


def made(name: str, type_: str, *texts: str, ttl: int = 600) -> RecordSet:
    return RecordSet(name, type_, ttl, tuple(Data(text.encode(), text) for text in texts))


NAMED = made(APEX, "NS", "ns.example.net.")
WWW = made("www", "A", "192.0.2.1")


def warned(*sets: RecordSet) -> list[tuple[str, str, str]]:
    return list(warnings(ZONE, [NAMED, WWW, *sets]))


def test_a_master_file_tells_times_to_live_once() -> None:
    assert zone_file(ZONE, [made("www", "A", "192.0.2.1", "192.0.2.2"), made(APEX, "TXT", '"x"', ttl=60)], 600) == (
        '$ORIGIN example.org.\n$TTL 600\n@\t60\tIN\tTXT\t"x"\nwww\t\tIN\tA\t192.0.2.1\nwww\t\tIN\tA\t192.0.2.2\n'
    )


def test_hosts_of_the_zone_need_an_address() -> None:
    assert warned(made(APEX, "MX", "10 mail.example.org.", "20 www.example.org.", "30 mail.example.net.")) == [
        (APEX, "MX", "mail has no address")
    ]
    six = made("mail", "AAAA", "2001:db8::1")
    assert warned(made(APEX, "MX", "10 mail.example.org."), six) == []
    assert warned(made(APEX, "MX", "10 a.b.example.org."), made("*.b", "A", "192.0.2.1")) == []
    assert warned(made(APEX, "MX", "10 mail.example.org."), made("*", "A", "192.0.2.1")) == []


def test_an_alias_leads_somewhere() -> None:
    assert warned(made("a", "CNAME", "nowhere.example.org.")) == [("a", "CNAME", "nowhere does not exist")]
    for target in ("www.example.org.", "example.org.", "www.example.net."):
        assert warned(made("a", "CNAME", target)) == []
    assert warned(made("a", "CNAME", "x.w.example.org."), made("*.w", "TXT", '"x"')) == []


def test_below_a_delegation_others_answer() -> None:
    cut = made("sub", "NS", "ns.sub.example.org.")
    glue = made("ns.sub", "A", "192.0.2.1")
    assert warned(cut, glue, made("sub", "DS", "1 13 2 00"), made("xsub", "TXT", '"x"')) == []
    assert warned(cut, glue, made("x.sub", "TXT", '"x"'), made("sub", "TXT", '"x"')) == [
        ("x.sub", "TXT", "sub is served by others"),
        ("sub", "TXT", "sub is served by others"),
    ]
