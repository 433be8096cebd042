"""The walk over JSON lines of known shapes, in the language of :mod:`comity.native.loops`, to be compiled.

A row is walked along the tree of shapes (see :mod:`comity.evidence.shapes`): the bytes before a value are
compared with those of the nodes that may come next, and the value is read to its end, as strictly as JSON
asks. Thirty-two bytes are compared, or looked through for the end of a text, together.
"""

# ruff: noqa: SIM102, E501
# fmt: off

from __future__ import annotations

from collections.abc import MutableSequence
from typing import Final, TypeAlias

from comity.native.loops import ALL, equal32, load8, lowest, text32

Bytes: TypeAlias = MutableSequence[int]
Places: TypeAlias = MutableSequence[int]
Ints: TypeAlias = MutableSequence[int]

END, SCALAR, NULL, LIST = range(4)
"""What stands behind the bytes of a node: nothing, a text, number or truth, ``null``, a list."""
LONGEST: Final = 4096
"""A row with a longer leaf that somebody asks for is read otherwise."""
PROBES: Final = 32
BEHIND: Final = 32
"""So many bytes are there behind the data, the bytes of nodes, and the arena."""
LEAVES: Final = 512
SCRATCH: Final = 1 + 2 * LEAVES
"""So many numbers of scratch are wanted: whether escapes by number were met, then where each leaf begins, then
where each ends."""
NODE, KNOWN = 6, 4
"""Numbers of a node and of a value known."""

_BASE: Final = 0x9E3779B97F4A7C15
_SALT: Final = 0xD6E8FEB86659FD93
_SHIFT: Final = 32
_FIRST: Final = 2**32 - 1


def same_on(data: Bytes, start: int, blob: Bytes, base: int, length: int) -> int:
    """Whether two runs of bytes are equal from the 32nd on."""
    at = 32
    while at + 32 <= length:
        if equal32(data, start + at, blob, base + at) != _FIRST:
            return 0
        at += 32
    if at < length:
        wanted = (1 << (length - at)) - 1
        return equal32(data, start + at, blob, base + at) & wanted == wanted
    return 1


def end_escape(data: Bytes, at: int, end: int, noted: Places) -> int:
    """Where the escape that begins at a backslash ends, or -1. An escape by number is noted."""
    if at + 1 >= end:
        return -1
    byte = data[at + 1]
    if byte == 117:
        if at + 6 > end:
            return -1
        n = at + 2
        while n < at + 6:
            byte = data[n] | 32
            if not ((byte >= 48 and byte <= 57 and data[n] == byte) or (byte >= 97 and byte <= 102)):
                return -1
            n += 1
        noted[0] = 1
        return at + 6
    if byte == 34 or byte == 92 or byte == 47 or byte == 98 or byte == 102 or byte == 110 or byte == 114 or byte == 116:
        return at + 2
    return -1


def end_string(data: Bytes, at: int, end: int, noted: Places) -> int:
    """Where the text that begins at a quote ends, or -1."""
    at += 1
    while at < end:
        marks = text32(data, at)
        if marks == 0:
            at += 32
            continue
        at += lowest(marks)
        if at >= end:
            return -1
        byte = data[at]
        if byte == 34:
            return at + 1
        if byte != 92:
            return -1
        at = end_escape(data, at, end, noted)
        if at < 0:
            return -1
    return -1


def end_digits(data: Bytes, at: int, end: int) -> int:
    while at < end and data[at] >= 48 and data[at] <= 57:
        at += 1
    return at


def end_number(data: Bytes, at: int, end: int) -> int:
    """Where the number that begins here ends, or -1."""
    if data[at] == 45:
        at += 1
    after = end_digits(data, at, end)
    if after == at or (data[at] == 48 and after > at + 1):
        return -1
    at = after
    if at < end and data[at] == 46:
        after = end_digits(data, at + 1, end)
        if after == at + 1:
            return -1
        at = after
    if at < end and data[at] | 32 == 101:
        at += 1
        if at < end and (data[at] == 43 or data[at] == 45):
            at += 1
        after = end_digits(data, at, end)
        if after == at:
            return -1
        at = after
    return at


