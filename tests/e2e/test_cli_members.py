"""The members' commands against a real server, in this process."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from keyring import get_keyring, set_keyring
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from typer.main import get_command
from typer.testing import CliRunner

from beseda.cli import AUTHORS, MEMBERS, OURS, build, light, with_ours
from beseda.cli.chat.words import COMMANDS, OWN, describe
from beseda.cli.profiles import SERVICE
from beseda.client.lines import Person, Text
from beseda.domain.commands import WORDS
from beseda.testing import PASSWORD, BesedaServer
from e2e.console import Done
from unit.domain.made import NOON


class User:
    """Somebody at a shell, with a home of his own."""

    def __init__(self, url: str, home: Path) -> None:
        self.url = url
        self.home = home
        self.folder = home / "beseda"
        self._app = with_ours(light(), OURS)

    def run(self, *words: str, stdin: str | bytes = "", code: int = 0, **environment: str) -> Done:
        ran = CliRunner().invoke(
            self._app, words, input=stdin, env={"XDG_CONFIG_HOME": str(self.home), "TZ": "UTC", **environment}
        )
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        assert ran.exit_code == code, ran.output
        return Done(ran.exit_code, ran.stdout, ran.stderr)

    def json(self, *words: str, stdin: str = "") -> Any:
        return json.loads(self.run(*words, "--json", stdin=stdin).out)

    def sign_in(self, nick: str, *words: str) -> "User":
        done = self.run("login", self.url, "--nick", nick, *words, stdin=f"{PASSWORD}\n")
        assert (done.out, done.err.count("\n")) == ("", 1)
        return self


@pytest.fixture(scope="module")
def server() -> Iterator[BesedaServer]:
    with BesedaServer() as running:
        for nick in ("Alena", "Bohus", "Jan Novak"):
            running.member(nick)
        for name in ("Praha", "Brno"):
            running.room(name)
        yield running


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("BESEDA_PROFILE", "BESEDA_URL", "BESEDA_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    before = get_keyring()
    set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    yield
    set_keyring(before)


@pytest.fixture
def user(server: BesedaServer, tmp_path: Path) -> User:
    return User(server.url, tmp_path)


@pytest.fixture
def alena(user: User) -> User:
    return user.sign_in("Alena")


def tokens_of(server: BesedaServer, nick: str) -> list[str]:
    account = server.run(server.core.accounts.find(nick))
    return [token.name for token in server.run(server.core.tokens.list_of(account.id))]


def test_no_name_means_two_things() -> None:
    operators = {name for name in get_command(build(())).commands if name not in OURS}  # type: ignore[attr-defined]
    assert not operators & OURS.keys()
    assert not MEMBERS.keys() & AUTHORS.keys()
    assert {"account", "token"} <= operators
    shown = CliRunner().invoke(build(), ["--help"]).stdout
    members, authors, others = (shown.index(f"For {who}:") for who in ("members", "authors of clients", "operators"))
    assert members < shown.index("  chat ") < authors < shown.index("  compat ") < others < shown.index("  account ")


def test_commands_of_the_terminal_client_are_those_of_the_server() -> None:
    assert COMMANDS.keys() == WORDS.keys()
    assert not (OWN.keys() - {"help"}) & WORDS.keys()


def test_signing_in_keeps_no_password(user: User) -> None:
    user.sign_in("alena")
    files = {path.name: path for path in user.folder.iterdir()}
    assert set(files) == {"profiles.json", "secrets.json"}
    for path in files.values():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert PASSWORD not in path.read_text("utf-8")
    assert stat.S_IMODE(user.folder.stat().st_mode) == 0o700
    assert user.run("whoami").out == "Alena\n"
    assert user.json("whoami")["nick"] == "Alena"


def test_profiles(server: BesedaServer, user: User) -> None:
    assert user.run("profiles").out == ""
    user.sign_in("Alena").sign_in("Bohus", "--profile", "druhý")
    host = server.url.removeprefix("http://")
    shown = user.json("profiles")
    assert [(each["name"], each["nick"], each["current"]) for each in shown] == [
        (host, "Alena", False),
        ("druhý", "Bohus", True),
    ]
    assert user.run("whoami").out == "Bohus\n"
    assert user.run("whoami", "--profile", host).out == "Alena\n"
    assert user.run("whoami", BESEDA_PROFILE=host).out == "Alena\n"
    user.run("profiles", "--use", host)
    assert user.run("whoami").out == "Alena\n"
    refused = user.run("whoami", "--profile", "jiný", code=1)
    assert (refused.out, refused.err) == ("", "beseda: no profile is called 'jiný'\n")
    user.run("logout", "druhý")
    user.run("logout")
    assert user.run("whoami", code=1).err == "beseda: sign in first: beseda login URL\n"
    assert (user.folder / "secrets.json").read_text("utf-8").strip() == "{}"


def test_signing_in_again_and_out_leaves_no_token(server: BesedaServer, user: User) -> None:
    server.member("Cyril")
    user.sign_in("Cyril").sign_in("Cyril")
    assert len(tokens_of(server, "Cyril")) == 1
    user.run("logout", "--revoke", stdin="to neni ono\n", code=1)
    assert user.run("whoami").out == "Cyril\n"
    user.run("logout", "--revoke", stdin=f"{PASSWORD}\n")
    assert tokens_of(server, "Cyril") == []
    user.run("whoami", code=1)


def test_a_token_that_was_revoked(server: BesedaServer, user: User) -> None:
    server.member("Dana")
    user.sign_in("Dana")
    account = server.run(server.core.accounts.find("Dana"))
    (token,) = server.run(server.core.tokens.list_of(account.id))
    server.run(server.core.tokens.revoke(token.id))
    refused = user.run("mail", "list", code=1)
    assert refused.err == "beseda: the token is no good any more: sign in again (beseda login)\n"


def test_signing_in_by_a_token(server: BesedaServer, user: User) -> None:
    account = server.run(server.core.accounts.find("Bohus"))
    _, secret = server.run(server.core.tokens.add(account.id, "skript", server.core.tokens.scope()))
    user.run("login", user.url, "--token", stdin=f"{secret}\n")
    assert user.run("whoami").out == "Bohus\n"
    user.run("logout", "--revoke", code=1)
    assert user.run("whoami", BESEDA_URL=user.url, BESEDA_TOKEN=secret).out == "Bohus\n"


class Ring(KeyringBackend):
    """A keyring as platforms have them."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def test_where_there_is_a_keyring_the_token_is_in_it(user: User) -> None:
    ring = Ring()
    set_keyring(ring)
    user.sign_in("Alena")
    assert [service for service, _ in ring.kept] == [SERVICE]
    assert not (user.folder / "secrets.json").exists()
    assert user.run("whoami").out == "Alena\n"
    user.run("logout")
    assert ring.kept == {}


