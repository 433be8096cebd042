"""What a file is, by its first bytes (``spec/10-evidence.md``, 12).

The first line decides, as long as the lines after it agree; where they do not, the many decide. So neither a
line in front (a torn one of a rotated log, a comment, a greeting) nor one that somebody smuggled in changes
what a log of thousands of rows is read as. A line that does not fit what was decided stays a row, and whoever
reads fields counts and names it. Where nothing is decided, ``doubt`` says what it looks like.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from comity.errors import Malformed
from comity.evidence import event_text, object_xml
from comity.evidence.formats import HEAD_BYTES, Container, FormatName
from comity.evidence.json_values import (
    ABOUT_A_LIST,
    ABOUT_A_MESSAGE,
    ENVELOPES,
    LISTS,
    WRAPPERS,
    is_more_than_lines,
    read_objects,
)
from comity.evidence.tables import are_headings, cells_of, count_fitting, find_headings, is_about

_UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """A guess of a format. ``why`` is a sentence for people; ``derive`` names the derivation that
    would turn the opaque file into rows, where there is one; ``unpack`` the kind of container. ``doubt`` says
    what else it looks like, where rules by field may be missing their fields; ``before`` counts the lines
    that stand before a table and are no rows of it."""

    format: FormatName
    why: str
    derive: FormatName | None = None
    unpack: Container | None = None
    doubt: str = ""
    before: int = 0


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
    wide = head[:2] in _UTF16
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
    for magic, what in _MAGICS:
        if head.startswith(magic):
            return Detected(format="opaque/1", why=f"{what}: sealed whole, its rows are not seen")
    return _explain_text(name.lower().rpartition(".")[2], head)


# Text


def _nearly_all(some: int, total: int) -> bool:
    return total > 0 and 4 * some >= 3 * total


def _too_few(some: int, total: int) -> bool:
    """Whether so few lines agree that the first one decides nothing."""
    return total >= 4 and 4 * some < total


def _explain_text(suffix: str, head: bytes) -> Detected:
    text = head.removeprefix(_UTF8_BOM)
    lines = text.split(b"\n")
    cut = len(head) >= HEAD_BYTES
    full = [line.rstrip(b"\r") for line in (lines[:-1] if cut and len(lines) > 1 else lines) if line.strip()]
    marks = text.startswith(b"#") or b"\n#" in text
    if b"\0" in head and (why := _refuse_nuls(full)):
        objects = _count_objects(full, b"")
        found = objects.decide("") if objects.are_nearly_all else _marked(full) if marks else None
        return found or _delimited("", full, head) or Detected(format="opaque/1", why=why)
    if object_xml.BEGINS.match(text):
        if (found := _many_lines(head)) is not None:
            return found
        return Detected(
            format="opaque/1",
            why="objects that PowerShell kept as XML: sealed whole, and derived to JSON lines",
            unpack="object-xml",
        )
    if event_text.BEGINS.match(text.lstrip(b"\r\n")):
        return Detected(
            format="opaque/1",
            why="Windows events as text of several lines: sealed whole, and derived to JSON lines",
            unpack="event-text",
        )
    if not full:
        return Detected(format="lines/1", why="text of blank lines")
    objects = _count_objects(full, lines[-1] if cut else b"")
    opened, agreed = _opened(full) if marks else (None, False)
    if opened and agreed:
        return opened
    if objects.are_lines and (found := objects.decide(suffix)):
        return found
    if _is_document(full, text) and not _leaves_document(full):
        if _is_torn(full[0]) and (found := _other_than_document(suffix, head, full, objects)):
            return found
        return Detected(
            format="opaque/1",
            why="a JSON document: sealed whole, and derived to a line for each object in it",
            unpack="json",
        )
    found = (
        objects.decide(suffix)
        or (_marked(full) if marks else None)
        or _delimited(suffix, full, head)
        or opened
    )
    if found:
        return found
    doubt = objects.doubt() or _doubt_lines(suffix, full)
    for shape, what in ((_WEB_LINE, "a web server's log (common or combined)"), (_SYSLOG_LINE, "syslog")):
        if _nearly_all(sum(map(bool, map(shape.match, full[:20]))), len(full[:20])):
            return Detected(format="lines/1", why=f"{what}: a row is a line", doubt=doubt)
    return Detected(format="lines/1", why="text of no other known shape: a row is a line", doubt=doubt)


def _refuse_nuls(lines: Sequence[bytes]) -> str:
    """Why a file with NUL bytes is no text. One with a few gaps (blocks of a disk that were never written)
    is: these stand in rows that are counted as not read."""
    clean = sum(b"\0" not in line for line in lines)
    gaps = all(b"\0" not in line or not _CONTROL.search(line.replace(b"\0", b"")) for line in lines)
    if gaps and clean >= 3 and _nearly_all(clean, len(lines)):
        return ""
    return "it has NUL bytes, so it is not text (--format reads it all the same)"


_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


def _many_lines(head: bytes) -> Detected | None:
    """What nearly all lines of a file are, whatever stands in the first."""
    lines = head.removeprefix(_UTF8_BOM).split(b"\n")
    full = [line.rstrip(b"\r") for line in lines[:-1] if line.strip()]
    objects = _count_objects(full, b"")
    if objects.are_lines and objects.are_nearly_all:
        return objects.decide("")
    return _marked(full) if b"\n#" in head else None


# JSON lines


@dataclass(frozen=True, slots=True, kw_only=True)
class _Objects:
    """How many lines there are, begin as JSON objects do, and are ones; and of these, are events of Windows,
    and are nothing but the envelope of a list. ``first`` if the first line is one; ``long`` if it is so long
    that only its beginning is seen."""

    lines: int
    begun: int
    whole: int
    events: int
    envelopes: int
    first: bool
    long: bool

    @property
    def are_nearly_all(self) -> bool:
        return self.whole >= 3 and _nearly_all(self.begun, self.lines)

    @property
    def are_lines(self) -> bool:
        """Whether the lines are objects, several and each by itself, and no envelopes of others."""
        return self.whole >= 2 and _nearly_all(self.whole, self.lines) and 2 * self.envelopes < self.whole

    def decide(self, suffix: str) -> Detected | None:
        """JSON lines, if these are."""
        if self.long:
            return Detected(format="jsonl/1", why="it opens with one long line of a JSON object")
        if self.first and not _too_few(self.begun, self.lines):
            why = "its first line is one JSON object"
        elif self.are_nearly_all or (suffix in _JSON_NAMES and self.whole and 2 * self.begun >= self.lines):
            why = f"{self.whole} of the {self.lines} lines of its head are JSON objects"
        else:
            return None
        if 2 * self.events >= max(self.whole, 1):
            return Detected(format="evtx-jsonl/1", why="JSON lines derived from an event log")
        return Detected(format="jsonl/1", why=why)

    def doubt(self) -> str:
        """What to say of a text in which these stand."""
        if not self.whole or 20 * self.begun < self.lines:
            return ""
        return (
            f"{self.begun} of the {self.lines} lines of its head look like JSON objects, too few to be"
            " read as JSON lines (--format jsonl does)"
        )


_JSON_NAMES: Final = ("jsonl", "ndjson", "json", "jsonlines")
_OBJECT = re.compile(rb'\s*\{\s*"')


def _count_objects(lines: Sequence[bytes], rest: bytes) -> _Objects:
    """Look at every line; ``rest`` is the beginning of the one that the head ends in."""
    begun = whole = events = envelopes = 0
    first = False
    for at, line in enumerate(lines):
        found = _read_object(line)
        begun += found is not None or _OBJECT.match(line) is not None
        if found is not None:
            whole += 1
            listed = _holds_list(found)
            only = listed and _BESIDE.issuperset(found)
            envelopes += only or (listed and "logEvents" in found)
            events += list(found)[:1] in (["record"], ["broken"]) and not {"Event", "broken"}.isdisjoint(
                found
            )
            first = first or at == 0
    long = len(lines) == 1 and len(lines[0]) >= HEAD_BYTES - len(_UTF8_BOM)
    tail = int(not long and _OBJECT.match(rest) is not None)
    return _Objects(
        lines=len(lines) + tail,
        begun=begun + tail,
        # The beginning of a long line must do, as for a first line that is longer than the head.
        whole=whole + (len(rest) >= HEAD_BYTES // 2 and tail),
        events=events,
        envelopes=envelopes,
        first=first,
        long=long and not first and re.match(rb'\{\s*"', lines[0]) is not None,
    )


_LISTED: Final = frozenset((*ENVELOPES, *LISTS))
_BESIDE: Final = _LISTED | ABOUT_A_LIST | ABOUT_A_MESSAGE | {*WRAPPERS, "fields", "schema", "highlighted"}


def _holds_list(found: dict[str, object]) -> bool:
    """Whether an object has a list of objects under an envelope's key."""
    for key in _LISTED.intersection(found):
        held = found.get(key)
        if key == "hits" and isinstance(held, dict):
            held = held.get("hits")
        if _is_list(held):
            return True
    wrapped = (found.get(key) for key in WRAPPERS if key in found)
    return any(
        _is_list(held.get(key)) for held in wrapped if isinstance(held, dict) for key in _LISTED & held.keys()
    )


