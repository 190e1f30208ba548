"""Chat.cz, Spaces, SpaceWeb and a Beseda's live protocol from Python: `ChatCz`, `Spaces`, `SpaceWeb`, `Live`.

Each has a form with `await` (`AsyncLive`) and a plain one (`Live`) that do the same. Results are frozen; their names
are the field's words, and what a service adds later is passed over. Their types are in `chatcz_types`, `spaces_types`,
`spaceweb_types` and `live_types`. What goes wrong:

    BesedaError
    ├── NotAsked          nothing reached the service: ConnectFailed, ConnectTimedOut
    ├── NotUnderstood     the answer is not what the protocol says
    ├── Unknown           it may or may not have happened: the connection broke, or nothing came
    └── Refused           the service said no: code, message, retry_after_s
        ├── SignInRefused, CaptchaNeeded(picture_url), SessionEnded
        ├── TooOften(retry_after_s), Busy
        ├── ResultRefused (SpaceWeb's extendedResult)
        └── NotFound, NotAllowed, Invalid(field)

Nothing is tried again that could happen twice, unless it carries a key.
"""

from beseda.client import chatcz_types, lines, live_types, spaces_events, spaces_types, spaceweb_types
from beseda.client._async.chatcz import AsyncChatCz
from beseda.client._async.chatcz_room import AsyncChatRoom
from beseda.client._async.live import AsyncLive
from beseda.client._async.live_room import AsyncLiveRoom
from beseda.client._async.spaces import AsyncSpaces
from beseda.client._async.spaceweb import AsyncSpaceWeb
from beseda.client._sync.chatcz import ChatCz
from beseda.client._sync.chatcz_room import ChatRoom
from beseda.client._sync.live import Live
from beseda.client._sync.live_room import LiveRoom
from beseda.client._sync.spaces import Spaces
from beseda.client._sync.spaceweb import SpaceWeb
from beseda.client.captcha import Picture
from beseda.client.errors import (
    BesedaError,
    Busy,
    CaptchaNeeded,
    ConnectFailed,
    ConnectTimedOut,
    Invalid,
    NotAllowed,
    NotAsked,
    NotFound,
    NotUnderstood,
    Refused,
    ResultRefused,
    SessionEnded,
    SignInRefused,
    TooOften,
    Unknown,
)
from beseda.client.lines import Line, Person
from beseda.client.manners import Manners
from beseda.client.secrets import FileTokens, MemoryTokens, Tokens, TokenStore

__all__ = [
    "AsyncChatCz",
    "AsyncChatRoom",
    "AsyncLive",
    "AsyncLiveRoom",
    "AsyncSpaceWeb",
    "AsyncSpaces",
    "BesedaError",
    "Busy",
    "CaptchaNeeded",
    "ChatCz",
    "ChatRoom",
    "ConnectFailed",
    "ConnectTimedOut",
    "FileTokens",
    "Invalid",
    "Line",
    "Live",
    "LiveRoom",
    "Manners",
    "MemoryTokens",
    "NotAllowed",
    "NotAsked",
    "NotFound",
    "NotUnderstood",
    "Person",
    "Picture",
    "Refused",
    "ResultRefused",
    "SessionEnded",
    "SignInRefused",
    "SpaceWeb",
    "Spaces",
    "TokenStore",
    "Tokens",
    "TooOften",
    "Unknown",
    "chatcz_types",
    "lines",
    "live_types",
    "spaces_events",
    "spaces_types",
    "spaceweb_types",
]
