"""Mappings that grow by a little and are kept as they were: what makes adding one record to a case cheap.

A ``Layers`` is a few dictionaries that nobody changes any more, each at least ``STEP`` times as large as the
one above it, with a small one on top. What is derived from it shares the large ones and copies the small one.
A top that has outgrown ``SMALL`` becomes a layer, and layers too near each other in size are merged. So an
entry is copied about ``STEP`` times at most for each layer that it sinks through, of which there are log n,
whether entries come one at a time or by the thousand; and every version stays readable, by any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")

SMALL = 64
"""The top may have this many entries."""
STEP = 8
"""How many times as large as the layer above it a layer is, at least."""


class Layers(Mapping[K, V], Generic[K, V]):
    """A mapping that is read only; ``branch`` begins another one from it."""

    __slots__ = ("_parts", "_size", "_top")

    def __init__(self, parts: tuple[dict[K, V], ...] = ({},), size: int | None = None) -> None:
        # From the top down; where a key stands in several, the uppermost value counts.
        self._parts = parts
        self._top = parts[0]
        # How many keys there are; fewer than entries where a key stands in several parts.
        self._size = sum(map(len, parts)) if size is None else size

    def __getitem__(self, key: K) -> V:
        for part in self._parts:
            if key in part:
                return part[key]
        raise KeyError(key)

    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, /, default: V | D) -> V | D: ...
    def get(self, key: K, /, default: V | D | None = None) -> V | D | None:
        """The value of a key, or ``default``."""
        for part in self._parts:
            if key in part:
                return part[key]
        return default

    def __contains__(self, key: object) -> bool:
        for part in self._parts:  # noqa: SIM110 -- a generator would cost more than the look
            if key in part:
                return True
        return False

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[K]:
        """Keys in the order in which they first came."""
        below = self._parts[::-1]
        if self._size == sum(map(len, below)):
            for part in below:
                yield from part
            return
        for n, part in enumerate(below):
            yield from (key for key in part if not any(key in lower for lower in below[:n]))

    def __repr__(self) -> str:
        return repr(dict(self))

    def branch(self) -> Growing[K, V]:
        """A mapping that begins as this one and can take entries; this one stays as it is."""
        return Growing((dict(self._top), *self._parts[1:]), self._size)


class Growing(Layers[K, V]):
    """A mapping that takes entries, and gives none back."""

    __slots__ = ()

    def __setitem__(self, key: K, value: V) -> None:
        if key not in self._top and key not in self:
            self._size += 1
        self._top[key] = value

    def setdefault(self, key: K, value: V) -> V:
        """The value of a key, which is ``value`` from now on if it had none."""
        for part in self._parts:
            if key in part:
                return part[key]
        self._size += 1
        self._top[key] = value
        return value

    def settle(self) -> Layers[K, V]:
        """What it holds, to be read from now on; this one must not be changed afterwards."""
        top, *lower = self._parts
        if len(top) <= SMALL:
            return Layers(self._parts, self._size)
        while lower and len(lower[0]) < STEP * len(top):
            top = lower.pop(0) | top
        return Layers(({}, top, *lower), self._size)
