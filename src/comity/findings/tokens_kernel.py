"""The compiled pass over bytes; importing this compiles it, or loads what was compiled before.

Written for the compiler: plain loops and comparisons. Words and the gaps between them follow one another;
what a token is made of is known where its last word ends, and only then is it hashed, from its end. A place
told is exact: the bytes are compared. numba keeps the machine code beside this file or, where that cannot be
written to, in its own folder of caches (``NUMBA_CACHE_DIR`` names another), under this file's date and the
processor's name.
"""

# ruff: noqa: SIM102

from __future__ import annotations

from typing import Any, Final

import numba
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic as _intrinsic

from comity.findings.tokens_table import (
    AT,
    BASE,
    BELOW,
    COLON,
    DASH,
    DIGEST,
    DOT,
    LOCATION,
    MAILBOX,
    NAME,
    NAME_LIMIT,
    PHRASE,
    SALT,
    SHIFT,
    SIGN,
    WORD,
)

intrinsic: Any = _intrinsic

_BASE: Final = np.uint64(BASE)
_SALT: Final = np.uint64(SALT)
_SHIFT: Final = np.uint64(SHIFT)
_ONE: Final = np.uint64(1)
_LOW: Final = np.uint64(63)
_SIX: Final = np.uint64(6)
_ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_TOP: Final = np.uint64(0x8080808080808080)
_SEVEN: Final = np.uint64(0x7F7F7F7F7F7F7F7F)
_CASE: Final = np.uint64(0x2020202020202020)
_LINE: Final = np.uint64(0x5F5F5F5F5F5F5F5F)
_EACH: Final = 0x0101010101010101
# Added to seven bits, these set the top bit from a byte on, or past one.
_FROM_A, _PAST_Z = np.uint64((0x80 - 97) * _EACH), np.uint64((0x7F - 122) * _EACH)
_FROM_UPPER, _PAST_UPPER = np.uint64((0x80 - 65) * _EACH), np.uint64((0x7F - 90) * _EACH)
_FROM_0, _PAST_9 = np.uint64((0x80 - 48) * _EACH), np.uint64((0x7F - 57) * _EACH)
_PENDING: Final = 1024
_DOTTED: Final = 0xFF ^ DOT
_NAMED: Final = 0xFF ^ (DOT | DASH)
_MAILED: Final = DOT | DASH | SIGN | AT
_LINKED: Final = DOT | COLON
_RARE: Final = AT | COLON


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
def gaps(word):  # type: ignore[no-untyped-def]
    """The top bit of each of eight bytes that is not of a word."""
    seven = word & _SEVEN
    letter = (seven | _CASE) & _SEVEN
    letters = (letter + _FROM_A) & ~(letter + _PAST_Z)
    digits = (seven + _FROM_0) & ~(seven + _PAST_9)
    line = ~((seven ^ _LINE) + _SEVEN)
    return ~(letters | digits | line | word) & _TOP


@numba.njit(inline="always")
def fold8(word):  # type: ignore[no-untyped-def]
    """Eight bytes with A to Z in lower case."""
    seven = word & _SEVEN
    upper = (seven + _FROM_UPPER) & ~(seven + _PAST_UPPER) & ~word & _TOP
    return word | (upper >> np.uint64(2))


@numba.njit(inline="always")
def key_of(data, start, length, kind):  # type: ignore[no-untyped-def]
    """The hash under which a token is filed (see :func:`comity.findings.tokens_table.keys_of`)."""
    mixed = np.uint64(length) ^ (np.uint64(kind + 1) * _SALT)
    at, end = start, start + length
    while at + 8 <= end:
        mixed = (mixed ^ fold8(load8(data, at))) * _BASE
        mixed ^= mixed >> _SHIFT
        at += 8
    if at < end:
        rest = fold8(load8(data, at)) & (_ALL >> np.uint64(64 - 8 * (end - at)))
        mixed = (mixed ^ rest) * _BASE
        mixed ^= mixed >> _SHIFT
    return mixed * _SALT


@numba.njit(inline="always")
def same(data, start, length, blob, base):  # type: ignore[no-untyped-def]
    at = 0
    while at + 8 <= length:
        if fold8(load8(data, start + at)) != load8(blob, base + at):
            return False
        at += 8
    if at < length:
        differs = fold8(load8(data, start + at)) ^ load8(blob, base + at)
        return differs & (_ALL >> np.uint64(64 - 8 * (length - at))) == 0
    return True


@numba.njit(inline="always")
def passes(key, bits, shifts):  # type: ignore[no-untyped-def]
    place = key >> np.uint64(shifts[0])
    return (bits[place >> _SIX] >> (place & _LOW)) & _ONE != 0


