"""A server for tests in any language: its deeds are called over HTTP, at a port beside its own.

`POST /<deed>` with its arguments as a JSON object gives its result as JSON (docs/testing.md). `reset` begins with an
empty server at the same address, `restart` keeps the data.
"""

import inspect
import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, get_type_hints

import msgspec

from beseda.domain.errors import BesedaError
from beseda.server.config import ConfigError, load_config, split_address
from beseda.testing.server import QUICK, BesedaServer, Deed
from beseda.testing.stage import Stage

BODY_MAX_BYTES = 1 << 20


class NoSuchDeed(Exception):
    """Nothing is done by that name."""


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """What `reset` takes: settings of the configuration, by key."""

    settings: dict[str, Any] = {}


def _arguments(deed: Callable[..., Any]) -> type[msgspec.Struct]:
    """What a deed takes, by name."""
    types = get_type_hints(deed)
    parameters = list(inspect.signature(deed).parameters.values())[1:]
    fields: list[Any] = [
        (each.name, types[each.name]) if each.default is each.empty else (each.name, types[each.name], each.default)
        for each in parameters
    ]
    return msgspec.defstruct(deed.__name__, fields, kw_only=True, forbid_unknown_fields=True)


DEEDS: dict[str, Callable[..., Any]] = {name: it.deed for name, it in vars(BesedaServer).items() if type(it) is Deed}
DEEDS |= {"room": Stage.room}
ARGUMENTS = {name: _arguments(deed) for name, deed in DEEDS.items()}


class Control:
    """`with Control() as control:` runs a server at `control.server.url`, and its control port at `control.url`."""

    def __init__(self, listen: str = "127.0.0.1:0", control: str = "127.0.0.1:0") -> None:
        """Raises ConfigError for what is no address, OSError for one that is taken."""
        self._fixed = {"server.listen": listen}
        self.server = BesedaServer(self._fixed)
        self._one_at_a_time = threading.Lock()
        self._http = ThreadingHTTPServer(split_address("control", control), lambda *given: _Handler(self, *given))
        self._thread = threading.Thread(target=self._http.serve_forever, args=[0.05], name="control", daemon=True)
        host, port = self._http.server_address[:2]
        self.url = f"http://{host!s}:{port}"

    def __enter__(self) -> Self:
        try:
            self.server.__enter__()
        except BaseException:
            self._http.server_close()
            raise
        self._fixed = {"server.listen": self.server.url.partition("://")[2]}
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        self.server.__exit__(None, None, None)

    def call(self, name: str, body: bytes) -> Any:
        """The result of a deed. Raises NoSuchDeed, ValueError, BesedaError, ConfigError."""
        with self._one_at_a_time:
            if name == "reset":
                return self._reset(msgspec.json.decode(body or b"{}", type=Settings).settings)
            if name == "restart":
                return self.server.restart()
            if name not in DEEDS:
                raise NoSuchDeed
            given = msgspec.json.decode(body or b"{}", type=ARGUMENTS[name])
            return self.server.do(DEEDS[name], **{field: getattr(given, field) for field in given.__struct_fields__})

    def _reset(self, settings: dict[str, Any]) -> None:
        """A server with settings that it does not take leaves the one that runs as it is."""
        load_config(environment={}, overrides={**QUICK, **settings})
        self.server.__exit__(None, None, None)
        self.server = BesedaServer({**settings, **self._fixed}).__enter__()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, control: Control, *given: Any) -> None:
        self._control = control
        super().__init__(*given)

    def do_GET(self) -> None:
        """Where the server is, and what can be asked for."""
        deeds = {name: list(it.__struct_fields__) for name, it in ARGUMENTS.items()}
        more = {"reset": ["settings"], "restart": list[str]()}
        self._answer(HTTPStatus.OK, {"url": self._control.server.url, "deeds": deeds | more})

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length", "0")
        if not size.isdigit() or int(size) > BODY_MAX_BYTES:
            self.close_connection = True
            self._refuse(413 if size.isdigit() else 400, "bad_length", "")
            return
        body = self.rfile.read(int(size))
        if self.headers.get_content_type() != "application/json":  # what pages of other sites cannot send unasked
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not_json", "send application/json")
            return
        try:
            result = self._control.call(self.path.strip("/"), body)
        except NoSuchDeed:
            self._refuse(HTTPStatus.NOT_FOUND, "no_such_deed", f"no deed {self.path!r}; GET / lists them")
        except BesedaError as refusal:
            self._refuse(HTTPStatus.CONFLICT, refusal.code, str(refusal))
        except (ValueError, ConfigError) as error:
            self._refuse(HTTPStatus.BAD_REQUEST, "bad_arguments", str(error))
        except Exception as error:
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, "fault", repr(error))
        else:
            self._answer(HTTPStatus.OK, result)

    def _refuse(self, status: int, code: str, message: str) -> None:
        self._answer(status, {"error": code, "message": message})

    def _answer(self, status: int, value: object) -> None:
        body = msgspec.json.encode(value)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *given: Any) -> None:  # noqa: A002 - as the base class calls it
        """Nobody reads it."""


def told(control: Control) -> str:
    """What the program prints when it is ready: one line of JSON."""
    return json.dumps({"url": control.server.url, "control": control.url})
