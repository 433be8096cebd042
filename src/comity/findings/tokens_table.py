"""A list of indicators as arrays: what the passes over bytes look tokens up in (see :mod:`.tokens`).

Tokens with an end of their own (hashes, names, addresses of mail, locations, and a word of each text) are
filed under a hash of 64 bits: sorted, with an index by the leading bits and a filter in front, two bits of
one word for each, which fits the processor's cache. The hash takes eight bytes at a time.
Internet addresses and networks are sorted, disjoint ranges of numbers, with an index by the first 16 bits.

Bytes of a table are those of one machine: it is kept (:mod:`.tokens_cache`), never sent.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from comity.findings.lines import lines_of, pieces_of

if TYPE_CHECKING:
    import numpy.typing as npt

DIGEST, NAME, BELOW, MAILBOX, LOCATION, PHRASE = range(6)
"""Kinds of token; one text is looked up for one kind only."""
ADDRESSES = 6
"""The number under which addresses are asked for, beside the kinds of token."""

WORD, DOT, DASH, SIGN, AT, COLON, OTHER = 0, 1, 2, 4, 8, 16, 32
"""Classes of bytes, as bits: of words (letters, digits, ``_``, all beyond ASCII), ``.``, ``-``, ``% +``,
``@``, ``:``, and what is in no token."""

BASE: Final = 0x9E3779B97F4A7C15
SALT: Final = 0xD6E8FEB86659FD93
SHIFT: Final = 29
SECOND: Final = 20
"""From this bit on a key tells its second bit in a word of the filter."""
PADDING: Final = 8
"""So many zero bytes stand behind what is read by eights."""
NAME_LIMIT: Final = 255
"""The longest name, in characters."""

Bytes: TypeAlias = "npt.NDArray[np.uint8]"
Words: TypeAlias = "npt.NDArray[np.uint64]"
Places: TypeAlias = "npt.NDArray[np.int64]"
Ranges: TypeAlias = "list[tuple[int, int]]"

_WORD_RUN: Final = re.compile(rb"[0-9A-Za-z_\x80-\xff]+")
_MASK64: Final = 2**64 - 1
_TOGETHER: Final = 1 << 20
_COUNTED: Final = 22
_LONGEST: Final = 2**15
"""More bytes than a line of a list has."""
_BEGINNINGS: Final = np.array([(1 << 8 * n) - 1 for n in range(9)], np.uint64)
"""Masks that keep so many of eight bytes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """What is looked for.

    ``blob`` holds the tokens and texts, folded, a line feed after each and eight bytes more behind; number
    ``e`` stands at ``starts[e]:starts[e + 1] - 1``, and those of kind ``k`` are numbers
    ``bounds[k]:bounds[k + 1]``. ``hashes`` are sorted, ``order`` gives their numbers; ``index`` and ``bits``
    are by leading bits, ``four_bits`` has one for 512 addresses. ``words`` says where in a text its word
    stands. ``four`` and ``six`` are ranges (first, last), of 32 bits, and of 128 bits in two halves each.
    ``schemes`` is the longest location, then the lengths of schemes.
    """

    blob: Bytes
    starts: Places
    bounds: Places
    hashes: Words
    order: Places
    index: Places
    bits: Words
    words: Places
    four: Places
    four_index: Places
    four_bits: Words
    six: Words
    schemes: Places

    def kinds(self) -> set[int]:
        """The kinds of token that there are, and ``ADDRESSES``."""
        found = {kind for kind in range(ADDRESSES) if self.bounds[kind + 1] > self.bounds[kind]}
        return found | {ADDRESSES} if len(self.four) or len(self.six) else found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ByteTables:
    """Of each byte: its class, itself in lower case, and whether it is a character of a location."""

    classes: Bytes
    folded: Bytes
    location: Bytes


@cache
def byte_tables() -> ByteTables:
    """The tables by byte."""
    classes = np.full(256, OTHER, np.uint8)
    for byte in (*range(48, 58), *range(65, 91), *range(97, 123), 95, *range(128, 256)):
        classes[byte] = WORD
    for text, told in ((b".", DOT), (b"-", DASH), (b"%+", SIGN), (b"@", AT), (b":", COLON)):
        for byte in text:
            classes[byte] = told
    folded = np.arange(256, dtype=np.uint8)
    folded[65:91] += 32
    location = np.zeros(256, np.uint8)
    for byte in (*range(48, 58), *range(65, 91), *range(97, 123), *range(128, 256)):
        location[byte] = 1
    for byte in b"-._~:/?#[]@!$&'()*+,;=%":
        location[byte] = 1
    return ByteTables(classes=classes, folded=folded, location=location)


