"""The compiled walk over JSON lines of known shapes; importing this compiles it, or loads what was compiled.

Written for the compiler: plain loops and comparisons. A row is walked along the tree of shapes (see
:mod:`comity.evidence.shapes`): the bytes before a value are compared with those of the nodes that may come
next, and the value is read to its end, as strictly as JSON asks. numba keeps the machine code beside this
file or, where that cannot be written to, in its own folder of caches.
"""

# ruff: noqa: SIM102

from __future__ import annotations

from typing import Any, Final

import numba
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic as _intrinsic

intrinsic: Any = _intrinsic

END: Final = 0
NULL: Final = 2
LIST: Final = 3
LONGEST: Final = 4096
PROBES: Final = 32
"""Those of :mod:`comity.evidence.shapes`, written here: what numba keeps of this code is taken for stale only
when this file changes."""

_ONES: Final = np.uint64(0x0101010101010101)
_TOP: Final = np.uint64(0x8080808080808080)
_QUOTES: Final = np.uint64(0x2222222222222222)
_BACKS: Final = np.uint64(0x5C5C5C5C5C5C5C5C)
_SPACES: Final = np.uint64(0x2020202020202020)
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_SALT: Final = np.uint64(0xD6E8FEB86659FD93)
_SHIFT: Final = np.uint64(32)
_LEAVES: Final = 512


@intrinsic
def load8(typing, data, at):  # type: ignore[no-untyped-def] # noqa: ARG001
    """Eight bytes from a place on, as one number, the first byte lowest. They must be there."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.gep(array.data, [arguments[1]])
        word = builder.bitcast(place, ir.IntType(64).as_pointer())
        return builder.load(word, align=1)

    return numba.uint64(data, numba.int64), generate


@intrinsic
def lowest(typing, word):  # type: ignore[no-untyped-def] # noqa: ARG001
    """The place of the lowest bit that is set; some must be."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def] # noqa: ARG001
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return numba.uint64(numba.uint64), generate


@numba.njit(inline="always")
def same(data, start, blob, base, length):  # type: ignore[no-untyped-def]
    """Whether two runs of bytes are equal; eight bytes behind each are there."""
    at = 0
    while at + 8 <= length:
        if load8(data, start + at) != load8(blob, base + at):
            return False
        at += 8
    if at < length:
        differs = load8(data, start + at) ^ load8(blob, base + at)
        return differs << np.uint64(64 - 8 * (length - at)) == np.uint64(0)
    return True


@numba.njit
def is_hex(byte):  # type: ignore[no-untyped-def]
    return 48 <= byte <= 57 or 65 <= byte <= 70 or 97 <= byte <= 102


@numba.njit
def end_string(data, at, end, noted):  # type: ignore[no-untyped-def]
    """Where the string that begins at a quote ends; below zero where it is none. Notes escapes by number."""
    at += 1
    while at < end:
        word = load8(data, at)
        quotes, backs = word ^ _QUOTES, word ^ _BACKS
        marks = ((quotes - _ONES) & ~quotes) | ((backs - _ONES) & ~backs) | ((word - _SPACES) & ~word)
        marks &= _TOP
        # Only the lowest mark is sure.
        if marks == np.uint64(0):
            at += 8
            continue
        at += np.int64(lowest(marks) >> np.uint64(3))
        if at >= end:
            return -1
        byte = data[at]
        if byte == 34:
            return at + 1
        if byte != 92 or at + 1 >= end:
            return -1
        byte = data[at + 1]
        if byte == 117:
            if at + 6 > end:
                return -1
            for n in range(at + 2, at + 6):
                if not is_hex(data[n]):
                    return -1
            noted[0] = 1
            at += 6
        elif byte in (34, 92, 47, 98, 102, 110, 114, 116):
            at += 2
        else:
            return -1
    return -1


