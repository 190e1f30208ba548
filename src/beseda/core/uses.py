"""When sessions and personal tokens were used last: noted in memory, kept together. So who reads writes nothing."""

from collections.abc import Hashable
from datetime import datetime
from itertools import islice
from typing import TypeVar

from beseda.core.ports import Store
from beseda.domain.ids import SessionId, TokenId

AT_ONCE = 500
K = TypeVar("K", bound=Hashable)


class Uses:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._sessions: dict[SessionId, datetime] = {}
        self._tokens: dict[TokenId, datetime] = {}

    def note_session(self, session_id: SessionId, now: datetime) -> None:
        self._sessions[session_id] = now

    def note_token(self, token_id: TokenId, now: datetime) -> None:
        self._tokens[token_id] = now

    def of_session(self, session_id: SessionId, kept: datetime) -> datetime:
        """The last time, when `kept` is what the database knows."""
        return max(kept, self._sessions.get(session_id, kept))

    def of_token(self, token_id: TokenId, kept: datetime | None) -> datetime | None:
        """The same of a token; None for never."""
        noted = self._tokens.get(token_id, kept)
        return noted if kept is None or noted is None else max(kept, noted)

    async def keep(self) -> None:
        """Write down what this node has noted; to be called every few seconds."""
        while self._sessions or self._tokens:
            sessions, tokens = (
                dict(islice(self._sessions.items(), AT_ONCE)),
                dict(islice(self._tokens.items(), AT_ONCE)),
            )
            async with self._store.unit() as unit:
                for session_id, at in sessions.items():
                    await unit.sessions.touch(session_id, at)
                for token_id, at in tokens.items():
                    await unit.tokens.touch(token_id, at)
            _remove(self._sessions, sessions)
            _remove(self._tokens, tokens)


def _remove(noted: dict[K, datetime], kept: dict[K, datetime]) -> None:
    """But for what was used again meanwhile."""
    for key, at in kept.items():
        if noted.get(key) == at:
            del noted[key]
