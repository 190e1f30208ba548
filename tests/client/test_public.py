"""What authors of clients rely on: names, their explanations, and that both forms are one."""

import inspect
import subprocess
import sys
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

import msgspec
import pytest

import beseda.client
from beseda.client import Manners
from beseda.client._urls import base_url
from beseda.client.manners import Limiter
from tools.twins import differing

FORMS = {"ChatCz", "ChatRoom", "Live", "LiveRoom", "SpaceWeb", "Spaces"}
ERRORS = {"BesedaError", "Busy", "CaptchaNeeded", "ConnectFailed", "ConnectTimedOut", "Invalid", "NotAllowed"} | {
    "NotAsked",
    "NotFound",
    "NotUnderstood",
    "Refused",
    "ResultRefused",
    "SessionEnded",
    "SignInRefused",
    "TooOften",
    "Unknown",
}
OTHERS = {"FileTokens", "Line", "Manners", "MemoryTokens", "Person", "Picture", "TokenStore", "Tokens"} | {
    "lines",
    "spaces_events",
}
TYPES = {
    "chatcz_types": {"Admin", "Correspondent", "Letter", "Lock", "Occupant", "Profile", "Room", "User", "Waiting"},
    "spaces_types": {"Attributes", "Contact", "ContactOfLetter", "Counters", "FoundUser", "Letter", "MailList"}
    | {"OnlineStatus", "Presence", "Record", "RoomPage", "RoomText"},
    "spaceweb_types": {"Account", "Balance", "Change", "Description", "DomainInfo", "DomainRow", "ExtendedResult"}
    | {"MethodDescription", "Parameter", "Record", "RecordView", "RenewalOffer", "SetView", "Subdomain", "ZoneView"},
    "live_types": {"Card", "Changes", "Counts", "CountsChanged", "Info", "Kick", "Letter", "LetterChanged", "Links"}
    | {"ListChanged", "Lock", "MailChange", "MailList", "Mark", "MarkChanged", "NamedRoom", "Occupant", "Own", "Person"}
    | {"Quote", "Report", "Room", "RoomList", "Star", "Thread", "ThreadChanged", "Token", "TokenMade", "Writing"}
    | {"WritingTold"},
}
PARTS = {"AsyncDns", "AsyncDomains", "AsyncLiveMail", "AsyncLivePeople", "AsyncLiveRooms", "AsyncLiveTokens"} | {
    *("AsyncMail", "AsyncPay", "AsyncRooms", "AsyncZone"),
}
"""What clients give access to: `spaces.mail`, `api.dns(...)`."""


def test_the_client_exports_just_this() -> None:
    assert set(beseda.client.__all__) == FORMS | {f"Async{name}" for name in FORMS} | ERRORS | OTHERS | TYPES.keys()


@pytest.mark.parametrize("module", TYPES)
def test_what_is_returned_has_a_public_name_and_says_what_it_is_on_the_wire(module: str) -> None:
    exported = getattr(beseda.client, module)
    assert set(exported.__all__) == TYPES[module]
    for name in exported.__all__:
        kind = getattr(exported, name)
        bases = [base for base in kind.__mro__ if base.__module__.startswith("beseda")]
        told = " ".join(inspect.getdoc(base) or "" for base in bases)
        assert told, name
        for field in () if issubclass(kind, Enum) else msgspec.structs.fields(kind):
            assert field.name == field.encode_name or f"`{field.encode_name}`" in told, f"{name}.{field.name}"


def public_classes() -> list[type]:
    found: list[type] = []
    for name in beseda.client.__all__:
        thing = getattr(beseda.client, name)
        members = vars(thing).values() if inspect.ismodule(thing) else [thing]
        found += [each for each in members if inspect.isclass(each) and each.__module__.startswith("beseda.client")]
    return found


def forms() -> list[type]:
    return [getattr(beseda.client, f"Async{name}") for name in sorted(FORMS)]


def parts() -> list[type]:
    modules = [module for name, module in sys.modules.items() if name.startswith("beseda.client._async.")]
    found = {name: vars(module)[name] for name in PARTS for module in modules if name in vars(module)}
    return [found[name] for name in sorted(PARTS)]


def returned(kind: type) -> set[str]:
    """Our types in what a client's methods return."""
    found: set[str] = set()
    for name, member in vars(kind).items():
        if name.startswith("_") or name == "entering":  # for the client itself
            continue
        function = member.fget if isinstance(member, property) else member
        annotation = getattr(function, "__annotations__", {}).get("return", "")
        found |= {each.__name__ for each in wire_types(annotation)}
    return found


def wire_types(annotation: Any) -> Iterator[type]:
    if inspect.isclass(annotation) and annotation.__module__.startswith("beseda.wire"):
        yield annotation
    for inner in get_args(annotation):
        yield from wire_types(inner)


@pytest.mark.parametrize("kind", [*forms(), *parts()], ids=lambda kind: str(kind.__name__))
def test_nothing_is_returned_that_has_no_public_name(kind: type) -> None:
    assert returned(kind) <= set().union(*TYPES.values()) | {"AnyExtended"}


@pytest.mark.parametrize("kind", [*public_classes(), *parts()], ids=lambda kind: str(kind.__name__))
def test_every_public_name_is_explained(kind: type) -> None:
    assert inspect.getdoc(kind)
    for name, member in vars(kind).items():
        obvious = {"load", "save", "manners", "http", "is_open"}
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
            assert inspect.getdoc(member) or name in obvious, f"{kind.__name__}.{name}"


def test_the_tree_of_errors_is_the_one_that_is_drawn() -> None:
    drawn = inspect.getdoc(beseda.client) or ""
    assert all(name in drawn for name in ERRORS)
    for name in ERRORS:
        assert issubclass(getattr(beseda.client, name), beseda.client.BesedaError)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_both_forms_have_the_same_members(name: str) -> None:
    members = [
        {each.replace("aclose", "close") for each in dir(getattr(beseda.client, form)) if not each.startswith("_")}
        for form in (name, f"Async{name}")
    ]
    assert members[0] == members[1]


def test_the_plain_forms_are_written_from_the_others() -> None:
    assert list(differing()) == [], "run `make twins`"


def test_importing_the_client_imports_no_server() -> None:
    program = "import sys, beseda.client; print(*sorted(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "beseda.wire.live" in loaded
    assert not {name for name in loaded if name.startswith(("beseda.core", "beseda.domain", "beseda.api"))}
    assert not loaded & {"starlette", "sqlalchemy", "uvicorn", "structlog", "beseda.server", "beseda.testing"}


@pytest.mark.parametrize("url", ["chat.cz", "ftp://chat.cz", "http://", "http://alena:heslo@chat.cz"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(ValueError, match="address") as error:
        base_url(url)
    assert "heslo" not in str(error.value)


def test_the_limiter_is_gentle() -> None:
    limiter = Limiter(Manners(calls_per_s=2, burst=3))
    assert [limiter.pause_s(100.0) for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    assert limiter.pause_s(103.0) == 0
    assert [Limiter(Manners(calls_per_s=None)).pause_s(1.0) for _ in range(99)] == [0] * 99


def test_pauses_grow_to_a_bound() -> None:
    manners = Manners(backoff_s=1, backoff_max_s=8)
    for attempt, longest in ((0, 1), (1, 2), (3, 8), (50, 8)):
        assert longest / 2 <= manners.pause_s(attempt) <= longest
