"""The pass over bytes in the language of :mod:`comity.native.loops`, to be compiled.

Sixty-four bytes are looked at together: their classes are sets of bits, and only what may begin or end a token
of a kind asked for is looked at singly: a dot (addresses and names), sixteen bytes of one word on end (hashes),
a sign of mail, a colon. A name must end in a label with a letter, as every listed one does. Only what is left
is hashed and looked up. A place told is exact: the bytes are compared.
"""

# ruff: noqa: SIM102, SIM108, E501
# fmt: off

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Final, TypeAlias

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
    SECOND,
    SHIFT,
    SIGN,
    WORD,
)
from comity.native.loops import ALL, below, equal64, leading, load8, lowest, word64

Bytes: TypeAlias = Sequence[int]
Words: TypeAlias = Sequence[int]
Places: TypeAlias = MutableSequence[int]

BEHIND: Final = 160
"""So many zero bytes stand behind the data."""
SCRATCH: Final = 10
"""So many numbers of scratch are wanted."""
FULL: Final = -1
"""Told where there was no room for all places."""

_ADDRESSES: Final = 6
_EACH: Final = 0x0101010101010101
_TOP: Final = 0x80 * _EACH
_SEVEN: Final = 0x7F * _EACH
# Added to seven bits, these set the top bit from a byte on, or past one.
_FROM_UPPER: Final = (0x80 - 65) * _EACH
_PAST_UPPER: Final = (0x7F - 90) * _EACH
_QUARTERS: Final = 0x0001000100010001
_NAMED: Final = 0xFF ^ (DOT | DASH)
_ONE_WORD: Final = 0xFF
_MAILED: Final = 0xFF ^ (DOT | DASH | SIGN | AT)
_LINKED: Final = 0xFF ^ (DOT | COLON)
_MAPPED: Final = 0xFFFF


def fold8(word: int) -> int:
    """Eight bytes with A to Z in lower case."""
    seven = word & _SEVEN
    upper = (seven + _FROM_UPPER) & ~(seven + _PAST_UPPER) & ~word & _TOP
    return word | (upper >> 2)


def key_of(data: Bytes, start: int, length: int, kind: int) -> int:
    """The hash under which a token is filed (see :func:`comity.findings.tokens_table.keys_of`)."""
    mixed = length ^ (((kind + 1) * SALT) & ALL)
    at = start
    end = start + length
    while at + 8 <= end:
        mixed = ((mixed ^ fold8(load8(data, at))) * BASE) & ALL
        mixed = mixed ^ (mixed >> SHIFT)
        at += 8
    if at < end:
        rest = fold8(load8(data, at)) & (ALL >> (64 - 8 * (end - at)))
        mixed = ((mixed ^ rest) * BASE) & ALL
        mixed = mixed ^ (mixed >> SHIFT)
    return (mixed * SALT) & ALL


def same(data: Bytes, start: int, length: int, blob: Bytes, base: int) -> int:
    """Whether the bytes of a token stand there, in any case."""
    at = 0
    while at + 8 <= length:
        if fold8(load8(data, start + at)) != load8(blob, base + at):
            return 0
        at += 8
    if at < length:
        differs = fold8(load8(data, start + at)) ^ load8(blob, base + at)
        if differs & (ALL >> (64 - 8 * (length - at))) != 0:
            return 0
    return 1


def passes(key: int, bits: Words, shift: int) -> int:
    """Whether both bits of a key are set."""
    place = key >> shift
    word = bits[place >> 6]
    return (word >> (place & 63)) & (word >> ((key >> SECOND) & 63)) & 1