def end_word(data: Bytes, at: int, end: int) -> int:
    """Where ``true``, ``false`` or ``null`` ends, or -1."""
    if at + 4 <= end:
        if data[at] == 116 and data[at + 1] == 114 and data[at + 2] == 117 and data[at + 3] == 101:
            return at + 4
        if data[at] == 110 and data[at + 1] == 117 and data[at + 2] == 108 and data[at + 3] == 108:
            return at + 4
        if at + 5 <= end and data[at] == 102 and data[at + 1] == 97 and data[at + 2] == 108:
            if data[at + 3] == 115 and data[at + 4] == 101:
                return at + 5
    return -1


def end_scalar(data: Bytes, at: int, end: int, noted: Places) -> int:
    byte = data[at]
    if byte == 34:
        return end_string(data, at, end, noted)
    if byte == 45 or (byte >= 48 and byte <= 57):
        return end_number(data, at, end)
    return end_word(data, at, end)


def end_space(data: Bytes, at: int, end: int) -> int:
    while at < end and (data[at] == 32 or data[at] == 9 or data[at] == 13):
        at += 1
    return at


def end_list(data: Bytes, at: int, end: int, noted: Places) -> int:
    """Where a list of texts, numbers and words ends, or -1."""
    at = end_space(data, at + 1, end)
    if at < end and data[at] == 93:
        return at + 1
    while at < end:
        at = end_scalar(data, at, end, noted)
        if at < 0:
            return -1
        at = end_space(data, at, end)
        if at >= end:
            return -1
        if data[at] == 93:
            return at + 1
        if data[at] != 44:
            return -1
        at = end_space(data, at + 1, end)
    return -1


def end_value(data: Bytes, at: int, end: int, kind: int, noted: Places) -> int:
    """Where the value of a kind ends that begins here, or -1."""
    byte = data[at]
    if kind == LIST:
        if byte != 91:
            return -1
        return end_list(data, at, end, noted)
    if (byte == 110) != (kind == NULL):
        return -1
    return end_scalar(data, at, end, noted)


def read_alike(data: Bytes, start: int, length: int) -> int:
    """Whether every reader of JSON says the same of a leaf: not so of surrogates, long numbers and fractions,
    and of lists."""
    first = data[start]
    at = start
    end = start + length
    if first != 34:
        if first == 91 or length > 17:
            return 0
        while at < end:
            if data[at] == 46 or (first < 58 and data[at] | 32 == 101):
                return 0
            at += 1
        return 1
    at += 1
    while at < end:
        if data[at] == 92:
            if data[at + 1] == 117:
                return 0
            at += 1
        at += 1
    return 1


def hash_of(data: Bytes, start: int, length: int, column: int) -> int:
    mixed = length ^ (((column + 1) * _SALT) & ALL)
    at = 0
    while at + 8 <= length:
        mixed = ((mixed ^ load8(data, start + at)) * _BASE) & ALL
        mixed = mixed ^ (mixed >> _SHIFT)
        at += 8
    if at < length:
        rest = load8(data, start + at) & (ALL >> (64 - 8 * (length - at)))
        mixed = ((mixed ^ rest) * _BASE) & ALL
        mixed = mixed ^ (mixed >> _SHIFT)
    return (mixed * _SALT) & ALL


def new_code(data: Bytes, start: int, length: int, column: int, slot: int, slots: Ints, told: Places, room: int, arena: Bytes, arena_room: int, state: Places) -> int:
    """The next code, filed for a leaf; -1 where there is no room."""
    code = state[0]
    base = state[1]
    if code >= room or base + length + 1 > arena_room:
        return -1
    at = 0
    while at < length:
        arena[base + at] = data[start + at]
        at += 1
    arena[base + length] = 44
    told[KNOWN * code] = base
    told[KNOWN * code + 1] = length
    told[KNOWN * code + 2] = column
    told[KNOWN * code + 3] = read_alike(data, start, length)
    slots[slot] = code
    state[0] = code + 1
    state[1] = base + length + 1
    return code


