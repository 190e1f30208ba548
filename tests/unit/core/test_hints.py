"""Hints: nothing private is in them."""

from datetime import UTC, datetime

from beseda.adapters.hints import JsonHintCodec
from beseda.adapters.secrets import Blake2Keyring
from beseda.core.hints import Hint, room_hint
from beseda.domain.ids import RoomId
from beseda.domain.messages import Hidden, Kind, Line
from unit.core.world import World

CODEC = JsonHintCodec(Blake2Keyring(b"k" * 32), "here")
AT = datetime(2026, 11, 26, 12, tzinfo=UTC)


async def test_what_is_for_some_only_travels_as_a_number(world: World) -> None:
    alena = await world.known("Alena")
    for kind in Kind:
        for hidden in Hidden:
            line = Line(RoomId(1), 5, AT, kind, alena, alena, "tajné", 3, hidden)
            hint = room_hint(RoomId(1), 5, [line])
            private = kind in (Kind.WHISPER, Kind.NOTICE, Kind.UNMUTED, Kind.FAVOURITE) or hidden is not Hidden.NO
            assert (hint.seq, bool(hint.lines)) == (5, not private)
            (payload,) = CODEC.encode(Hint("a", journal=False, rooms=(hint,)), 10_000)
            assert ("tajné".encode() in payload) is not private
            assert b"Alena" not in payload
