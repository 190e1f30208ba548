"""The configuration: documented fields -> file, environment, command line.

A field `a.b` is `[a] b = ...` in the TOML file and `BESEDA_A_B` in the environment; the environment wins over the
file, the command line over both. An unknown key or a bad value is an error that names it.
"""

import dataclasses
import functools
import ipaddress
import os
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import platformdirs

from beseda.adapters.phones import check_region
from beseda.api.base import read_host
from beseda.core.accounts import Registration
from beseda.domain.history import NEWEST_MAX
from beseda.domain.limits import LIMITS, Limit
from beseda.server.config_dns import DNS_CHECKS, DnsConfig
from beseda.server.config_domains import DOMAINS_CHECKS, DomainsConfig
from beseda.server.periods import read_period
from beseda.server.setting import each as _each
from beseda.server.setting import fits as _fits
from beseda.server.setting import in_range as _between
from beseda.server.setting import setting

ENV_PREFIX = "BESEDA_"
OAUTH_PROVIDERS = ("ok", "vk", "facebook", "mail_ru", "google")


class ConfigError(Exception):
    """The message names the setting and says what is wrong with it."""


class LogFormat(StrEnum):
    AUTO = "auto"
    HUMAN = "human"
    JSON = "json"


@dataclass(frozen=True)
class ServerConfig:
    listen: str = setting("127.0.0.1:8080", "Address and port of the server; port 0 takes a free one.")
    ops_listen: str = setting(
        "127.0.0.1:8081", 'Address and port of /health/live, /health/ready and /metrics; "" turns them off.'
    )
    data: Path = setting(
        Path(platformdirs.user_data_dir("beseda")), "Folder of the database (SQLite) and the server's key."
    )
    workers: int = setting(
        1,
        "Processes that serve members together: as many as the machine has cores,"
        " [once one is busy](scaling.md#all-cores-of-a-machine).",
    )
    database: str = setting(
        "",
        'Where the data is: "" is SQLite in the data folder; else `postgresql://...`, or `sqlite:///FILE`. Several'
        " PostgreSQL servers have commas between them: the primary of the newest timeline is used.",
    )
    bus: str = setting(
        "",
        'How the nodes of one database tell each other what they did: "" is PostgreSQL itself (on SQLite, its file); or'
        " `nats://HOST:4222`, several with commas between them. What is"
        " said in rooms passes through it.",
    )
    durable: bool = setting(
        True, "Sync every commit to the disk (SQLite). When off, a power failure can undo the last seconds."
    )
    base_url: str = setting(
        "", 'How clients reach the server, such as "https://chat.example.org"; "" takes it from each request.'
    )
    trusted_proxies: list[str] = setting(
        [], "Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed."
    )
    drain_s: int = setting(10, "Seconds that requests under way have to finish when the server is told to stop.")
    limits: dict[str, str] = setting(
        {}, 'Other limits, by name: `room_line = "40/0.5"` is 40 at once, then one more every 0.5 s.'
    )
    keep_alive_s: int = setting(
        75, "Seconds that an idle connection is kept; longer than the proxy in front keeps its own."
    )
    max_connections: int = setting(
        10_000, "Open connections at once; where there are so many, the oldest idle ones make room."
    )
    max_connections_per_address: int = setting(256, "The same for those from one address.")


@dataclass(frozen=True)
class HostsConfig:
    chatcz: list[str] = setting(
        [],
        "Host names at which Chat.cz answers, at the paths of the original, and to who asks as its clients do Spaces.",
    )
    spaces: list[str] = setting([], "Host names at which only Spaces answers, at the paths of the original.")
    spaceweb: list[str] = setting([], "Host names at which only SpaceWeb answers: objects at `/<object>`.")


@dataclass(frozen=True)
class AccountsConfig:
    registration: Registration = setting(
        Registration.OPEN, "Who may register: `open` (anybody), `invite` (with a code), `closed`."
    )
    password_min: int = setting(8, "The fewest characters of a new password, at least 6.")
    phone_region: str = setting(
        "", 'Country of phone numbers that name none, such as "CZ" (ISO 3166); "" refuses a number without one.'
    )
    hash_memory_kib: int = setting(19_456, "Memory of one password hash (argon2id), in KiB.")
    hash_passes: int = setting(2, "Passes of one password hash (argon2id).")
    hash_queue: int = setting(64, "Sign-ins that may wait for hashing before more are turned away.")
    sign_ins_per_address: int = setting(
        32, "Sign-ins from one address that may be under way; they are hashed one after another."
    )
    oauth: dict[str, str] = setting({}, f"Sign-in pages of other providers, by name: {', '.join(OAUTH_PROVIDERS)}.")


@dataclass(frozen=True)
class RoomsConfig:
    presence_timeout_s: int = setting(
        150, "Seconds after which a room that no client asks for is left; they ask every 50."
    )
    idle_timeout_s: int = setting(3600, "Seconds after which who writes nothing is taken out of a room.")
    keep_days: int = setting(
        90, "Days that the lines of a room are kept, unless its admins say otherwise; 0 keeps all."
    )
    history_lines: int = setting(
        50, "Lines that whoever enters a room may read of what came before, unless its main admin says otherwise."
    )


