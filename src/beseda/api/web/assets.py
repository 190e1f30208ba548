"""Static files under an address with a hash of them all, each compressed once, for the first who asks for it.

One hash for the folder lets modules import each other by their plain names. Whoever asks with a hash of another
version, as a page does that another node made, gets what is here, and keeps it no longer than that.
"""

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from beseda.api.base import PAGE_HEADERS, Scope, header

TYPES = {
    "css": b"text/css; charset=utf-8",
    "gif": b"image/gif",
    "js": b"text/javascript; charset=utf-8",
    "json": b"application/json",
    "png": b"image/png",
    "svg": b"image/svg+xml",
    "txt": b"text/plain; charset=utf-8",
}
COMPRESSED = frozenset({"css", "js", "json", "svg", "txt"})
FOR_EVER = (b"cache-control", b"public, max-age=31536000, immutable")
A_DAY = (b"cache-control", b"public, max-age=86400")
NO_CACHE = (b"cache-control", b"no-cache")
_HASHED = re.compile(r"/static/([0-9a-f]{12})/(.+)")


@dataclass(frozen=True)
class Asset:
    content_type: bytes
    body: bytes
    is_text: bool

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.body, 9, mtime=0)


class Assets:
    """Read once a process: `assets()`."""

    def __init__(self) -> None:
        found = dict(sorted(_walk(files("beseda.api.web").joinpath("static"))))
        digest = hashlib.sha256()
        for name, body in found.items():
            digest.update(b"%s\0%d\0%s" % (name.encode(), len(body), body))
        self.hash = digest.hexdigest()[:12]
        self.files = {name: _asset(name, body) for name, body in found.items()}

    def address(self, name: str) -> str:
        """Where a file is, for pages. Raises KeyError: a page that names what is not there is wrong."""
        self.files[name]
        return f"/static/{self.hash}/{name}"

    def find(self, scope: Scope) -> tuple[list[tuple[bytes, bytes]], bytes] | None:
        """Head and body of an answer; None when there is no such file."""
        path: str = scope["path"]
        match = _HASHED.fullmatch(path)
        asset = self.files.get(match[2] if match else path.removeprefix("/static/"))
        if asset is None:
            return None
        kept = A_DAY if match is None else FOR_EVER if match[1] == self.hash else NO_CACHE
        head = [(b"content-type", asset.content_type), kept, *PAGE_HEADERS]
        body = asset.body
        if asset.is_text:
            head.append((b"vary", b"accept-encoding"))
            if _takes_gzip((header(scope, b"accept-encoding") or b"").decode("latin-1")):
                head.append((b"content-encoding", b"gzip"))
                body = asset.gzipped
        return [*head, (b"content-length", str(len(body)).encode())], body


@cache
def assets() -> Assets:
    """Those of this installation."""
    return Assets()


def _takes_gzip(accept: str) -> bool:
    """Whether a client takes gzip (RFC 9110, 12.5.3); only who names it."""
    for part in accept.lower().split(","):
        coding, _, quality = part.partition(";")
        if coding.strip() in ("gzip", "x-gzip"):
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", quality)
    return False


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.rpartition(".")[2] in TYPES:
            yield prefix + entry.name, entry.read_bytes()


def _asset(name: str, body: bytes) -> Asset:
    kind = name.rpartition(".")[2]
    return Asset(TYPES[kind], body, kind in COMPRESSED)
