"""Static files under an address with a hash of them all, each compressed once, when the server starts.

One hash for the folder lets modules import each other by their plain names. Whoever asks with a hash of another
version, as a page does that another node made, gets what is here, and keeps it no longer than that.
"""

import asyncio
import gzip
import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path

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
BROTLI, GZIP = "br", "gzip"
CODINGS = (BROTLI, GZIP)
"""The smallest first."""
FOR_EVER = (b"cache-control", b"public, max-age=31536000, immutable")
A_DAY = (b"cache-control", b"public, max-age=86400")
NO_CACHE = (b"cache-control", b"no-cache")
_HASHED = re.compile(r"/static/([0-9a-f]{12})/(.+)")
_IMPORT = re.compile(rb'(?:from|import)\s*"\./([^"]+)"')
_WEIGHT = re.compile(r"q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


@dataclass(frozen=True, slots=True)
class Asset:
    """`coded` holds the body by its codings, as they are made."""

    content_type: bytes
    body: bytes
    is_text: bool
    coded: dict[str, bytes] = field(default_factory=dict)

    def gzipped(self) -> bytes:
        """Made now, if it is not there yet: that takes a millisecond."""
        if GZIP not in self.coded:
            self.coded[GZIP] = gzip.compress(self.body, 9, mtime=0)
        return self.coded[GZIP]


class Assets:
    """Read once a process: `assets()`."""

    def __init__(self) -> None:
        found = dict(sorted(_walk(Path(__file__).with_name("static"))))
        digest = hashlib.sha256()
        for name, body in found.items():
            digest.update(b"%s\0%d\0%s" % (name.encode(), len(body), body))
        self.hash = digest.hexdigest()[:12]
        self.files = {name: _asset(name, body) for name, body in found.items()}
        self._is_smallest = False
        self._modules: dict[str, tuple[str, ...]] = {}

    async def compress(self) -> None:
        """Begin with gzip, in a thread: it takes a hundredth of a second of which nobody waits for anything."""
        asyncio.get_running_loop().run_in_executor(None, self._gzip)

    async def compress_more(self) -> None:
        """With brotli, where it is installed: a seventh smaller, for half a second of a thread once a process."""
        if not self._is_smallest:
            self._is_smallest = True
            await asyncio.to_thread(self._brotli)

    def _gzip(self) -> None:
        for asset in self._texts():
            asset.gzipped()

    def _brotli(self) -> None:
        try:
            brotli = import_module("brotli")
        except ImportError:
            return
        for asset in self._texts():
            asset.coded[BROTLI] = brotli.compress(asset.body, mode=brotli.MODE_TEXT)

    def _texts(self) -> Iterator[Asset]:
        return (asset for asset in self.files.values() if asset.is_text)

    def address(self, name: str) -> str:
        """Where a file is, for pages. Raises KeyError: a page that names what is not there is wrong."""
        self.files[name]
        return f"/static/{self.hash}/{name}"

    def modules(self, name: str) -> tuple[str, ...]:
        """A module and all that it imports, however far: what it waits for before anything of it runs."""
        if name not in self._modules:
            found = {name: None}
            for each in iter(todo := [name]):
                folder, slash, _ = each.rpartition("/")
                for imported in _IMPORT.findall(self.files[each].body):
                    path = f"{folder}{slash}{imported.decode()}"
                    if path not in found:
                        found[path] = None
                        todo.append(path)
            self._modules[name] = tuple(found)
        return self._modules[name]

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
            accept = (header(scope, b"accept-encoding") or b"").decode("latin-1")
            if coding := wanted(accept, {GZIP, *asset.coded}):
                head.append((b"content-encoding", coding.encode()))
                body = asset.gzipped() if coding == GZIP else asset.coded[coding]
        return [*head, (b"content-length", str(len(body)).encode())], body


@cache
def assets() -> Assets:
    """Those of this installation."""
    return Assets()


def wanted(accept: str, there: Collection[str]) -> str:
    """The coding that a client likes best of those that are there (RFC 9110, 12.5.3), "" when it likes none better.

    Of those that it likes as well the smallest; what has no sound weight is not asked for.
    """
    weights: dict[str, float] = {}
    for part in accept.lower().split(","):
        coding, _, weight = (each.strip() for each in part.partition(";"))
        found = _WEIGHT.fullmatch(weight or "q=1")
        weights[coding.removeprefix("x-")] = float(found[1]) if found else 0.0
    plain, others = weights.get("identity", 0.0), weights.get("*", 0.0)
    liked = [coding for coding in CODINGS if coding in there and weights.get(coding, others) > 0]
    best = max(liked, key=lambda coding: weights.get(coding, others), default="")
    return best if best and weights.get(best, others) >= plain else ""


def _walk(folder: Path, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        elif entry.name.rpartition(".")[2] in TYPES:
            yield prefix + entry.name, entry.read_bytes()


def _asset(name: str, body: bytes) -> Asset:
    kind = name.rpartition(".")[2]
    return Asset(TYPES[kind], body, kind in COMPRESSED)
