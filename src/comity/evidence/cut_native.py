"""Where rows end in a block of bytes, found by a compiled loop (extra ``fast``).

Sixty-four bytes are compared at once; only line breaks, and quotes in delimited text, are looked at singly.
What is found is what :mod:`comity.evidence.rows` cuts.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from comity.native.code import compile_functions

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Places: TypeAlias = "npt.NDArray[np.int64]"
"""Where rows start or end in a block of bytes."""

# %events has a bit for each byte of 64 that is a line break or, where %quote is one, a quote. A tail of fewer
# than 64 bytes is copied behind zeros first, so nothing outside the data is read.
_TEXT: Final = """
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare i64 @llvm.cttz.i64(i64, i1)
declare i64 @llvm.umin.i64(i64, i64)

define internal <64 x i1> @equal(<64 x i8> %bytes, i8 %wanted) {
  %one = insertelement <64 x i8> poison, i8 %wanted, i32 0
  %all = shufflevector <64 x i8> %one, <64 x i8> poison, <64 x i32> zeroinitializer
  %same = icmp eq <64 x i8> %bytes, %all
  ret <64 x i1> %same
}

; Writes the end of each row that ends in a line break to %ends, and gives their number. %quote is 10 where
; rows are lines, else the quote. The data begin with a row.
define i64 @cut(ptr %data, i64 %length, i8 %quote, i8 %delimiter, ptr %ends) {
entry:
  %tail = alloca [64 x i8], align 64
  br label %next_part
next_part:
  %base = phi i64 [ 0, %entry ], [ %base_after, %part_done ]
  %rows = phi i64 [ 0, %entry ], [ %rows_now, %part_done ]
  %inside = phi i1 [ false, %entry ], [ %inside_now, %part_done ]
  %skip = phi i64 [ -1, %entry ], [ %skip_now, %part_done ]
  %row_start = phi i64 [ 0, %entry ], [ %start_now, %part_done ]
  %done = icmp uge i64 %base, %length
  br i1 %done, label %end, label %part
part:
  %at = getelementptr i8, ptr %data, i64 %base
  %left = sub i64 %length, %base
  %whole = icmp uge i64 %left, 64
  br i1 %whole, label %look, label %short
short:
  store <64 x i8> zeroinitializer, ptr %tail, align 64
  call void @llvm.memcpy.p0.p0.i64(ptr %tail, ptr %at, i64 %left, i1 false)
  br label %look
look:
  %from = phi ptr [ %at, %part ], [ %tail, %short ]
  %bytes = load <64 x i8>, ptr %from, align 1
  %breaks = call <64 x i1> @equal(<64 x i8> %bytes, i8 10)
  %quotes = call <64 x i1> @equal(<64 x i8> %bytes, i8 %quote)
  %either = or <64 x i1> %breaks, %quotes
  %events = bitcast <64 x i1> %either to i64
  br label %next_event
next_event:
  %mask = phi i64 [ %events, %look ], [ %mask_after, %event_done ]
  %rows_now = phi i64 [ %rows, %look ], [ %rows_after, %event_done ]
  %inside_now = phi i1 [ %inside, %look ], [ %inside_after, %event_done ]
  %skip_now = phi i64 [ %skip, %look ], [ %skip_after, %event_done ]
  %start_now = phi i64 [ %row_start, %look ], [ %start_after, %event_done ]
  %none = icmp eq i64 %mask, 0
  br i1 %none, label %part_done, label %event
event:
  %bit = call i64 @llvm.cttz.i64(i64 %mask, i1 true)
  %less = sub i64 %mask, 1
  %mask_after = and i64 %mask, %less
  %place = add i64 %base, %bit
  %byte_at = getelementptr i8, ptr %data, i64 %place
  %byte = load i8, ptr %byte_at
  %is_break = icmp eq i8 %byte, 10
  br i1 %is_break, label %break, label %quote_met

break:
  br i1 %inside_now, label %event_done, label %row
row:
  %end_at = getelementptr i64, ptr %ends, i64 %rows_now
  store i64 %place, ptr %end_at, align 8
  %rows_more = add i64 %rows_now, 1
  %start_more = add i64 %place, 1
  br label %event_done

quote_met:
  br i1 %inside_now, label %closing, label %opening

; Inside: the second of two quotes is text; else this one closes the field.
closing:
  %skipped = icmp eq i64 %place, %skip_now
  br i1 %skipped, label %event_done, label %close_or_double
close_or_double:
  %behind = add i64 %place, 1
  %is_last = icmp uge i64 %behind, %length
  br i1 %is_last, label %event_done, label %peek
peek:
  %behind_at = getelementptr i8, ptr %data, i64 %behind
  %behind_byte = load i8, ptr %behind_at
  %doubled = icmp eq i8 %behind_byte, %quote
  %skip_next = select i1 %doubled, i64 %behind, i64 %skip_now
  br label %event_done

; Outside: a quote opens a field as its first byte only; a row may begin with a byte order mark.
opening:
  %is_start = icmp eq i64 %place, %start_now
  br i1 %is_start, label %event_done, label %not_start
not_start:
  %before = getelementptr i8, ptr %byte_at, i64 -1
  %before_byte = load i8, ptr %before
  %delimited = icmp eq i8 %before_byte, %delimiter
  br i1 %delimited, label %event_done, label %maybe_mark
maybe_mark:
  %third = add i64 %start_now, 3
  %is_third = icmp eq i64 %place, %third
  br i1 %is_third, label %mark, label %event_done
mark:
  %row_at = getelementptr i8, ptr %data, i64 %start_now
  %three = load i24, ptr %row_at, align 1
  ; EF BB BF, lowest byte first
  %marked = icmp eq i24 %three, -4211729
  br label %event_done

event_done:
  %rows_after = phi i64 [ %rows_now, %break ], [ %rows_more, %row ], [ %rows_now, %closing ],
    [ %rows_now, %close_or_double ], [ %rows_now, %peek ], [ %rows_now, %opening ],
    [ %rows_now, %not_start ], [ %rows_now, %maybe_mark ], [ %rows_now, %mark ]
  %inside_after = phi i1 [ true, %break ], [ false, %row ], [ true, %closing ],
    [ false, %close_or_double ], [ %doubled, %peek ], [ true, %opening ],
    [ true, %not_start ], [ false, %maybe_mark ], [ %marked, %mark ]
  %skip_after = phi i64 [ %skip_now, %break ], [ %skip_now, %row ], [ %skip_now, %closing ],
    [ %skip_now, %close_or_double ], [ %skip_next, %peek ], [ %skip_now, %opening ],
    [ %skip_now, %not_start ], [ %skip_now, %maybe_mark ], [ %skip_now, %mark ]
  %start_after = phi i64 [ %start_now, %break ], [ %start_more, %row ], [ %start_now, %closing ],
    [ %start_now, %close_or_double ], [ %start_now, %peek ], [ %start_now, %opening ],
    [ %start_now, %not_start ], [ %start_now, %maybe_mark ], [ %start_now, %mark ]
  br label %next_event
part_done:
  %base_after = add i64 %base, 64
  br label %next_part
end:
  ret i64 %rows
}
"""

_LINE_FEED: Final = 10
_QUOTE: Final = 34


@dataclass(frozen=True, slots=True)
class RowFinder:
    """Finds the line breaks that end rows. ``delimiter`` as :func:`~comity.evidence.formats.choose_delimiter`
    gives it where rows are records, b"" where they are lines."""

    _cut: Any

    def find(self, data: bytes, delimiter: bytes = b"") -> Places:
        """The places of those breaks in ``data``, which begins with a row."""
        import numpy as np

        ends = np.empty(len(data), np.int64)
        quote = _QUOTE if delimiter else _LINE_FEED
        found = self._cut(data, len(data), quote, delimiter[0] if delimiter else 0, ends.ctypes.data)
        # A copy, so that the room for a row at every byte is let go.
        return ends[:found].copy()


@cache
def load_finder() -> RowFinder | None:
    """The compiled loop, or None where it cannot be had or does not give what it must."""
    takes = (ctypes.c_void_p, ctypes.c_int64, ctypes.c_uint8, ctypes.c_uint8, ctypes.c_void_p)
    try:
        finder = RowFinder(compile_functions(_TEXT, {"cut": (ctypes.c_int64, takes)})["cut"])
    except (ImportError, OSError, RuntimeError):
        return None
    told = b'a,"b\nc"\n"d""\n",e\nf"\n' * 9
    lines = [n for n, byte in enumerate(told) if byte == _LINE_FEED]
    rows = [n for n in lines if n % 20 not in (4, 12)]
    good = finder.find(told).tolist() == lines and finder.find(told, b",").tolist() == rows
    return finder if good else None
