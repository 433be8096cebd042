"""Windows event logs as JSON lines: how a parsed record becomes a row (``evtx-jsonl/1``).

An event log is sealed whole as ``opaque/1``. Its rows are a *derivation*: a pinned parser turns each
record into one line, in file order, and those lines are sealed as an item of their own. Parsers
disagree (one version against another changed half the records of a public collection), so the
version is part of the derivation and findings run on the derived rows only.

A line is ``{"record":R,"written":"T",`` followed by the parser's own text of the record without its
opening brace: R is the record number in the record's header (which need not be ``EventRecordID``), T
the header's time. What the parser could not read is a line too, ``{"broken":"why"}``, where it stood;
losses that the parser does not report (a cut file, a damaged chunk) are found by :func:`survey_log`
and stand at the end.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from struct import unpack_from
from typing import BinaryIO, Final

from comity.errors import Malformed

PARSER: Final = "evtx"
PARSER_VERSION: Final = "0.14.0"

HEADER_BYTES: Final = 4096
CHUNK_BYTES: Final = 65536
_RECORDS_IN_CHUNK: Final = CHUNK_BYTES // 24
_NAMED: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """What a derivation gave: the parser with its version, how many records became lines, how many
    lines say ``broken``, and the first hundred of those reasons."""

    parser: str
    records: int
    broken: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What the chunk headers announce: how many ``chunks`` and records, and what is damaged or cut. An
    ``even`` log has chunks and nothing else between its header and its end, or the empty space that was kept
    for more."""

    chunks: int
    announced: int
    problems: tuple[str, ...]
    even: bool


def render_record(record: int, written: str, data: str) -> bytes:
    """The line, without a line break, of one record as the pinned parser gives it."""
    if not data.startswith('{"Event":') or "\n" in data:
        raise Malformed("evtx.record", f"record {record}", "the parser gave an unexpected text")
    time = encode_basestring_ascii(written.removesuffix(" UTC"))
    # Lone surrogates cannot come from the parser; were one to, it is named instead of lost.
    try:
        return f'{{"record":{record},"written":{time},{data[1:]}'.encode()
    except UnicodeEncodeError:
        raise Malformed("evtx.record", f"record {record}", "its text is not Unicode") from None


def render_broken(why: str) -> bytes:
    """The line that stands for something the parser could not read."""
    return json.dumps({"broken": why[:500]}).encode()


def summarise(records: int, problems: list[str]) -> Derivation:
    """The summary of a derivation by the pinned parser."""
    return Derivation(
        parser=f"{PARSER} {PARSER_VERSION}",
        records=records,
        broken=len(problems),
        problems=tuple(problem[:500] for problem in problems[:_NAMED]),
    )


def survey_log(file: BinaryIO, *, part: bool = False) -> Survey:
    """Count the records that the chunk headers announce, and name what is damaged. Of a ``part``, a header
    with some of the chunks that it counts, how many they are is not asked.

    Reads 128 bytes of each 64 KiB chunk. Raises ``Malformed`` (``evtx.header``) where ``file`` does not
    begin like an event log.
    """
    file.seek(0, 2)
    length = file.tell()
    file.seek(0)
    header = file.read(128)
    if len(header) < 128 or not header.startswith(b"ElfFile\0") or length < HEADER_BYTES:
        raise Malformed("evtx.header", "byte 0", "this is not a whole Windows event log header")
    (said,) = unpack_from("<H", header, 42)
    announced, chunks, last_chunk = 0, 0, -1
    problems: list[str] = []
    for n, at in enumerate(range(HEADER_BYTES, length, CHUNK_BYTES)):
        file.seek(at)
        chunk = file.read(128)
        if length - at < CHUNK_BYTES:
            problems.append(f"the file is cut short: {length - at} bytes of chunk {n} at byte {at}")
        elif chunk.startswith(b"ElfChnk\0"):
            first, last = unpack_from("<2Q", chunk, 8)
            chunks += 1
            last_chunk = n
            if first <= last < first + _RECORDS_IN_CHUNK:
                announced += last - first + 1
            elif (first, last) != (1, 0) and last != 2**64 - 1:
                problems.append(f"chunk {n} at byte {at} announces records {first} to {last}")
        elif any(chunk):
            problems.append(f"chunk {n} at byte {at} is damaged: it has no chunk header")
    if chunks < said and not part:
        problems.append(f"the header announces {said} chunks, and {chunks} are whole")
    even = not problems and said == chunks == last_chunk + 1
    return Survey(chunks=chunks, announced=announced, problems=tuple(problems), even=even)