@numba.njit
def end_digits(data, at, end):  # type: ignore[no-untyped-def]
    while at < end and 48 <= data[at] <= 57:
        at += 1
    return at


@numba.njit
def end_number(data, at, end):  # type: ignore[no-untyped-def]
    """Where the number that begins here ends; below zero where it is none."""
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
    if at < end and (data[at] == 101 or data[at] == 69):
        at += 1
        if at < end and (data[at] == 43 or data[at] == 45):
            at += 1
        after = end_digits(data, at, end)
        if after == at:
            return -1
        at = after
    return at


@numba.njit
def end_word(data, at, end):  # type: ignore[no-untyped-def]
    """Where ``true``, ``false`` or ``null`` ends; below zero where it is none of them."""
    if at + 4 <= end:
        if data[at] == 116 and data[at + 1] == 114 and data[at + 2] == 117 and data[at + 3] == 101:
            return at + 4
        if data[at] == 110 and data[at + 1] == 117 and data[at + 2] == 108 and data[at + 3] == 108:
            return at + 4
        if at + 5 <= end and data[at] == 102 and data[at + 1] == 97 and data[at + 2] == 108:
            if data[at + 3] == 115 and data[at + 4] == 101:
                return at + 5
    return -1


@numba.njit
def end_scalar(data, at, end, noted):  # type: ignore[no-untyped-def]
    byte = data[at]
    if byte == 34:
        return end_string(data, at, end, noted)
    if byte == 45 or 48 <= byte <= 57:
        return end_number(data, at, end)
    return end_word(data, at, end)


@numba.njit
def end_space(data, at, end):  # type: ignore[no-untyped-def]
    while at < end and (data[at] == 32 or data[at] == 9 or data[at] == 13):
        at += 1
    return at


@numba.njit
def end_list(data, at, end, noted):  # type: ignore[no-untyped-def]
    """Where a list of texts, numbers and words ends; below zero where it is none."""
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


@numba.njit
def end_value(data, at, end, kind, noted):  # type: ignore[no-untyped-def]
    """Where the value of a kind ends that begins here; below zero where there is none."""
    byte = data[at]
    if kind == LIST:
        return end_list(data, at, end, noted) if byte == 91 else -1
    if (byte == 110) != (kind == NULL):
        return -1
    return end_scalar(data, at, end, noted)


@numba.njit
def read_alike(data, start, length):  # type: ignore[no-untyped-def]
    """Whether every reader of JSON says the same of a leaf: not so of surrogates, long numbers and fractions,
    and of lists."""
    first = data[start]
    if first != 34:
        if first == 91 or length > 17:
            return False
        for at in range(start, start + length):
            if data[at] == 46 or (first < 58 and data[at] | 32 == 101):
                return False
        return True
    at, end = start + 1, start + length
    while at < end:
        if data[at] == 92:
            if data[at + 1] == 117:
                return False
            at += 1
        at += 1
    return True


@numba.njit(inline="always")
def hash_of(data, start, length, column):  # type: ignore[no-untyped-def]
    mixed = np.uint64(length) ^ (np.uint64(column + 1) * _SALT)
    at = 0
    while at + 8 <= length:
        mixed = (mixed ^ load8(data, start + at)) * _BASE
        mixed ^= mixed >> _SHIFT
        at += 8
    if at < length:
        rest = load8(data, start + at) & (_ALL >> np.uint64(64 - 8 * (length - at)))
        mixed = (mixed ^ rest) * _BASE
        mixed ^= mixed >> _SHIFT
    return mixed * _SALT