def _is_list(held: object) -> bool:
    return isinstance(held, list) and bool(held) and isinstance(held[0], dict)


def _read_object(line: bytes) -> dict[str, object] | None:
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        found = _loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _loads(line: bytes) -> object:
    from comity.evidence.bulk import fast_loads

    loads = fast_loads()
    if loads is not None:
        with suppress(ValueError):  # which it says of some that are read all the same
            return loads(line)
    return json.loads(line)


# JSON documents

_DOCUMENT = re.compile(
    rb'(?:Record [0-9]{1,20}\s)?\s*(?:(?:\[\s*){1,4}\{|\{\s*(?:"(?:[^"\\]|\\.){0,1000}"\s*:|\}))'
)


def _is_document(lines: Sequence[bytes], text: bytes) -> bool:
    """Whether a text is JSON that is not one object a line."""
    if not _DOCUMENT.match(text):
        return False
    if lines[0].lstrip().startswith((b"[", b"Record ")) or is_more_than_lines(text):
        return True
    # A value that goes on on the next line breaks off between tokens; a torn line of JSON lines does not, and
    # the line after it is an object.
    if len(lines) < 2 or not lines[0].rstrip().endswith((b"{", b"[", b",", b":")):
        return False
    try:
        return not isinstance(json.loads(lines[1]), dict)
    except (ValueError, RecursionError):
        return True


