"""Where a call may be stopped before it is done: only in tests, which put a gate into the scope.

Each protocol says which call it is about to do, by its own name: `chatcz.getText`, `spaces.mail.sendMessage`,
`spaceweb.domains.index`, `live.post`.
"""

from collections.abc import Awaitable, Callable

from beseda.api.base import Scope

GATE = "beseda.gate"
Gate = Callable[[str], Awaitable[None]]


async def pass_gate(scope: Scope, call: str) -> None:
    """Raises whatever refusal the test wants: a BesedaError."""
    gate: Gate | None = scope.get(GATE)
    if gate is not None:
        await gate(call)