@pytest.mark.parametrize(
    ("words", "stdin", "code", "told"),
    [
        (["login", "URL", "--nick", "Alena"], "to neni ono\n", 1, "Неверный логин или пароль"),
        (["login", "http://127.0.0.1:9", "--nick", "Alena"], "x\n", 3, "refused"),
        (["login", "ftp://example.org", "--nick", "Alena"], "x\n", 2, "not an address"),
        (["login", "URL"], "x\n", 2, "say who you are"),
        (["login", "URL", "--nick", "Alena", "--days", "0"], "x\n", 2, "--days"),
        (["mail", "list"], "", 1, "sign in first"),
    ],
)
def test_why_not_stands_on_standard_error(user: User, words: list[str], stdin: str, code: int, told: str) -> None:
    done = user.run(*(user.url if word == "URL" else word for word in words), stdin=stdin, code=code)
    assert done.out == ""
    assert told in done.err
    assert "Traceback" not in done.err


def test_letters(server: BesedaServer, alena: User, tmp_path: Path) -> None:
    jan = User(server.url, tmp_path / "jan").sign_in("Jan Novak")
    assert alena.run("mail", "list", "--list", "archive").out == ""
    assert alena.run("mail", "send", "jan novak", "Ahoj\n\x1b[31mdruhý řádek").out == ""
    assert alena.json("mail", "send", "Jan Novak", stdin="z roury\n")["text"] == "z roury"
    (row,) = jan.run("mail", "list").out.splitlines()[1:]
    assert row.split(maxsplit=4) == ["Alena", "2", *row.split()[2:4], "z roury"]
    assert [each["account"]["nick"] for each in jan.json("mail", "list", "--list", "unread")] == ["Alena"]
    peeked = jan.json("mail", "read", "alena", "--unread", "--peek")
    assert len(peeked) == 2
    read = jan.run("mail", "read", "Alena", "--unread").out
    assert "druhý řádek\n" in read
    assert "\x1b" not in read
    assert jan.run("mail", "read", "Alena", "--unread").out == ""
    assert [each["text"] for each in jan.json("mail", "read", "Alena", "--limit", "1")] == ["z roury"]
    jan.run("mail", "send", "Alena", "odpověď", "--answers", str(peeked[0]["letter"]))
    assert "Jan Novak\n  odpověď\n" in alena.run("mail", "read", "Jan Novak").out
    assert alena.run("mail", "send", "Nikdo", "x", code=1).err == "beseda: account not found: nobody is called Nikdo\n"
    assert alena.run("mail", "send", "Alena", "x", code=1).err == "beseda: letter to oneself\n"
    alena.run("mail", "send", "Jan Novak", stdin="", code=1)
    alena.run("mail", "send", "Jan Novak", stdin=b"\xff", code=2)
    alena.run("mail", "list", "--list", "nic", code=2)


