"""JSON documents as JSON lines: arrays, pretty-printed objects, and the envelopes of services.

A file of JSON that is not one object a line is a sequence of values (with or without white space between
them). Each object becomes one line: its own bytes, in order, with line breaks between tokens as spaces. An
array stands for its items. A file that begins with a line ``Record N``, as parsers of event logs number what
they print, may have such a line before each value. An object that stands in no
other, with an envelope's key (``Records``, ``value`` and the like) whose value is an array of objects, stands
for these. What a file that was cut short ends with is a last line, which then is no object.

Lines that a file begins with and that are no JSON (what a tool says of itself, a comment, a command's echo)
are lines of their own, which are no objects.

A file from whose middle something is missing goes on behind the tear, with the next object that begins as
those before it do (:mod:`comity.evidence.torn_json`); what stands between is lines that are no objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Final, Literal, TypeAlias

from comity.errors import Malformed
from comity.evidence.formats import HEAD_BYTES
from comity.evidence.torn_json import Mending

PARSER: Final = "comity-json"
Version: TypeAlias = Literal["1", "2", "3", "4"]
VERSION: Final[Version] = "4"
"""What is derived now. Version 3 refuses a file that begins with other lines, and knows no list behind what
writers of JSON make of XML's own names; version 2 knows fewer lists, and none that stands below another name;
version 1 fewer still, and gives up where something is missing. Items were derived in all of them."""

_OLD: Final = ("Records", "records", "value", "logEvents", "items", "results", "logs", "hits")
ENVELOPES: Final = (*_OLD, "Events", "Results")
"""Keys under which services keep a list of events (``hits`` may stand once more below itself)."""

_LISTS: Final = ("events", "data", "values", "entries", "response", "result", "activities", "resources")
LISTS: Final = (
    *_LISTS,
    *("rows", "documents", "audit_events", "auditEvents", "audit_logs", "auditLogs", "authlogs", "alerts"),
    *("Event", "Items", "Data", "Logs", "Rows"),
)
"""Further such keys, which an event may have too: they count where nothing of the object but what is told of
a list (``ABOUT_A_LIST``) stands before them."""

WRAPPERS: Final = ("response", "data", "result", "results", "Events", "events", "body", "payload", "export")
"""Keys below which such a list may stand, where again nothing else stands before it."""

ABOUT_A_MESSAGE: Final = frozenset(
    (
        *("eventId", "eventTime", "eventType", "eventTypeVersion", "contentType", "cloudEventsVersion"),
        *("source", "specversion", "id", "type", "time", "version"),
    )
)
"""What a service tells beside a wrapper of events that it sends by itself."""

_ABOUT: Final = frozenset(
    (
        *("@odata.context", "@odata.count", "@odata.nextLink", "nextLink", "nextToken", "NextToken", "count"),
        *("total", "totalCount", "took", "timed_out", "_shards", "_scroll_id", "pit_id"),
        *("page", "pages", "size", "status", "pagination", "paging", "limit", "offset", "next", "previous"),
        *("stat", "meta", "metadata", "ok", "success", "isLastPage", "pagelen", "nextPageToken", "next_page"),
        *("Stats", "Schema", "searchedLogStreams", "message", "error", "errors", "links", "cursor"),
    )
)
ABOUT_A_LIST: Final = _ABOUT | {
    *("total_rows", "total_count", "messages", "preview", "init_offset", "result_count", "request_id"),
    *("requestId", "code", "msg", "hasMore", "has_more", "cursorMark", "totalResults", "version"),
}
"""What services tell beside a list that they return."""

OF_XML: Final = frozenset(
    ("?xml", "@xmlns", "-xmlns", "xmlns", "_declaration", "_attributes", "#attributes", "$")
)
"""What writers of JSON call a declaration of XML and a name of a namespace, beside a list of elements."""

VALUE_BYTES: Final = 16 << 20
"""The longest value that becomes a line, as long as a row may be."""

_NUMBERED = re.compile(rb"^Record [0-9]{1,20}(?=\r?$)", re.MULTILINE)
_NUMBER_LINE: Final = 32
"""The longest line of a record's number, in bytes."""

_TOKEN = re.compile(rb'"(?:[^"\\]|\\[\s\S])*+"|[\[\]{}]|"')
_KEY = re.compile(
    rb'"(' + b"|".join(key.encode() for key in (*ENVELOPES, *LISTS)) + rb')"[ \t\r\n]*:[ \t\r\n]*\Z'
)
_PLAIN: Final = rb'(?:"[^"\\]{0,1000}"|[0-9.eE+-]{1,30}|true|false|null)'
_OBJECT: Final = rb'\{(?:\s*"[^"\\]{1,80}"\s*:\s*' + _PLAIN + rb"\s*(?:,|(?=\}))){0,16}\s*\}"
_NO_ITEMS: Final = rb"\[\s*\]"
_ITEMS: Final = rb"\[(?:\s*" + _PLAIN + rb"\s*(?:,|(?=\]))){0,64}\s*\]"