def build_table(tokens: Mapping[int, bytes], addresses: bytes, networks: Iterable[str]) -> Table:
    """The table of folded tokens by kind (texts stand under ``PHRASE`` and hold a word each) and of
    addresses, a line feed after each, and of networks."""
    parts = [tokens.get(kind, b"") for kind in range(6)]
    blob = np.frombuffer(b"".join([*parts, bytes(PADDING)]), np.uint8)
    bounds = np.cumsum([0, *(part.count(b"\n") for part in parts)]).astype(np.int64)
    starts = np.zeros(bounds[-1] + 1, np.int64)
    done = 0
    for begin in range(0, len(blob), _TOGETHER):
        breaks = np.flatnonzero(blob[begin : begin + _TOGETHER] == 10)
        starts[done + 1 : done + 1 + len(breaks)] = breaks + (begin + 1)
        done += len(breaks)
    texts = starts[bounds[PHRASE] :]
    words, long = _choose_words(blob, texts) if parts[PHRASE] else (np.zeros(0, np.int64),) * 2
    keys = np.zeros(bounds[-1], np.uint64)
    for kind in range(6):
        for begin, end in _some(int(bounds[kind]), int(bounds[kind + 1])):
            first = starts[begin:end]
            lengths = starts[begin + 1 : end + 1] - 1 - first
            if kind == PHRASE:
                at = slice(begin - int(bounds[PHRASE]), end - int(bounds[PHRASE]))
                first, lengths = first + words[at], long[at]
            keys[begin:end] = keys_of(blob, first, lengths, kind)
    order = np.argsort(keys, kind="stable")
    hashes = keys[order]
    del keys
    count = max(1, len(hashes))
    index_bits = max(4, count.bit_length())
    filter_bits = max(10, (8 * count).bit_length())
    index = np.searchsorted(hashes >> np.uint64(64 - index_bits), np.arange(2**index_bits + 1))
    bits = np.zeros(2**filter_bits // 64, np.uint64)
    for begin, end in _some(0, len(hashes)):
        some = hashes[begin:end]
        places = some >> np.uint64(64 - filter_bits)
        np.bitwise_or.at(bits, (places >> np.uint64(6)).astype(np.int64), marks_of(some, places))
    four, six = _ranges_of(addresses, networks)
    schemes = sorted({token.index(b"://") for token in lines_of(parts[LOCATION])})
    return Table(
        blob=blob,
        starts=starts,
        bounds=bounds,
        hashes=hashes,
        order=order.astype(np.int64, copy=False),
        index=index.astype(np.int64, copy=False),
        bits=bits,
        words=words,
        four=four,
        four_index=np.searchsorted(four[:, 0], np.arange(65_537, dtype=np.int64) << 16, "right").astype(
            np.int64
        ),
        four_bits=_bits_of(four),
        six=six,
        schemes=np.array([max(map(len, lines_of(parts[LOCATION])), default=0), *schemes], np.int64),
    )


def marks_of(keys: Words, places: Words) -> Words:
    """The two bits of each key in its word of the filter."""
    low = np.uint64(63)
    first, second = places & low, (keys >> np.uint64(SECOND)) & low
    return (np.uint64(1) << first) | (np.uint64(1) << second)


def has_word(text: bytes) -> bool:
    """Whether a text holds a word to be found by."""
    return _WORD_RUN.search(text) is not None


def _some(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """So many at a time as need little room beside what comes of them."""
    for at in range(begin, end, _TOGETHER >> 4):
        yield at, min(at + (_TOGETHER >> 4), end)


def _choose_words(blob: Bytes, starts: Places) -> tuple[Places, Places]:
    """Of each text the place and length of the word that the fewest others share, as a table of counts by a
    part of their hashes tells, the longest of such."""
    shared = np.zeros(1 << _COUNTED, np.int64)
    for begin, end in _some(0, len(starts) - 1):
        _, _, kinds = _words_of(blob, starts[begin : end + 1])
        np.add.at(shared, kinds, 1)
    found, long = np.zeros(len(starts) - 1, np.int64), np.zeros(len(starts) - 1, np.int64)
    for begin, end in _some(0, len(starts) - 1):
        some = starts[begin : end + 1]
        begins, lengths, kinds = _words_of(blob, some)
        first = np.searchsorted(begins, some[:-1])
        among = np.arange(len(begins)) - np.repeat(first, np.diff(np.append(first, len(begins))))
        # By how many share it, then by its length, then by its place in the text: one number for all three.
        rank = (shared[kinds] << 32) | ((_LONGEST - lengths) << 16) | among
        chosen = first + (np.minimum.reduceat(rank, first) & 0xFFFF)
        found[begin:end], long[begin:end] = begins[chosen] - some[:-1], lengths[chosen]
    return found, long


def _words_of(blob: Bytes, starts: Places) -> tuple[Places, Places, Places]:
    """Where the words of some texts begin, how long each is, and its place in a table of counts."""
    texts = blob[starts[0] : starts[-1]]
    edges = np.diff((byte_tables().classes[texts] == WORD).view(np.int8), prepend=np.int8(0))
    begins = np.flatnonzero(edges == 1) + starts[0]
    lengths = np.flatnonzero(edges == -1) + starts[0] - begins
    kinds = keys_of(blob, begins, lengths, PHRASE) >> np.uint64(64 - _COUNTED)
    return begins, lengths, kinds.astype(np.int64)


def keys_of(data: Bytes, starts: Places, lengths: Places, kinds: int | Places) -> Words:
    """The hashes under which tokens of folded ``data`` are filed. The data end in eight bytes more."""
    windows = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))
    salts = np.array([(kind + 1) * SALT & _MASK64 for kind in range(ADDRESSES)], np.uint64)
    mixed = salts[np.asarray(kinds, np.int64)] ^ lengths.astype(np.uint64)
    longest = int(lengths.max(initial=0))
    for done in range(0, longest, 8):
        # Those that are not at their end yet.
        some = np.flatnonzero(lengths > done) if done else np.arange(len(lengths))
        left = np.minimum(lengths[some] - done, 8)
        block = windows[starts[some] + done] & _BEGINNINGS[left]
        now = (mixed[some] ^ block) * np.uint64(BASE)
        mixed[some] = now ^ (now >> np.uint64(SHIFT))
    found: Words = mixed * np.uint64(SALT)
    return found