@dataclass(frozen=True)
class CompatConfig:
    origins: list[str] = setting(
        [],
        'Origins of other sites that may use a visitor\'s session: "https://chat.cz" for some [gateways](gateways.md).',
    )
    sid_in_links: bool = setting(
        False, "Put session ids into all links as Spaces did; else only into those for clients that send no cookie."
    )


@dataclass(frozen=True)
class LogConfig:
    format: LogFormat = setting(LogFormat.AUTO, "`human`, `json`, or `auto`: human on a terminal.")
    level: str = setting("info", "`debug` (every call), `info` (failed calls, and who signs in), `warning` or `error`.")


@dataclass(frozen=True)
class BackupConfig:
    every: str = setting("24h", 'How often the server backs itself up: "90m", "24h", "7d"; "" for never.')
    keep: int = setting(7, "How many of those backups are kept; the oldest goes when a new one has been verified.")
    folder: str = setting("", 'Where backups go; "" is `backups` in the data folder. Another disk is better.')
    passphrase_file: str = setting(
        "", 'File whose first line encrypts the server\'s key in those backups; "" leaves the key out.'
    )
    before_migration: bool = setting(True, "Write a backup before the database is brought to a newer schema.")


@dataclass(frozen=True)
class AdminConfig:
    listen: str = setting("", 'Address and port of the admin\'s pages and API; "" is that of `server.ops_listen`.')


@dataclass(frozen=True)
class Config:
    server: ServerConfig = field(default_factory=ServerConfig)
    hosts: HostsConfig = field(default_factory=HostsConfig)
    accounts: AccountsConfig = field(default_factory=AccountsConfig)
    rooms: RoomsConfig = field(default_factory=RoomsConfig)
    domains: DomainsConfig = field(default_factory=DomainsConfig)
    dns: DnsConfig = field(default_factory=DnsConfig)
    compat: CompatConfig = field(default_factory=CompatConfig)
    log: LogConfig = field(default_factory=LogConfig)
    backup: BackupConfig = field(default_factory=BackupConfig)
    admin: AdminConfig = field(default_factory=AdminConfig)