@numba.njit
def stands(data, size, start, length, key, kind, classes, blob, starts, bounds, hashes, order, index, words, shifts):  # type: ignore[no-untyped-def] # fmt: skip # noqa: E501
    """Whether a token with this hash is wanted and really stands there."""
    bucket = np.int64(key >> np.uint64(shifts[1]))
    for n in range(index[bucket], index[bucket + 1]):
        if hashes[n] != key:
            continue
        entry = order[n]
        if entry < bounds[kind] or entry >= bounds[kind + 1]:
            continue
        base = starts[entry]
        long = starts[entry + 1] - 1 - base
        if kind != PHRASE:
            if long == length and same(data, start, length, blob, base):
                return True
            continue
        # A text is wanted whole; where it begins or ends with a letter or digit, none adjoins.
        first = start - words[entry - bounds[PHRASE]]
        last = first + long
        if first < 0 or last > size or not same(data, first, long, blob, base):
            continue
        if first > 0 and classes[blob[base]] == WORD and classes[data[first - 1]] == WORD:
            continue
        if last < size and classes[blob[base + long - 1]] == WORD and classes[data[last]] == WORD:
            continue
        return True
    return False


@numba.njit(inline="always")
def wanted_four(number, four, four_index, four_bits):  # type: ignore[no-untyped-def]
    coarse = number >> 9
    if (four_bits[coarse >> 6] >> np.uint64(coarse & 63)) & _ONE == 0:
        return False
    low, high = four_index[number >> 16], four_index[(number >> 16) + 1]
    # How many ranges begin at the number or before it.
    while low < high:
        half = (low + high) >> 1
        if four[half, 0] <= number:
            low = half + 1
        else:
            high = half
    return low > 0 and number <= four[low - 1, 1]


@numba.njit
def wanted_six(high, low, six):  # type: ignore[no-untyped-def]
    first, last = 0, six.shape[0]
    while first < last:
        half = (first + last) >> 1
        if six[half, 0] < high or (six[half, 0] == high and six[half, 1] <= low):
            first = half + 1
        else:
            last = half
    if first == 0:
        return False
    top = six[first - 1, 2]
    return high < top or (high == top and low <= six[first - 1, 3])


@numba.njit
def read_four(data, start, end):  # type: ignore[no-untyped-def]
    """The number of an IPv4 address in its one spelling, or -1."""
    if end - start < 7 or end - start > 15:
        return np.int64(-1)
    number, part, digits, dots = np.int64(0), np.int64(0), 0, 0
    for at in range(start, end):
        byte = data[at]
        if byte == 46:
            if digits == 0:
                return np.int64(-1)
            number = (number << 8) | part
            part, digits = np.int64(0), 0
            dots += 1
        elif 48 <= byte <= 57:
            if digits == 3 or (digits > 0 and part == 0):
                return np.int64(-1)
            part = part * 10 + (byte - 48)
            digits += 1
            if part > 255:
                return np.int64(-1)
        else:
            return np.int64(-1)
    if digits == 0 or dots != 3:
        return np.int64(-1)
    return (number << 8) | part


@numba.njit
def read_six(data, start, end):  # type: ignore[no-untyped-def]
    """Whether an IPv6 address stands there (RFC 4291 §2.2), and its number in two halves."""
    zero = np.uint64(0)
    if end - start < 2 or end - start > 45:
        return False, zero, zero
    groups = np.zeros(8, np.uint64)
    count, hole = 0, -1
    at = start
    if data[at] == 58:
        if data[at + 1] != 58:
            return False, zero, zero
        hole = 0
        at += 2
    while at < end:
        first = at
        value = np.uint64(0)
        while at < end and data[at] != 58 and data[at] != 46:
            byte = data[at]
            if 48 <= byte <= 57:
                digit = byte - 48
            elif 97 <= byte <= 102:
                digit = byte - 87
            elif 65 <= byte <= 70:
                digit = byte - 55
            else:
                return False, zero, zero
            value = (value << np.uint64(4)) | np.uint64(digit)
            at += 1
        if at < end and data[at] == 46:
            # An IPv4 address is the end of it.
            number = read_four(data, first, end)
            if number < 0 or count > 6:
                return False, zero, zero
            groups[count] = np.uint64(number >> 16)
            groups[count + 1] = np.uint64(number & 0xFFFF)
            count += 2
            at = end
            break
        if at == first or at - first > 4 or count == 8:
            return False, zero, zero
        groups[count] = value
        count += 1
        if at == end:
            break
        at += 1
        if at == end:
            return False, zero, zero
        if data[at] == 58:
            if hole >= 0:
                return False, zero, zero
            hole = count
            at += 1
    if hole < 0:
        if count != 8:
            return False, zero, zero
        hole = 8
    elif count > 7:
        return False, zero, zero
    high, low = zero, zero
    for n in range(8):
        if n < hole:
            group = groups[n]
        elif n < hole + 8 - count:
            group = zero
        else:
            group = groups[n - 8 + count]
        if n < 4:
            high = (high << np.uint64(16)) | group
        else:
            low = (low << np.uint64(16)) | group
    return True, high, low