def stands(data: Bytes, size: int, start: int, length: int, key: int, kind: int, classes: Bytes, blob: Bytes, starts: Places, bounds: Places, hashes: Words, order: Places, index: Places, words: Places, shift: int) -> int:
    """Whether a token with this hash is wanted and really stands there."""
    bucket = key >> shift
    n = index[bucket]
    end = index[bucket + 1]
    while n < end:
        entry = order[n]
        if hashes[n] == key and entry >= bounds[kind] and entry < bounds[kind + 1]:
            base = starts[entry]
            long = starts[entry + 1] - 1 - base
            if kind != PHRASE:
                if long == length and same(data, start, length, blob, base):
                    return 1
            else:
                # A text is wanted whole; where it begins or ends with a letter or digit, none adjoins.
                first = start - words[entry - bounds[PHRASE]]
                last = first + long
                if first >= 0 and last <= size and same(data, first, long, blob, base):
                    if not (first > 0 and classes[blob[base]] == WORD and classes[data[first - 1]] == WORD):
                        if not (last < size and classes[blob[base + long - 1]] == WORD and classes[data[last]] == WORD):
                            return 1
        n += 1
    return 0


def wanted_four(number: int, four: Places, four_index: Places, four_bits: Words) -> int:
    """Whether an IPv4 address is in one of the ranges."""
    coarse = number >> 9
    if (four_bits[coarse >> 6] >> (coarse & 63)) & 1 == 0:
        return 0
    low = four_index[number >> 16]
    high = four_index[(number >> 16) + 1]
    # How many ranges begin at the number or before it.
    while low < high:
        half = (low + high) >> 1
        if four[2 * half] <= number:
            low = half + 1
        else:
            high = half
    return low > 0 and number <= four[2 * low - 1]


def wanted_six(high: int, low: int, six: Words, count: int) -> int:
    """Whether an IPv6 address is in one of the ranges."""
    first = 0
    last = count
    while first < last:
        half = (first + last) >> 1
        if below(six[4 * half], high) or (six[4 * half] == high and not below(low, six[4 * half + 1])):
            first = half + 1
        else:
            last = half
    if first == 0:
        return 0
    top = six[4 * first - 2]
    return below(high, top) or (high == top and not below(six[4 * first - 1], low))


def read_four(data: Bytes, start: int, end: int) -> int:
    """The number of an IPv4 address in its one spelling, or -1."""
    if end - start < 7 or end - start > 15:
        return -1
    number = 0
    part = 0
    digits = 0
    dots = 0
    at = start
    while at < end:
        byte = data[at]
        if byte == 46:
            if digits == 0:
                return -1
            number = (number << 8) | part
            part = 0
            digits = 0
            dots += 1
        elif byte >= 48 and byte <= 57:
            if digits == 3 or (digits > 0 and part == 0):
                return -1
            part = part * 10 + (byte - 48)
            digits += 1
            if part > 255:
                return -1
        else:
            return -1
        at += 1
    if digits == 0 or dots != 3:
        return -1
    return (number << 8) | part


def read_six(data: Bytes, start: int, end: int, out: Places) -> int:
    """Whether an IPv6 address stands there (RFC 4291 §2.2); its number goes to ``out`` in two halves, and eight
    more of ``out`` are written to."""
    if end - start < 2 or end - start > 45:
        return 0
    count = 0
    hole = -1
    at = start
    if data[at] == 58:
        if data[at + 1] != 58:
            return 0
        hole = 0
        at += 2
    while at < end:
        first = at
        value = 0
        while at < end and data[at] != 58 and data[at] != 46:
            byte = data[at]
            if byte >= 48 and byte <= 57:
                digit = byte - 48
            elif byte >= 97 and byte <= 102:
                digit = byte - 87
            elif byte >= 65 and byte <= 70:
                digit = byte - 55
            else:
                return 0
            value = ((value << 4) | digit) & ALL
            at += 1
        if at < end and data[at] == 46:
            # An IPv4 address is the end of it.
            number = read_four(data, first, end)
            if number < 0 or count > 6:
                return 0
            out[2 + count] = number >> 16
            out[3 + count] = number & 0xFFFF
            count += 2
            at = end
            break
        if at == first or at - first > 4 or count == 8:
            return 0
        out[2 + count] = value
        count += 1
        if at == end:
            break
        at += 1
        if at == end:
            return 0
        if data[at] == 58:
            if hole >= 0:
                return 0
            hole = count
            at += 1
    if hole < 0:
        if count != 8:
            return 0
        hole = 8
    elif count > 7:
        return 0
    high = 0
    low = 0
    n = 0
    while n < 8:
        group = 0
        if n < hole:
            group = out[2 + n]
        elif n >= hole + 8 - count:
            group = out[2 + n - 8 + count]
        if n < 4:
            high = (high << 16) | group
        else:
            low = (low << 16) | group
        n += 1
    out[0] = high
    out[1] = low
    return 1


