"""Distinguished Encoding Rules, as far as timestamp tokens need them (X.690 §10).

Strict: definite lengths in their shortest form, tags of one byte, nothing behind the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from comity.errors import Malformed

BOOLEAN, INTEGER, OCTETS, NULL, OID, TIME = 0x01, 0x02, 0x04, 0x05, 0x06, 0x18
SEQUENCE, SET = 0x30, 0x31
CODE = "attestation.token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element: its tag byte, its contents, and all of its bytes."""

    tag: int
    body: bytes
    raw: bytes


def read_element(raw: bytes, tag: int, where: str) -> Element:
    """The one element of this tag that fills ``raw``; ``Malformed`` otherwise."""
    element, end = _read(raw, 0, where)
    if end != len(raw):
        raise Malformed(CODE, where, "bytes behind the end")
    return require_tag(element, tag, where)


def require_tag(element: Element, tag: int, where: str) -> Element:
    """The element itself where it has this tag; ``Malformed`` otherwise."""
    if element.tag != tag:
        raise Malformed(CODE, where, f"an element of tag {element.tag:#04x} where {tag:#04x} belongs")
    return element


def read_parts(element: Element, where: str) -> list[Element]:
    """The elements inside a constructed one."""
    parts = []
    at = 0
    while at < len(element.body):
        part, at = _read(element.body, at, where)
        parts.append(part)
    return parts


def _read(raw: bytes, at: int, where: str) -> tuple[Element, int]:
    if len(raw) < at + 2 or raw[at] & 0x1F == 0x1F:
        raise Malformed(CODE, where, "cut short, or a tag of many bytes")
    length, start = raw[at + 1], at + 2
    if length >= 0x80:
        count = length & 0x7F
        length = int.from_bytes(raw[start : start + count], "big")
        start += count
        if not 1 <= count <= 4 or start > len(raw) or length < 0x80 or length >> 8 * (count - 1) == 0:
            raise Malformed(CODE, where, "a length that is not in its shortest form")
    if start + length > len(raw):
        raise Malformed(CODE, where, "cut short")
    end = start + length
    return Element(tag=raw[at], body=raw[start:end], raw=raw[at:end]), end


def read_integer(element: Element, where: str, tag: int = INTEGER) -> int:
    """The number of an INTEGER, in its shortest form (X.690 §8.3)."""
    body = require_tag(element, tag, where).body
    if not body or (len(body) > 1 and (body[0], body[1] >> 7) in ((0, 0), (0xFF, 1))):
        raise Malformed(CODE, where, "a number that is not in its shortest form")
    return int.from_bytes(body, "big", signed=True)


def write_element(tag: int, *parts: bytes) -> bytes:
    """An element with these contents."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size, "big") + body


def write_integer(number: int) -> bytes:
    """The INTEGER of a number that is not negative."""
    return write_element(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def write_oid(dotted: str) -> bytes:
    """The OBJECT IDENTIFIER of ``1.2.840…`` (X.690 §8.19)."""
    first, second, *rest = map(int, dotted.split("."))
    return write_element(OID, *map(_base128, (first * 40 + second, *rest)))


def _base128(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(number & 0x7F | 0x80)
    return bytes(reversed(digits))


def write_sequence(parts: Iterable[bytes]) -> bytes:
    """A SEQUENCE of these elements."""
    return write_element(SEQUENCE, *parts)