def scan(data, asked, places, classes, location, blob, starts, bounds, hashes, order, index, bits, words, four, four_index, four_bits, six, schemes, shifts):  # type: ignore[no-untyped-def] # fmt: skip # noqa: E501
    """Put the places where something wanted stands, one for each line at most, into ``places``; how many.

    ``data`` ends in eight bytes more. ``asked`` has a flag for each kind of token, then one for addresses.
    """
    size = data.size - 8
    digest, phrase = asked[DIGEST] != 0, asked[PHRASE] != 0
    name, below = asked[NAME] != 0, asked[BELOW] != 0
    mailbox, linked, addressed = asked[MAILBOX] != 0, asked[LOCATION] != 0, asked[6] != 0
    # Tokens that the filter lets through, until they are looked up.
    at_of, length_of = np.empty(_PENDING, np.int64), np.empty(_PENDING, np.int64)
    kind_of, key_at = np.empty(_PENDING, np.int64), np.empty(_PENDING, np.uint64)
    pending = 0
    count = 0
    dotted_at, dots = 0, 0
    name_at, name_dots = 0, 0
    last = 0
    colons = 0
    mail_done, six_done, link_done = 0, 0, 0
    at = 0
    while True:
        gap = at
        mask, points = 0, 0
        while at < size:
            told = classes[data[at]]
            if told == WORD:
                break
            mask |= told
            if told == DOT:
                points += 1
            at += 1
        hit = -1
        over = at >= size
        apart = over or last == 0
        if apart or mask & _DOTTED != 0:
            if dots == 3 and addressed:
                number = read_four(data, dotted_at, last)
                if number >= 0 and wanted_four(number, four, four_index, four_bits):
                    hit = dotted_at
            dotted_at, dots = at, 0
        else:
            dots += points
        if apart or mask & _NAMED != 0:
            if name_dots > 0 and (name or below):
                length = last - name_at
                fits = length <= NAME_LIMIT
                if not fits and length <= 4 * NAME_LIMIT:
                    characters = 0
                    for n in range(name_at, last):
                        if data[n] & 0xC0 != 0x80:
                            characters += 1
                    fits = characters <= NAME_LIMIT
                if fits and name:
                    key = key_of(data, name_at, length, NAME)
                    if passes(key, bits, shifts):
                        at_of[0], length_of[0], kind_of[0], key_at[0] = name_at, length, NAME, key
                        pending = 1
                if fits and below:
                    for n in range(name_at, last):
                        if data[n] != 46:
                            continue
                        key = key_of(data, n + 1, last - n - 1, BELOW)
                        if passes(key, bits, shifts) and pending < _PENDING:
                            at_of[pending], length_of[pending] = n + 1, last - n - 1
                            kind_of[pending], key_at[pending] = BELOW, key
                            pending += 1
            name_at, name_dots = at, 0
        else:
            name_dots += points
        if mask & _RARE != 0 and hit < 0:
            if mask & AT != 0 and mailbox:
                for sign in range(gap, at):
                    if data[sign] != 64 or sign < mail_done:
                        continue
                    first, end = sign, sign + 1
                    while first > 0 and classes[data[first - 1]] & ~_MAILED == 0:
                        first -= 1
                    while end < size and classes[data[end]] & ~_MAILED == 0:
                        end += 1
                    mail_done = end
                    while data[first] == 46:
                        first += 1
                    while data[end - 1] == 46:
                        end -= 1
                    key = key_of(data, first, end - first, MAILBOX)
                    if passes(key, bits, shifts) and pending < _PENDING:
                        at_of[pending], length_of[pending] = first, end - first
                        kind_of[pending], key_at[pending] = MAILBOX, key
                        pending += 1
            if mask != COLON:
                colons = 0
            for sign in range(gap, at):
                if data[sign] != 58:
                    continue
                if addressed and sign >= six_done:
                    colons += 1
                    if colons >= 6 or data[sign + 1] == 58:
                        first, end = sign, sign + 1
                        while first > 0 and classes[data[first - 1]] & ~_LINKED == 0:
                            first -= 1
                        while end < size and classes[data[end]] & ~_LINKED == 0:
                            end += 1
                        six_done = end
                        colons = 0
                        while data[first] == 46:
                            first += 1
                        while data[end - 1] == 46:
                            end -= 1
                        if data[end - 1] == 58 and (end - first < 2 or data[end - 2] != 58):
                            end -= 1
                        fits, high, low = read_six(data, first, end)
                        if fits:
                            if high == 0 and low >> np.uint64(32) == np.uint64(0xFFFF):
                                number = np.int64(low & np.uint64(0xFFFFFFFF))
                                if wanted_four(number, four, four_index, four_bits):
                                    hit = sign
                            elif wanted_six(high, low, six):
                                hit = sign
                if linked and sign >= link_done and data[sign + 1] == 47 and data[sign + 2] == 47:
                    if sign + 3 > size:
                        continue
                    end = sign + 3
                    while end < size and location[data[end]] != 0:
                        end += 1
                    link_done = end
                    # Another location may begin inside: each ends where the first does.
                    for n in range(max(sign, end - schemes[0]), end - 2):
                        if data[n] != 58 or data[n + 1] != 47 or data[n + 2] != 47:
                            continue
                        for m in range(1, schemes.size):
                            first = n - schemes[m]
                            if first < 0 or end - first > schemes[0] or location[data[first]] == 0:
                                break
                            key = key_of(data, first, end - first, LOCATION)
                            if passes(key, bits, shifts):
                                if stands(data, size, first, end - first, key, LOCATION, classes, blob, starts, bounds, hashes, order, index, words, shifts):  # fmt: skip # noqa: E501
                                    hit = sign
                                    break
                        if hit >= 0:
                            break
                if hit >= 0:
                    break
        elif mask != 0:
            colons = 0
        if hit < 0 and not over:
            start = at
            while True:
                beside = gaps(load8(data, at))
                if beside != 0:
                    at += int(lowest(beside) >> np.uint64(3))
                    break
                at += 8
            if at > size:
                at = size
            last = at
            length = at - start
            if phrase:
                key = key_of(data, start, length, PHRASE)
                if passes(key, bits, shifts) and pending < _PENDING:
                    at_of[pending], length_of[pending] = start, length
                    kind_of[pending], key_at[pending] = PHRASE, key
                    pending += 1
            if digest and (length == 32 or length == 40 or length == 64):
                key = key_of(data, start, length, DIGEST)
                if passes(key, bits, shifts) and pending < _PENDING:
                    at_of[pending], length_of[pending] = start, length
                    kind_of[pending], key_at[pending] = DIGEST, key
                    pending += 1
        if pending > 0:
            if hit < 0:
                for n in range(pending):
                    if stands(data, size, at_of[n], length_of[n], key_at[n], kind_of[n], classes, blob, starts, bounds, hashes, order, index, words, shifts):  # fmt: skip # noqa: E501
                        hit = at_of[n]
                        break
            pending = 0
        if hit >= 0:
            places[count] = hit
            count += 1
            # Once is enough for a line.
            at = hit
            while at < size and data[at] != 10:
                at += 1
            dots, name_dots, colons, last = 0, 0, 0, 0
            over = at >= size
        if over:
            return count


_BYTES: Final = numba.types.Array(numba.uint8, 1, "C", readonly=True)
_WORDS: Final = numba.types.Array(numba.uint64, 1, "C", readonly=True)
_PLACES: Final = numba.types.Array(numba.int64, 1, "C", readonly=True)
_SIGNATURE: Final = numba.int64(
    *(_BYTES, _BYTES, numba.types.Array(numba.int64, 1, "C"), _BYTES, _BYTES),
    *(_BYTES, _PLACES, _PLACES, _WORDS, _PLACES, _PLACES, _WORDS, _PLACES),
    *(numba.types.Array(numba.int64, 2, "C", readonly=True), _PLACES, _WORDS),
    *(numba.types.Array(numba.uint64, 2, "C", readonly=True), _PLACES, _PLACES),
)


def compile_scan() -> Any:
    """The loop as machine code, kept where it can be kept."""
    try:
        return numba.njit(_SIGNATURE, nogil=True, cache=True)(scan)
    except (RuntimeError, OSError, EOFError, ValueError):  # nowhere to keep it, or what was kept is torn
        return numba.njit(_SIGNATURE, nogil=True)(scan)
