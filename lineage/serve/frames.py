"""Events in a file: one frame each, which shows by itself whether it is whole.

```
length    4 bytes, little endian, of the body
checksum  4 bytes, CRC-32 of the length and the body
body
```

The checksum covers the length, so that a tail of zeros, which a file system may leave after a loss
of power, is no frame.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_LENGTH = struct.Struct("<I")
_HEAD = struct.Struct("<II")
HEAD_BYTES = _HEAD.size


class Found(NamedTuple):
    """What a piece of a file holds.

    Attributes:
        bodies: of the whole frames, in order.
        end: where the last of them ends, counted from the start of the piece.
        wanted: bytes that the next frame takes; 0 where the piece ends before that is known.
        damaged: what comes next can be no frame, however much of it was read.
    """

    bodies: list[bytes]
    end: int
    wanted: int
    damaged: bool


def framed(bodies: Iterable[bytes]) -> bytes:
    """The frames of some bodies."""
    parts: list[bytes] = []
    for body in bodies:
        parts += (_HEAD.pack(len(body), _checksum(body)), body)
    return b"".join(parts)


def frames_in(data: bytes, most: int | None = None) -> Found:
    """The frames at the start of a piece of a file.

    Args:
        data: the piece, which starts where a frame does.
        most: how many to take at most.
    """
    bodies: list[bytes] = []
    at, size = 0, len(data)
    while size - at >= HEAD_BYTES and (most is None or len(bodies) < most):
        length, checksum = _HEAD.unpack_from(data, at)
        end = at + HEAD_BYTES + length
        if end > size:
            return Found(bodies, at, end - at, damaged=False)
        body = data[at + HEAD_BYTES : end]
        if _checksum(body) != checksum:
            return Found(bodies, at, end - at, damaged=True)
        bodies.append(body)
        at = end
    return Found(bodies, at, 0, damaged=False)


def _checksum(body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(_LENGTH.pack(len(body))))