def test_calls(alena: User) -> None:
    assert alena.run("call", "domains", "move", "domain=volani.ru").out == "1\n"
    (domain,) = alena.json("call", "domains", "index", "filter=volani", "perPage=5")
    assert domain["fqdn"] == "volani.ru"
    assert alena.run("call", "domains", "move", "domain=volani.ru", code=1).out == ""
    shown = alena.json("call", "domains/zone", "set", "domain=volani.ru", "type=TXT", 'data:=["\\"a\\"", "\\"b\\""]')
    assert [each["data"] for each in shown["added"]] == ['"a"', '"b"']
    dry = alena.json("call", "domains/zone", "remove", "domain=volani.ru", "type=TXT", "dryRun=true")
    assert (dry["dryRun"], len(dry["removed"])) == (True, 2)
    assert alena.json("call", "pay", "getBalance")["real_balance"] == 0
    for words, code, told in (
        (["domains", "index", "stranka=2"], 1, "stranka"),
        (["domains", "neni"], 1, "there is no method neni"),
        (["neni", "neni"], 1, ""),
        (["domains", "index", "page"], 2, "is not KEY=VALUE"),
        (["domains", "index", "page:={"], 2, "page:={"),
    ):
        done = alena.run("call", *words, code=code)
        assert (done.out, told in done.err) == ("", True), done


def test_domains_and_records(alena: User, tmp_path: Path) -> None:
    alena.run("call", "domains", "move", "domain=řeka.ru")
    assert "řeka.ru\n" in alena.run("dns", "list").out
    done = alena.run("dns", "set", "řeka.ru", "www", "A", "192.0.2.1", "192.0.2.2", "--ttl", "300")
    assert done.out == "+ www 300 A 192.0.2.1\n+ www 300 A 192.0.2.2\n"
    assert alena.run("dns", "set", "řeka.ru", "www", "A", "192.0.2.1", "192.0.2.2", "--ttl", "300").out == ""
    assert alena.run("dns", "add", "řeka.ru", "@", "MX", "10 mail", "--dry-run").out.startswith("+ @ ")
    assert alena.run("dns", "remove", "řeka.ru", "www", "A", "192.0.2.1").out == "- www 300 A 192.0.2.1\n"
    assert "www   300  A     192.0.2.2\n" in alena.run("dns", "show", "řeka.ru").out
    rows = alena.json("dns", "show", "řeka.ru")
    assert {"name": "www", "ttl": 300, "type": "A", "data": "192.0.2.2"} in rows
    file = tmp_path / "zone"
    file.write_text(alena.run("dns", "export", "řeka.ru").out + "mail 60 IN A 192.0.2.9\n", "utf-8")
    change = alena.json("dns", "import", "řeka.ru", str(file), "--dry-run")
    assert [each["name"] for each in change["added"]] == ["mail"]
    assert alena.run("dns", "import", "řeka.ru", "-", stdin=file.read_text("utf-8")).out == "+ mail 60 A 192.0.2.9\n"
    refused = alena.run("dns", "set", "řeka.ru", "www", "CNAME", "mail", code=1)
    assert (refused.out, "CNAME" in refused.err) == ("", True)
    alena.run("dns", "set", "řeka.ru", "www", "A", "nesmysl", code=1)
    alena.run("dns", "show", "cizi.ru", code=1)
    assert alena.run("dns", "import", "řeka.ru", str(tmp_path / "neni"), code=1).out == ""