def walk(data: Bytes, starts: Places, ends: Places, asked: Places, count: int, tree: Ints, blob: Bytes, first: Places, wanted: Ints, shapes: Places, escaped: Bytes, codes: Ints, width: int, slots: Ints, mask: int, told: Places, room: int, arena: Bytes, arena_room: int, state: Places, scratch: Places) -> int:
    """Walk the ``count`` rows ``asked``. ``tree`` has for each node: its first child, its next sibling, where its
    bytes stand in ``blob`` and how many they are, the kind of value behind them, and the shape that ends there.
    ``wanted`` lists leaves and their columns, from ``first[shape]`` up to ``first[shape + 1]``.

    Written: ``shapes`` (-1 where none fits), ``escaped`` (1 where a leaf has escapes by number), ``codes``, in
    rows of ``width``; what is known of values: ``slots`` (a code each, ``mask`` + 1 of them), ``told`` (place in
    ``arena``, length, column, whether all readers read it alike; ``room`` of them), ``state`` (codes given, bytes
    of the arena used: the leaves, a comma behind each). Gives how many rows were walked, fewer where there is no
    room for more values.
    """
    place = 0
    while place < count:
        row = asked[place]
        at = starts[row]
        end = ends[row]
        node = 0
        leaf = 1
        shape = -1
        shapes[row] = -1
        scratch[0] = 0
        while True:
            before = -1
            child = tree[NODE * node]
            stop = -1
            length = 0
            while child >= 0:
                told_of = NODE * child
                length = tree[told_of + 3]
                if at + length <= end:
                    base = tree[told_of + 2]
                    fits = equal32(data, at, blob, base)
                    if length < 32:
                        fits = (fits | (ALL << length)) & _FIRST
                    if fits == _FIRST and (length <= 32 or same_on(data, at, blob, base, length)):
                        kind = tree[told_of + 4]
                        if kind == END:
                            if at + length == end:
                                stop = end
                        elif at + length < end:
                            if kind == SCALAR and data[at + length] == 34:
                                stop = end_string(data, at + length, end, scratch)
                            else:
                                stop = end_value(data, at + length, end, kind, scratch)
                        if stop >= 0:
                            break
                before = child
                child = tree[told_of + 1]
            if child < 0:
                break
            if before >= 0:
                # What was met last is looked at first.
                tree[NODE * before + 1] = tree[NODE * child + 1]
                tree[NODE * child + 1] = tree[NODE * node]
                tree[NODE * node] = child
            if tree[NODE * child + 4] == END:
                shape = tree[NODE * child + 5]
                break
            scratch[leaf] = at + length
            scratch[leaf + LEAVES] = stop
            leaf += 1
            node = child
            at = stop
        escaped[row] = scratch[0]
        if shape >= 0:
            n = first[shape]
            last = first[shape + 1]
            into = row * width
            while n < last:
                leaf = 1 + wanted[2 * n]
                start = scratch[leaf]
                length = scratch[leaf + LEAVES] - start
                column = wanted[2 * n + 1]
                if length > LONGEST:
                    shape = -2
                    break
                slot = hash_of(data, start, length, column)
                slot = (slot ^ (slot >> _SHIFT)) & mask
                probes = PROBES
                code = -1
                while probes > 0:
                    code = slots[slot]
                    if code < 0:
                        break
                    known = KNOWN * code
                    if told[known + 1] == length and told[known + 2] == column:
                        base = told[known]
                        fits = equal32(data, start, arena, base)
                        if length < 32:
                            fits = (fits | (ALL << length)) & _FIRST
                        if fits == _FIRST and (length <= 32 or same_on(data, start, arena, base, length)):
                            break
                    slot = (slot + 1) & mask
                    probes -= 1
                if probes == 0:
                    shape = -2
                    break
                if code < 0:
                    code = new_code(data, start, length, column, slot, slots, told, room, arena, arena_room, state)
                    if code < 0:
                        shapes[row] = -1
                        return place
                codes[into] = code
                into += 1
                n += 1
        shapes[row] = shape
        place += 1
    return count
