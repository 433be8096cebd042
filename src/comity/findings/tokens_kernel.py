"""The pass over bytes in the language of :mod:`comity.native.loops`, to be compiled.

Sixty-four bytes are looked at together: their classes are sets of bits, and only what may begin or end a token
of a kind asked for is looked at singly: a dot (addresses and names), sixteen bytes of one word on end (hashes),
a sign of mail, a colon. A name must end in a label with a letter, as every listed one does. Only what is left
is hashed and looked up. A place told is exact: the bytes are compared.
"""

# ruff: noqa: SIM102, SIM108, E501
# fmt: off

from __future__ import annotations

from typing import Final

from comity.findings.tokens_addresses import Bytes, Places, Words, has_four, has_six, read_dotted, wanted_four
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
from comity.native.loops import ALL, equal64, leading, load8, lowest, ones, range64, word64

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
_SPREAD: Final = 25
"""So far six colons of an address reach at most, the last one left out."""


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


def location_end(data: Bytes, at: int, size: int) -> int:
    """Where a run of characters of a location ends that may go on at a place."""
    while at < size:
        outside = range64(data, at, 0, 33) | range64(data, at, 123, 3) | equal64(data, at, 34) | equal64(data, at, 60) | equal64(data, at, 62)
        outside = outside | equal64(data, at, 92) | equal64(data, at, 94) | equal64(data, at, 96) | equal64(data, at, 127)
        if outside != 0:
            return at + lowest(outside)
        at += 64
    return size


def has_location(data: Bytes, size: int, sign: int, end: int, location: Bytes, schemes: Places, scheme_count: int, classes: Bytes, blob: Bytes, starts: Places, bounds: Places, hashes: Words, order: Places, index: Places, bits: Words, words: Places, filter_shift: int, index_shift: int) -> int:
    """Whether a wanted location ends at ``end``, from this ``://`` on. Another may begin inside: each ends where
    the first does."""
    n = end - schemes[0]
    if n < sign:
        n = sign
    while n < end - 2:
        signs = equal64(data, n, 58) & equal64(data, n + 1, 47) & equal64(data, n + 2, 47)
        if end - 2 - n < 64:
            signs = signs & ((1 << (end - 2 - n)) - 1)
        while signs != 0:
            at = n + lowest(signs)
            signs = signs & (signs - 1)
            m = 1
            while m < scheme_count:
                first = at - schemes[m]
                if first < 0 or end - first > schemes[0] or location[data[first]] == 0:
                    break
                key = key_of(data, first, end - first, LOCATION)
                if passes(key, bits, filter_shift):
                    if stands(data, size, first, end - first, key, LOCATION, classes, blob, starts, bounds, hashes, order, index, words, index_shift):
                        return 1
                m += 1
        n += 64
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
    colons_known = -1
    colon_at = 0
    before = 0
    # The next sixty-four bytes are told beforehand, and those before are remembered.
    known = -1
    next_word = 0
    next_dots = 0
    next_inside = 0
    last_inside = 0
    base = 0
    while base < size:
        if base >= found and base + 64 <= skip:
            # The line goes on past these.
            before = word64(data, base) >> 63
            base += 64
            continue
        if base == known:
            word = next_word
        else:
            word = word64(data, base)
        if addressed | named:
            if base == known:
                left = next_dots
                inside = next_inside
            else:
                left = equal64(data, base, 46)
                inside = word | left | equal64(data, base, 45)
                last_inside = 0
            known = base + 64
            next_word = word64(data, known)
            next_dots = equal64(data, known, 46)
            next_inside = next_word | next_dots | equal64(data, known, 45)
            while left != 0:
                bit = lowest(left)
                at = base + bit
                if at < dotted_done or (at >= found and at < skip):
                    left = left & (left - 1)
                    continue
                outside = (inside ^ ALL) & ((1 << bit) - 1)
                if outside != 0:
                    start = base + 64 - leading(outside)
                elif last_inside != 0 and last_inside != ALL:
                    start = base - leading(last_inside ^ ALL)
                else:
                    start = back(data, base, classes, _NAMED)
                outside = (inside ^ ALL) >> bit
                if outside != 0:
                    end = at + lowest(outside)
                    left = left & ~((1 << (end - base)) - 1)
                else:
                    left = 0
                    if next_inside != ALL:
                        end = known + lowest(next_inside ^ ALL)
                    else:
                        end = ahead(data, known + 64, size, classes, _NAMED)
                dotted_done = end
                hit = -1
                long = end - start
                letters = named
                numbers = addressed
                if long <= 64:
                    # Mostly there are too few dots for an address, or no letter for a name.
                    run = ALL >> (64 - long)
                    dots = equal64(data, start, 46) & run
                    more = dots & (dots - 1)
                    more = more & (more - 1)
                    if more == 0:
                        numbers = 0
                    if (dots | range64(data, start, 48, 10)) & run == run:
                        letters = 0
                        if numbers and more & (more - 1) == 0:
                            numbers = 0
                            number = read_dotted(data, start, long, dots)
                            if number >= 0 and wanted_four(number, four, four_index, four_bits):
                                hit = start
                if numbers:
                    hit = has_four(data, start, end, four, four_index, four_bits)
                if hit < 0 and letters:
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
            last_inside = inside
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
            last_colons = colons
            colons = equal64(data, base, 58)
            if base != colons_known:
                last_colons = 0
            colons_known = base + 64
        if addressed | linked and colons != 0:
            sign = 0
            if linked:
                sign = colons & equal64(data, base + 1, 47) & equal64(data, base + 2, 47)
            left = sign
            near = 0
            if addressed:
                left = left | colons & equal64(data, base + 1, 58)
                # Of six together each is at most four digits from the next.
                last_colons = last_colons >> (64 - _SPREAD)
                if ones(last_colons) + ones(colons) >= 6:
                    left = colons
                    while last_colons != 0:
                        at = base - _SPREAD + lowest(last_colons)
                        last_colons = last_colons & (last_colons - 1)
                        if at >= six_done:
                            if near > 0 and at - colon_at <= 5:
                                near += 1
                            else:
                                near = 1
                            colon_at = at
            while left != 0:
                bit = lowest(left)
                at = base + bit
                left = left & (left - 1)
                if at >= found and at < skip:
                    continue
                hit = 0
                if addressed and at >= six_done:
                    if near > 0 and at - colon_at <= 5:
                        near += 1
                    else:
                        near = 1
                    colon_at = at
                    if near >= 6 or data[at + 1] == 58:
                        start = back(data, at, classes, _LINKED)
                        end = ahead(data, at + 1, size, classes, _LINKED)
                        six_done = end
                        near = 0
                        hit = has_six(data, start, end, four, four_index, four_bits, six, six_count, scratch)
                if hit == 0 and at >= link_done and (sign >> bit) & 1:
                    end = location_end(data, at + 3, size)
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
