"""What a file is, by its first bytes (``spec/10-evidence.md``, 12).

The first line decides, as long as the lines after it agree; where they do not, the many decide. So neither a
line in front (a torn one of a rotated log, a comment, a greeting) nor one that somebody smuggled in changes
what a log of thousands of rows is read as. A line that does not fit what was decided stays a row, and whoever
reads fields counts and names it. Where nothing is decided, ``doubt`` says what it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from comity.evidence import event_text, object_xml
from comity.evidence.detected import UTF8_BOM, are_many, nearly_all
from comity.evidence.detected import Detected as Detected
from comity.evidence.detecting_json import (
    Objects,
    count_objects,
    is_document,
    is_torn,
    leaves_document,
    read_batches,
    read_behind_others,
    read_object,
)
from comity.evidence.detecting_tables import read_behind, read_delimited, read_marked, read_opened
from comity.evidence.formats import HEAD_BYTES, Container, FormatName
from comity.evidence.line_ends import MARKS, ends_in_returns, is_binary, is_text, order_of
from comity.evidence.parse import text_of
from comity.evidence.tables import are_headings, cells_of
from comity.line_heads import HEAD, OPENING, SYSLOG, stands_behind_head


def detect(name: str, head: bytes) -> FormatName:
    """The format of a file from its first ``HEAD_BYTES`` bytes and its name."""
    return explain_format(name, head).format


def explain_format(name: str, head: bytes) -> Detected:
    """Like :func:`detect`, with the reason. What is not plainly one of the formats is opaque."""
    if not head:
        return Detected(format="opaque/1", why="the file is empty")
    if head.startswith(b"ElfFile\0") and (head.startswith(b"ElfChnk\0", 4096) or _many_lines(head) is None):
        return Detected(
            format="opaque/1",
            why="a Windows event log: sealed whole, and derived to JSON lines by a pinned parser",
            derive="evtx-jsonl/1",
        )
    wide = head[:2] in MARKS
    characters = head.decode("utf-16", "replace") if wide else head.decode("latin-1")
    if _EVENT_XML.match(characters) and not _leaves_events(characters):
        if not wide and (found := _many_lines(head)) is not None:
            return found
        return Detected(
            format="opaque/1",
            why="Windows events as XML: sealed whole, and derived to JSON lines",
            unpack="event-xml",
        )
    for magic, at, kind in _CONTAINERS:
        if head.startswith(magic, at) and _TOLD.get(kind, bool)(head):
            why = f"a container ({kind}): sealed whole, and its members as items derived from it"
            return Detected(format="opaque/1", why=why, unpack=kind)
    if b"\0" in head and order_of(head[:HEAD_BYTES]) is not None:
        why = "text in UTF-16 without a mark: sealed whole, and its text in UTF-8 as an item derived from it"
        return Detected(format="opaque/1", why=why, unpack="utf-16")
    for magic, what in _MAGICS:
        if head.startswith(magic):
            return Detected(format="opaque/1", why=f"{what}: sealed whole, its rows are not seen")
    return _explain_text(name.lower().rpartition(".")[2], head)


# Text


def _explain_text(suffix: str, head: bytes) -> Detected:
    text = head.removeprefix(UTF8_BOM)
    lines = text.split(b"\n")
    cut = len(head) >= HEAD_BYTES
    full = [line.rstrip(b"\r") for line in (lines[:-1] if cut and len(lines) > 1 else lines) if line.strip()]
    marks = text.startswith(b"#") or b"\n#" in text
    if b"\0" in head and (why := _refuse_nuls(full)):
        objects = count_objects(full, b"")
        found = objects.decide("") if objects.are_nearly_all else read_marked(full) if marks else None
        return found or read_delimited("", full, head) or Detected(format="opaque/1", why=why)
    if object_xml.BEGINS.match(text) and not _leaves_objects(full):
        if (found := _many_lines(head)) is not None:
            return found
        return Detected(
            format="opaque/1",
            why="objects that PowerShell kept as XML: sealed whole, and derived to JSON lines",
            unpack="object-xml",
        )
    if event_text.begins_in(text) >= 0 and not _leaves_event_text(full):
        if (found := _many_lines(head)) is not None:
            return found
        return Detected(
            format="opaque/1",
            why="Windows events as text of several lines: sealed whole, and derived to JSON lines",
            unpack="event-text",
        )
    if not full:
        return Detected(format="lines/1", why="text of blank lines")
    if is_binary(full):
        return Detected(
            format="opaque/1", why="nearly all of it is bytes of no text (--format reads it all the same)"
        )
    objects = count_objects(full, lines[-1] if cut else b"")
    if ends_in_returns(text) and not (objects.first or is_document(full, text)):
        return Detected(
            format="opaque/1",
            why="text whose lines end in a carriage return: sealed whole, and derived with line feeds",
            unpack="returns",
        )
    opened, agreed = read_opened(full) if marks else (None, False)
    if opened and agreed:
        return opened
    if (found := read_batches(text, full, objects)) is not None:
        return found
    if objects.are_lines and (found := objects.decide(suffix)):
        return found
    if is_document(full, text) and not leaves_document(full):
        if is_torn(full[0]) and (found := _other_than_document(suffix, head, full, objects)):
            return found
        return Detected(
            format="opaque/1",
            why="a JSON document: sealed whole, and derived to a line for each object in it",
            unpack="json",
        )
    first = not objects.first and read_object(full[0]) is None
    found = (
        (read_behind_others(suffix, text, full) if first and not objects.are_nearly_all else None)
        or objects.decide(suffix)
        or (read_marked(full) if marks else None)
        or read_delimited(suffix, full, head)
        or opened
    )
    if found:
        return found
    doubt = objects.doubt() or _doubt_lines(suffix, full)
    for shape, what in ((_WEB_LINE, "a web server's log (common or combined)"), (_SYSLOG_LINE, "syslog")):
        if nearly_all(sum(map(bool, map(shape.match, full[:20]))), len(full[:20])):
            return Detected(format="lines/1", why=f"{what}: a row is a line", doubt=doubt)
    return Detected(format="lines/1", why="text of no other known shape: a row is a line", doubt=doubt)


def _refuse_nuls(lines: Sequence[bytes]) -> str:
    """Why a file with NUL bytes is no text. One with a few gaps (blocks of a disk that were never written)
    is: these stand in rows that are counted as not read."""
    clean = sum(b"\0" not in line for line in lines)
    gaps = all(b"\0" not in line or not _CONTROL.search(line.replace(b"\0", b"")) for line in lines)
    if gaps and clean >= 3 and nearly_all(clean, len(lines)):
        return ""
    return "it has NUL bytes, so it is not text (--format reads it all the same)"


_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


def _many_lines(head: bytes) -> Detected | None:
    """What nearly all lines of a file are, whatever stands in the first."""
    lines = head.removeprefix(UTF8_BOM).split(b"\n")
    full = [line.rstrip(b"\r") for line in lines[:-1] if line.strip()]
    objects = count_objects(full, b"")
    if objects.are_lines and objects.are_nearly_all:
        return objects.decide("")
    return read_marked(full) if b"\n#" in head else None


def _other_than_document(
    suffix: str, head: bytes, lines: Sequence[bytes], objects: Objects
) -> Detected | None:
    """What nearly all lines are, behind a first one in which a document would begin and not end."""
    if objects.are_nearly_all:
        return objects.decide(suffix)
    return read_marked(lines) or read_behind(suffix in ("csv", "tsv"), head)


def _doubt_lines(suffix: str, lines: Sequence[bytes]) -> str:
    """What lines look like that are none of the formats, where their fields are not read."""
    behind = sum(_ends_in_unread(line) for line in lines)
    if nearly_all(behind, len(lines)):
        return "its lines end in what looks like JSON objects behind a prefix, whose fields are not read"
    if any(map(_RULED.fullmatch, lines[:TABLE_LINES])):
        return (
            "it looks like what Format-Table shows, which cuts values off: its columns are not read"
            " (Format-List, Export-Csv and ConvertTo-Json keep values whole)"
        )
    if suffix in ("csv", "tsv"):
        if nearly_all(sum(len(cells_of(line)[0]) > 1 for line in lines), len(lines)):
            return f"its name ends in .{suffix}, but no line of its head names columns that the others have"
        if len(lines) > 1 and are_headings(cells_of(lines[0])[0]):
            return f"its name ends in .{suffix}, and its lines have one cell each (--format csv names it)"
    if any(line.startswith((b"#Fields:", b"#fields\t")) for line in lines):
        return "a line of its head names columns, but the rows after it do not have as many"
    return ""


TABLE_LINES: Final = 16
"""Within so many lines the rule below the headings of a table stands."""
_RULED = re.compile(rb" *+-{2,}+(?: ++-{2,}+){2,}+ *+")


def _ends_in_unread(line: bytes) -> bool:
    """Whether what looks like a JSON object stands at the end of a line, behind something else, and is not
    read there as it stands too far in, behind no head of a line, or is none."""
    text = text_of(line)
    if not text.rstrip().endswith("}"):
        return False
    found = OPENING.search(text, 0, HEAD)
    if found is None:
        return OPENING.search(text) is not None
    if not stands_behind_head(text, found.end(), SYSLOG.match(text)):
        return True
    return read_object(text[found.end() :].encode()) is None


def _is_wide_text(head: bytes) -> bool:
    """Whether UTF-16 with a byte order mark is what it says, and not some other binary."""
    return is_text(head[: len(head) & ~1].decode("utf-16", "replace"))


_PREFIX: Final = r"(?:[A-Za-z_][\w.-]{0,63}:)?"
_DECLARED: Final = r"xmlns(?::[\w.-]{1,64})?=.http://schemas\.microsoft\.com/win/2004/08/events/event"
_EVENT_XML = re.compile(
    r"\ufeff?(?:\xef\xbb\xbf)?\s*(?:Record [0-9]{1,20}\s{1,4})?"
    r"(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!--)[\s\S]){0,500}-->\s*)?"
    r"(?:<!DOCTYPE[^<]{0,200}[\s\S]{0,2000}?)?"
    rf"(?:(?:<{_PREFIX}Events[^<>]{{0,200}}>\s*)?<{_PREFIX}Event {_DECLARED}"
    rf"|<{_PREFIX}Events [^<>]{{0,200}}?{_DECLARED}[^<>]{{0,200}}>\s*<{_PREFIX}Event[ >])"
)


_EVENT = re.compile(rf"<{_PREFIX}Event[\s/>][\s\S]*?(?:</{_PREFIX}Event>|\Z)")
_SYSTEM = re.compile(rf"</{_PREFIX}System>")
_TAG = re.compile(r"<[^<>]*+>|^Record [0-9]{1,20}[ \t\r]*+$", re.MULTILINE)


def _leaves_events(text: str) -> bool:
    """Whether lines stand outside of the events that the text begins with, or in one that says nothing of the
    system that every event tells of."""
    outside = _EVENT.sub(lambda found: "" if _SYSTEM.search(found[0]) else found[0], text)
    others = [line for line in _TAG.sub("", outside).split("\n") if line.strip()]
    return are_many(others, text.split("\n"))


_OF_OBJECTS = re.compile(
    rb"\s*+(?:</?(?:Objs?|TN|TNRef|T|ToString|Props|MS|LST|IE|QUE|STK|DCT|En|S|SS|SBK|C|B|BA|By|SB|I16|U16|I32"
    rb"|U32|I64|U64|Sg|Db|D|DT|TS|G|URI|Version|XD|Nil|Ref|PR)[ />]|<\?xml|<!--)"
)


def _leaves_objects(lines: Sequence[bytes]) -> bool:
    """Whether lines behind the first are none of kept objects: in the values of these a line feed is written
    as ``_x000A_``, so every line of them begins with an element."""
    return are_many([line for line in lines[1:] if not _OF_OBJECTS.match(line)], lines)


def _leaves_event_text(lines: Sequence[bytes]) -> bool:
    """Whether nearly all lines are of another log, each with a time of its own: a message goes on over any
    lines, and would take all of them in."""
    others = [
        line for line in lines if _WEB_LINE.match(line) or _SYSLOG_LINE.match(line) or _DATED.match(line)
    ]
    return nearly_all(len(others), len(lines)) and are_many(others, lines)


def _is_tar(head: bytes) -> bool:
    """Whether the first header's sum is right (POSIX ustar: its own eight bytes count as spaces); or, of a
    damaged one, at least that this is no log of which one line was made to look so."""
    try:
        told = int(head[148:156].strip(b" \0"), 8)
    except ValueError:
        told = -1
    right = told == sum(head[:148]) + 8 * 32 + sum(head[156:512])
    return right or (b"\0" in head[:257] and _many_lines(head) is None)


_TOLD: Final[Mapping[str, Callable[[bytes], bool]]] = {
    "utf-16": _is_wide_text,
    "tar": _is_tar,
    "typed-csv": lambda head: _many_lines(head) is None,
}
"""What more than its first bytes tells a container from a text."""
# Of a block, and of the end of a file without any.
_BZIP2: Final = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")
_CONTAINERS: Final[tuple[tuple[bytes, int, Container], ...]] = (
    (b"\x1f\x8b", 0, "gzip"),
    *((b"BZh%d%s" % (level, block), 0, "bzip2") for level in range(1, 10) for block in _BZIP2),
    (b"\xfd7zXZ\0", 0, "xz"),
    (b"PK\x03\x04", 0, "zip"),
    (b"\x28\xb5\x2f\xfd", 0, "zstd"),
    (b"ustar", 257, "tar"),
    (b"\xff\xfe", 0, "utf-16"),
    (b"\xfe\xff", 0, "utf-16"),
    (b"#TYPE ", 0, "typed-csv"),
    (b"\xef\xbb\xbf#TYPE ", 0, "typed-csv"),
)
_DATED = re.compile(rb"\[?[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}")
_WEB_LINE = re.compile(
    rb'[^ ]{1,255} [^ ]{1,255} [^ ]{1,255} \[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[^\]]{1,40}\] "'
)
_SYSLOG_LINE = re.compile(
    rb"(?:<[0-9]{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}"
    rb"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(?:Z|[+-][0-9:]{5})) [^ ]{1,255} [^ ]{1,255}"
)
_MAGICS: Final = (
    (b"\xff\xfe", "no text, though it begins as UTF-16 does"),
    (b"\xfe\xff", "no text, though it begins as UTF-16 does"),
    (b"\xd4\xc3\xb2\xa1", "a packet capture"),
    (b"\xa1\xb2\xc3\xd4", "a packet capture"),
    (b"\x0a\x0d\x0d\x0a", "a packet capture"),
)
