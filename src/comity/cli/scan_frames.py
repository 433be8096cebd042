"""Messages between processes over a pipe: the length in eight bytes, then so many bytes.

Who waits for several pipes must read them without a buffer: what is read ahead no selector tells of.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

_LENGTH: Final = struct.Struct(">Q")


def write_frame(pipe: BinaryIO, frame: bytes) -> None:
    """One message to the other side: its length, then its bytes."""
    left = memoryview(_LENGTH.pack(len(frame)) + frame)
    while left:
        left = left[pipe.write(left) :]
    pipe.flush()


def read_frame(pipe: BinaryIO) -> bytes | None:
    """The next message, or None where the other side is gone."""
    head = _read_all(pipe, _LENGTH.size)
    return None if head is None else _read_all(pipe, *_LENGTH.unpack(head))


def _read_all(pipe: BinaryIO, length: int) -> bytes | None:
    parts = []
    while length:
        part = pipe.read(length)
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
