"""Lines as they lie in a file, one behind the other: cut only when somebody asks for one by itself.

Mostly nobody does: what is looked for in a text of a million lines is looked for in its bytes, and hardly any
line holds it. To cut them all takes as long as to look through them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import overload


class JoinedLines(Sequence[bytes]):
    """Lines with a line feed between each and the next, none behind the last."""

    def __init__(self, joined: bytes) -> None:
        self.joined = joined

    @cached_property
    def _lines(self) -> list[bytes]:
        return self.joined.split(b"\n")

    @cached_property
    def _count(self) -> int:
        # Where arrays are loaded anyway they count three times as fast; to load them would take longer.
        numpy = sys.modules.get("numpy")
        if numpy is None:
            return self.joined.count(b"\n") + 1
        return int(numpy.count_nonzero(numpy.frombuffer(self.joined, numpy.uint8) == 10)) + 1

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> bytes: ...

    @overload
    def __getitem__(self, at: slice) -> list[bytes]: ...

    def __getitem__(self, at: int | slice) -> bytes | list[bytes]:
        return self._lines[at]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._lines)

    def parted(self, most: int) -> Iterator[JoinedLines]:
        """The same in parts of no more lines than ``most`` each."""
        if len(self) <= max(most, 1):
            yield self
            return
        middle = len(self.joined) // 2
        at = self.joined.find(b"\n", middle)
        if at < 0:
            at = self.joined.rindex(b"\n", 0, middle)
        for part in (self.joined[:at], self.joined[at + 1 :]):
            yield from JoinedLines(part).parted(most)
