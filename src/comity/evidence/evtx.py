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

from collections.abc import Sequence
from dataclasses import dataclass
from struct import unpack_from
from typing import BinaryIO, Final

from comity.errors import Malformed
from comity.evidence.evtx_lines import CHUNK_BYTES as CHUNK_BYTES
from comity.evidence.evtx_lines import HEADER_BYTES as HEADER_BYTES
from comity.evidence.evtx_lines import NAMED, render_broken

PARSER: Final = "evtx"
PARSER_VERSION: Final = "0.14.0"

_RECORDS_IN_CHUNK: Final = CHUNK_BYTES // 24


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


def conclude(survey: Survey, records: int, broken: int, problems: Sequence[str]) -> tuple[bytes, Derivation]:
    """The lines that stand at the end, and the summary: ``records`` became lines, ``broken`` lines say what
    the parser could not read, the first of them for these ``problems``; what it said nothing of, the
    ``survey`` tells."""
    late = list(survey.problems)
    if records < survey.announced:
        late.append(f"the chunks announce {survey.announced} records, and {records} were read")
    told = Derivation(
        parser=f"{PARSER} {PARSER_VERSION}",
        records=records,
        broken=broken + len(late),
        problems=tuple(problem[:500] for problem in [*problems, *late][:NAMED]),
    )
    return b"".join(render_broken(why) + b"\n" for why in late), told


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
