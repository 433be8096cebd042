"""A list of indicators as it was compiled, for the next run on the same machine: a shortcut, never evidence.

A line of JSON: the format, the ``key`` (a digest of all that went in), the SHA-256 of what follows the line,
and of each array its name, type, shape and place; then the arrays, each from a multiple of 64 bytes on. The
values of each type are among them (as ``values:TYPE``), so nothing of the list's own text is read again.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from comity.errors import Malformed
from comity.findings.indicators import IndicatorList
from comity.findings.kept import Kept, open_kept
from comity.findings.lines import lines_that
from comity.findings.tokens import LOCATION_WHOLE
from comity.findings.tokens_table import (
    BELOW,
    DIGEST,
    LOCATION,
    MAILBOX,
    NAME,
    PHRASE,
    Table,
    arrays_of,
    build_table,
    has_word,
)

FORMAT: Final = "comity-list-cache/2"
_ALIGNED: Final = 64
_VALUES: Final = "values:"
_TYPES: Final = ("|u1", "<i8", "<u8")


def table_of(source: IndicatorList) -> Table:
    """The table of a list: the one that came with it, or made now."""
    if source.table is not None:
        arrays = _arrays(source.table)
        return Table(**{name: arrays[name] for name in Table.__slots__})
    raw = dict(source.values)

    tokens = {
        DIGEST: raw.get("hash", b""),
        NAME: raw.get("domain", b""),
        BELOW: raw.get("below", b""),
        MAILBOX: raw.get("email", b""),
        LOCATION: lines_that(raw.get("url", b""), LOCATION_WHOLE.fullmatch),
        PHRASE: lines_that(raw.get("text", b""), has_word),
    }
    return build_table(tokens, raw.get("ip", b""), source.values_of("net"))


def render_list(source: IndicatorList, key: str, pack: str) -> Iterator[bytes | memoryview]:
    """The cache of a list piece by piece, under the key of all that decides what is compiled; ``pack`` is the
    digest of a pack of it alone."""
    arrays = arrays_of(table_of(source))
    arrays |= {_VALUES + kind: np.frombuffer(raw, np.uint8) for kind, raw in source.values}
    told: list[list[Any]] = []
    parts: list[bytes | memoryview] = []
    at = 0
    digest = hashlib.sha256()
    for name, array in arrays.items():
        raw = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
        told.append([name, array.dtype.str, list(array.shape), at])
        for part in (raw, bytes(-len(raw) % _ALIGNED)):
            digest.update(part)
            parts.append(part)
            at += len(part)
    head = {"arrays": told, "body": digest.hexdigest(), "cache": FORMAT, "key": key, "pack": pack}
    line = json.dumps(head).encode()
    yield line + b" " * (-(len(line) + 1) % _ALIGNED) + b"\n"
    yield from parts


def read_list(raw: Kept, key: str, digest: str, source_name: str, where: str) -> tuple[IndicatorList, str]:
    """The list of a cache made for just this key, and the digest of a pack of it alone. ``raw`` is only
    looked at, so it may be a file mapped into memory. ``Malformed`` (``pack.cache``) for another format,
    ``NotVerified`` (``pack.cache``) for another key or a changed array: compile the source instead."""
    head, _ = open_kept(raw, FORMAT, key, "indicators", where)
    try:
        arrays = _arrays(raw)
        pack = head["pack"]
        if set(Table.__slots__) - arrays.keys() or not isinstance(pack, str):
            raise ValueError
    except (ValueError, TypeError, KeyError):
        raise Malformed("pack.cache", where, "not a cache of indicators") from None
    return restore_list(raw, digest, source_name), pack


def restore_list(raw: Kept, digest: str, source_name: str) -> IndicatorList:
    """The list of a cache that was held against its digest before."""
    values = tuple(
        (name.removeprefix(_VALUES), array.tobytes())
        for name, array in _arrays(raw).items()
        if name.startswith(_VALUES)
    )
    title = source_name.rpartition("/")[2]
    return IndicatorList(digest=digest, source_name=source_name, title=title, values=values, table=raw)


def key_of(version: str, digest: str) -> str:
    """The digest (hex) of all that decides what is compiled: the engine's ``version`` and the list."""
    return hashlib.sha256(json.dumps([version, FORMAT, digest]).encode()).hexdigest()


def _arrays(raw: Kept) -> dict[str, Any]:
    first = raw.find(b"\n") + 1
    found = {}
    for name, kind, shape, at in json.loads(raw[:first])["arrays"]:
        if kind not in _TYPES:
            raise ValueError(kind)
        found[name] = np.frombuffer(raw, kind, math.prod(shape), first + at).reshape(shape)
    return found
