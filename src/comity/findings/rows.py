"""Rows as the matcher sees them: a number, the whole text, and named values.

How a value reads as text is part of the semantics (``comity-find/1``):

- text is itself, with lone surrogates replaced by U+FFFD;
- integers are decimal, booleans ``true`` and ``false``, floats Python's shortest round-trip form;
- a list stands for its elements: a field matches when any element does;
- ``None`` is null, which is neither missing nor empty.

Letters are compared by ASCII folding only, so that no table of a language version takes part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias

Value: TypeAlias = "str | int | float | bool | Sequence[Value] | None"

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: ``index`` is its number in the sealed item (the first is 1), ``time`` when it says that it
    happened, in microseconds since 1970 (UTC), where it says so and someone asked."""

    index: int
    text: str
    fields: Mapping[str, Value]
    time: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemInfo:
    """What the matcher knows of the item that rows come from.

    ``ref`` is ``rows:<size>:<root hex>`` for a sealed item and ``file:sha256:<hex>:<splitter>`` for a file
    that is not sealed; ``format`` names a splitter (``evtx-jsonl/1``); ``logsource`` holds what was
    declared of ``product``, ``category`` and ``service``.
    """

    ref: str
    format: str
    logsource: Mapping[str, str] = field(default_factory=dict)


def fold(text: str) -> str:
    """``text`` with A to Z in lower case and every other character as it was."""
    if text.isascii():
        return text.lower()
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


_MARKS: Final = bytes(each for each in range(128) if not chr(each).isalnum())


def spell(name: str) -> str:
    """``name`` without the marks of ASCII (all that is neither letter nor digit), folded."""
    return _spelled(name) if len(name) <= NAMES else _spell(name)


def _spell(name: str) -> str:
    return (
        name.encode("utf-8", "surrogatepass").translate(None, _MARKS).lower().decode("utf-8", "surrogatepass")
    )


_spelled = lru_cache(maxsize=4096)(_spell)

NAMES: Final = 512
LETTERS: Final = 1 << 15
"""Names of rows are remembered up to so many, and so many characters together: a row may have any."""


def are_few(names: tuple[str, ...]) -> bool:
    """Whether what follows from these names may be remembered by them."""
    return len(names) <= NAMES and sum(map(len, names)) <= LETTERS


def clean(text: str) -> str:
    """``text`` with every lone surrogate replaced, so that it has a UTF-8 form."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(REPLACEMENT if "\ud800" <= c <= "\udfff" else c for c in text)
    return text


def text_of(value: str | float | bool) -> str:
    """A single value as text (see the module)."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def elements(value: Value) -> Iterator[str | None]:
    """The texts of ``value``: one for a single value, one for each element of a list."""
    if value is None:
        yield None
    elif isinstance(value, str | int | float):
        yield clean(text_of(value))
    else:
        for item in value:
            yield from elements(item)
