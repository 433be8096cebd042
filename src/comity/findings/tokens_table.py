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
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

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
    breaks = np.flatnonzero(blob == 10)
    starts = np.zeros(len(breaks) + 1, np.int64)
    np.add(breaks, 1, out=starts[1:])
    del breaks
    bounds = np.cumsum([0, *(part.count(b"\n") for part in parts)]).astype(np.int64)
    chosen = _choose_words(parts[PHRASE].split(b"\n")[:-1])
    words = np.array([at for at, _ in chosen], np.int64)
    ends = starts[1:] - 1
    first = starts[:-1].copy()
    if chosen:
        first[bounds[PHRASE] :] += words
        ends[bounds[PHRASE] :] = first[bounds[PHRASE] :] + [length for _, length in chosen]
    kinds = np.repeat(np.arange(6, dtype=np.int64), np.diff(bounds))
    hashes = keys_of(blob, first, ends - first, kinds)
    order = np.argsort(hashes, kind="stable")
    hashes = hashes[order]
    count = max(1, len(hashes))
    index_bits = max(4, count.bit_length())
    filter_bits = max(10, (8 * count).bit_length())
    index = np.searchsorted(hashes >> np.uint64(64 - index_bits), np.arange(2**index_bits + 1))
    bits = np.zeros(2**filter_bits // 64, np.uint64)
    places = hashes >> np.uint64(64 - filter_bits)
    np.bitwise_or.at(bits, (places >> np.uint64(6)).astype(np.int64), marks_of(hashes, places))
    four, six = _ranges_of(addresses, networks)
    locations = parts[LOCATION].split(b"\n")[:-1]
    lengths = sorted({token.index(b"://") for token in locations})
    return Table(
        blob=blob,
        starts=starts,
        bounds=bounds,
        hashes=hashes,
        order=order.astype(np.int64),
        index=index.astype(np.int64),
        bits=bits,
        words=words,
        four=four,
        four_index=np.searchsorted(four[:, 0], np.arange(65_537, dtype=np.int64) << 16, "right").astype(
            np.int64
        ),
        four_bits=_bits_of(four),
        six=np.array(
            [[low >> 64, low & _MASK64, high >> 64, high & _MASK64] for low, high in six], np.uint64
        ).reshape(-1, 4),
        schemes=np.array([max(map(len, locations), default=0), *lengths], np.int64),
    )


def marks_of(keys: Words, places: Words) -> Words:
    """The two bits of each key in its word of the filter."""
    low = np.uint64(63)
    first, second = places & low, (keys >> np.uint64(SECOND)) & low
    return (np.uint64(1) << first) | (np.uint64(1) << second)


def has_word(text: bytes) -> bool:
    """Whether a text holds a word to be found by."""
    return _WORD_RUN.search(text) is not None


def _choose_words(texts: Sequence[bytes]) -> list[tuple[int, int]]:
    """Of each text the place and length of the word that the fewest others share, the longest of such."""
    runs = [[(each.start(), each.group()) for each in _WORD_RUN.finditer(text)] for text in texts]
    shared = Counter(word for run in runs for _, word in run)
    best = [min(run, key=lambda each: (shared[each[1]], -len(each[1]))) for run in runs]
    return [(at, len(word)) for at, word in best]


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


def _ranges_of(addresses: bytes, networks: Iterable[str]) -> tuple[Places, Ranges]:
    """Disjoint ranges of numbers, of IPv4 and of IPv6."""
    lines = addresses.split(b"\n")[:-1] if b":" in addresses else []
    six = [(number, number) for line in lines if b":" in line for number in [int.from_bytes(_packed(line))]]
    if lines:
        addresses = b"".join(line + b"\n" for line in lines if b":" not in line)
    # Numbers with dots and line feeds between them, four to an address.
    numbers = np.array(addresses.replace(b".", b" ").split(), np.uint32).astype(np.int64).reshape(-1, 4)
    singles = numbers @ np.array([1 << 24, 1 << 16, 1 << 8, 1], np.int64)
    lows, highs = [singles], [singles]
    for text in networks:
        network = ipaddress.ip_network(text)
        first = int(network.network_address)
        last = first + network.num_addresses - 1
        if network.version == 6:
            six.append((first, last))
        else:
            lows.append(np.array([first], np.int64))
            highs.append(np.array([last], np.int64))
    return _merge_four(np.concatenate(lows), np.concatenate(highs)), _merge(six)


def _packed(line: bytes) -> bytes:
    return ipaddress.IPv6Address(line.decode()).packed


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
    within = np.cumsum(flags[:-1]) > 0
    return np.packbits(within, bitorder="little").view("<u8").astype(np.uint64)


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