_IN_DOCUMENT = re.compile(
    rb"\s*+(?:[,\]}\x1e]|\{\s*(?:\Z|[\"{}])|\[\s*(?:\Z|[\"{}\[\]]|[-+.eE0-9]++\s*(?:,|\]|\Z))"
    rb'|"(?:[^"\\]|\\.)*+(?:"\s*+(?::|,?[\s\]}]*+,?\s*+\Z)|\Z)'
    rb"|(?:[-+.eE0-9]++|true|false|null)\s*(?:[,\]}]|\Z)|Record [0-9]{1,20}\Z)"
)


def _leaves_document(lines: Sequence[bytes]) -> bool:
    """Whether nearly all behind the first line can neither be inside of a JSON value nor begin one, and is
    not merely a little text behind a long line."""
    others = [line for line in lines[1:] if not _IN_DOCUMENT.match(line)]
    return _nearly_all(len(others), len(lines) - 1) and _are_many(others, sum(map(len, lines)))


def _are_many(others: Sequence[bytes] | Sequence[str], total: int) -> bool:
    """Whether what stands outside of the values or elements is more than a little of a head."""
    return len(others) >= 3 and 4 * sum(map(len, others)) >= total


def _other_than_document(
    suffix: str, head: bytes, lines: Sequence[bytes], objects: _Objects
) -> Detected | None:
    """What nearly all lines are, behind a first one in which a document would begin and not end."""
    if objects.are_nearly_all:
        return objects.decide(suffix)
    return _marked(lines) or _behind(suffix in ("csv", "tsv"), head)


def _is_torn(line: bytes) -> bool:
    """Whether a first line breaks off inside of an object: as a document all behind it would be lost."""
    try:
        return any(_read_object(each) is None for each in read_objects([line]))
    except Malformed:
        return True


# Logs whose columns a line with a mark names


_MARKS: Final[tuple[tuple[bytes, FormatName, bytes, str], ...]] = (
    (b"#Fields:", "w3c/1", b"#", "it opens with # lines and names its #Fields"),
    (b"#fields\t", "zeek/1", b"#separator \\x09", "a Zeek log: # lines, one of which names its #fields"),
)