def _any_of(names: Iterable[str]) -> bytes:
    return b"|".join(re.escape(name).encode() for name in sorted(names))


def _before(names: Iterable[str], items: bytes) -> bytes:
    """The beginning of an object that tells nothing but these, plain or flat, up to its next key."""
    value = rb"(?:" + _PLAIN + b"|" + _OBJECT + b"|" + items + rb")"
    return rb'\{\s*(?:"(?:' + _any_of(names) + rb')"\s*:\s*' + value + rb"\s*,\s*){0,16}"


_ENDS: Final = rb'"[ \t\r\n]*:[ \t\r\n]*'
_WEAK_BEFORE: Final = _before(ABOUT_A_LIST, _ITEMS)


def _below(more: frozenset[str]) -> re.Pattern[bytes]:
    """The beginning of an object below one name of which a list stands, up to that list."""
    wrapper = _before(ABOUT_A_LIST | ABOUT_A_MESSAGE | more, _ITEMS) + rb'"(?:' + _any_of(WRAPPERS) + rb")"
    listed = _before(ABOUT_A_LIST | more, _ITEMS) + rb'"(?:' + _any_of((*ENVELOPES, *LISTS)) + rb")"
    return re.compile(wrapper + _ENDS + listed + _ENDS)


_LISTED: Final = {
    "2": re.compile(_before(_ABOUT, _NO_ITEMS) + rb'"(?:' + _any_of(_LISTS) + rb")" + _ENDS),
    "3": re.compile(_WEAK_BEFORE + rb'"(?:' + _any_of(LISTS) + rb")" + _ENDS),
}
_LISTED["4"] = _LISTED["3"]
_BELOW: Final = {"3": _below(frozenset()), "4": _below(OF_XML)}
_SPACE = re.compile(rb"[ \t\r\n]*+")
_BETWEEN: Final = b" \t\r\n,\x1e"
_BREAKS: Final = bytes.maketrans(b"\r\n", b"  ")
_BOM: Final = b"\xef\xbb\xbf"
_LOOK_BACK: Final = 200
_WEAK: Final = frozenset(map(str.encode, LISTS)) - frozenset(map(str.encode, ENVELOPES))
_AGAIN = re.compile(rb"[ \t]*\{")


def read_objects(chunks: Iterable[bytes], version: Version = VERSION) -> Iterator[bytes]:
    """The lines, without line breaks, of a file of JSON values, in the memory of one of them.

    Raises ``Malformed``: ``json.form`` for text that stands outside of any object, ``json.row`` for a value
    longer than a row may be; in version 2 only where no object stands before it. Lines before it stand.
    """
    reader = _Reader(version)
    if version == "1":
        for chunk in _plain(chunks):
            yield from reader.feed(chunk)
        yield from reader.close()
        return
    mending = Mending(reader)
    pieces: Iterable[bytes] = _plain(chunks)
    if version == "4":
        ahead, pieces = _part_ahead(pieces)
        yield from ahead
    for chunk in pieces:
        for line in mending.feed(chunk):
            yield line.translate(_BREAKS)
    for line in mending.close():
        yield line.translate(_BREAKS)


def is_more_than_lines(text: bytes) -> bool:
    """Whether a text, by its beginning, is more than an object a line: its first one stands for a list in it,
    or another begins behind it in the same line."""
    reader = _Reader(VERSION)
    with suppress(Malformed):
        for _ in reader.feed(text):
            return reader.listed or reader.goes_on()
    return reader.listed


VALUE: Final = rb'(?:(?:\[\s*+){1,4}\{|\{\s*+(?:"(?:[^"\\]|\\.){0,1000}+"\s*+:|\}))'
"""How an object begins that becomes a line, or a list of them."""
_BEGINS = re.compile(rb"^[ \t\x1e]*+(?=" + VALUE + rb")", re.MULTILINE)


def begins_in(head: bytes) -> int:
    """Where the first line of a text begins that may begin its values; -1 where none does."""
    found = _BEGINS.search(head)
    return -1 if found is None else found.start()


def _part_ahead(chunks: Iterable[bytes]) -> tuple[Sequence[bytes], Iterable[bytes]]:
    """The lines before the first value, where the head of a file has one in which such begins, and what
    follows."""
    held = b""
    rest = iter(chunks)
    for chunk in rest:
        held += chunk
        if held.lstrip(_BETWEEN)[:1] == b"{" or len(held) >= HEAD_BYTES:
            break
    head = held[:HEAD_BYTES]
    at = 0 if head.lstrip(_BETWEEN)[:1] == b"{" else begins_in(head)
    if at <= 0:
        return (), chain((held,), rest)
    return [line for line in map(bytes.strip, held[:at].split(b"\n")) if line], chain((held[at:],), rest)


