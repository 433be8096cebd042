"""A list of indicators as it was compiled, for the next run on the same machine: a shortcut, never evidence.

A line of JSON: the format, the ``key`` (a digest of all that went in), the SHA-256 of what follows the line,
and of each array its name, type, shape and place; then the arrays, each from a multiple of 64 bytes on. The
values of each type are among them (as ``values:TYPE``), so nothing of the list's own text is read again.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any, Final

import numpy as np

from comity.errors import Malformed
from comity.findings.indicators import IndicatorList
from comity.findings.kept import open_kept
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

FORMAT: Final = "comity-list-cache/1"
WORTH: Final = 1 << 20
"""A shorter list, in bytes, is compiled as soon as a cache is read."""
_ALIGNED: Final = 64
_VALUES: Final = "values:"
_TYPES: Final = ("|u1", "<i8", "<u8")


def table_of(source: IndicatorList) -> Table:
    """The table of a list: the one that came with it, or made now."""
    if source.table is not None:
        arrays = _arrays(source.table)
        return Table(**{name: arrays[name] for name in Table.__slots__})
    raw = dict(source.values)

    def split(kind: str) -> list[bytes]:
        return raw.get(kind, b"").split(b"\n")[:-1]

    tokens = {
        DIGEST: split("hash"),
        NAME: split("domain"),
        BELOW: split("below"),
        MAILBOX: split("email"),
        LOCATION: [url for url in split("url") if LOCATION_WHOLE.fullmatch(url)],
        PHRASE: [text for text in split("text") if has_word(text)],
    }
    return build_table(tokens, source.values_of("ip"), source.values_of("net"))


def render_list(source: IndicatorList, key: str) -> bytes:
    """The cache of a list, under the key of all that decides what is compiled."""
    arrays = arrays_of(table_of(source))
    arrays |= {_VALUES + kind: np.frombuffer(raw, np.uint8) for kind, raw in source.values}
    told: list[list[Any]] = []
    parts: list[bytes] = []
    at = 0
    for name, array in arrays.items():
        raw = np.ascontiguousarray(array).tobytes()
        told.append([name, array.dtype.str, list(array.shape), at])
        parts.append(raw + bytes(-len(raw) % _ALIGNED))
        at += len(parts[-1])
    body = b"".join(parts)
    head = {"arrays": told, "body": hashlib.sha256(body).hexdigest(), "cache": FORMAT, "key": key}
    line = json.dumps(head).encode()
    return line + b" " * (-(len(line) + 1) % _ALIGNED) + b"\n" + body


def read_list(raw: bytes, key: str, digest: str, source_name: str, where: str) -> IndicatorList:
    """The list of a cache made for just this key. ``Malformed`` (``pack.cache``) for another format,
    ``NotVerified`` (``pack.cache``) for another key or a changed array: compile the source instead."""
    open_kept(raw, FORMAT, key, "indicators", where)
    try:
        arrays = _arrays(raw)
        values = tuple(
            (name.removeprefix(_VALUES), array.tobytes())
            for name, array in arrays.items()
            if name.startswith(_VALUES)
        )
        if set(Table.__slots__) - arrays.keys():
            raise ValueError
    except (ValueError, TypeError, KeyError):
        raise Malformed("pack.cache", where, "not a cache of indicators") from None
    title = source_name.rpartition("/")[2]
    return IndicatorList(digest=digest, source_name=source_name, title=title, values=values, table=raw)


def key_of(version: str, digest: str) -> str:
    """The digest (hex) of all that decides what is compiled: the engine's ``version`` and the list."""
    return hashlib.sha256(json.dumps([version, FORMAT, digest]).encode()).hexdigest()


def _arrays(raw: bytes) -> dict[str, Any]:
    first = raw.index(b"\n") + 1
    found = {}
    for name, kind, shape, at in json.loads(raw[:first])["arrays"]:
        if kind not in _TYPES:
            raise ValueError(kind)
        found[name] = np.frombuffer(raw, kind, math.prod(shape), first + at).reshape(shape)
    return found
