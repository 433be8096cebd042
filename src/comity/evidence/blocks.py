"""Cutting rows as places in blocks of bytes: what :mod:`comity.evidence.rows` gives, without an object
for each row (extra ``fast``).

A block holds whole rows, by where each starts and ends. The rows, the limit and its refusals are those of
the splitters of that module, whatever the sizes of the chunks fed; the tests hold the two to each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from comity.errors import Malformed
from comity.evidence.cut_native import Places, RowFinder
from comity.evidence.formats import FormatName, choose_delimiter
from comity.evidence.rows import ROW_LIMIT

BLOCK: Final = 1 << 20
"""How many bytes are gathered before they are cut."""

_MARK: Final = 35
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Consecutive whole rows: row i is ``data[starts[i]:ends[i]]``."""

    data: bytes
    starts: Places
    ends: Places

    def marked(self) -> list[int]:
        """The rows that begin with ``#``, also behind a byte order mark."""
        first = np.frombuffer(self.data, np.uint8)[np.minimum(self.starts, len(self.data) - 1)]
        found: list[int] = np.flatnonzero((first == _MARK) | (first == _BOM[0])).tolist()
        return [n for n in found if self.data.startswith((b"#", _BOM + b"#"), int(self.starts[n]))]


class BlockCutter:
    """Takes bytes, gives blocks of rows; for every format but ``opaque/1``.

    ``terminated`` and ``delimiter`` are those of a :class:`~comity.evidence.rows.Splitter`. Raises
    ``Malformed`` (``row.long``).
    """

    def __init__(self, format_name: FormatName, finder: RowFinder, where: str = "") -> None:
        self._finder = finder
        self._records = format_name == "csv/1"
        self._where = where
        self._parts: list[bytes] = []
        self._held = 0
        self._left = 0
        self._rows = 0
        self.delimiter = b""
        self.terminated = False

    @property
    def held(self) -> int:
        """How many of the bytes so far are of no row given yet."""
        return self._held

    def feed(self, chunk: bytes) -> Block | None:
        """The rows that are whole now, once enough bytes came to be worth cutting."""
        if not chunk:
            return None
        self._parts.append(chunk)
        self._held += len(chunk)
        self.terminated = chunk.endswith(b"\n")
        # What was left over is looked at again, so the next look waits until as much again is there: an
        # endless line costs a few times its length and no more.
        if self._held < max(BLOCK, 2 * self._left):
            return None
        return self._cut(final=False)

    def close(self) -> Block | None:
        """The rest, with the last row, which may lack its line break."""
        return self._cut(final=True) if self._parts else None

    def _cut(self, *, final: bool) -> Block | None:
        data = b"".join(self._parts)
        if self._records and not self.delimiter and (final or b"\n" in data):
            # The first line decides, so that the choice never depends on where a chunk ends.
            self.delimiter = choose_delimiter(data.partition(b"\n")[0])
        ends = self._finder.find(data, self.delimiter)
        whole = int(ends[-1]) + 1 if len(ends) else 0
        tail = data[whole:]
        if len(tail) - tail.endswith(b"\n") > ROW_LIMIT:
            self._refuse(self._rows + len(ends) + 1)
        if final and tail:
            ends = np.append(ends, len(data) - tail.endswith(b"\n"))
            tail = b""
        self._parts = [tail] if tail else []
        self._held = self._left = len(tail)
        if not len(ends):
            return None
        starts = np.empty_like(ends)
        starts[0] = 0
        starts[1:] = ends[:-1] + 1
        lengths = ends - starts
        if lengths.max() > ROW_LIMIT:
            self._refuse(self._rows + int(np.argmax(lengths > ROW_LIMIT)) + 1)
        self._rows += len(ends)
        return Block(data=data, starts=starts, ends=ends)

    def _refuse(self, row: int) -> Any:
        raise Malformed(
            "row.long",
            self._where,
            f"row {row} is longer than {ROW_LIMIT} bytes"
            + (
                ", or a quote in it is not closed; seal it as lines/1 or opaque/1"
                if self._records
                else "; seal the file as opaque/1"
            ),
        )
