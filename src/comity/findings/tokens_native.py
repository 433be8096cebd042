"""Looking for millions of tokens in one compiled pass over bytes (see :mod:`comity.findings.tokens`).

A rolling hash runs over the bytes once; where a run of some kind ends, the hash of its token is the
difference of two values, and is looked up in a table of all tokens wanted. Two texts may share a hash, so a
place found is only a candidate. Where numba is absent, so is this.
"""

# The compiled loop is written for the compiler: plain comparisons, one condition within another.
# ruff: noqa: SIM102, SIM109

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Final

WORD, DOT, COLON, DASH, MAIL, OTHER = range(6)
"""Groups of bytes: of words (letters, digits, ``_``, all beyond ASCII), ``.``, ``:``, ``-``, ``% + @``."""

ADDRESS, DIGEST, NAME, MAILBOX, BELOW, PHRASE, LOCATION = range(1, 8)
"""Kinds of token; one text is looked up for one kind only."""

_BASE: Final = 0x9E3779B97F4A7C15
_SALT: Final = 0xD6E8FEB86659FD93
_POWERS: Final = 4096


class Kernels:
    """The compiled loops over a table of tokens."""

    def __init__(self, scan: Any, fill: Any, tables: Any) -> None:
        self._scan = scan
        self._fill = fill
        self._tables = tables

    def make_table(self, tokens: Sequence[tuple[int, bytes]], networks: Sequence[tuple[int, int]]) -> Any:
        """A table of folded tokens by kind, and of IPv4 networks by (bits of the host, prefix)."""
        import numpy as np

        size = 1 << max(10, (2 * (len(tokens) + len(networks))).bit_length())
        table = np.zeros(size, np.uint64)
        joined = np.frombuffer(b"".join(token for _, token in tokens) or b"\0", np.uint8)
        ends = np.cumsum(np.array([len(token) for _, token in tokens], np.int64), dtype=np.int64)
        kinds = np.array([kind for kind, _ in tokens], np.int64)
        self._fill(joined, ends, kinds, table, self._tables)
        for bits, prefix in networks:
            key = _key_of(prefix + 1, bits, ADDRESS)
            slot = (key >> 1) & (size - 1)
            while table[slot] not in (0, key):
                slot = (slot + 1) & (size - 1)
            table[slot] = key
        return table

    def find(
        self,
        joined: bytes,
        table: Any,
        kinds: Collection[int],
        *,
        networks: Sequence[int],
        schemes: Sequence[int],
        six: bool,
    ) -> list[int]:
        """Places in ``joined`` near which a token of these kinds may stand.

        ``networks`` are the host bits of IPv4 networks, ``schemes`` the longest location and then the
        lengths of its schemes; ``six`` is whether IPv6 addresses are places.
        """
        import numpy as np

        data = np.frombuffer(joined, np.uint8)
        flags = np.array([*(kind in kinds for kind in range(8)), six], np.uint8)
        lengths = np.array(schemes or [0], np.int64)
        bits = np.array(networks, np.int64)
        room = 1 << 12
        while True:
            places = np.empty(room, np.int64)
            count = self._scan(data, table, flags, bits, lengths, places, self._tables)
            if count < room:
                found: list[int] = places[:count].tolist()
                return found
            room *= 8


def _key_of(value: int, length: int, kind: int) -> int:
    mixed = ((value ^ kind * _SALT % 2**64) * _BASE + length) % 2**64
    mixed = (mixed ^ mixed >> 29) * _SALT % 2**64
    return mixed ^ mixed >> 29 | 1


@cache
def load_kernels() -> Kernels | None:
    """The loops, compiled once in a process (some seconds), or None where they cannot be had."""
    try:
        return _compile()
    except ImportError:
        return None


