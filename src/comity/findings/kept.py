"""The first line of what is kept between runs: form, key and digest of what follows it.

A cache is only ever a saving: whoever cannot open one compiles the sources instead, so nothing in it is
believed that its key and digest do not cover.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeAlias

from comity.errors import Malformed, NotVerified

if TYPE_CHECKING:
    from mmap import mmap


Kept: TypeAlias = "bytes | mmap"
"""Bytes, or a file mapped into memory as if it were."""


def read_kept(raw: bytes) -> Any:
    """What is kept as JSON, read by ``orjson`` where it is there and can; ``ValueError`` where it is none."""
    try:
        import orjson

        return orjson.loads(raw)
    except (ImportError, ValueError):  # half of a surrogate pair, which orjson does not read
        return json.loads(raw)


def open_kept(raw: Kept, form: object, key: str, what: str, where: str) -> tuple[dict[str, Any], memoryview]:
    """The head of a cache made for just this key, and what follows its first line.

    ``Malformed`` (``pack.cache``) for another form than ``form``, ``NotVerified`` (``pack.cache``) for
    another key or changed bytes. ``what`` names its content in words.
    """
    end = raw.find(b"\n")
    try:
        head = json.loads(raw[: max(end, 0)])
        told = head["cache"], head["key"], head["body"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Malformed("pack.cache", where, f"not a cache of {what}") from None
    if told[0] != form:
        raise Malformed("pack.cache", where, f"not a cache of the form {form}")
    if told[1] != key:
        raise NotVerified("pack.cache", where, "made from other sources or by another version")
    body = memoryview(raw)[end + 1 :]
    if told[2] != hashlib.sha256(body).hexdigest():
        raise NotVerified("pack.cache", where, "changed since it was written")
    return head, body
