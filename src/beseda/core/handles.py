"""What clients show for a session: each kind looks as the clients that show it expect."""

from beseda.core.ports import Entropy
from beseda.domain.sessions import Handle
from beseda.domain.tokens import PREFIX

BEARER_ALPHABET = "0123456789abcdefghijklmnopqrstuv"


def make_handle(entropy: Entropy, kind: Handle) -> str:
    """Another secret of that kind."""
    match kind:
        case Handle.SID:
            return entropy.digits(16)
        case Handle.BEARER:
            return f"{entropy.text(26, BEARER_ALPHABET)}.{entropy.uuid4()}"
        case Handle.TOKEN:
            return PREFIX + entropy.secret()
        case _:
            return entropy.secret()
