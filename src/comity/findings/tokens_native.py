"""Looking for millions of tokens in one compiled pass over bytes (extra ``fast``, :mod:`.tokens_kernel`)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from typing import Any

import numpy as np

from comity.findings.tokens_table import ADDRESSES, PADDING, PHRASE, Places, Table, byte_tables

TEXTS = PHRASE
"""The kind under which texts are found."""


@cache
def load_scan() -> Callable[..., int] | None:
    """The compiled loop, or None where numba is absent. The first load on a machine compiles (some seconds);
    any other takes what was compiled from the disk (a fraction of one)."""
    try:
        from comity.findings.tokens_kernel import compile_scan
    except ImportError:
        return None
    scan: Callable[..., int] = compile_scan()
    return scan


def find_places(scan: Callable[..., int], joined: bytes, table: Table, asked: Collection[int]) -> Places:
    """Where in ``joined`` something of the kinds ``asked`` stands: exactly there, once a line at most."""
    data = np.frombuffer(joined + bytes(PADDING), np.uint8)
    flags = np.array([kind in asked for kind in range(ADDRESSES + 1)], np.uint8)
    places = np.empty(joined.count(b"\n") + 1, np.int64)
    count = scan(data, flags, places, *_arguments(table))
    return places[:count]


def _arguments(table: Table) -> tuple[Any, ...]:
    of = byte_tables()
    shifts = [64 - (8 * table.bits.nbytes).bit_length() + 1, 64 - (len(table.index) - 1).bit_length() + 1]
    return (
        *(of.classes, of.location, table.blob, table.starts, table.bounds, table.hashes),
        *(
            table.order,
            table.index,
            table.bits,
            table.words,
            table.four,
            table.four_index,
            table.four_bits,
            table.six,
        ),
        *(table.schemes, np.array(shifts, np.int64)),
    )
