"""Canonical JSON: one content, one byte string (RFC 8785, further restricted; ``spec/02-bodies.md``).

Allowed: objects with ASCII keys, arrays, strings without lone surrogates, booleans, integers below
2^53 in size. Not allowed: floats, null, duplicate or unsorted keys, white space, other spellings.
The one comparison ``render(parse(raw)) == raw`` closes every door that lenient parsers leave open.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from comity.errors import Malformed

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json]"

LIMIT = 2**53
DEPTH = 64


def render(value: Json) -> bytes:
    """The canonical bytes of ``value``; ``ValueError`` or ``TypeError`` if it has none."""
    _check(value, "", 0)
    # With ASCII keys, Python's sort by code point is RFC 8785's sort by UTF-16 unit.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    # RFC 8785 §3.2.2.2 escapes only what json escapes, except DEL, which both leave alone.
    return text.encode()


def _check(value: object, where: str, depth: int) -> None:
    if depth > DEPTH:
        raise ValueError(f"{where}: nested deeper than {DEPTH}")
    match value:
        case bool():
            return
        case int():
            if not -LIMIT < value < LIMIT:
                raise ValueError(f"{where}: {value} is not below 2^53")
        case str():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise ValueError(f"{where}: a lone surrogate") from None
        case dict():
            for key, item in value.items():
                if not isinstance(key, str) or not key.isascii():
                    raise TypeError(f"{where}: key {key!r} is not ASCII text")
                _check(item, f"{where}.{key}", depth + 1)
        case list() | tuple():
            for n, item in enumerate(value):
                _check(item, f"{where}[{n}]", depth + 1)
        case _:
            raise TypeError(f"{where}: {type(value).__name__} has no canonical form")


def parse(raw: bytes, where: str = "") -> Json:
    """The value of canonical bytes; ``Malformed`` for every other byte string."""
    try:
        value: Json = json.loads(raw.decode("utf-8"))
        again = render(value)
    except (ValueError, TypeError, RecursionError) as error:
        raise Malformed("json.form", where, f"not canonical JSON: {error}") from None
    if again != raw:
        at = next(
            (i for i, (a, b) in enumerate(zip(again, raw, strict=False)) if a != b),
            min(len(again), len(raw)),
        )
        raise Malformed("json.canonical", where, f"a second spelling of the same content, first at byte {at}")
    return value
