"""Every setting is documented, can be set in each way, and is refused by name when it is bad."""

import re
from pathlib import Path
from typing import Any

import pytest

from beseda.server.config import Config, ConfigError, Setting, load_config, settings
from beseda.server.docs import PAGES

DOCS = Path(__file__).parents[3] / "docs"
SETTINGS = list(settings().values())
BAD: dict[str, list[Any]] = {
    "server.listen": ["nonsense", "127.0.0.1", ":99999", "[::1:80", "a b:1"],
    "server.ops_listen": ["8081"],
    "server.data": [""],
    "server.workers": [0, 65, "two", True],
    "server.database": ["mysql://db.example.org/x", "postgresql://", "beseda.db"],
    "server.bus": ["redis://127.0.0.1", "nats://", "nats://a b:4222", "nats://127.0.0.1:4222,", "nats://h:4222/x"],
    "server.base_url": ["chat.example.org", "https://chat.example.org/", "https://chat.example.org/sub", "ftp://x"],
    "server.trusted_proxies": [["10.0.0.0/33"], ["proxy.example.org"]],
    "server.drain_s": [-1, 100_000, True, 1.5],
    "server.keep_alive_s": [0, 3601, "75"],
    "server.max_connections": [0],
    "server.max_connections_per_address": [0],
    "hosts.chatcz": ["https://chat.example.org", "a b", ["chat.example.org", ""]],
    "hosts.spaces": ["x/y", ["spaces.example.org", "x/y"], "spaces.example.org,x/y"],
    "hosts.spaceweb": [":8080", [7]],
    "accounts.registration": ["maybe", "OPEN"],
    "accounts.password_min": [5, 65],
    "accounts.phone_region": ["ZZ", "Czechia", "420", "cz,sk"],
    "accounts.hash_memory_kib": [7, 2**40],
    "accounts.hash_passes": [0],
    "accounts.hash_queue": [0],
    "accounts.sign_ins_per_address": [0],
    "accounts.oauth": [{"nobody": "https://login.example.org"}, {"vk": "login"}, {"vk": 7}],
    "rooms.presence_timeout_s": [59],
    "server.limits": [{"nothing": "1/1"}, {"room_line": "0/1"}, {"room_line": "1/0"}, {"room_line": "many"}],
    "rooms.idle_timeout_s": [1859],
    "rooms.keep_days": [-1],
    "rooms.history_lines": [-1, 201],
    "domains.zones": [[""], ["ru", "a b"], ["-x"], [7]],
    "domains.ownership": ["mine", "OPEN"],
    "domains.resolvers": [["dns.example.org"], ["192.0.2.53:70000"], [7]],
    "domains.registration_price": [-1],
    "domains.renewal_price": [-1],
    "dns.listen": [["127.0.0.1"], ["host:53"], ["127.0.0.1:70000"], ["::1:53"], [7]],
    "dns.secondaries": [["192.0.2.1"], ["192.0.2.1:0"], ["ns2.example.org:53"], [7]],
    "dns.catalog": ["a b", "-" * 64],
    "dns.rate_limit": [-1],
    "dns.rate_limit_exempt": [["192.0.2"], [7]],
    "dns.max_connections": [0],
    "dns.max_connections_per_address": [0],
    "dns.name_servers": [[], ["a b"], [""], ["-" * 64], [7]],
    "dns.contact": ["nobody", "a@b@c", "a b@example.org", "č@example.org"],
    "dns.refresh_s": [59, 2**31],
    "dns.retry_s": [59],
    "dns.expire_s": [3599],
    "dns.negative_ttl_s": [0, 86_401],
    "dns.ttl_s": [0, 2**31],
    "dns.first_records": [["www"], ["www A"], ["www A x"], ["www SOA a b 1 2 3 4 5"], ["a..b A 192.0.2.1"]],
    "compat.origins": [["chat.example.org"], ["https://chat.example.org/"]],
    "log.format": ["xml"],
    "log.level": ["loud", "INFO"],
    "admin.listen": ["nonsense", "a:99999"],
    "backup.every": ["often", "24", "0h", "-1h"],
    "backup.keep": [0, -1],
    "backup.folder": ["a\0b"],
    "backup.passphrase_file": ["a\0b"],
}
"""Values of the right type that are wrong all the same, and some of a wrong one."""


def by_key(setting: Setting) -> str:
    return setting.key


@pytest.mark.parametrize("setting", SETTINGS, ids=by_key)
def test_it_is_documented(setting: Setting) -> None:
    assert setting.doc.endswith(".")
    assert f"`{setting.environment_name}`" in (DOCS / "configuration.md").read_text("utf-8")


def test_environment_names_are_of_one_setting_each() -> None:
    assert len({setting.environment_name for setting in SETTINGS}) == len(SETTINGS)


