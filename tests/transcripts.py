"""The hands that prepare scenes on a server in this process, and on two that share a database."""

import http.client
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http import HTTPStatus
from typing import Any

import msgspec
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from beseda.api.chatcz.codec_talk import NOTICES
from beseda.compat.player import Player
from beseda.compat.scenes import Need, Scene
from beseda.domain.errors import OutcomeUnknown, StoreUnavailable
from beseda.testing import BesedaServer
from beseda.testing.control import DEEDS

TRIES = 100
AGAIN = re.compile(
    r"""\"status\": ?503|\"code\": ?(?:\"00010\"|-3200[34])|^store_unavailable$|^outcome_unknown$"""
    + "".join(f"|{re.escape(NOTICES[code])}" for code in ("store_unavailable", "outcome_unknown"))
    + "|Неизвестно, сохранены ли изменения"
)
"""How the protocols say that something was not done, or perhaps not, and may be tried again."""


class InProcess:
    """A server of its own for each scene."""

    provides = frozenset(Need)

    def __init__(self) -> None:
        self.server = BesedaServer()

    @property
    def url(self) -> str:
        return self.server.url

    def begin(self, scene: Scene) -> None:
        self.server = BesedaServer(scene.settings).__enter__()

    def call(self, deed: str, **arguments: Any) -> Any:
        if deed == "restart":
            return self.server.restart()
        return msgspec.to_builtins(self.server.do(DEEDS[deed], **arguments))

    def close(self) -> None:
        self.server.__exit__(None, None, None)


class Together:
    """Two nodes on one database for each scene, at one address, as if there were a proxy in front.

    `by_turns`: every request goes to the other node than the one before; else each actor stays at one, the first at the
    first, the second at the second, and so on. What is prepared and what operators do alternates, too. Each node hears
    what was done until now before it is asked: that this takes a second at most is tested elsewhere.
    """

    provides = frozenset(Need)

    def __init__(self, database: str = "", *, by_turns: bool = False, faults: float = 0.0) -> None:
        """`faults` is the share of reads and commits that fail."""
        self._faults = faults
        self._title = ""
        self._settings = {"server.database": database} if database else {}
        self._by_turns = by_turns
        self._nodes: tuple[BesedaServer, ...] = ()
        self._now = self._asked = 0
        self._places: dict[str, int] = {}
        self._stack = ExitStack()

    @property
    def url(self) -> str:
        return self._nodes[0].url

    @property
    def node(self) -> BesedaServer:
        """The one whose turn it is."""
        return self._nodes[self._now]

    def begin(self, scene: Scene) -> None:
        self._title = scene.name
        settings = {**scene.settings, **self._settings}
        one = self._stack.enter_context(BesedaServer(settings))
        other = BesedaServer(settings, data=one.config.server.data, clock=one.clock)
        other._inside = one._inside
        self._nodes = one, self._stack.enter_context(other)

    def turn_to(self, actor: str) -> None:
        """To the node where somebody is."""
        self._asked += 1
        self._now = self._asked % 2 if self._by_turns else self._places.setdefault(actor, len(self._places) % 2)
        self.catch_up(self.node)

    def catch_up(self, node: BesedaServer) -> None:
        node.run(node.beseda.parts.nodes.catch_up())
        node.run(node.beseda.look_for_others())

    @contextmanager
    def faulty(self) -> Iterator[None]:
        """Something may fail meanwhile, whoever does it."""
        if not self._faults:
            yield
            return
        with ExitStack() as stack:
            for number, node in enumerate(self._nodes):
                stack.enter_context(node.faults.at_random(f"{self._title} {number}", self._faults))
            yield

    @property
    def failed(self) -> int:
        """How often something did."""
        return sum(node.faults.happened for node in self._nodes)

    def call(self, deed: str, **arguments: Any) -> Any:
        match deed:
            case "restart":
                for node in self._nodes:
                    node.restart()
            case "settle":
                for node in self._nodes:
                    self.catch_up(node)
                    node.settle()
            case "move_clock":
                self._pass_time(**arguments)
                return self._nodes[0].clock.now().isoformat()
            case _:
                self.turn_to(f"the operator of {deed}")
                return msgspec.to_builtins(self.node.do(DEEDS[deed], **arguments))
        return None

    def _pass_time(self, seconds: float) -> None:
        """What each node does for itself comes before what one does for all: of a leap there is one round only."""
        one, other = self._nodes
        one.clock.move(seconds)
        one.run(one.beseda.services.lease.is_mine())
        for node in (other, one):
            with self.faulty(), suppress(StoreUnavailable, OutcomeUnknown):
                self.catch_up(node)
                node.run(node.beseda.housekeeping())
            self.catch_up(node)
            node.run(node.beseda.housekeeping())

    def close(self) -> None:
        self._stack.close()


class Wanderer(Player):
    """Plays a scene on several nodes."""

    def __init__(self, hands: Together) -> None:
        super().__init__(hands)
        self._together = hands

    @property
    def way(self) -> str:
        return self._together.node.url

    def _send(self, actor: str, block: list[str], *, raw: bool) -> None:
        self._together.turn_to(actor)
        super()._send(actor, block, raw=raw)

    def open_channel(self, actor: str, channel: str) -> None:
        self._together.turn_to(actor)
        super().open_channel(actor, channel)

    def connect(self, url: str) -> ClientConnection:
        for _ in range(TRIES):
            with self._together.faulty(), suppress(InvalidStatus):
                return super().connect(url)
        raise AssertionError("nobody opens the channel")

    def _exchange(self, verb: str, message: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        """As often as the answer says that it was not done, and may be tried again."""
        for _ in range(TRIES):
            with self._together.faulty():
                answer, body = super()._exchange(verb, message)
            if not asks_for_another_try(answer.status, body):
                return answer, body
        raise AssertionError("it does not succeed, however often it is tried")


def asks_for_another_try(status: int, body: bytes) -> bool:
    """Also when nobody knows whether it was done: these faults keep nothing."""
    return status == HTTPStatus.SERVICE_UNAVAILABLE or AGAIN.search(body.decode("utf-8", "replace")) is not None