def back(data: Bytes, at: int, classes: Bytes, others: int) -> int:
    """Where a run that goes on before a place begins: of bytes of no class among ``others``."""
    while at > 0 and classes[data[at - 1]] & others == 0:
        at -= 1
    return at


def ahead(data: Bytes, at: int, size: int, classes: Bytes, others: int) -> int:
    """Where a run that may go on at a place ends."""
    while at < size and classes[data[at]] & others == 0:
        at += 1
    return at


def line_end(data: Bytes, at: int, size: int) -> int:
    """Where the line ends that a place is in."""
    while at < size and data[at] != 10:
        at += 1
    return at


def has_four(data: Bytes, start: int, end: int, four: Places, four_index: Places, four_bits: Words) -> int:
    """Where in a run of words, dots and dashes a wanted IPv4 address stands between dashes, or -1."""
    first = start
    while first < end:
        last = first
        while last < end and data[last] != 45:
            last += 1
        following = last + 1
        while first < last and data[first] == 46:
            first += 1
        while first < last and data[last - 1] == 46:
            last -= 1
        if last - first >= 7 and last - first <= 15 and data[first] <= 57:
            number = read_four(data, first, last)
            if number >= 0 and wanted_four(number, four, four_index, four_bits):
                return first
        first = following
    return -1


def has_name(data: Bytes, size: int, start: int, end: int, asked: int, classes: Bytes, blob: Bytes, starts: Places, bounds: Places, hashes: Words, order: Places, index: Places, bits: Words, words: Places, filter_shift: int, index_shift: int) -> int:
    """Where in a run of words, dots and dashes a wanted name begins, or what it is below, or -1."""
    first = start
    last = end
    while first < last and (data[first] == 46 or data[first] == 45):
        first += 1
    while first < last and (data[last - 1] == 46 or data[last - 1] == 45):
        last -= 1
    letters = 0
    n = last - 1
    while n >= first and data[n] != 46:
        byte = data[n] | 32
        if byte >= 97 and (byte <= 122 or byte >= 128):
            letters = 1
        n -= 1
    if n < first or letters == 0:
        return -1
    length = last - first
    if length > NAME_LIMIT:
        if length > 4 * NAME_LIMIT:
            return -1
        characters = 0
        n = first
        while n < last:
            if data[n] & 0xC0 != 0x80:
                characters += 1
            n += 1
        if characters > NAME_LIMIT:
            return -1
    if (asked >> NAME) & 1:
        key = key_of(data, first, length, NAME)
        if passes(key, bits, filter_shift):
            if stands(data, size, first, length, key, NAME, classes, blob, starts, bounds, hashes, order, index, words, index_shift):
                return first
    if (asked >> BELOW) & 1:
        n = first
        while n < last:
            if data[n] == 46:
                key = key_of(data, n + 1, last - n - 1, BELOW)
                if passes(key, bits, filter_shift):
                    if stands(data, size, n + 1, last - n - 1, key, BELOW, classes, blob, starts, bounds, hashes, order, index, words, index_shift):
                        return n + 1
            n += 1
    return -1


def has_six(data: Bytes, first: int, end: int, four: Places, four_index: Places, four_bits: Words, six: Words, six_count: int, scratch: Places) -> int:
    """Whether a run of words, dots and colons is a wanted IPv6 address, or a wanted IPv4 address mapped."""
    while first < end and data[first] == 46:
        first += 1
    while first < end and data[end - 1] == 46:
        end -= 1
    if first < end and data[end - 1] == 58 and (end - first < 2 or data[end - 2] != 58):
        end -= 1
    if not read_six(data, first, end, scratch):
        return 0
    high = scratch[0]
    low = scratch[1]
    if high == 0 and low >> 32 == _MAPPED:
        return wanted_four(low & 0xFFFFFFFF, four, four_index, four_bits)
    return wanted_six(high, low, six, six_count)


