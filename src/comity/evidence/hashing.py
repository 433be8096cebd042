"""The rows of one file into their tree: which way its rows are cut and hashed, and how far that is.

How far it is can be kept (:class:`Partial`) between two rows and taken up again by another process, which
gives the same tree. What is kept opens the rows so far, as the item's key does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from comity.evidence.cut_native import load_finder
from comity.evidence.formats import FormatName
from comity.evidence.parse import Unparsed, fields_of
from comity.evidence.rows import MARKED, Splitter, is_header, make_splitter
from comity.ledger.bulk import WORTH, kernels_for
from comity.ledger.rowtree import RowSealer, RowsSoFar

if TYPE_CHECKING:
    from comity.evidence.blocks import Block, BlockCutter
    from comity.ledger.native import Kernels

FAST_BYTES: Final = 64 * WORTH
"""From what length on a file is expected to have rows enough for the compiled loops."""

HEADERS_LIMIT: Final = 1000
"""How many header rows are listed by number; their count is always exact."""

_MARKS = (b"#", b"\xef\xbb\xbf#")


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """How far a file is sealed.

    ``read`` bytes were read, and ``sha256`` (hex) is their digest; ``offset`` of them are whole rows, which
    ``rows`` holds. ``delimiter`` is that of ``csv/1``; headers as of a
    :class:`~comity.evidence.seal.SealedItem`.
    """

    read: int
    sha256: str
    offset: int
    rows: RowsSoFar
    delimiter: bytes = b""
    headers: tuple[int, ...] = ()
    header_count: int = 0


class OtherFileError(ValueError):
    """The bytes are not those of which a part was sealed before."""


class RowHasher:
    """Takes a file's bytes in order; ``sealer`` is the tree of the rows so far.

    ``expected`` is how many bytes there will be, where that is known: it chooses the way and changes nothing
    else. ``count_unparsed`` also reads every row's fields (slow). ``begun`` goes on behind its ``offset``.
    Raises ``Malformed`` (``row.long``), see :mod:`comity.evidence.rows`.
    """

    def __init__(
        self,
        key: bytes,
        format_name: FormatName,
        name: str,
        *,
        expected: int = 0,
        count_unparsed: bool = False,
        begun: Partial | None = None,
    ) -> None:
        self.sealer = RowSealer(key, begun.rows if begun else None)
        self.headers = list(begun.headers) if begun else []
        self.header_count = begun.header_count if begun else 0
        self.unparsed = 0
        self._count_unparsed = count_unparsed
        self._format = format_name
        self._context: bytes | None = None
        self._whole = self.sealer.open_row() if format_name == "opaque/1" else None
        self._splitter: Splitter = make_splitter(format_name, name)
        self._cutter: BlockCutter | None = None
        self._kernels: Kernels | None = None
        kernels = None
        if self._whole is None and not count_unparsed:
            kernels = kernels_for(WORTH if expected >= FAST_BYTES else expected // 256)
        if kernels and (finder := load_finder()):
            from comity.evidence.blocks import BlockCutter

            self._kernels = kernels
            self._cutter = BlockCutter(format_name, finder, name)
        # What was kept ends with the line break of a row.
        self._behind_row = begun is not None
        if begun and begun.delimiter:
            (self._cutter or self._splitter).delimiter = begun.delimiter

    @property
    def terminated(self) -> bool:
        """Whether the bytes so far end in a line break, which ends the last row."""
        return self._behind_row or (self._whole is None and (self._cutter or self._splitter).terminated)

    def feed(self, chunk: bytes) -> None:
        """Take more bytes."""
        self._behind_row = self._behind_row and not chunk
        if self._whole is not None:
            self._whole.update(chunk)
        elif self._cutter is not None:
            self._take_block(self._cutter.feed(chunk))
        else:
            self._take(self._splitter.feed(chunk))

    def close(self) -> None:
        """The file ends here."""
        if self._whole is not None:
            self.sealer.close_row(self._whole)
        elif self._cutter is not None:
            self._take_block(self._cutter.close())
        else:
            self._take(self._splitter.close())

    def so_far(self, read: int, digest: str) -> Partial | None:
        """How far this is after ``read`` bytes of this digest; None of an opaque file, which is one row."""
        if self._whole is not None or self._count_unparsed:
            return None
        cut = self._cutter or self._splitter
        return Partial(
            read=read,
            sha256=digest,
            offset=read - cut.held,
            rows=self.sealer.so_far(),
            delimiter=cut.delimiter,
            headers=tuple(self.headers),
            header_count=self.header_count,
        )

    def _take_block(self, block: Block | None) -> None:
        if block is None:
            return
        assert self._kernels is not None
        first = self.sealer.rows + 1
        self.sealer.add_block(block.data, block.starts, block.ends, self._kernels)
        for at in block.marked() if self._format in MARKED else [0] if first == 1 else []:
            self._note_header(first + at, block.data[block.starts[at] : block.ends[at]])

    def _take(self, rows: list[bytes]) -> None:
        first = self.sealer.rows + 1
        self.sealer.add_many(rows)
        if self._count_unparsed:
            self._read_fields(rows, first)
        if self._format in MARKED:
            found = [n for n, raw in enumerate(rows, first) if raw.startswith(_MARKS)]
        else:
            found = [1] if first == 1 and rows else []
        for index in found:
            self._note_header(index, rows[index - first])

    def _note_header(self, index: int, raw: bytes) -> None:
        if is_header(self._format, index, raw):
            self.header_count += 1
            if len(self.headers) < HEADERS_LIMIT:
                self.headers.append(index)

    def _read_fields(self, rows: list[bytes], first: int) -> None:
        for index, raw in enumerate(rows, first):
            if is_header(self._format, index, raw):
                self._context = raw
            elif isinstance(fields_of(self._format, raw, self._context), Unparsed):
                self.unparsed += 1
