"""Texts whose lines end otherwise than rows do: UTF-16 without a mark, and lines that end in a carriage
return alone.

Neither says of itself what it is, so both are told by what stands in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

from comity.evidence.detected import nearly_all

Order: TypeAlias = Literal["utf-16-le", "utf-16-be"]
MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_LEAST: Final = 64
"""Fewer bytes tell no order: short numbers have the same look."""


def order_of(head: bytes) -> Order | None:
    """In which order the bytes of UTF-16 without a mark stand, by the first bytes of a file; None where it is
    none. Of most characters of logs one byte is NUL: of one in four at least, and the other byte of hardly
    any (one in fifty)."""
    pairs = len(head) // 2
    if 2 * pairs < _LEAST or head[:2] in MARKS:
        return None
    even, odd = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    order: Order = "utf-16-le" if odd > even else "utf-16-be"
    if 4 * max(even, odd) < pairs or 50 * min(even, odd) > pairs:
        return None
    return order if is_text(head[: 2 * pairs].decode(order, "replace")) else None


def is_text(text: str) -> bool:
    """Whether hardly any characters are ones that no log has: one, and one in fifty."""
    odd = sum((c < " " and c not in "\t\r\n\f\x1b") or c == "\ufffd" for c in text)
    return bool(text) and odd <= 1 + len(text) // 50


_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_KINDS: Final = 5
_LED = re.compile(rb"[\t -~]{12}")


def is_binary(lines: Sequence[bytes]) -> bool:
    """Whether these lines are of no text: three in four are no UTF-8 or hold control characters that no log
    has, half are both, and these characters are of five kinds or more and one byte in twenty. What parts the
    cells of a table is of one kind or two, and texts of older encodings hold none. A line that begins with
    twelve characters of ASCII is of a text, whatever bytes somebody brought into it."""
    led = [_LED.match(line) is not None for line in lines]
    strange = [not text and not _is_utf8(line) for text, line in zip(led, lines, strict=True)]
    found = [() if text else _CONTROLS.findall(line) for text, line in zip(led, lines, strict=True)]
    either = sum(odd or bool(controls) for odd, controls in zip(strange, found, strict=True))
    both = sum(odd and bool(controls) for odd, controls in zip(strange, found, strict=True))
    if not nearly_all(either, len(lines)) or 2 * both < len(lines):
        return False
    kinds = {each for controls in found for each in controls}
    return len(kinds) >= _KINDS and 20 * sum(map(len, found)) >= sum(map(len, lines))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError as problem:
        # The last character may be cut.
        return problem.start > 0 and problem.start >= len(line) - 3
    return True


def ends_in_returns(head: bytes) -> bool:
    """Whether the lines of a text end in a carriage return alone: two or more do, and none in a line feed."""
    return b"\n" not in head and head.rstrip(b"\r").count(b"\r") >= 1 and head.count(b"\r") >= 2


def read_returns(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The text with a line feed for each carriage return, and for one with a line feed behind it."""
    held = b""
    for chunk in chunks:
        data = held + chunk
        held = b"\r" if data.endswith(b"\r") else b""
        yield data[: len(data) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if held:
        yield b"\n"
