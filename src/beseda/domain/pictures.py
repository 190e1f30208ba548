"""What a member's picture is, as it is kept: a JPEG."""

_SCAN = 0xDA
_BESIDE = frozenset({0xFE, *range(0xE1, 0xF0)} - {0xEE})
"""Comments, and what programs write beside the pixels; but for how colours are meant (Adobe's 0xEE)."""


def only_pixels(jpeg: bytes) -> bytes:
    """The same picture without anything that is told beside its pixels (ITU T.81, B.1).

    What is made today has none; pictures that were kept before may.
    """
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != _SCAN:
        end = at + 2 + max(2, int.from_bytes(jpeg[at + 2 : at + 4], "big"))
        if jpeg[at + 1] not in _BESIDE:
            kept.append(jpeg[at:end])
        at = end
    return b"".join((*kept, jpeg[at:]))