@pytest.mark.parametrize("setting", SETTINGS, ids=by_key)
@pytest.mark.parametrize("value", [7.5, None, {"a": [1]}, [[1]]], ids=repr)
def test_a_value_of_another_type_is_refused_by_name(setting: Setting, value: Any, tmp_path: Path) -> None:
    if value is None:
        file = tmp_path / "beseda.toml"
        section, _, name = setting.key.partition(".")
        file.write_text(f"[{section}]\n{name} = 2026-11-20\n")
        with pytest.raises(ConfigError, match=re.escape(setting.key)):
            load_config(file, environment={})
    else:
        with pytest.raises(ConfigError, match=re.escape(setting.key)):
            load_config(environment={}, overrides={setting.key: value})


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in BAD.items() for value in values])
def test_a_bad_value_is_refused_by_name(key: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=re.escape(key)):
        load_config(environment={}, overrides={key: value})


def test_all_that_can_be_wrong_is_checked() -> None:
    assert {setting.key for setting in SETTINGS if setting.type is not bool} == BAD.keys()


@pytest.mark.parametrize("setting", SETTINGS, ids=by_key)
def test_the_default_can_be_said_in_the_environment(setting: Setting) -> None:
    default = setting.default
    text = ",".join(default) if isinstance(default, list) else "" if isinstance(default, dict) else str(default)
    assert load_config(environment={setting.environment_name: text}) == Config()


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    file = tmp_path / "beseda.toml"
    file.write_text(
        '[server]\ndrain_s = 1\nlisten = "a:1"\ndurable = false\n[accounts]\noauth = {vk = "https://x.example.org"}\n'
    )
    environment = {"BESEDA_SERVER_DRAIN_S": "2", "BESEDA_SERVER_LISTEN": "b:2", "PATH": "/bin"}
    config = load_config(file, environment=environment, overrides={"server.listen": "c:3", "server.data": None})
    assert (config.server.drain_s, config.server.listen, config.server.durable) == (2, "c:3", False)
    assert config.accounts.oauth == {"vk": "https://x.example.org"}


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("BESEDA_SERVER_DURABLE", "off", "durable", False),
        ("BESEDA_SERVER_DURABLE", "YES", "durable", True),
        ("BESEDA_SERVER_TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16,", "trusted_proxies", ["10.0.0.1", "10.1.0.0/16"]),
        ("BESEDA_SERVER_LISTEN", "[::1]:80", "listen", "[::1]:80"),
    ],
)
def test_texts_of_the_environment(name: str, text: str, key: str, value: object) -> None:
    assert getattr(load_config(environment={name: text}).server, key) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BESEDA_SERVER_DURABLE", "maybe"),
        ("BESEDA_SERVER_DRAIN_S", "1.5"),
        ("BESEDA_SERVER_DRAIN_S", "١"),
        ("BESEDA_ACCOUNTS_OAUTH", "vk"),
    ],
)
def test_bad_texts_of_the_environment(name: str, text: str) -> None:
    (setting,) = [each for each in SETTINGS if each.environment_name == name]
    with pytest.raises(ConfigError, match=re.escape(setting.key)):
        load_config(environment={name: text})


def test_unknown_names_are_errors_everywhere(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="BESEDA_SERVER_LISTNE"):
        load_config(environment={"BESEDA_SERVER_LISTNE": "x"})
    file = tmp_path / "beseda.toml"
    for text, named in (("[server]\nlistne = 1", "server.listne"), ("[sevrer]\nx = 1", "sevrer.x"), ("x = 1", "x: ")):
        file.write_text(text)
        with pytest.raises(ConfigError, match=re.escape(named)):
            load_config(file, environment={})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"[server\n")
    foreign = tmp_path / "foreign.toml"
    foreign.write_bytes(b"\xff\xfe")
    for file in (broken, foreign, tmp_path / "missing.toml", tmp_path):
        with pytest.raises(ConfigError, match=re.escape(str(file))):
            load_config(file, environment={})


def test_two_protocols_cannot_have_one_host_name() -> None:
    for other in ("CHAT.example.org", "chat.example.org.", ["spaces.example.org", "chat.example.org"]):
        with pytest.raises(ConfigError, match="hosts"):
            load_config(environment={}, overrides={"hosts.chatcz": "chat.example.org", "hosts.spaces": other})


def test_one_protocol_may_have_several_host_names(tmp_path: Path) -> None:
    names = ["spaces.example.org", "spcs.example.org:8443", "[::1]"]
    file = tmp_path / "beseda.toml"
    file.write_text(f"[hosts]\nspaces = {names}\nchatcz = 'chat.example.org'\nspaceweb = ''\n")
    config = load_config(file, environment={})
    assert (config.hosts.spaces, config.hosts.chatcz, config.hosts.spaceweb) == (names, ["chat.example.org"], [])
    text = " spaces.example.org,spcs.example.org:8443, [::1],"
    assert load_config(environment={"BESEDA_HOSTS_SPACES": text}).hosts.spaces == names
    assert load_config(environment={}, overrides={"hosts.spaces": text}).hosts.spaces == names
    assert load_config(environment={}, overrides={"hosts.spaces": "a.example.org"}).hosts.spaces == ["a.example.org"]


def test_a_password_in_an_address_is_never_told() -> None:
    with pytest.raises(ConfigError) as refused:
        load_config(environment={}, overrides={"server.database": "mysql://beseda:tajne-heslo@db.example.org/x"})
    assert "tajne" not in str(refused.value)


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_what_the_code_says(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run make docs"
