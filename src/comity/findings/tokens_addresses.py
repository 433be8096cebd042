"""Internet addresses in the language of :mod:`comity.native.loops`: read, and looked for in ranges of a table.

Part of the pass of :mod:`.tokens_kernel`, which finds where one may stand.
"""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import Final, TypeAlias

from comity.native.loops import ALL, below, load8, lowest

Bytes: TypeAlias = Sequence[int]
Words: TypeAlias = Sequence[int]
Places: TypeAlias = MutableSequence[int]

_MAPPED: Final = 0xFFFF


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


def octet(data: Bytes, at: int, length: int) -> int:
    """The number that so many digits are, as a part of an IPv4 address; 256 or more where they are none."""
    if length < 1 or length > 3:
        return 256
    digits = (load8(data, at) << (24 - 8 * length)) & 0x0F0F0F
    number = 100 * (digits & 15) + 10 * ((digits >> 8) & 15) + (digits >> 16)
    return number | (((length > 1) & (number < 10)) | ((length > 2) & (number < 100))) << 8


def read_dotted(data: Bytes, start: int, length: int, dots: int) -> int:
    """The same of a run of digits and three dots, of which each has a bit."""
    if length > 15:
        return -1
    second = dots & (dots - 1)
    one = lowest(dots)
    two = lowest(second)
    three = lowest(second & (second - 1))
    a = octet(data, start, one)
    b = octet(data, start + one + 1, two - one - 1)
    c = octet(data, start + two + 1, three - two - 1)
    d = octet(data, start + three + 1, length - three - 1)
    if a | b | c | d > 255:
        return -1
    return (a << 24) | (b << 16) | (c << 8) | d


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