def has_location(data: Bytes, size: int, sign: int, end: int, location: Bytes, schemes: Places, scheme_count: int, classes: Bytes, blob: Bytes, starts: Places, bounds: Places, hashes: Words, order: Places, index: Places, bits: Words, words: Places, filter_shift: int, index_shift: int) -> int:
    """Whether a wanted location ends at ``end``, from this ``://`` on. Another may begin inside: each ends where
    the first does."""
    n = end - schemes[0]
    if n < sign:
        n = sign
    while n < end - 2:
        if data[n] == 58 and data[n + 1] == 47 and data[n + 2] == 47:
            m = 1
            while m < scheme_count:
                first = n - schemes[m]
                if first < 0 or end - first > schemes[0] or location[data[first]] == 0:
                    break
                key = key_of(data, first, end - first, LOCATION)
                if passes(key, bits, filter_shift):
                    if stands(data, size, first, end - first, key, LOCATION, classes, blob, starts, bounds, hashes, order, index, words, index_shift):
                        return 1
                m += 1
        n += 1
    return 0


def scan(data: Bytes, size: int, asked: int, places: Places, room: int, scratch: Places, classes: Bytes, location: Bytes, blob: Bytes, starts: Places, bounds: Places, hashes: Words, order: Places, index: Places, bits: Words, words: Places, four: Places, four_index: Places, four_bits: Words, six: Words, six_count: int, schemes: Places, scheme_count: int, filter_shift: int, index_shift: int) -> int:
    """Put the places where something wanted stands into ``places``, in no order, a few for each line at most; how
    many, or ``FULL`` where there is not room for them. ``asked`` has a bit for each kind of token, then one for
    addresses; ``BEHIND`` zero bytes stand behind the data."""
    addressed = (asked >> _ADDRESSES) & 1
    named = (asked >> NAME) & 1 | (asked >> BELOW) & 1
    digest = (asked >> DIGEST) & 1
    phrase = (asked >> PHRASE) & 1
    mailbox = (asked >> MAILBOX) & 1
    linked = (asked >> LOCATION) & 1
    count = 0
    # Once is enough for a line: from a place found to the line's end nothing more is looked at.
    found = 0
    skip = 0
    dotted_done = 0
    digest_done = 0
    phrase_done = 0
    mail_done = 0
    six_done = 0
    link_done = 0
    colons = 0
    colon_at = 0
    before = 0
    base = 0
    while base < size:
        if base >= found and base + 64 <= skip:
            # The line goes on past these.
            before = word64(data, base) >> 63
            base += 64
            continue
        word = word64(data, base)
        if addressed | named:
            left = equal64(data, base, 46)
            inside = word | left | equal64(data, base, 45)
            while left != 0:
                bit = lowest(left)
                left = left & (left - 1)
                at = base + bit
                if at < dotted_done or (at >= found and at < skip):
                    continue
                outside = (inside ^ ALL) & ((1 << bit) - 1)
                if outside != 0:
                    start = base + 64 - leading(outside)
                else:
                    start = back(data, base, classes, _NAMED)
                outside = (inside ^ ALL) >> bit
                if outside != 0:
                    end = at + lowest(outside)
                else:
                    end = ahead(data, base + 64, size, classes, _NAMED)
                dotted_done = end
                hit = -1
                if addressed:
                    hit = has_four(data, start, end, four, four_index, four_bits)
                if hit < 0 and named:
                    hit = has_name(data, size, start, end, asked, classes, blob, starts, bounds, hashes, order, index, bits, words, filter_shift, index_shift)
                if hit >= 0:
                    if count == room:
                        return FULL
                    places[count] = hit
                    count += 1
                    dotted_done = line_end(data, hit, size)
                    if dotted_done > skip:
                        found = hit
                        skip = dotted_done
        if digest:
            run = word & (word >> 1)
            run = run & (run >> 2)
            run = run & (run >> 4)
            left = run & (run >> 8) & _QUARTERS
            while left != 0:
                bit = lowest(left)
                left = left & (left - 1)
                at = base + bit
                if at < digest_done or (at >= found and at < skip):
                    continue
                start = back(data, at, classes, _ONE_WORD)
                end = ahead(data, at + 16, size, classes, _ONE_WORD)
                digest_done = end
                length = end - start
                if length == 32 or length == 40 or length == 64:
                    key = key_of(data, start, length, DIGEST)
                    if passes(key, bits, filter_shift):
                        if stands(data, size, start, length, key, DIGEST, classes, blob, starts, bounds, hashes, order, index, words, index_shift):
                            if count == room:
                                return FULL
                            places[count] = start
                            count += 1
                            digest_done = line_end(data, start, size)
                            if digest_done > skip:
                                found = start
                                skip = digest_done
        if phrase:
            left = word & (((word << 1) | before) ^ ALL)
            while left != 0:
                bit = lowest(left)
                left = left & (left - 1)
                start = base + bit
                if start < phrase_done or (start >= found and start < skip):
                    continue
                outside = (word ^ ALL) >> bit
                if outside != 0:
                    end = start + lowest(outside)
                else:
                    end = ahead(data, base + 64, size, classes, _ONE_WORD)
                key = key_of(data, start, end - start, PHRASE)
                if passes(key, bits, filter_shift):
                    if stands(data, size, start, end - start, key, PHRASE, classes, blob, starts, bounds, hashes, order, index, words, index_shift):
                        if count == room:
                            return FULL
                        places[count] = start
                        count += 1
                        phrase_done = line_end(data, start, size)
                        if phrase_done > skip:
                            found = start
                            skip = phrase_done
        if mailbox:
            left = equal64(data, base, 64)
            while left != 0:
                at = base + lowest(left)
                left = left & (left - 1)
                if at < mail_done or (at >= found and at < skip):
                    continue
                start = back(data, at, classes, _MAILED)
                end = ahead(data, at + 1, size, classes, _MAILED)
                mail_done = end
                # There is a sign in it, so the dots around it come to an end.
                while data[start] == 46:
                    start += 1
                while data[end - 1] == 46:
                    end -= 1
                key = key_of(data, start, end - start, MAILBOX)
                if passes(key, bits, filter_shift):
                    if stands(data, size, start, end - start, key, MAILBOX, classes, blob, starts, bounds, hashes, order, index, words, index_shift):
                        if count == room:
                            return FULL
                        places[count] = start
                        count += 1
                        mail_done = line_end(data, start, size)
                        if mail_done > skip:
                            found = start
                            skip = mail_done
        if addressed | linked:
            left = equal64(data, base, 58)
            if not addressed and left != 0:
                left = left & equal64(data, base + 1, 47) & equal64(data, base + 2, 47)
            while left != 0:
                at = base + lowest(left)
                left = left & (left - 1)
                if at >= found and at < skip:
                    continue
                hit = 0
                if addressed and at >= six_done:
                    # Of six together each is at most four digits from the next.
                    if colons > 0 and at - colon_at <= 5:
                        colons += 1
                    else:
                        colons = 1
                    colon_at = at
                    if colons >= 6 or data[at + 1] == 58:
                        start = back(data, at, classes, _LINKED)
                        end = ahead(data, at + 1, size, classes, _LINKED)
                        six_done = end
                        colons = 0
                        hit = has_six(data, start, end, four, four_index, four_bits, six, six_count, scratch)
                if hit == 0 and linked and at >= link_done and data[at + 1] == 47 and data[at + 2] == 47:
                    end = at + 3
                    while end < size and location[data[end]] != 0:
                        end += 1
                    link_done = end
                    hit = has_location(data, size, at, end, location, schemes, scheme_count, classes, blob, starts, bounds, hashes, order, index, bits, words, filter_shift, index_shift)
                if hit:
                    if count == room:
                        return FULL
                    places[count] = at
                    count += 1
                    end = line_end(data, at, size)
                    six_done = end
                    link_done = end
                    if end > skip:
                        found = at
                        skip = end
        before = word >> 63
        base += 64
    return count