def _opened(lines: Sequence[bytes]) -> tuple[Detected | None, bool]:
    """A W3C or Zeek log, if it opens as one; and whether rows agree."""
    for mark, form, opening, why in _MARKS:
        at = _find_mark(lines, mark)
        if at is not None and lines[0].startswith(opening):
            fit, _, _ = _count_marked(lines[at:], mark)
            rows = sum(not line.startswith(b"#") for line in lines)
            commas = form == "w3c/1" and _COMMAS.fullmatch(lines[at]) is not None
            doubt = "its #Fields are parted by commas, so that each row is one field" if commas else ""
            return Detected(format=form, why=why, doubt=doubt), not _too_few(fit, rows)
    return None, False


def _marked(lines: Sequence[bytes]) -> Detected | None:
    """The same by a later line, if nearly all rows after it agree."""
    for mark, form, _, _ in _MARKS:
        at = _find_mark(lines, mark)
        if at is None:
            continue
        fit, total, columns = _count_marked(lines[at:], mark)
        if _nearly_all(fit, total) and (columns >= 3 or fit >= 3):
            why = f"line {at + 1} names columns, and {fit} of the {total} rows after it have as many"
            return Detected(format=form, why=why)
    return None


_COMMAS: Final = re.compile(rb"#Fields:[ \t]*[^ \t,]+,[^ \t]+[ \t]*")


def _find_mark(lines: Sequence[bytes], mark: bytes) -> int | None:
    return next((at for at, line in enumerate(lines) if line.startswith(mark)), None)


def _count_marked(lines: Sequence[bytes], mark: bytes) -> tuple[int, int, int]:
    """How many of the rows behind a line that names columns have as many values, of how many; and how many
    columns the first of these lines names."""
    fit = total = columns = named = 0
    tabs = True
    for line in lines:
        if line.startswith(mark):
            names = line.removeprefix(mark).strip(b" \t" if mark == b"#Fields:" else b"")
            tabs = b"\t" in names or mark != b"#Fields:"
            columns = len(names.split(b"\t" if tabs else None))
            named = named or columns
        elif not line.startswith(b"#"):
            values = line.count(b"\t") + 1 if tabs else len(line.split())
            total += 1
            fit += values == columns or (not tabs and values > columns > 0 and b'"' in line)
    return fit, total, named


# Tables


def _delimited(suffix: str, lines: Sequence[bytes], head: bytes) -> Detected | None:
    cells, delimiter = cells_of(lines[0])
    named = suffix in ("csv", "tsv")
    by_name = Detected(format="csv/1", why=f"its name ends in .{suffix}, and its first line agrees")
    rows = lines[1:]
    fit = count_fitting(rows, delimiter, len(cells))
    # The first row names the columns, so it must not be blank, nor say how the table is written.
    blank = not head.removeprefix(_UTF8_BOM).partition(b"\n")[0].strip()
    first = not is_about(lines[0]) and not blank
    if first and named and len(cells) > 1 and not _too_few(fit, len(rows)):
        return by_name
    # Without the name's word, only headings that look like headings and lines that agree will do.
    if first and len(cells) >= 3 and len(lines) >= 3 and are_headings(cells):
        agree = all(line.count(delimiter) >= len(cells) - 1 for line in rows if b'"' not in line)
        if agree or _nearly_all(fit, len(rows)):
            return Detected(format="csv/1", why="its first line is headings, and later lines fit them")
    return _behind(named, head) or (by_name if named and len(cells) > 1 else None)


def _behind(named: bool, head: bytes) -> Detected | None:
    """A table whose headings are not its first line."""
    found = find_headings(head)
    if found is None or not (found.sure or named):
        return None
    return Detected(
        format="opaque/1",
        why=f"a table with its headings in line {found.line}: sealed whole, and derived from there on",
        unpack="table",
        before=found.before,
    )