def _plain(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks without a byte order mark; lines of a record's number as spaces, where the file has them. No
    text of JSON holds a line break, so such a line stands between values."""
    held = b""
    begun = numbered = False
    for chunk in chunks:
        data = held + chunk
        held = b""
        if not begun:
            if len(data) < _NUMBER_LINE:
                held = data
                continue
            data = data.removeprefix(_BOM)
            begun, numbered = True, data.startswith(b"Record ")
        if not numbered:
            yield data
            continue
        # What may be such a line cut in two waits for the rest of it.
        cut = data.rfind(b"\n") + 1
        held = data[cut:] if len(data) - cut <= _NUMBER_LINE else b""
        data = data[:cut] if held else data
        yield _NUMBERED.sub(_blank, data)
    if held:
        held = held if begun else held.removeprefix(_BOM)
        yield _NUMBERED.sub(_blank, held) if numbered or held.startswith(b"Record ") else held


def _blank(found: re.Match[bytes]) -> bytes:
    return b" " * len(found[0])


class _Reader:
    """Between values, inside of one that becomes a line, or in the rest of an envelope."""

    def __init__(self, version: Version) -> None:
        keys = {"1": _OLD, "2": (*ENVELOPES, *_LISTS), "3": (*ENVELOPES, *LISTS)}[
            "3" if version == "4" else version
        ]
        self._version = version
        self._keys = frozenset(key.encode() for key in keys)
        self.listed = False
        """Whether a list stood for the object that it is in."""
        self._held = b""
        self._passed = 0
        self._at = 0
        self._open = 0
        # How many brackets are open where a value begins; the same outside of each list that is open.
        self._level = 0
        self._outer: list[int] = []
        self._begins = -1
        self._skips = False

    def goes_on(self) -> bool:
        """Whether an object begins behind what was read, in the same line."""
        return _AGAIN.match(self._held, self._at) is not None

    def torn(self) -> bytes:
        """What was read and is in no line, from where it is no JSON any more."""
        return self._held[self._begins if self._begins >= 0 else self._at :]

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that ``chunk`` completes."""
        data = self._held = self._held + chunk
        while (found := _TOKEN.search(data, self._at)) is not None and found[0] != b'"':
            token, start = found[0], found.start()
            if self._begins < 0 and not self._skips:
                self._check_between(data[self._at : start])
                if token not in (b"{", b"[", b"]") or (token == b"]" and not self._outer):
                    self._refuse(start)
            if token == b"[" and self._begins >= 0 and self._level == 0:
                told = self._is_envelope(data, start)
                if told is None:
                    break  # what follows decides
                if told:
                    self._begins, self.listed = -1, True
            self._at = found.end()
            line = self._take(data, token, start)
            if line is not None:
                yield line.translate(_BREAKS)
        else:
            end = len(data) if found is None else found.start()
            if self._begins < 0 and not self._skips:
                self._check_between(data[self._at : end])
            self._at = end
        keep = self._begins if self._begins >= 0 else self._at
        self._held = data[keep:]
        self._passed += keep
        self._at -= keep
        self._begins = min(self._begins, 0)
        if len(self._held) > VALUE_BYTES:
            raise Malformed("json.row", f"byte {self._passed}", f"a value is longer than {VALUE_BYTES} bytes")

    def _take(self, data: bytes, token: bytes, start: int) -> bytes | None:
        if token in (b"{", b"["):
            self._open += 1
            if self._begins < 0 and not self._skips:
                if token == b"{":
                    self._begins = start
                else:
                    self._outer.append(self._level)
                    self._level = self._open
        elif token in (b"}", b"]"):
            self._open -= 1
            if self._begins >= 0:
                if self._open == self._level:
                    line = data[self._begins : start + 1]
                    self._begins = -1
                    return line
            elif not self._skips:
                self._level = self._outer.pop()
            self._skips = self._begins < 0 and self._open > self._level
        return None

    def close(self) -> Iterator[bytes]:
        """What a file ends with that was cut short."""
        rest = b"" if self._skips else self._held.strip(_BETWEEN)
        if rest:
            yield rest.translate(_BREAKS)

    def _is_envelope(self, data: bytes, start: int) -> bool | None:
        """Whether the array that begins here is an envelope's list of objects; None where more must be
        read."""
        deep = self._open - self._level
        before = _KEY.search(data, max(start - _LOOK_BACK, 0), start) if deep in (1, 2) else None
        if before is None or before[1] not in self._keys:
            return False
        if deep == 2:
            wrapped = _BELOW.get(self._version)
            below = wrapped is not None and wrapped.fullmatch(data, self._begins, start) is not None
            if before[1] != b"hits" and not below:
                return False
        elif before[1] in _WEAK and _LISTED[self._version].fullmatch(data, self._begins, start) is None:
            return False
        space = _SPACE.match(data, start + 1)
        assert space is not None
        follows = data[space.end() : space.end() + 1]
        return follows == b"{" if follows else None

    def _check_between(self, between: bytes) -> None:
        if between.strip(_BETWEEN):
            self._refuse(self._at)

    def _refuse(self, at: int) -> None:
        where = f"byte {self._passed + at}"
        raise Malformed("json.form", where, "text stands outside of any object")
