"""Bodies: frame and content as canonical bytes, and the salted commitment to them (``spec/02-bodies.md``).

``render(parse(raw)) == raw`` or the bytes are ``Malformed``: that one comparison refuses duplicate
keys, other orders, white space, floats, null, unset fields spelled out, and other spellings of a time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from comity.errors import Malformed
from comity.phrases import count_of, joined, phrase
from comity.records import canonical, kinds
from comity.records.kinds import Content, Frame

FRAME_LIMIT = 32 * 1024
CONTENT_LIMIT = 4 * 1024 * 1024

_T = TypeVar("_T", bound=msgspec.Struct)

_TIME = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Unwritable(ValueError):
    """A value that no record holds: a mistake of whoever made it. ``why`` is the reason, for a person."""

    def __init__(self, fault: Malformed) -> None:
        super().__init__(str(fault))
        self.code, self.why = fault.code, fault.why


def render(value: msgspec.Struct) -> bytes:
    """Canonical bytes of a frame or content; ``Unwritable`` if the value has none."""
    builtins = msgspec.to_builtins(value)
    raw = canonical.render(builtins)
    try:
        _decode(raw, type(value), "")
    except Malformed as error:
        raise Unwritable(error) from None
    return raw


def parse_frame(raw: bytes, where: str = "frame") -> Frame:
    """The frame of these bytes, or ``Malformed`` (``frame.form``, ``frame.order``, ``frame.time``, …)."""
    if len(raw) > FRAME_LIMIT:
        raise Malformed("frame.size", where, f"a frame has at most {FRAME_LIMIT} bytes")
    frame = _decode(raw, Frame, where)
    if frame.kind not in kinds.KINDS or kinds.KINDS[frame.kind].introduced > frame.rules:
        raise Malformed("frame.kind", where, f"no such kind in rules {frame.rules}: {frame.kind!r}")
    for name in ("audience", "seen", "references"):
        items = getattr(frame, name)
        if list(items) != sorted(set(items)):
            raise Malformed("frame.order", f"{where}.{name}", "not sorted, or an entry stands twice")
    if kinds.PUBLIC in frame.audience and len(frame.audience) > 1:
        raise Malformed("frame.audience", f"{where}.audience", "public already includes everyone")
    return frame


def parse_content(kind: str, raw: bytes, where: str = "content") -> Content:
    """The content of these bytes under the kind its frame names, or ``Malformed`` (``content.form``, …)."""
    if len(raw) > CONTENT_LIMIT:
        raise Malformed("content.size", where, f"a content has at most {CONTENT_LIMIT} bytes")
    content: Content = _decode(raw, kinds.KINDS[kind], where)
    return content


def _decode(raw: bytes, into: type[_T], where: str) -> _T:
    plain = canonical.parse(raw, where)
    try:
        value = msgspec.convert(plain, into, strict=True)
    except msgspec.ValidationError as error:
        code = "frame.form" if into is Frame else "content.form"
        raise _malformed(code, where, str(error), plain) from None
    if canonical.render(msgspec.to_builtins(value)) != raw:
        raise Malformed("json.canonical", where, "a field stands at its default instead of being absent")
    for path, text in _texts(plain, where):
        if kinds.has_control(text):
            raise Malformed("text.control", path, "holds a control character")
        if _TIME.fullmatch(text):
            parse_time(text, path)
    for path, ranges in _ranges(value, where):
        end = -1
        for first, count in ranges:
            # Adjacent ranges would be a second spelling of one range.
            if first <= end:
                raise Malformed("content.ranges", path, "row ranges are not sorted, disjoint and merged")
            end = first + count
    return value


_FAULT = re.compile(r"(?s)(.*?)(?: - at `\$((?:\.\w+|\[\d+\])*)`)?")
_LENGTH = re.compile("Expected `(str|array)` of length ([<>]=) ([0-9]+)")


def _malformed(code: str, where: str, fault: str, plain: object) -> Malformed:
    """What a validator found, as a person reads it: which field, what it may be at most or at least, and what
    it is. Whatever is not of a length stays in the validator's words."""
    found = _FAULT.fullmatch(fault)
    length = _LENGTH.fullmatch(found[1]) if found else None
    if found is None or length is None or not found[2]:
        return Malformed(code, where, fault)
    steps = re.findall(r"\.(\w+)|\[(\d+)\]", found[2])
    value: Any = plain
    for name, number in steps:
        value = value[name or int(number)]  # the validator went this way
    path = joined(name or phrase("entry {}", int(number) + 1) for name, number in steps)
    bound = int(length[3])
    of = count_of(bound, "character") if length[1] == "str" else count_of(bound, "entry", "entries")
    has = f"{len(value):,}"
    if length[2] == "<=":
        return Malformed(code, where, phrase("{}: at most {}, and this has {}", path, of, has))
    return Malformed(code, where, phrase("{}: at least {}, and this has {}", path, of, has))


def _texts(value: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if not where.endswith(".source"):  # rule sources are the exact text of someone's file
            yield where, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, f"{where}.{key}")
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _texts(item, f"{where}[{n}]")


def _ranges(value: msgspec.Struct, where: str) -> Iterator[tuple[str, kinds.Ranges]]:
    if isinstance(value, kinds.Disclose):
        yield f"{where}.rows", value.rows
    elif isinstance(value, kinds.Report | kinds.Replicate):
        for n, match in enumerate(value.matches):
            yield f"{where}.matches[{n}].rows", match.rows
        if isinstance(value, kinds.Replicate):
            yield f"{where}.rows", value.rows


def parse_time(text: str, where: str = "time") -> int:
    """Seconds since 1970 UTC of a record's time text; ``Malformed`` for a date that does not exist.

    A leap second (``:60``) has no number in POSIX time and is refused; a deadline never falls on one.
    """
    try:
        return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp())
    except ValueError:
        raise Malformed("time.calendar", where, f"no such instant: {text!r}") from None


INSTANT_LIMIT = 253_402_300_800
"""Every instant is before this, the year 10000, in seconds since 1970 UTC: later ones have no spelling."""


def time_text(seconds: int) -> str:
    """The one spelling of an instant from 0 to below ``INSTANT_LIMIT``, in seconds since 1970 UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def commit_frame(salt: bytes, frame: bytes) -> bytes:
    """Cf of DESIGN §4: 32 bytes that bind a frame and hide it."""
    return hashlib.sha256(b"comity/1/frame\0" + salt + frame).digest()


def commit_content(salt: bytes, content: bytes) -> bytes:
    """Cc: as ``commit_frame``, for the content."""
    return hashlib.sha256(b"comity/1/content\0" + salt + content).digest()


def commit_record(cf: bytes, cc: bytes) -> bytes:
    """The payload of the envelope: one commitment to both parts, each of which can be withheld."""
    return hashlib.sha256(b"comity/1/record\0" + cf + cc).digest()
