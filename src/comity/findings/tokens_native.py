"""Looking for millions of tokens in one compiled pass over bytes (extra ``fast``, :mod:`.tokens_kernel`)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from comity.findings.tokens_kernel import BEHIND, FULL, SCRATCH, scan
from comity.findings.tokens_table import ADDRESSES, PHRASE, Places, Table, byte_tables
from comity.native.loops import address_of, compile_loop

TEXTS = PHRASE
"""The kind under which texts are found."""
Scan: TypeAlias = Callable[..., int]


@cache
def load_scan() -> Scan | None:
    """The compiled loop (a fraction of a second, once in a process), or None where it cannot be had."""
    try:
        return compile_loop(scan)
    except (ImportError, OSError, RuntimeError):
        return None


def find_places(loop: Scan, joined: bytes, table: Table, asked: Collection[int], lines: int) -> Places:
    """Where in ``joined`` something of the kinds ``asked`` is: exactly there, a few times a line at most, in
    no order. ``lines`` says about how many lines there are."""
    data = joined + bytes(BEHIND)
    flags = sum(1 << kind for kind in range(ADDRESSES + 1) if kind in asked)
    scratch = np.empty(SCRATCH, np.int64)
    room = max(lines // 8, 64)
    while True:
        places = np.empty(room, np.int64)
        told = (data, len(joined), flags, address_of(places), room, address_of(scratch))
        count = loop(*told, *arguments_of(table))
        if count != FULL:
            return places[:count]
        # Mostly hardly any line holds something.
        room = max(room * 8, 1024)


def arguments_of(table: Table) -> tuple[Any, ...]:
    """The table as the loop takes it: addresses of arrays, which must outlive the call, and numbers."""
    of = byte_tables()
    arrays = (of.classes, of.location, table.blob, table.starts, table.bounds, table.hashes, table.order)
    more = (table.index, table.bits, table.words, table.four, table.four_index, table.four_bits)
    return (
        *map(address_of, (*arrays, *more)),
        *(address_of(table.six), len(table.six), address_of(table.schemes), len(table.schemes)),
        64 - (8 * table.bits.nbytes).bit_length() + 1,
        64 - (len(table.index) - 1).bit_length() + 1,
    )