def _ranges_of(addresses: bytes, networks: Iterable[str]) -> tuple[Places, Words]:
    """Disjoint ranges of numbers, sorted, of IPv4 and of IPv6."""
    six: list[bytes] = []
    singles = [np.zeros(0, np.int64)]
    for begin, end in pieces_of(addresses):
        piece = addresses[begin:end]
        if b":" in piece:
            lines = piece.split(b"\n")[:-1]
            six.append(
                b"".join(ipaddress.IPv6Address(line.decode()).packed for line in lines if b":" in line)
            )
            piece = b"".join(line + b"\n" for line in lines if b":" not in line)
        # Numbers with dots and line feeds between them, four to an address.
        numbers = np.array(piece.replace(b".", b" ").split(), np.uint32).astype(np.int64).reshape(-1, 4)
        singles.append(numbers @ np.array([1 << 24, 1 << 16, 1 << 8, 1], np.int64))
    lows, highs = list(singles), list(singles)
    ranges: Ranges = []
    for text in networks:
        network = ipaddress.ip_network(text)
        first = int(network.network_address)
        last = first + network.num_addresses - 1
        if network.version == 6:
            ranges.append((first, last))
        else:
            lows.append(np.array([first], np.int64))
            highs.append(np.array([last], np.int64))
    return _merge_four(np.concatenate(lows), np.concatenate(highs)), _merge_six(b"".join(six), _merge(ranges))


def _merge_six(addresses: bytes, ranges: Ranges) -> Words:
    """Addresses of 16 bytes each, and disjoint ranges, as ranges in two halves each."""
    # Texts of 16 bytes, which numpy compares as numbers with the highest byte first.
    singles = np.unique(np.frombuffer(addresses, "S16"))
    firsts, lasts = (
        np.frombuffer(b"".join(each[n].to_bytes(16) for each in ranges), "S16") for n in range(2)
    )
    if ranges:
        at = np.searchsorted(firsts, singles, "right") - 1
        singles = singles[(at < 0) | (singles > lasts[at])]
    lows, highs = np.concatenate([singles, firsts]), np.concatenate([singles, lasts])
    order = np.argsort(lows, kind="stable")
    halves = [each[order].view(">u8").reshape(-1, 2).astype(np.uint64) for each in (lows, highs)]
    return np.concatenate(halves, axis=1)


def _merge_four(lows: Places, highs: Places) -> Places:
    """Ranges as one array, sorted, those that touch as one."""
    order = np.argsort(lows, kind="stable")
    lows, highs = lows[order], np.maximum.accumulate(highs[order])
    begins = np.flatnonzero(np.concatenate([[True], lows[1:] > highs[:-1] + 1])[: len(lows)])
    ends = np.concatenate([begins[1:], [len(lows)]])[: len(begins)] - 1
    return np.stack([lows[begins], highs[ends]], axis=1).astype(np.int64).reshape(-1, 2)


def _bits_of(four: Places) -> Words:
    """A bit for each 512 addresses of which one is wanted."""
    flags = np.zeros(2**23 + 1, np.int32)
    np.add.at(flags, four[:, 0] >> 9, 1)
    np.add.at(flags, (four[:, 1] >> 9) + 1, -1)
    bits, open_before = np.zeros(2**17, np.uint64), 0
    for begin, end in _some(0, 2**23):
        inside = np.cumsum(flags[begin:end]) + open_before
        open_before = int(inside[-1])
        bits[begin >> 6 : end >> 6] = np.packbits(inside > 0, bitorder="little").view("<u8")
    return bits


def _merge(ranges: Ranges) -> Ranges:
    merged: Ranges = []
    last = -2
    for low, high in sorted(ranges):
        if low <= last + 1 and merged:
            last = max(last, high)
            merged[-1] = merged[-1][0], last
        else:
            last = high
            merged.append((low, high))
    return merged


def arrays_of(table: Table) -> dict[str, Any]:
    """The arrays by name."""
    return {name: getattr(table, name) for name in Table.__slots__}