def test_a_server_of_spaceweb_alone(server: BesedaServer, user: User) -> None:
    user.run("login", f"{server.url}/rpc", "--spaceweb", "--nick", "Alena", "--profile", "sw", stdin=f"{PASSWORD}\n")
    assert user.json("call", "pay", "getBalance")["type"] == 1
    assert "SpaceWeb alone" in user.run("mail", "list", code=1).err


def test_talking_through_pipes(server: BesedaServer, alena: User, tmp_path: Path) -> None:
    bohus = User(server.url, tmp_path / "bohus").sign_in("Bohus")
    done = alena.run("chat", "Praha", "--history", "0", stdin="Ahoj\nDruhá věta\n/kick nikdo x\n")
    assert (done.err, "<Alena> Ahoj" in done.out, "-- nick not here" in done.out) == ("", True, True)
    told = bohus.run("chat", "Praha", stdin="").out.splitlines()
    assert [line.partition(" ")[2] for line in told if "<" in line] == ["<Alena> Ahoj", "<Alena> Druhá věta"]
    lines = [json.loads(line) for line in bohus.run("chat", "Praha", "Brno", "--json", stdin="text\n").out.splitlines()]
    assert ("Text", "Praha", "text") in [(line["kind"], line["room"], line.get("text")) for line in lines]
    assert {line["room"] for line in lines} == {"Praha", "Brno"}
    refused = bohus.run("chat", "a/b", code=1)
    assert (refused.out, refused.err.count("\n")) == ("", 1)


def test_what_comes_does_nothing_to_a_terminal(server: BesedaServer, alena: User) -> None:
    out = alena.run("chat", "Zlo", stdin="\x1b[31mčervený\n").out
    assert all(char.isprintable() or char == "\n" for char in out)
    assert "červený" in out
    evil = Person(1, "\x1b]0;x\x07")
    shown = "".join(describe(Text(room_id=1, at=NOON, author=evil, text="\u202eobrácený\x9b31m\r👩\u200d👧")))
    assert all(char.isprintable() or char == "\u200d" for char in shown)


def test_a_room_that_one_was_in_before_is_not_left(server: BesedaServer, alena: User) -> None:
    from beseda.client import Live

    with Live(server.url) as live:
        live.sign_in("Alena", PASSWORD)
        with live.enter("Doma") as entered:
            alena.run("chat", "Doma", stdin="jsem tu\n")
            assert [each.nick for each in entered.people()] == ["Alena"]
        alena.run("chat", "Jinde", stdin="jen na chvíli\n")
        assert "Jinde" not in [room.name for room in live.rooms.list().rooms]


def test_completion(user: User) -> None:
    user.sign_in("Alena", "--profile", "doma")

    def complete(words: str) -> list[str]:
        asked = {"_BESEDA_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
        ran = CliRunner().invoke(
            with_ours(light(), OURS), [], prog_name="beseda", env={"XDG_CONFIG_HOME": str(user.home), **asked}
        )
        return ran.stdout.split()

    assert complete("beseda ma") == ["mail"]
    assert complete("beseda mail ") == ["list", "read", "send"]
    assert complete("beseda mail list --profile ") == ["doma"]
    assert complete("beseda logout d") == ["doma"]
