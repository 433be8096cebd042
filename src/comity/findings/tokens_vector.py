"""Looking for tokens in bytes by whole arrays, where the compiled pass is not worth loading or absent.

What it tells are candidates: hashes are compared, not bytes, and some forms only by their look. Whoever asks
looks at each row that one stands in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from comity.findings.tokens_table import (
    ADDRESSES,
    AT,
    BELOW,
    COLON,
    DASH,
    DIGEST,
    DOT,
    LOCATION,
    MAILBOX,
    NAME,
    NAME_LIMIT,
    OTHER,
    PADDING,
    PHRASE,
    WORD,
    Bytes,
    Places,
    Table,
    byte_tables,
    keys_of,
    marks_of,
)

PIECE = 1 << 18
"""So many bytes are looked at together, or a whole line."""


def find_candidates(joined: bytes, table: Table, asked: Collection[int]) -> list[int]:
    """Places in ``joined`` near which something of the kinds ``asked`` may stand, in no order."""
    found: list[int] = []
    for start, end in _pieces(joined):
        piece = _Piece(joined[start:end], table)
        for places in piece.find(asked):
            if len(places):
                found += (places + start).tolist()
    return found


def _pieces(joined: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(joined):
        end = at + PIECE
        if end < len(joined):
            cut = joined.rfind(b"\n", at, end)
            if cut < 0:
                cut = joined.find(b"\n", end)
            end = cut + 1 if cut >= 0 else len(joined)
        yield at, min(end, len(joined))
        at = end


class _Piece:
    """Some lines: their words, and the gaps between."""

    def __init__(self, raw: bytes, table: Table) -> None:
        of = byte_tables()
        self._table = table
        self._size = len(raw)
        self._data = np.frombuffer(raw + bytes(PADDING), np.uint8)
        self._folded = np.take(of.folded, self._data)
        self._classes = np.take(of.classes, self._data[: self._size])
        words = np.concatenate([[False], self._classes == WORD, [False]])
        edges = np.flatnonzero(words[1:] != words[:-1])
        self._starts, self._ends = edges[0::2], edges[1::2]
        self._gaps = self._classes_between()

    def _classes_between(self) -> Bytes:
        """The classes of all bytes between a word and the next."""
        first, after = self._ends[:-1], self._starts[1:]
        found: Bytes = self._classes[first]
        for step in range(1, 4):
            some = np.flatnonzero(after - first > step)
            found[some] |= self._classes[first[some] + step]
        long = np.flatnonzero((after - first > 4) & (found & (COLON | OTHER) == 0))
        for at in long.tolist():
            found[at] = np.bitwise_or.reduce(self._classes[first[at] : after[at]])
        return found

    def find(self, asked: Collection[int]) -> Iterator[Places]:
        """Places of candidates, by kind."""
        if len(self._starts):
            if ADDRESSES in asked:
                yield self._find_four()
            if NAME in asked or BELOW in asked:
                yield from self._find_names(asked)
            lengths = self._ends - self._starts
            if DIGEST in asked:
                some = np.flatnonzero((lengths == 32) | (lengths == 40) | (lengths == 64))
                yield self._known(self._starts[some], lengths[some], DIGEST)
            if PHRASE in asked:
                yield self._known(self._starts, lengths, PHRASE)
            if MAILBOX in asked:
                yield self._find_mail()
        colons = np.flatnonzero(self._classes == COLON)
        if len(colons):
            if ADDRESSES in asked:
                # Two together, or six in the room that six take at most.
                yield colons[self._data[colons + 1] == 58]
                yield colons[:-5][colons[5:] - colons[:-5] <= 25]
            if LOCATION in asked:
                yield from self._find_locations(colons)

    def _known(self, starts: Places, lengths: Places, kind: int) -> Places:
        """The starts of tokens whose hash is known."""
        table = self._table
        keys = keys_of(self._folded, starts, lengths, kind)
        places = keys >> np.uint64(64 - (8 * table.bits.nbytes).bit_length() + 1)
        marks = marks_of(keys, places)
        some = np.flatnonzero(table.bits[(places >> np.uint64(6)).astype(np.int64)] & marks == marks)
        keys = keys[some]
        at = np.minimum(np.searchsorted(table.hashes, keys), len(table.hashes) - 1)
        found: Places = starts[some][table.hashes[at] == keys]
        return found

    def _chains(self, classes: int) -> tuple[Places, Places]:
        """The first and the last word of each run of words with only such bytes between them."""
        apart = np.flatnonzero(self._gaps & ~np.uint8(classes))
        return np.concatenate([[0], apart + 1]), np.concatenate([apart, [len(self._starts) - 1]])

    def _find_four(self) -> Places:
        four = self._table.four
        first, last = self._chains(DOT)
        first = first[last - first == 3]
        starts, ends = self._starts[first], self._ends[first + 3]
        some = (ends - starts >= 7) & (ends - starts <= 15)
        first, starts = first[some], starts[some]
        number = np.zeros(len(first), np.int64)
        fits = np.full(len(first), True)
        for word in range(4):
            at, length = self._starts[first + word], (self._ends - self._starts)[first + word]
            fits &= length <= 3
            value = np.zeros(len(first), np.int64)
            for n in range(3):
                digit = self._data[at + n].astype(np.int64) - 48
                inside = n < length
                fits &= ~inside | ((digit >= 0) & (digit <= 9))
                value = np.where(inside, value * 10 + digit, value)
            fits &= value <= 255
            number = number * 256 + value
        starts, number = starts[fits], number[fits]
        found: Places = starts[:0]
        if len(four):
            below = np.searchsorted(four[:, 0], number, "right")
            found = starts[(below > 0) & (number <= four[np.maximum(below - 1, 0), 1])]
        return found

    def _find_names(self, asked: Collection[int]) -> Iterator[Places]:
        first, last = self._chains(DOT | DASH)
        starts, ends = self._starts[first], self._ends[last]
        dots = np.flatnonzero(self._classes == DOT)
        some = (np.searchsorted(dots, ends) > np.searchsorted(dots, starts)) & (
            ends - starts <= 4 * NAME_LIMIT
        )
        starts, ends = starts[some], ends[some]
        if NAME in asked:
            yield self._known(starts, ends - starts, NAME)
        if BELOW in asked and len(starts):
            chain = np.searchsorted(starts, dots, "right") - 1
            inside = (chain >= 0) & (dots < ends[chain])
            after = dots[inside] + 1
            yield self._known(after, ends[chain[inside]] - after, BELOW)

    def _find_mail(self) -> Places:
        signs = np.flatnonzero(self._classes == AT)
        breaks = np.flatnonzero(self._classes & (COLON | OTHER))
        edges = np.concatenate([[-1], breaks, [self._size]])
        after = np.searchsorted(edges, signs)
        starts, ends = edges[after - 1] + 1, edges[after]
        # There is a sign in each, so the dots around it come to an end.
        while len(some := np.flatnonzero(self._data[starts] == 46)):
            starts[some] += 1
        while len(some := np.flatnonzero(self._data[ends - 1] == 46)):
            ends[some] -= 1
        return self._known(starts, ends - starts, MAILBOX)

    def _find_locations(self, colons: Places) -> Iterator[Places]:
        signs = colons[(self._data[colons + 1] == 47) & (self._data[colons + 2] == 47)]
        if not len(signs):
            return
        longest, *lengths = self._table.schemes.tolist()
        outside = np.flatnonzero(np.take(byte_tables().location, self._data[: self._size]) == 0)
        edges = np.concatenate([outside, [self._size]])
        ends = edges[np.searchsorted(edges, signs + 3)]
        for length in lengths:
            starts = signs - length
            some = (starts >= 0) & (ends - starts <= longest)
            yield self._known(starts[some], (ends - starts)[some], LOCATION)
