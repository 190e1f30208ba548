"""The hands that prepare scenes on a server in this process."""

from typing import Any

import msgspec

from beseda.compat.scenes import Need, Scene
from beseda.testing import BesedaServer
from beseda.testing.control import DEEDS


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
