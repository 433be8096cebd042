"""Deterministic CBOR (RFC 8949 §4.2.1), read strictly and written: one value, one spelling.

General decoders obey tags, and a tag can ask for a date, a pattern or a number of a billion digits. Here
are integers, byte strings, text, arrays, maps with integer keys, and null for a payload that is not there.
A tag stands only around the whole, and only where the caller names it; floats, booleans and all other
simple values have no place. What is read here, written again, gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Final, TypeAlias, TypeGuard

from comity.errors import Malformed

Value: TypeAlias = "int | bytes | str | list[Value] | dict[int, Value] | None"
Writable: TypeAlias = "int | bytes | str | Sequence[Writable] | Mapping[int, Writable] | None"

DEPTH_LIMIT: Final = 8
"""How many arrays and maps may lie in each other."""

ITEM_LIMIT: Final = 1 << 20
"""How many items may lie in all arrays and maps together: a byte can ask for an object of sixty."""

SIGN1: Final = 18
"""The tag of a COSE_Sign1 (RFC 9052 §4.2)."""

_BYTE: Final = tuple(bytes((n,)) for n in range(256))
_LEAST: Final = (24, 1 << 8, 1 << 16, 1 << 32)


def decode(
    raw: bytes,
    where: str = "",
    *,
    tag: int | None = None,
    code: str = "",
    other: str = "",
    items: int = ITEM_LIMIT,
) -> Value:
    """The one value that ``raw`` encodes, under ``tag`` if one is named; the reason names the byte at fault.

    ``Malformed``: ``cbor.form`` for what is no CBOR (cut short, reserved, not UTF-8), is too deep or too
    large, or has no place here; ``cbor.canonical`` for a second spelling (a number not in its shortest
    form, an open length, keys out of order or twice, bytes behind the end). ``other`` replaces the code
    for CBOR of a kind that has no place, and for a wrong tag; ``code`` replaces every code.
    """
    try:
        reader = _Reader(raw, where, items)
        at = 0 if tag is None else reader.skip_tag(tag)
        value, end = reader.item(at, 0)
        if end != len(raw):
            raise reader.spelt(end, "bytes follow the end")
    except _Misplaced as error:
        raise Malformed(code or other or error.code, where, error.why) from None
    except Malformed as error:
        if not code:
            raise
        raise Malformed(code, where, error.why) from None
    return value


def all_bytes(values: list[Value]) -> TypeGuard[list[bytes]]:
    """Whether every item of an array is a byte string."""
    return all(type(value) is bytes for value in values)


class _Misplaced(Malformed):
    """CBOR, and of a kind that has no place here."""


class _Reader:
    __slots__ = ("left", "raw", "where")

    def __init__(self, raw: bytes, where: str, items: int) -> None:
        self.raw, self.where, self.left = raw, where, items

    def item(self, at: int, depth: int) -> tuple[Value, int]:
        """The data item at offset ``at`` and the offset behind it (RFC 8949 §3)."""
        raw = self.raw
        start = at
        if at >= len(raw):
            raise self.broken(at, "it is cut short")
        major, number = raw[at] >> 5, raw[at] & 31
        at += 1
        if major == 7:
            return self.simple(start, number)
        if number > 23:
            number, at = self.argument(start, major, number)
        if major == 0:
            return number, at
        if major == 1:
            return -1 - number, at
        if major < 4:
            end = at + number
            if end > len(raw):
                raise self.broken(start, "it is cut short")
            if major == 2:
                return raw[at:end], end
            try:
                return raw[at:end].decode(), end
            except UnicodeDecodeError:
                raise self.broken(start, "text is not UTF-8") from None
        if major == 6:
            raise self.misplaced(start, "a tag has no place here")
        if depth >= DEPTH_LIMIT:
            raise self.broken(start, f"more than {DEPTH_LIMIT} arrays and maps lie in each other")
        count = number if major == 4 else 2 * number
        # Each item takes at least a byte, so a claimed length alone cannot make work.
        if count > len(raw) - at:
            raise self.broken(start, "it is cut short")
        self.left -= count
        if self.left < 0:
            raise self.broken(start, "there are too many items")
        depth += 1
        if major == 4:
            found: list[Value] = []
            for _ in range(number):
                value, at = self.item(at, depth)
                found.append(value)
            return found, at
        mapping: dict[int, Value] = {}
        last = b""
        for _ in range(number):
            key, behind = self.item(at, depth)
            if type(key) is not int:
                raise self.misplaced(at, "the key of a map is not an integer")
            # In the order of the encoded bytes; the same key twice is the same bytes twice.
            if raw[at:behind] <= last:
                raise self.spelt(at, "the keys of a map are out of order")
            last = raw[at:behind]
            mapping[key], at = self.item(behind, depth)
        return mapping, at

    def argument(self, start: int, major: int, info: int) -> tuple[int, int]:
        """The number behind a head of more than one byte, and the offset behind it."""
        if info > 27:
            if info == 31 and 2 <= major <= 5:
                raise self.spelt(start, "a length is left open")
            raise self.broken(start, "a reserved byte")
        end = start + 1 + (1 << info - 24)
        if end > len(self.raw):
            raise self.broken(start, "it is cut short")
        number = int.from_bytes(self.raw[start + 1 : end], "big")
        if number < _LEAST[info - 24]:
            raise self.spelt(start, "a number is not in its shortest form")
        return number, end

    def simple(self, start: int, info: int) -> tuple[None, int]:
        """Null; every other simple value and every float (RFC 8949 §3.3) is in the wrong place."""
        if info == 22:
            return None, start + 1
        if info > 27:
            raise self.broken(start, "a reserved byte")
        end = start + 1 + (1 << info - 24 if info > 23 else 0)
        if end > len(self.raw) or (info == 24 and self.raw[start + 1] < 32):
            raise self.broken(start, "a simple value is cut short or reserved")
        raise self.misplaced(start, "a float, a boolean or another simple value has no place here")

    def skip_tag(self, tag: int) -> int:
        """The offset behind the tag that must stand first."""
        if not self.raw:
            raise self.broken(0, "it is cut short")
        major, number = self.raw[0] >> 5, self.raw[0] & 31
        if major != 6:
            self.item(0, 0)
            raise self.misplaced(0, f"tag {tag} is missing")
        number, at = self.argument(0, major, number) if number > 23 else (number, 1)
        if number != tag:
            raise self.misplaced(0, f"tag {number} stands for tag {tag}")
        return at

    def broken(self, at: int, why: str) -> Malformed:
        return Malformed("cbor.form", self.where, f"not the CBOR of this form: {why} (byte {at})")

    def spelt(self, at: int, why: str) -> Malformed:
        return Malformed(
            "cbor.canonical", self.where, f"not the one deterministic spelling: {why} (byte {at})"
        )

    def misplaced(self, at: int, why: str) -> _Misplaced:
        return _Misplaced("cbor.form", self.where, f"not the CBOR of this form: {why} (byte {at})")


def encode(value: Writable, *, tag: int | None = None) -> bytes:
    """The deterministic bytes of a value, under ``tag`` if one is given (RFC 8949 §4.2.1).

    Maps are ordered by the bytes of their keys. A value that :func:`decode` would not give, or an integer
    outside −2⁶⁴…2⁶⁴−1, is the caller's mistake: ``TypeError``, ``ValueError``.
    """
    out = bytearray() if tag is None else bytearray(_head(6, tag))
    _write(out, value)
    return bytes(out)


def _write(out: bytearray, value: Writable) -> None:
    # By exact type: True is an int, and must not be written as 1.
    if type(value) is bytes:
        out += _head(2, len(value))
        out += value
    elif type(value) is int:
        out += _head(0, value) if value >= 0 else _head(1, -1 - value)
    elif type(value) is str:
        text = value.encode()
        out += _head(3, len(text))
        out += text
    elif isinstance(value, list | tuple):
        out += _head(4, len(value))
        for item in value:
            _write(out, item)
    elif isinstance(value, Mapping):
        out += _head(5, len(value))
        for key, item in sorted(((_key(key), item) for key, item in value.items()), key=itemgetter(0)):
            out += key
            _write(out, item)
    elif value is None:
        out.append(0xF6)
    else:
        raise TypeError(f"{type(value).__name__} has no place in this CBOR")


def _key(key: int) -> bytes:
    if type(key) is not int:
        raise TypeError("the key of a map is an integer")
    return encode(key)


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return _BYTE[major << 5 | number]
    if number < 1 << 8:
        return bytes((major << 5 | 24, number))
    for info, width in ((25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * width:
            return bytes((major << 5 | info,)) + number.to_bytes(width, "big")
    raise ValueError("an integer of more than 64 bits")