def _tables() -> Any:
    import numpy as np

    groups = np.full(256, OTHER, np.uint64)
    for byte in (*range(48, 58), *range(65, 91), *range(97, 123), 95, *range(128, 256)):
        groups[byte] = WORD
    for byte, group in ((46, DOT), (58, COLON), (45, DASH), (37, MAIL), (43, MAIL), (64, MAIL)):
        groups[byte] = group
    folded = np.arange(256, dtype=np.uint64)
    folded[65:91] += 32
    location = np.zeros(256, np.uint64)
    for byte in (
        *range(48, 58),
        *range(65, 91),
        *range(97, 123),
        *b"-._~:/?#[]@!$&'()*+,;=%",
        *range(128, 256),
    ):
        location[byte] = 1
    hexadecimal = np.zeros(256, np.uint64)
    for byte in b"0123456789abcdefABCDEF:.":
        hexadecimal[byte] = 1
    powers = np.empty(_POWERS + 1, np.uint64)
    value = 1
    for n in range(_POWERS + 1):
        powers[n] = value
        value = value * _BASE % 2**64
    return np.concatenate([groups, folded, location, hexadecimal, powers])


def _compile() -> Kernels:
    import numba
    import numpy as np

    base, salt = np.uint64(_BASE), np.uint64(_SALT)
    shift = np.uint64(29)
    one = np.uint64(1)

    @numba.njit(inline="always")
    def key_of(value, length, kind):  # type: ignore[no-untyped-def]
        mixed = (value ^ (np.uint64(kind) * salt)) * base + np.uint64(length)
        mixed = (mixed ^ (mixed >> shift)) * salt
        mixed = mixed ^ (mixed >> shift)
        return mixed | one

    @numba.njit(inline="always")
    def known(table, key):  # type: ignore[no-untyped-def]
        mask = np.uint64(table.size - 1)
        at = (key >> one) & mask
        while True:
            found = table[at]
            if found == key:
                return True
            if found == 0:
                return False
            at = (at + one) & mask

    def fill(joined, ends, kinds, table, tables):  # type: ignore[no-untyped-def]
        mask = np.uint64(table.size - 1)
        start = 0
        for n in range(ends.size):
            value = np.uint64(0)
            for at in range(start, ends[n]):
                value = value * base + tables[256 + joined[at]] + one
            key = key_of(value, ends[n] - start, kinds[n])
            start = ends[n]
            slot = (key >> one) & mask
            while table[slot] != 0 and table[slot] != key:
                slot = (slot + one) & mask
            table[slot] = key

    def scan(data, table, flags, networks, schemes, places, tables):  # type: ignore[no-untyped-def]
        size = data.size
        room = places.size
        count = 0
        address, digest, name, mailbox = flags[1], flags[2], flags[3], flags[4]
        below, phrase, location, six = flags[5], flags[6], flags[7], flags[8]
        named = name or below
        value = np.uint64(0)
        group = OTHER
        # Of each kind of run: where its token began (-1: none is open), the hash before it, its latest
        # end that is not stripped, and the hash there.
        word_at, word_value = -1, value
        name_at, name_value, name_end, name_last, name_dots, name_more = -1, value, 0, value, 0, 0
        mail_at, mail_value, mail_end, mail_last, mail_signs = -1, value, 0, value, 0
        dotted_at, dotted_value, dotted_end, dotted_last, dots, dots_more = -1, value, 0, value, 0, 0
        six_at, colons, doubled = -1, 0, 0
        end = 0
        for at in range(size + 1):
            byte = data[at] if at < size else np.uint8(10)
            told = int(tables[byte])
            if told == group and told == WORD:
                value = value * base + tables[256 + byte] + one
                continue
            # The group that ends here.
            if group == WORD:
                if digest or phrase:
                    length = at - word_at
                    token = value - word_value * tables[1024 + length] if length <= _POWERS else value
                    if digest and (length == 32 or length == 40 or length == 64):
                        if known(table, key_of(token, length, DIGEST)) and count < room:
                            places[count] = word_at
                            count += 1
                    if phrase and length <= _POWERS:
                        if known(table, key_of(token, length, PHRASE)) and count < room:
                            places[count] = word_at
                            count += 1
                name_end, name_last = at, value
                mail_end, mail_last = at, value
                dotted_end, dotted_last = at, value
                name_dots += name_more
                dots += dots_more
                name_more = dots_more = 0
            elif group == DASH or group == MAIL:
                mail_end, mail_last = at, value
            # Runs that end because this byte is none of theirs.
            if told != WORD and told != DOT:
                if dotted_at >= 0:
                    length = dotted_end - dotted_at
                    if address and dots == 3 and 7 <= length <= 15:
                        token = dotted_last - dotted_value * tables[1024 + length]
                        hit = known(table, key_of(token, length, ADDRESS))
                        if not hit and networks.size:
                            number, part, fits = np.uint64(0), np.uint64(0), True
                            for n in range(dotted_at, dotted_end):
                                if data[n] == 46:
                                    number, part = number * np.uint64(256) + part, np.uint64(0)
                                elif 48 <= data[n] <= 57:
                                    part = part * np.uint64(10) + np.uint64(data[n] - 48)
                                else:
                                    fits = False
                            number = number * np.uint64(256) + part
                            if fits:
                                for n in range(networks.size):
                                    bits = np.uint64(networks[n])
                                    if known(table, key_of((number >> bits) + one, bits, ADDRESS)):
                                        hit = True
                        if hit and count < room:
                            places[count] = dotted_at
                            count += 1
                    dotted_at = -1
                if told != DASH:
                    if name_at >= 0:
                        length = name_end - name_at
                        if named and name_dots > 0 and length <= 255:
                            token = name_last - name_value * tables[1024 + length]
                            hit = name and known(table, key_of(token, length, NAME))
                            if not hit and below:
                                rolled = np.uint64(0)
                                for n in range(name_at, name_end):
                                    rolled = rolled * base + tables[256 + data[n]] + one
                                    if data[n] == 46:
                                        rest = name_end - n - 1
                                        tail = token - rolled * tables[1024 + rest]
                                        if known(table, key_of(tail, rest, BELOW)):
                                            hit = True
                            if hit and count < room:
                                places[count] = name_at
                                count += 1
                        name_at = -1
                    if told != MAIL:
                        if mail_at >= 0:
                            length = mail_end - mail_at
                            if mailbox and mail_signs and length <= _POWERS:
                                token = mail_last - mail_value * tables[1024 + length]
                                if known(table, key_of(token, length, MAILBOX)) and count < room:
                                    places[count] = mail_at
                                    count += 1
                            mail_at = -1
            if six_at >= 0 and told != WORD and told != DOT and told != COLON:
                if colons >= 2 and (doubled or colons >= 6):
                    fits = True
                    for n in range(six_at, at):
                        if tables[768 + data[n]] == 0:
                            fits = False
                            break
                    if fits and count < room:
                        places[count] = six_at
                        count += 1
                six_at = -1
            # Runs that this byte opens or goes on with.
            if told == WORD:
                word_at, word_value = at, value
                if name_at < 0:
                    name_at, name_value, name_dots, name_more = at, value, 0, 0
                if dotted_at < 0:
                    dotted_at, dotted_value, dots, dots_more = at, value, 0, 0
                if mail_at < 0:
                    mail_at, mail_value, mail_signs = at, value, 0
            elif told == DOT:
                name_more += 1
                dots_more += 1
            elif told == DASH or told == MAIL:
                if mail_at < 0:
                    mail_at, mail_value, mail_signs = at, value, 0
                if byte == 64:
                    mail_signs = 1
            if six and (told == WORD or told == COLON or told == DOT):
                if six_at < 0 and told != DOT:
                    six_at, colons, doubled = at, 0, 0
                if told == COLON:
                    colons += 1
                    if group == COLON:
                        doubled = 1
            if location and byte == 58 and at + 2 < size and data[at + 1] == 47 and data[at + 2] == 47:
                if end < at + 3:
                    end = at + 3
                    while end < size and tables[512 + data[end]] == 1:
                        end += 1
                for n in range(1, schemes.size):
                    start = at - schemes[n]
                    length = end - start
                    if start >= 0 and length <= schemes[0]:
                        rolled = np.uint64(0)
                        for m in range(start, end):
                            rolled = rolled * base + tables[256 + data[m]] + one
                        if known(table, key_of(rolled, length, LOCATION)) and count < room:
                            places[count] = start
                            count += 1
            value = value * base + tables[256 + byte] + one
            group = told
        return count

    array = numba.types.Array
    given = array(numba.uint8, 1, "C", readonly=True)
    own = array(numba.uint8, 1, "C")
    places, words = array(numba.int64, 1, "C"), array(numba.uint64, 1, "C")
    compiled_scan = numba.njit(numba.int64(given, words, own, places, places, places, words), nogil=True)(
        scan
    )
    compiled_fill = numba.njit(numba.void(given, places, places, words, words), nogil=True)(fill)
    return Kernels(compiled_scan, compiled_fill, _tables())