def load_config(
    file: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Config:
    """The configuration from all sources; `overrides` maps `a.b` to a value. Raises ConfigError."""
    values: dict[str, object] = _from_file(file) if file else {}
    values |= _from_environment(os.environ if environment is None else environment)
    values |= {key: value for key, value in (overrides or {}).items() if value is not None}
    sections: dict[str, dict[str, object]] = {}
    known = settings()
    for key, value in values.items():
        if key not in known:
            raise ConfigError(f"{key}: there is no such setting")
        section, _, name = key.partition(".")
        sections.setdefault(section, {})[name] = _convert(key, value, known[key].type)
    defaults = Config()
    config = Config(**{name: dataclasses.replace(getattr(defaults, name), **given) for name, given in sections.items()})
    _validate(config)
    return config


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, for the documentation and the reader."""

    key: str
    type: Any
    default: object
    doc: str

    @property
    def environment_name(self) -> str:
        return ENV_PREFIX + self.key.replace(".", "_").upper()


@functools.cache
def settings() -> Mapping[str, Setting]:
    """All settings by key, in the order of this file."""
    found: dict[str, Setting] = {}
    defaults = Config()
    for section in dataclasses.fields(Config):
        values = getattr(defaults, section.name)
        hints = typing.get_type_hints(type(values))
        for each in dataclasses.fields(values):
            key = f"{section.name}.{each.name}"
            found[key] = Setting(key, hints[each.name], getattr(values, each.name), each.metadata["doc"])
    return found


def split_address(key: str, listen: str) -> tuple[str, int]:
    """`HOST:PORT` in two parts; an IPv6 address stands in brackets."""
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\s]*)):([0-9]{1,5})", listen)
    if match is None or int(match[3]) > 65535:
        raise ConfigError(f"{key}: {listen!r} is no HOST:PORT")
    return match[1] or match[2] or "0.0.0.0", int(match[3])  # noqa: S104 - ":8080" asks for all addresses


def _from_file(file: Path) -> dict[str, object]:
    import tomllib

    try:
        tree = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error
    values: dict[str, object] = {}
    for section, content in tree.items():
        if not isinstance(content, dict):
            raise ConfigError(f"{section}: settings stand in sections such as [server]")
        values |= {f"{section}.{name}": value for name, value in content.items()}
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    names = {each.environment_name: each for each in settings().values()}
    values: dict[str, object] = {}
    for name, text in environment.items():
        if not name.startswith(ENV_PREFIX):
            continue
        if name not in names:
            raise ConfigError(f"{name}: there is no such setting")
        values[names[name].key] = _from_text(names[name], text)
    return values


def _from_text(wanted: Setting, text: str) -> object:
    """Text from the environment: tables are `name=value` pairs; lists are as everywhere."""
    origin = typing.get_origin(wanted.type)
    if origin is dict and all("=" in pair for pair in text.split(",") if pair.strip()):
        return dict(pair.strip().split("=", 1) for pair in text.split(",") if pair.strip())
    if wanted.type is bool and text.lower() in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        return text.lower() in {"1", "true", "yes", "on"}
    if wanted.type is int and re.fullmatch(r"-?[0-9]{1,12}", text):
        return int(text)
    return text


def _convert(key: str, value: object, wanted: Any) -> object:
    origin = typing.get_origin(wanted)
    if origin is list and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if origin is list and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(value)
    if origin is dict and isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
        return dict(value)
    if isinstance(wanted, type) and origin is None:
        if issubclass(wanted, StrEnum) and isinstance(value, str):
            if value not in list(wanted):
                raise ConfigError(f"{key}: {value!r} is none of {', '.join(wanted)}")
            return wanted(value)
        if wanted is Path and isinstance(value, str | Path) and str(value):
            return Path(os.path.expanduser(value))
        if type(value) is wanted:
            return value
    name = getattr(wanted, "__name__", str(wanted))
    raise ConfigError(f"{key}: {value!r} is not of type {name}")


def _validate(config: Config) -> None:
    defaults = Config()
    for key, check in CHECKS.items():
        section, _, name = key.partition(".")
        value = getattr(getattr(config, section), name)
        if value == getattr(getattr(defaults, section), name):
            continue  # some checks load what a server with the defaults does without
        try:
            check(value)
        except ValueError as error:
            raise ConfigError(f"{key}: {error}") from error
    names = [{read_host(name) for name in names} for names in dataclasses.astuple(config.hosts)]
    if len(set().union(*names)) != sum(map(len, names)):
        raise ConfigError("hosts: two protocols have the same host name")


def read_limits(given: dict[str, str]) -> dict[str, Limit]:
    """The table of limits with these in place of some of its rows. Raises ValueError."""
    limits = dict(LIMITS)
    for name, text in given.items():
        match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,6}(?:\.[0-9]{1,3})?)", text)
        if name not in LIMITS:
            raise ValueError(f"{name!r} is no limit")
        if match is None or int(match[1]) < 1 or float(match[2]) <= 0:
            raise ValueError(f"{name} = {text!r} is no BURST/SECONDS")
        limits[name] = replace(LIMITS[name], burst=int(match[1]), per_s=float(match[2]))
    return limits


def _check_oauth(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        if name not in OAUTH_PROVIDERS:
            raise ValueError(f"{name!r} is none of {', '.join(OAUTH_PROVIDERS)}")
        _fits(r"https?://\S+", f"http:// or https:// address of {name}")(page)


_HOST = r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?"
_NATS = rf"(nats|tls)://([^\s/@,]+@)?({_HOST})/?"
CHECKS: dict[str, Callable[[Any], object]] = {
    "server.listen": lambda value: split_address("server.listen", value),
    "server.ops_listen": lambda value: value and split_address("server.ops_listen", value),
    "server.database": _fits(r"|(postgres(ql)?|sqlite)://.+", "postgresql:// or sqlite:// address"),
    "server.workers": _between(1, 64),
    "server.bus": _fits(rf"|{_NATS}(,{_NATS})*", "nats:// address"),
    "server.limits": read_limits,
    "server.base_url": _fits(rf"|https?://({_HOST})", "http:// or https:// address without a path"),
    "server.trusted_proxies": _each(lambda value: ipaddress.ip_network(value, strict=False)),
    "server.drain_s": _between(0, 3600),
    "server.keep_alive_s": _between(1, 3600),
    "server.max_connections": _between(1, 1_000_000),
    "server.max_connections_per_address": _between(1, 1_000_000),
    "hosts.chatcz": _each(_fits(_HOST, "host name")),
    "hosts.spaces": _each(_fits(_HOST, "host name")),
    "hosts.spaceweb": _each(_fits(_HOST, "host name")),
    "accounts.password_min": _between(6, 64),
    "accounts.phone_region": check_region,
    "accounts.hash_memory_kib": _between(8, 4_194_304),
    "accounts.hash_passes": _between(1, 1_000),
    "accounts.hash_queue": _between(1, 100_000),
    "accounts.sign_ins_per_address": _between(1, 100_000),
    "accounts.oauth": _check_oauth,
    "rooms.presence_timeout_s": _between(60, 86_400),
    "rooms.idle_timeout_s": _between(1_860, 31_536_000),
    "rooms.keep_days": _between(0, 36_500),
    "rooms.history_lines": _between(0, NEWEST_MAX),
    "compat.origins": _each(_fits(rf"https?://({_HOST})", "http:// or https:// address without a path")),
    "admin.listen": lambda value: value and split_address("admin.listen", value),
    "backup.every": read_period,
    "backup.keep": _between(1, 10_000),
    "backup.folder": _fits(r"[^\0]*", "path"),
    "backup.passphrase_file": _fits(r"[^\0]*", "path"),
    "log.level": _fits("debug|info|warning|error", "level: debug, info, warning, error"),
    **DOMAINS_CHECKS,
    **DNS_CHECKS,
}
"""What a value of the right type must be besides; a check raises ValueError (or ConfigError) and says why."""
