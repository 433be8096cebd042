"""Mappings that grow by a little and are kept as they were: what makes adding one record to a case cheap.

A ``Layers`` is a large dictionary that nobody changes any more, with a small one on top. What is derived
from it shares the large one and copies the small one; only when the small one has outgrown the square root
of the whole are the two merged. So n additions of one entry each cost about n·√n copied pointers, where
copying the whole each time would cost n², and every version stays readable, by any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")

SMALL = 64
"""The top may always have this many entries."""


class Layers(Mapping[K, V], Generic[K, V]):
    """A mapping that is read only; ``branch`` begins another one from it."""

    __slots__ = ("_base", "_over", "_top")

    def __init__(self, base: dict[K, V] | None = None, top: dict[K, V] | None = None, over: int = 0) -> None:
        self._base: dict[K, V] = {} if base is None else base
        self._top: dict[K, V] = {} if top is None else top
        # How many keys stand in both: the top's value counts.
        self._over = over

    def __getitem__(self, key: K) -> V:
        try:
            return self._top[key]
        except KeyError:
            return self._base[key]

    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, /, default: V | D) -> V | D: ...
    def get(self, key: K, /, default: V | D | None = None) -> V | D | None:
        """The value of a key, or ``default``."""
        found = self._top.get(key, _NOTHING)
        return self._base.get(key, default) if found is _NOTHING else found  # type: ignore[return-value]

    def __contains__(self, key: object) -> bool:
        return key in self._top or key in self._base

    def __len__(self) -> int:
        return len(self._base) + len(self._top) - self._over

    def __iter__(self) -> Iterator[K]:
        """Keys in the order in which they first came."""
        yield from self._base
        if self._over:
            yield from (key for key in self._top if key not in self._base)
        else:
            yield from self._top

    def __repr__(self) -> str:
        return repr(dict(self))

    def branch(self) -> Growing[K, V]:
        """A mapping that begins as this one and can take entries; this one stays as it is."""
        return Growing(self._base, dict(self._top), self._over)


class Growing(Layers[K, V]):
    """A mapping that takes entries, and gives none back."""

    __slots__ = ()

    def __setitem__(self, key: K, value: V) -> None:
        if key in self._base and key not in self._top:
            self._over += 1
        self._top[key] = value

    def setdefault(self, key: K, value: V) -> V:
        """The value of a key, which is ``value`` from now on if it had none."""
        if key in self:
            return self[key]
        self._top[key] = value
        return value

    def settle(self) -> Layers[K, V]:
        """What it holds, to be read from now on; this one must not be changed afterwards."""
        if not self._base:
            return Layers(self._top)
        if len(self._top) > SMALL and len(self._top) ** 2 > len(self._base):
            return Layers(self._base | self._top)
        return Layers(self._base, self._top, self._over)


_NOTHING = object()