def _doubt_lines(suffix: str, lines: Sequence[bytes]) -> str:
    """What lines look like that are none of the formats, where their fields are not read."""
    behind = sum(_ends_in_unread(line) for line in lines)
    if _nearly_all(behind, len(lines)):
        return "its lines end in what looks like JSON objects behind a prefix, whose fields are not read"
    if suffix in ("csv", "tsv"):
        if _nearly_all(sum(len(cells_of(line)[0]) > 1 for line in lines), len(lines)):
            return f"its name ends in .{suffix}, but no line of its head names columns that the others have"
        if len(lines) > 1 and are_headings(cells_of(lines[0])[0]):
            return f"its name ends in .{suffix}, and its lines have one cell each (--format csv names it)"
    if any(line.startswith((b"#Fields:", b"#fields\t")) for line in lines):
        return "a line of its head names columns, but the rows after it do not have as many"
    return ""


_OPENING = re.compile(rb'[ \t:=]\{\s?"')
_HEAD: Final = 300
"""So far into a line an object may begin that is read behind what stands before it."""


def _ends_in_unread(line: bytes) -> bool:
    """Whether what looks like a JSON object stands at the end of a line, behind something else, and is not
    read there; in one look from left to right, for the head of a file is anybody's."""
    found = _OPENING.search(line)
    if found is None or not line[: found.start()].strip(b"{ ") or not line.rstrip().endswith(b"}"):
        return False
    return found.end() > _HEAD or _read_object(line[found.start() + 1 :]) is None


_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def _is_wide_text(head: bytes) -> bool:
    """Whether UTF-16 with a byte order mark is what it says, and not some other binary."""
    text = head[: len(head) & ~1].decode("utf-16", "replace")
    odd = sum((c < " " and c not in "\t\r\n\f\x1b") or c == "\ufffd" for c in text)
    return bool(text) and odd <= 1 + len(text) // 50


_EVENT_XML = re.compile(
    r"\ufeff?(?:\xef\xbb\xbf)?\s*(?:Record [0-9]{1,20}\s{1,4})?"
    r"(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!--)[\s\S]){0,500}-->\s*)?"
    r"(?:<!DOCTYPE[^<]{0,200}[\s\S]{0,2000}?)?(?:<Events[^<>]{0,200}>\s*)?<Event xmlns=.http://schemas\.microsoft\.com/win/2004/08/events/event"
)


_EVENT = re.compile(r"<Event[\s/>][\s\S]*?(?:</Event>|\Z)")
_TAG = re.compile(r"<[^<>]*+>|^Record [0-9]{1,20}[ \t\r]*+$", re.MULTILINE)


def _leaves_events(text: str) -> bool:
    """Whether lines stand outside of the events that the text begins with, or in one that says nothing of the
    system that every event tells of."""
    outside = _EVENT.sub(lambda found: "" if "</System>" in found[0] else found[0], text)
    others = [line for line in _TAG.sub("", outside).split("\n") if line.strip()]
    return _are_many(others, len(text))


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
_CONTAINERS: Final[tuple[tuple[bytes, int, Container], ...]] = (
    (b"\x1f\x8b", 0, "gzip"),
    (b"PK\x03\x04", 0, "zip"),
    (b"\x28\xb5\x2f\xfd", 0, "zstd"),
    (b"ustar", 257, "tar"),
    (b"\xff\xfe", 0, "utf-16"),
    (b"\xfe\xff", 0, "utf-16"),
    (b"#TYPE ", 0, "typed-csv"),
    (b"\xef\xbb\xbf#TYPE ", 0, "typed-csv"),
)
_WEB_LINE = re.compile(
    rb'[^ ]{1,255} [^ ]{1,255} [^ ]{1,255} \[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[^\]]{1,40}\] "'
)
_SYSLOG_LINE = re.compile(
    rb"(?:<[0-9]{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}"
    rb"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(?:Z|[+-][0-9:]{5})) [^ ]{1,255} [^ ]{1,255}"
)
# Of a block, and of the end of a file without any.
_BZIP2: Final = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")
_MAGICS: Final = (
    *((b"BZh%d%s" % (level, block), "bzip2-compressed") for level in range(1, 10) for block in _BZIP2),
    (b"\xfd7zXZ\0", "xz-compressed"),
    (b"\xff\xfe", "no text, though it begins as UTF-16 does"),
    (b"\xfe\xff", "no text, though it begins as UTF-16 does"),
    (b"\xd4\xc3\xb2\xa1", "a packet capture"),
    (b"\xa1\xb2\xc3\xd4", "a packet capture"),
    (b"\x0a\x0d\x0d\x0a", "a packet capture"),
)
