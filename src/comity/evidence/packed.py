"""A strict reader of the deterministic CBOR (RFC 8949 §4.2.1) that disclosures use.

Only unsigned integers, byte strings, text and arrays, of definite length and in their shortest form:
general decoders also obey tags, and a tag can ask for arithmetic on numbers of a billion digits.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from comity.errors import Malformed

Packed: TypeAlias = "int | bytes | str | list[Packed]"

_DEPTH: Final = 4


def unpack_cbor(raw: bytes, where: str = "") -> Packed:
    """The one value that ``raw`` encodes; ``Malformed`` (``disclosure.form``) with the byte at fault."""
    value, end = _unpack(raw, 0, 0, where)
    if end != len(raw):
        raise _wrong(where, end, "bytes follow the end")
    return value


def _unpack(raw: bytes, at: int, depth: int, where: str) -> tuple[Packed, int]:
    start = at
    if at >= len(raw):
        raise _wrong(where, at, "the data ends early")
    major, short = raw[at] >> 5, raw[at] & 31
    at += 1
    number = short
    if short > 27:
        raise _wrong(where, start, "a length must be definite")
    if short > 23:
        width = 1 << (short - 24)
        number = int.from_bytes(raw[at : at + width], "big")
        if at + width > len(raw):
            raise _wrong(where, start, "the data ends early")
        if number < (24, 1 << 8, 1 << 16, 1 << 32)[short - 24]:
            raise _wrong(where, start, "a number is not in its shortest form")
        at += width
    if major == 0:
        return number, at
    if major in (2, 3):
        if number > len(raw) - at:
            raise _wrong(where, start, "the data ends early")
        part = raw[at : at + number]
        if major == 2:
            return part, at + number
        try:
            return part.decode(), at + number
        except UnicodeDecodeError:
            raise _wrong(where, start, "text is not UTF-8") from None
    if major != 4:
        raise _wrong(where, start, "a kind of value that has no place here")
    if depth >= _DEPTH:
        raise _wrong(where, start, "nested too deeply")
    if number > len(raw) - at:
        raise _wrong(where, start, "the data ends early")
    items: list[Packed] = []
    for _ in range(number):
        item, at = _unpack(raw, at, depth + 1, where)
        items.append(item)
    return items, at


def _wrong(where: str, at: int, why: str) -> Malformed:
    return Malformed("disclosure.form", f"{where}, byte {at}" if where else f"byte {at}", why)
