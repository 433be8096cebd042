"""What a file is, and the names of the rules that cut it into rows (``spec/10-evidence.md``).

A format name is a splitter with its version: the same name always gives the same rows. A row is
what the named splitter emits, byte for byte; how each one cuts is told in :mod:`comity.evidence.rows`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from comity.errors import Malformed
from comity.evidence import event_text, object_xml
from comity.evidence.json_values import ENVELOPES

FormatName: TypeAlias = Literal["lines/1", "w3c/1", "zeek/1", "csv/1", "jsonl/1", "evtx-jsonl/1", "opaque/1"]
FORMATS: Final[tuple[FormatName, ...]] = get_args(FormatName)
Container: TypeAlias = Literal[
    "gzip", "zstd", "zip", "tar", "utf-16", "typed-csv", "event-xml", "event-text", "object-xml", "json"
]
"""What is sealed whole and then unpacked: its members are items derived from it."""
ROWS_OF: Final[dict[Container, FormatName]] = {
    "event-xml": "evtx-jsonl/1",
    "event-text": "jsonl/1",
    "object-xml": "jsonl/1",
    "json": "jsonl/1",
}
"""Containers that are read as one item of rows, and its format; of the others each member has its own."""
NAMED_ALIKE: Final[frozenset[Container]] = frozenset(("utf-16", "typed-csv"))
"""Containers of one file, which is called as they are; of the others it is called so without the ending."""
HEAD_BYTES: Final = 65536
"""How much of a file :func:`detect` looks at."""

DELIMITERS: Final = (b",", b"\t", b";", b"|")
_HEADING = re.compile(rb"[A-Za-z_][A-Za-z0-9_ .:()/#@\[\]-]{0,127}")
_UTF8_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """A guess of a format. ``why`` is a sentence for people; ``derive`` names the derivation that
    would turn the opaque file into rows, where there is one; ``unpack`` the kind of container."""

    format: FormatName
    why: str
    derive: FormatName | None = None
    unpack: Container | None = None


def name_format(text: str, where: str = "") -> FormatName:
    """``text`` as a format name, also without its version; ``Malformed`` (``format.name``) if none."""
    for name in FORMATS:
        if text in (name, name.partition("/")[0]):
            return name
    raise Malformed("format.name", where, f"{text!r} is not one of {', '.join(FORMATS)}")


def detect(name: str, head: bytes) -> FormatName:
    """The format of a file from its first ``HEAD_BYTES`` bytes and, for delimited text, its name."""
    return explain_format(name, head).format


def explain_format(name: str, head: bytes) -> Detected:
    """Like :func:`detect`, with the reason. What is not plainly one of the formats is opaque."""
    if not head:
        return Detected(format="opaque/1", why="the file is empty")
    if head.startswith(b"ElfFile\0"):
        return Detected(
            format="opaque/1",
            why="a Windows event log: sealed whole, and derived to JSON lines by a pinned parser",
            derive="evtx-jsonl/1",
        )
    if _EVENT_XML.match(head.decode("utf-16", "replace") if head[:2] in _UTF16 else head.decode("latin-1")):
        return Detected(
            format="opaque/1",
            why="Windows events as XML: sealed whole, and derived to JSON lines",
            unpack="event-xml",
        )
    for magic, at, kind in _CONTAINERS:
        if head.startswith(magic, at):
            why = f"a container ({kind}): sealed whole, and its members as items derived from it"
            return Detected(format="opaque/1", why=why, unpack=kind)
    for magic, what in _MAGICS:
        if head.startswith(magic):
            return Detected(format="opaque/1", why=f"{what}: sealed whole, its rows are not seen")
    if b"\0" in head:
        return Detected(format="opaque/1", why="it has NUL bytes, so it is not text")
    text = head.removeprefix(_UTF8_BOM)
    if event_text.BEGINS.match(text.lstrip(b"\r\n")):
        return Detected(
            format="opaque/1",
            why="Windows events as text of several lines: sealed whole, and derived to JSON lines",
            unpack="event-text",
        )
    if object_xml.BEGINS.match(text):
        return Detected(
            format="opaque/1",
            why="objects that PowerShell kept as XML: sealed whole, and derived to JSON lines",
            unpack="object-xml",
        )
    lines = text.split(b"\n")
    whole = lines if len(head) < HEAD_BYTES or len(lines) == 1 else lines[:-1]
    full = [line.rstrip(b"\r") for line in whole if line.strip()]
    if not full:
        return Detected(format="lines/1", why="text of blank lines")
    if full[0].startswith(b"#") and any(line.startswith(b"#Fields:") for line in full):
        return Detected(format="w3c/1", why="it opens with # lines and names its #Fields")
    if full[0].startswith(b"#separator \\x09") and any(line.startswith(b"#fields\t") for line in full):
        return Detected(format="zeek/1", why="a Zeek log: # lines, one of which names its #fields")
    if _is_document(full, text):
        return Detected(
            format="opaque/1",
            why="a JSON document: sealed whole, and derived to a line for each object in it",
            unpack="json",
        )
    if full[0].startswith(b"{") and (found := _json_lines(full[0], len(lines) == 1)):
        return found
    if found := _delimited(name, full):
        return found
    for shape, what in ((_WEB_LINE, "a web server's log (common or combined)"), (_SYSLOG_LINE, "syslog")):
        if all(shape.match(line) for line in full[:20]):
            return Detected(format="lines/1", why=f"{what}: a row is a line")
    return Detected(format="lines/1", why="text of no other known shape: a row is a line")


_PLAIN: Final = rb'(?:"[^"\\]{0,300}"|[0-9.]{1,30}|true|false|null)'
# Before the list stand plain values, and objects of such (counts of a search).
_ENVELOPE = re.compile(
    rb'\{\s*(?:"[^"\\]{1,80}"\s*:\s*(?:'
    + _PLAIN
    + rb'|\{(?:\s*"[^"\\]{1,80}"\s*:\s*'
    + _PLAIN
    + rb'\s*(?:,|(?=\}))){0,16}\s*\})\s*,\s*){0,16}"('
    + b"|".join(key.encode() for key in ENVELOPES)
    + rb')"\s*:\s*(?:\[\s*\{|(?<="hits":)\{|(?<="hits": )\{)'
)
_DOCUMENT = re.compile(rb'(?:Record [0-9]{1,20}\s)?\s*(?:\[\s*\{|\{\s*(?:"(?:[^"\\]|\\.){0,1000}"\s*:|\}))')


def _is_document(lines: list[bytes], text: bytes) -> bool:
    """Whether a text is JSON that is not one object a line."""
    if not _DOCUMENT.match(text):
        return False
    if lines[0].lstrip().startswith((b"[", b"Record ")) or _ENVELOPE.match(text):
        return True
    # A value that goes on on the next line breaks off between tokens; a torn line of JSON lines does not, and
    # the line after it is an object.
    if len(lines) < 2 or not lines[0].rstrip().endswith((b"{", b"[", b",", b":")):
        return False
    try:
        return not isinstance(json.loads(lines[1]), dict)
    except (ValueError, RecursionError):
        return True


_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_EVENT_XML = re.compile(
    r"\ufeff?(?:\xef\xbb\xbf)?\s*(?:Record [0-9]{1,20}\s{1,4})?"
    r"(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!DOCTYPE[^<]{0,200}[\s\S]{0,2000}?)?"
    r"(?:<Events[^<>]{0,200}>\s*)?<Event xmlns=.http://schemas\.microsoft\.com/win/2004/08/events/event"
)
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
_MAGICS: Final = (
    (b"BZh", "bzip2-compressed"),
    (b"\xfd7zXZ\0", "xz-compressed"),
    (b"\xd4\xc3\xb2\xa1", "a packet capture"),
    (b"\xa1\xb2\xc3\xd4", "a packet capture"),
    (b"\x0a\x0d\x0d\x0a", "a packet capture"),
)


def _json_lines(line: bytes, cut: bool) -> Detected | None:
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        # A first line longer than the head cannot be parsed; its beginning must do.
        if cut and len(line) >= HEAD_BYTES - len(_UTF8_BOM) and re.match(rb'\{\s*"', line):
            return Detected(format="jsonl/1", why="it opens with one long line of a JSON object")
        return None
    if isinstance(first, dict):
        if list(first)[:1] in (["record"], ["broken"]) and {"Event", "broken"} & first.keys():
            return Detected(format="evtx-jsonl/1", why="JSON lines derived from an event log")
        return Detected(format="jsonl/1", why="its first line is one JSON object")
    return None


def choose_delimiter(header: bytes) -> bytes:
    """The delimiter of a header row: of ``, TAB ; |`` the most frequent outside quotes in its first
    line, the earlier in that list when equal; a comma if there is none."""
    bare = re.sub(rb'"[^"]*"', b"", header.partition(b"\n")[0])
    return max(DELIMITERS, key=bare.count)


def _delimited(name: str, lines: list[bytes]) -> Detected | None:
    suffix = name.lower().rpartition(".")[2]
    delimiter = choose_delimiter(lines[0])
    cells = [cell.strip(b'" ') for cell in lines[0].split(delimiter)]
    if suffix in ("csv", "tsv") and len(cells) > 1:
        return Detected(format="csv/1", why=f"its name ends in .{suffix}, and its first line agrees")
    # Without the name's word, only headings that look like headings and lines that agree will do.
    plain = all(_HEADING.fullmatch(cell) for cell in cells) and len(set(cells)) == len(cells)
    if not plain or len(cells) < 3 or len(lines) < 3:
        return None
    if all(line.count(delimiter) >= len(cells) - 1 for line in lines[1:] if b'"' not in line):
        return Detected(format="csv/1", why="its first line is headings, and later lines fit them")
    return None
