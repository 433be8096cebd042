"""The search for literals in short texts, in the language of :mod:`comity.native.loops`, to be compiled.

Each literal is filed under one of its pieces of one size, at most three bytes (:mod:`comity.findings.seek`). At
each place of a text the literals that are filed under the piece there are compared, byte by byte.
"""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from collections.abc import MutableSequence
from typing import Final, TypeAlias

from comity.native.loops import load8

Bytes: TypeAlias = MutableSequence[int]
Ints: TypeAlias = MutableSequence[int]
Places: TypeAlias = MutableSequence[int]

PIECE: Final = 3
"""The most bytes of a piece: literals that have as many are looked for in one pass, shorter ones in others."""
BEHIND: Final = 8
"""So many bytes are there behind the texts."""
FILED: Final = 4
"""Numbers of a literal: where its bytes are, how many, where in them its piece is, how it is anchored."""
START, END = 1, 2
"""A literal that stands at the start of a text, or at its end, alone."""
FACTOR: Final = 0x9E3779B1
FULL: Final = -1

_FOUR: Final = 2**32 - 1


def seek(data: Bytes, ends: Places, count: int, heads: Ints, shift: int, filed: Ints, blob: Bytes, found: Ints, room: int, piece: int, mask: int) -> int:
    """Write for each place where a literal stands the number of the text and that of the literal; how many
    numbers these are, or ``FULL`` where there is no room for them. A text ends before the byte before each of
    ``ends``, and the next begins there. A ``piece`` has so many bytes, and ``mask`` a one for each of its bits.
    A literal that stands in a text twice in a row, nothing else between, is told once."""
    put = 0
    at = 0
    text = 0
    while text < count:
        start = at
        end = ends[text] - 1
        while at + piece <= end:
            place = (((load8(data, at) & mask) * FACTOR) & _FOUR) >> shift
            one = heads[place]
            last = heads[place + 1]
            while one < last:
                base = one * FILED
                length = filed[base + 1]
                begin = at - filed[base + 2]
                anchored = filed[base + 3]
                if begin >= start and begin + length <= end and (anchored & START == 0 or begin == start) and (anchored & END == 0 or begin + length == end):
                    first = filed[base]
                    n = 0
                    while n < length and data[begin + n] == blob[first + n]:
                        n += 1
                    if n == length and (put == 0 or found[put - 2] != text or found[put - 1] != one):
                        if put + 2 > room:
                            return FULL
                        found[put] = text
                        found[put + 1] = one
                        put += 2
                one += 1
            at += 1
        at = end + 1
        text += 1
    return put
