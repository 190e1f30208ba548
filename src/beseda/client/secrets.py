"""Secrets that no `repr` shows, and where the rotating token of Chat.cz is kept."""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Protocol

import msgspec


class Secret:
    """A text that is shown nowhere by itself."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    def __bool__(self) -> bool:
        return bool(self._text)


class Tokens(msgspec.Struct, frozen=True):
    """An application's tokens at Chat.cz.

    `current` is the last that is known to be good, `pending` one that was given for it and has not been seen to be
    confirmed; "" when there is none.
    """

    current: str
    pending: str = ""

    def __repr__(self) -> str:
        return f"Tokens(current=..., pending={'...' if self.pending else None})"


class TokenStore(Protocol):
    """Where the tokens are kept between runs of a program. What `save` was given is there when it returns."""

    def load(self) -> Tokens | None:
        """The tokens, None when there are none yet."""
        ...

    def save(self, tokens: Tokens) -> None:
        """Keep these in the place of those before."""
        ...


class MemoryTokens:
    """For one run of a program."""

    def __init__(self, token: str = "") -> None:
        self._tokens = Tokens(token) if token else None

    def load(self) -> Tokens | None:
        return self._tokens

    def save(self, tokens: Tokens) -> None:
        self._tokens = tokens


class FileTokens:
    """A file that only its owner may read (mode 600), replaced as a whole and synced."""

    def __init__(self, path: Path | str, token: str = "") -> None:
        """`token` is the first one, which an operator gave; it is used while there is no file."""
        self._path = Path(path)
        self._first = Tokens(token) if token else None

    def __repr__(self) -> str:
        return f"FileTokens({str(self._path)!r})"

    def load(self) -> Tokens | None:
        """Raises OSError, and msgspec.DecodeError for a file that is none of these."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Tokens)
        except FileNotFoundError:
            return self._first

    def save(self, tokens: Tokens) -> None:
        """Raises OSError; the file then is as it was."""
        write_private(self._path, msgspec.json.encode(tokens))


def write_private(path: Path, content: bytes) -> None:
    """Replace a file as a whole by one of mode 600, and sync it. Raises OSError; the file then is as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # of mode 600
    try:
        with open(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
