"""The lines of ``evtx-jsonl/1`` (:mod:`comity.evidence.evtx`), made of what the pinned parser gives.

This is what a process that parses one log needs, and hardly anything is imported for it: such a process lives
for a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring_ascii
from typing import Any, Final

from comity.errors import Malformed

HEADER_BYTES: Final = 4096
CHUNK_BYTES: Final = 65536
NAMED: Final = 100
"""So many problems of a log are named."""

_BEGIN: Final = '{"Event":'


def render_record(record: int, written: str, data: str) -> bytes:
    """The line, without a line break, of one record as the pinned parser gives it."""
    if not data.startswith(_BEGIN) or "\n" in data:
        raise Malformed("evtx.record", f"record {record}", "the parser gave an unexpected text")
    # Lone surrogates cannot come from the parser; were one to, it is named instead of lost.
    try:
        return _line_of(record, written, data).encode()
    except UnicodeEncodeError:
        raise Malformed("evtx.record", f"record {record}", "its text is not Unicode") from None


def _line_of(record: int, written: str, data: str) -> str:
    return f'{{"record":{record},"written":{encode_basestring_ascii(written.removesuffix(" UTC"))},{data[1:]}'


def render_records(found: Sequence[Mapping[str, Any]]) -> bytes | None:
    """The lines of several records, each with its line break; None where one of them is not as expected, and
    :func:`render_record` tells which."""
    lines = []
    try:
        for each in found:
            data = each["data"]
            if not data.startswith(_BEGIN):
                return None
            lines.append(_line_of(each["event_record_id"], each["timestamp"], data).encode())
    except UnicodeEncodeError:
        return None
    lines.append(b"")
    together = b"\n".join(lines)
    return together if together.count(b"\n") == len(found) else None


def render_broken(why: str) -> bytes:
    """The line that stands for something the parser could not read."""
    return b'{"broken": %b}' % encode_basestring_ascii(why[:500]).encode()
