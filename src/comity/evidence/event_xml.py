"""Windows events as XML (``wevtutil``, Event Viewer) as the JSON lines of ``evtx-jsonl/1``.

One ``Event`` element is one line, in the shape that event logs give: attributes under ``#attributes``, named
``Data`` of ``EventData`` under its own name, unnamed ``Data`` as the list ``Data``. A file is one ``Events``
element, or one ``Event`` after the other without one; then each may have an XML declaration of its own, and a
line ``Record N`` before that, as parsers of event logs print them. A prefix that is declared for
the namespace of events (``ns0:``, which some writers put before all names) is no part of a name. There is no
document type and no entity but XML's own five: a file with a DOCTYPE is refused before anything in it can
unfold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, TypeAlias
from xml.parsers import expat

from comity.errors import Malformed

PARSER: Final = "comity-event-xml"
Version: TypeAlias = Literal["1", "2"]
VERSION: Final[Version] = "2"
"""What is derived now. Version 1 refuses a file whose names have a prefix."""
DEPTH: Final = 64
EVENT_BYTES: Final = 8 << 20
"""The most text and markup of one event, in bytes."""

_NUMBERS: Final = frozenset({"EventID", "Version", "Level", "Task", "Opcode", "EventRecordID"})
_DECLARED = re.compile(rb"(?:Record [0-9]{1,20}[ \t\r\n]{1,4})?<\?xml [^<>]{0,200}\?>")
"""No text of XML holds ``<?xml``, so this is never data."""
_DECLARATION: Final = 256
"""More than the longest of them, in bytes."""
_ROOTLESS = re.compile(rb"\s*(?:" + _DECLARED.pattern + rb")?\s*<(?:[A-Za-z_][\w.-]{0,63}:)?Event[ >]")
_NAMESPACE: Final = "http://schemas.microsoft.com/win/2004/08/events/event"
_PREFIX: Final = "xmlns:"


def read_events(chunks: Iterable[bytes], version: Version = VERSION) -> Iterator[bytes]:
    """The lines, without line breaks, of a file of events, in the memory of one event.

    Raises ``Malformed``: ``xml.doctype``, ``xml.depth``, ``xml.event`` for an event that is too long,
    ``xml.form`` for what is not such a file. Lines that came before stand.
    """
    reader = _Reader(version)
    for chunk in _rooted(chunks, reader):
        for at in range(0, len(chunk), 1 << 16):
            reader.feed(chunk[at : at + (1 << 16)])
            yield from reader.take()
    reader.feed(b"</Events>" if reader.rootless else b"", final=not reader.rootless)
    if reader.rootless:
        reader.feed(b"", final=True)
    yield from reader.take()


def _rooted(chunks: Iterable[bytes], reader: _Reader) -> Iterator[bytes]:
    """The chunks, with a root before events that have none, and without the declarations between these."""
    held = b""
    begun = False
    for chunk in chunks:
        data = held + chunk
        held = b""
        if not begun:
            if len(data) < 2 * _DECLARATION:
                held = data
                continue
            begun = True
            data = _root(data, reader)
        if not reader.rootless:
            yield data
            continue
        # A declaration that is cut in two waits for the rest of it.
        data = _DECLARED.sub(b"", data)
        cut = max(len(data) - _DECLARATION, 0)
        held = data[cut:]
        yield data[:cut]
    if held:
        data = held if begun else _root(held, reader)
        yield _DECLARED.sub(b"", data) if reader.rootless else data


def _root(data: bytes, reader: _Reader) -> bytes:
    plain = data.removeprefix(b"\xef\xbb\xbf")
    reader.rootless = _ROOTLESS.match(plain) is not None
    return b"<Events>" + plain if reader.rootless else data


class _Reader:
    def __init__(self, version: Version) -> None:
        self.rootless = False
        self._strips = version != "1"
        self._prefixes: set[str] = set()
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._depth = 0
        self._began = 0
        self._open: list[tuple[str, dict[str, str], list[tuple[str, Any]], list[str]]] = []
        self._done: list[bytes] = []

    def feed(self, data: bytes, *, final: bool = False) -> None:
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            raise Malformed("xml.form", f"line {error.lineno}", expat.ErrorString(error.code)) from None
        if self._open and self._parser.CurrentByteIndex - self._began > EVENT_BYTES:
            raise Malformed("xml.event", self._line(), f"an event has more than {EVENT_BYTES} bytes")

    def take(self) -> list[bytes]:
        done, self._done = self._done, []
        return done

    def _line(self) -> str:
        return f"line {self._parser.CurrentLineNumber}"

    def _doctype(self, *_: object) -> None:
        raise Malformed(
            "xml.doctype", self._line(), "a document type is never read: it can unfold without end"
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._strips and ":" in name:
            name = self._without_prefix(name, attributes)
        if self._depth > DEPTH:
            raise Malformed("xml.depth", self._line(), f"elements stand {DEPTH} deep in each other")
        if self._open or name == "Event":
            if not self._open:
                self._began = self._parser.CurrentByteIndex
            self._open.append((name, attributes, [], []))
        elif name != "Events":
            raise Malformed("xml.form", self._line(), f"{name[:80]!r} stands where an Event should")

    def _without_prefix(self, name: str, attributes: dict[str, str]) -> str:
        for key, value in attributes.items():
            if key.startswith(_PREFIX) and value == _NAMESPACE:
                self._prefixes.add(key.removeprefix(_PREFIX))
        prefix, _, local = name.partition(":")
        return local if prefix in self._prefixes else name

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1][3].append(text)

    def _end(self, _: str) -> None:
        self._depth -= 1
        if not self._open:
            return
        name, attributes, children, texts = self._open.pop()
        value = _value_of(name, attributes, children, "".join(texts))
        if self._open:
            key = attributes.get("Name") if name == "Data" and self._open[-1][0] == "EventData" else None
            self._open[-1][2].append((key or name, value if key is None else "".join(texts)))
            return
        self._done.append(_line_of(value))


def _value_of(name: str, attributes: dict[str, str], children: list[tuple[str, Any]], text: str) -> Any:
    if not children:
        plain: Any = text.strip() if name in _NUMBERS else text
        if name in _NUMBERS and len(plain) < 19 and plain.isascii() and plain.isdigit():
            plain = int(plain)
        if not attributes:
            return plain if plain != "" else None
        return {"#attributes": attributes, "#text": plain} if plain != "" else {"#attributes": attributes}
    found: dict[str, Any] = {"#attributes": attributes} if attributes else {}
    for key, value in children:
        if key in found:
            # Nothing hides behind the last of one name.
            before = found[key]
            found[key] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[key] = value
    return found


def _line_of(event: Any) -> bytes:
    system = event.get("System") if isinstance(event, dict) else None
    system = system if isinstance(system, dict) else {}
    number = system.get("EventRecordID")
    created = system.get("TimeCreated")
    attributes = created.get("#attributes", {}) if isinstance(created, dict) else {}
    line = {
        "record": number if isinstance(number, int) else 0,
        "written": attributes.get("SystemTime", ""),
        "Event": event,
    }
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
