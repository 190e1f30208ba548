"""Where a member is signed in: profiles in a file, their tokens in the platform's keyring, or in a file of mode 600."""

import os
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

from beseda.client.secrets import Secret, write_private

SERVICE = "beseda"
"""What the keyring knows the tokens by."""


class Unfound(Exception):
    """There is no such profile, or no token for it; the message says what to do."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`url` is a Beseda's address, or with `spaceweb` that of a server of SpaceWeb alone."""

    name: str
    url: str
    nick: str = ""
    spaceweb: bool = False
    token_id: int = 0
    """The personal token's number, 0 when it is none that was made here."""
    in_keyring: bool = False

    @property
    def rpc_url(self) -> str:
        """Where SpaceWeb is spoken."""
        return self.url if self.spaceweb else f"{self.url}/rpc"


class _File(msgspec.Struct):
    current: str = ""
    profiles: dict[str, Profile] = {}


class Profiles:
    """All of them; `folder` is the user's own."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or platformdirs.user_config_path("beseda")
        self._path = self._folder / "profiles.json"
        self._secrets = self._folder / "secrets.json"
        self._file = _read(self._path, _File) or _File()

    @property
    def current(self) -> str:
        """The one that is meant when none is named, "" when there is none."""
        return self._file.current

    def list(self) -> list[Profile]:
        return sorted(self._file.profiles.values(), key=lambda profile: profile.name)

    def find(self, name: str) -> Profile | None:
        return self._file.profiles.get(name)

    def get(self, name: str = "") -> Profile:
        """One by its name, or the current one. Raises Unfound."""
        found = self._file.profiles.get(name or self._file.current)
        if found is None:
            raise Unfound(f"no profile is called {name!r}" if name else "sign in first: beseda login URL")
        return found

    def secret_of(self, profile: Profile) -> Secret:
        """Raises Unfound."""
        if profile.in_keyring:
            token = _keyring().get_password(SERVICE, _key(profile)) if _keyring() else None
        else:
            token = (_read(self._secrets, dict[str, str]) or {}).get(_key(profile))
        if not token:
            raise Unfound(f"the token of {profile.name} is gone: beseda login {profile.url}")
        return Secret(token)

    def keep(self, profile: Profile, token: Secret) -> Profile:
        """Keep it, its token where it is best hidden, and make it the current one. Raises OSError."""
        self._forget_secret(self._file.profiles.get(profile.name))
        profile = msgspec.structs.replace(profile, in_keyring=_hide(_key(profile), token))
        if not profile.in_keyring:
            secrets = _read(self._secrets, dict[str, str]) or {}
            self._write(self._secrets, secrets | {_key(profile): token.reveal()})
        self._file.profiles[profile.name] = profile
        self.use(profile.name)
        return profile

    def use(self, name: str) -> None:
        """Make it the current one. Raises Unfound, OSError."""
        self._file.current = self.get(name).name
        self._write(self._path, self._file)

    def forget(self, profile: Profile) -> None:
        """It, and its token. Raises OSError."""
        self._forget_secret(profile)
        del self._file.profiles[profile.name]
        if self._file.current == profile.name:
            self._file.current = next(iter(sorted(self._file.profiles)), "")
        self._write(self._path, self._file)

    def _forget_secret(self, profile: Profile | None) -> None:
        if profile is None:
            return
        if profile.in_keyring:
            if (keyring := _keyring()) and keyring.get_password(SERVICE, _key(profile)):
                keyring.delete_password(SERVICE, _key(profile))
        elif secrets := _read(self._secrets, dict[str, str]):
            secrets.pop(_key(profile), None)
            self._write(self._secrets, secrets)

    def _write(self, path: Path, content: Any) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(path, msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")


def given_profile() -> tuple[Profile, Secret] | None:
    """The one that BESEDA_URL and BESEDA_TOKEN name, for scripts."""
    url, token = os.environ.get("BESEDA_URL", ""), os.environ.get("BESEDA_TOKEN", "")
    return (Profile(name="environment", url=url.rstrip("/")), Secret(token)) if url and token else None


def _key(profile: Profile) -> str:
    return f"{profile.nick} at {profile.url} ({profile.name})"


def _read(path: Path, kind: Any) -> Any:
    """None for a file that is not there. Raises Unfound for one that cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, OSError) as error:
        raise Unfound(f"{path}: {error}") from error


def _keyring() -> Any:
    """The library, if it is installed and the platform has a keyring."""
    try:
        import keyring
        from keyring.backends.fail import Keyring as NoKeyring
    except ImportError:
        return None
    return None if isinstance(keyring.get_keyring(), NoKeyring) else keyring


def _hide(key: str, token: Secret) -> bool:
    """Put it into the keyring; whether that could be done."""
    if (keyring := _keyring()) is None:
        return False
    try:
        keyring.set_password(SERVICE, key, token.reveal())
    except keyring.errors.KeyringError:
        return False
    return True