def _walk(  # type: ignore[no-untyped-def]
    data, starts, ends, asked, tree, blob, first, wanted, shapes, escaped, codes, slots, told, arena, state
):
    """Walk the rows ``asked``. ``tree`` has for each node: its first child, its next sibling, where its bytes
    stand in ``blob`` and how many they are, the kind of value behind them, and the shape that ends there.
    ``wanted`` lists leaves and their columns, from ``first[shape]`` up to ``first[shape + 1]``.

    Written: ``shapes`` (-1 where none fits), ``escaped`` (1 where a leaf has escapes by number), ``codes``;
    what is known of values: ``slots`` (a code each), ``told`` (place in ``arena``, length, column, whether
    all readers read it alike), ``state`` (codes given, bytes of the arena used: the leaves, a comma behind
    each). Gives how many rows were walked, fewer where there is no room for more values.
    """
    begins = np.empty(_LEAVES, np.int64)
    stops = np.empty(_LEAVES, np.int64)
    mask = np.uint64(len(slots) - 1)
    for place in range(len(asked)):
        row = asked[place]
        at, end = starts[row], ends[row]
        node, leaf, shape = 0, 0, -1
        shapes[row] = -1
        noted = escaped[row : row + 1]
        noted[0] = 0
        while True:
            before, child, stop = -1, tree[node, 0], np.int64(-1)
            while child >= 0:
                length = np.int64(tree[child, 3])
                if at + length <= end and same(data, at, blob, np.int64(tree[child, 2]), length):
                    kind = tree[child, 4]
                    if kind == END:
                        if at + length == end:
                            stop = end
                    elif at + length < end:
                        stop = end_value(data, at + length, end, kind, noted)
                    if stop >= 0:
                        break
                before, child = child, tree[child, 1]
            if child < 0:
                break
            if before >= 0:
                # What was met last is looked at first.
                tree[before, 1] = tree[child, 1]
                tree[child, 1] = tree[node, 0]
                tree[node, 0] = child
            if tree[child, 4] == END:
                shape = tree[child, 5]
                break
            begins[leaf], stops[leaf] = at + length, stop
            leaf += 1
            node, at = child, stop
        if shape >= 0:
            for n in range(first[shape], first[shape + 1]):
                start = begins[wanted[n, 0]]
                length = stops[wanted[n, 0]] - start
                column = wanted[n, 1]
                if length > LONGEST:
                    shape = -2
                    break
                slot = hash_of(data, start, length, column)
                slot ^= slot >> _SHIFT
                code = -1
                for _ in range(PROBES):
                    code = slots[np.int64(slot & mask)]
                    if code < 0:
                        break
                    if told[code, 1] == length and told[code, 2] == column:
                        if same(data, start, arena, told[code, 0], length):
                            break
                    code = -1
                    slot += np.uint64(1)
                else:
                    shape = -2
                    break
                if code < 0:
                    code = state[0]
                    if code >= len(told) or state[1] + length + 9 > len(arena):
                        shapes[row] = -1
                        return place
                    for byte in range(length):
                        arena[state[1] + byte] = data[start + byte]
                    arena[state[1] + length] = 44
                    told[code, 0], told[code, 1], told[code, 2] = state[1], length, column
                    told[code, 3] = read_alike(data, start, length)
                    slots[np.int64(slot & mask)] = code
                    state[0] += 1
                    state[1] += length + 1
                codes[row, n - first[shape]] = code
        shapes[row] = shape
    return len(asked)


_SIGNATURE: Final = numba.int64(
    numba.types.Array(numba.uint8, 1, "C", readonly=True),
    *(numba.int64[::1],) * 3,
    *(numba.int32[:, ::1], numba.uint8[::1], numba.int64[::1], numba.int32[:, ::1]),
    *(numba.int64[::1], numba.uint8[::1], numba.int32[:, ::1], numba.int32[::1], numba.int64[:, ::1]),
    *(numba.uint8[::1], numba.int64[::1]),
)


def compile_walk() -> Any:
    """The walk as machine code."""
    try:
        return numba.njit(_SIGNATURE, nogil=True, cache=True)(_walk)
    except (RuntimeError, OSError, EOFError, ValueError):  # nowhere to keep it, or what was kept is torn
        return numba.njit(_SIGNATURE, nogil=True)(_walk)
