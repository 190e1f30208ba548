"""What clients write for numbers, truth values, words and lists, and what is read of it."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beseda.api.spaceweb.codec import RpcRefused
from beseda.api.spaceweb.methods import OBJECTS
from beseda.api.spaceweb.table import BOOLEAN, READS, Kind, choice, integer, text
from beseda.core.domains import NewDomain
from beseda.domain.domains import DOMAINS_PER_CALL, Renewal

NUMBER = integer(-10, 10**6)
WORD = choice({"ASC": 1, "DESC": 2})
METHODS = {f"{thing.name}.{method.name}": method for thing in OBJECTS for method in thing.methods.values()}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


CHANGES = {
    *("add", "remove", "removeList", "move", "moveList", "changeProlong", "changeProlongList"),
    *("reg", "regList", "prolong", "prolongList", "createFizIp", "createJur", "buy", "changeDeferment", "getToken"),
    *("offer", "accept", "cancel"),
    *("createSubdomain", "removeSubdomain", "setRedirectVh"),
    *("editTxt", "editMx", "editNS", "editSrv", "editMain", "set", "replace", "import", "revert", "restore"),
}


def test_each_method_reads_or_changes() -> None:
    """A new one has to be in one of the lists, and a name in both would be read-only here and not there."""
    assert {method.name for method in METHODS.values()} == READS | CHANGES
    assert not READS & CHANGES


def test_a_list_that_is_too_long_says_so() -> None:
    method = METHODS["domains.moveList"]
    for names in (["vzor.ru"] * 101, ",".join(["vzor.ru"] * 101)):
        with pytest.raises(RpcRefused) as refused:
            method.arguments({"domains": names})
        assert (refused.value.fault.code, refused.value.fault.data) == (-32602, ("more than 100 domains",))
    assert len(method.arguments({"domains": ["vzor.ru"] * DOMAINS_PER_CALL})[0]) == 100


@pytest.mark.parametrize(
    ("kind", "sent", "read"),
    [
        (NUMBER, 5, 5),
        (NUMBER, -10, -10),
        (NUMBER, "5", 5),
        (NUMBER, "005", 5),
        (BOOLEAN, True, True),
        (BOOLEAN, 1, True),
        (BOOLEAN, "1", True),
        (BOOLEAN, "TRUE", True),
        (BOOLEAN, "false", False),
        (BOOLEAN, 0, False),
        (text(5), "a", "a"),
        (text(5), "", ""),
        (text(5), 12345, "12345"),
        (WORD, "DESC", 2),
        (WORD, "asc", 1),
    ],
)
def test_read(kind: Kind, sent: object, read: object) -> None:
    found = kind.read(sent)
    assert (type(found), found) == (type(read), read)


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        (NUMBER, -11),
        (NUMBER, 10**6 + 1),
        (NUMBER, True),
        (NUMBER, 1.0),
        (NUMBER, "1.0"),
        (NUMBER, " 1"),
        (NUMBER, "1_0"),
        (NUMBER, "١٢٣"),
        (NUMBER, "9" * 400),
        (NUMBER, []),
        (BOOLEAN, 2),
        (BOOLEAN, "yes"),
        (BOOLEAN, 1.0),
        (text(5), "123456"),
        (text(5), 123456),
        (text(5), True),
        (text(5), ["a"]),
        (WORD, "down"),
        (WORD, 1),
    ],
)
def test_refused(kind: Kind, sent: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the table tells clients no more than that it was refused
        kind.read(sent)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("a.ru", [NewDomain("a.ru")]),
        ("a.ru, b.ru,,c.ru ", [NewDomain("a.ru"), NewDomain("b.ru"), NewDomain("c.ru")]),
        (["a.ru"], [NewDomain("a.ru")]),
        ([{"fqdn": "a.ru"}], [NewDomain("a.ru")]),
        ([{"domain": "a.ru", "prolongType": None, "dir": ""}], [NewDomain("a.ru")]),
        ([{"fqdn": "a.ru", "prolongType": "NONE", "dir": "/a"}], [NewDomain("a.ru", Renewal.NO, "/a")]),
    ],
)
def test_lists_of_new_domains(sent: object, read: list[NewDomain]) -> None:
    assert METHODS["domains.moveList"].arguments({"domains": sent}) == [read]


@pytest.mark.parametrize("sent", ["", ",", [], {}, [[]], [None], [{}], [{"fqdn": []}], 1, "a," * 200, ["a.ru"] * 101])
@pytest.mark.parametrize("method", ["domains.moveList", "domains.removeList"])
def test_lists_that_are_none(method: str, sent: object) -> None:
    with pytest.raises(RpcRefused):
        METHODS[method].arguments({"domains": sent})


def test_as_many_as_one_call_takes() -> None:
    names = [f"a{number}.ru" for number in range(DOMAINS_PER_CALL)]
    assert METHODS["domains.removeList"].arguments({"domains": names}) == [names]


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=15)
@given(data=st.data())
def test_any_parameters_are_read_or_refused(name: str, data: st.DataObject) -> None:
    params = METHODS[name].params
    sent = data.draw(st.dictionaries(st.sampled_from([param.name for param in params] or ["other"]), ANYTHING))
    with contextlib.suppress(RpcRefused):
        assert len(METHODS[name].arguments(sent)) == len(params)
