"""Windows events as text of several lines each, as a JSON line for each event.

Splunk's older input writes lines of ``NAME=value``, of which the first is ``LogName`` and the last,
``Message``, goes on over further lines; the line before it may say when it was (``03/04/2026 05:06:07 AM``,
an ISO date, or WMI's ``20260304050607.000000``). ``wevtutil /f:text`` writes ``Event[0]`` and below it lines
of ``Name: value``, of which the last is ``Description``. The next event begins where such lines stand again:
a message that holds them all would be read as two events, and its row shows it. PowerShell lists properties
(:mod:`comity.evidence.event_listing`). Lines before the first event (a command's echo) are lines of their
own, which are no objects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, Literal, TypeAlias

from comity.errors import Malformed
from comity.evidence.event_listing import Listing, find_listing, read_listed
from comity.evidence.formats import HEAD_BYTES

PARSER: Final = "comity-event-text"
Version: TypeAlias = Literal["1", "2", "3"]
VERSION: Final[Version] = "3"
"""What is derived now. Version 2 knows no lists of properties, and no lines before the first event; version
1 the first form alone, and of the times before it the first."""
EVENT_BYTES: Final = 8 << 20
"""The most text of one event, in bytes."""

_TIME: Final = rb"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})? [AP]M"
_TIMES: Final = (
    rb"(?:" + _TIME + rb"|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}[0-9.,]{0,10}"
    rb"(?:Z| ?[+-][0-9]{2}:?[0-9]{2})?|[0-9]{14}\.[0-9]{6}(?:[+-][0-9]{3})?)"
)
_PAIRS: Final = (
    rb"LogName=[^\r\n]{1,256}\r?\n"
    rb"(?:(?!LogName=)[A-Za-z]{1,40}=[^\r\n]{0,1024}\r?\n){0,4}EventCode=[0-9]{1,10}\r?\n"
)
_LISTED: Final = (
    rb"Event ?\[[0-9]{1,10}\]:?[ \t]{0,8}\r?\n[ \t]{1,8}Log Name: [^\r\n]{1,256}\r?\n"
    rb"(?:[ \t]{1,8}[A-Z][A-Za-z ]{1,20}:[^\r\n]{0,1024}\r?\n){0,4}[ \t]{1,8}Event ID: [0-9]{1,10}\r?\n"
)
BEGINS: Final = re.compile(rb"(?m:^)(?:(?:" + _TIMES + rb"\r?\n)?" + _PAIRS + rb"|" + _LISTED + rb")")
"""The lines in which an event begins."""
_BEGINS: Final[Mapping[Version, re.Pattern[bytes]]] = {
    "1": re.compile(rb"(?m:^)(?:" + _TIME + rb"\r?\n)?" + _PAIRS),
    "2": BEGINS,
    "3": BEGINS,
}
AHEAD: Final = 8
"""So many lines may stand before the first event."""
_LONGEST: Final = 1 << 14
"""No such lines are longer, in bytes."""
_BLANK: Final = b"\xef\xbb\xbf\r\n"
"""A mark of order and blank lines, which a file may begin with."""
_WHEN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}) ([0-9]{1,2}):([0-9:.]{5,15}) ([AP])M")
_OF_WMI = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2}\.[0-9]{6})([+-][0-9]{3})?")
_PAIR = re.compile(r"([A-Za-z][A-Za-z_]{0,40})=(.*)")
_NAMED = re.compile(r"[ \t]+([A-Z][A-Za-z ]{0,20}):(?: (.*)|[ \t]*)")
_CALLED: Final = {"Date": "TimeGenerated", "Description": "Message"}
"""What names of ``wevtutil`` are called in rows, besides that they have no blanks."""


def read_events(chunks: Iterable[bytes], version: Version = VERSION) -> Iterator[bytes]:
    """The lines, without line breaks, of a file of events, in the memory of one event: what the event says of
    itself under its own names, and as ``TimeGenerated`` the line before it.

    Raises ``Malformed``: ``text.event`` for an event that is too long, ``text.form`` for a file that does not
    begin with one.
    """
    begins = _BEGINS[version]
    listing: Listing | None = None
    if version == "3":
        ahead, listing, chunks = _look(chunks)
        yield from ahead
        if listing is not None:
            begins = re.compile(rb"(?m:^)" + re.escape(listing.mark))
    held = b""
    number = 1
    seen = 0
    for chunk in chunks:
        held = (held + chunk).lstrip(_BLANK)
        while (after := _next(begins, held, seen - _LONGEST)) is not None:
            yield _line_of(begins, held[:after], number, listing)
            held = held[after:]
            number += 1
            seen = 0
        seen = len(held)
        if len(held) > EVENT_BYTES:
            raise Malformed("text.event", f"event {number}", f"an event is longer than {EVENT_BYTES} bytes")
    if held:
        yield _line_of(begins, held, number, listing)


def begins_in(head: bytes) -> int:
    """Where the first event of a text begins, in one of its first lines; -1 where none does."""
    at = 0
    for _ in range(AHEAD + 1):
        rest = head[at:].lstrip(_BLANK)
        if BEGINS.match(rest) is not None or find_listing(rest) is not None:
            return len(head) - len(rest)
        end = rest.find(b"\n")
        if end < 0:
            break
        at = len(head) - len(rest) + end + 1
    return -1


def _look(chunks: Iterable[bytes]) -> tuple[Sequence[bytes], Listing | None, Iterable[bytes]]:
    """The lines before the first event, how events are listed, if they are, and what follows those lines."""
    rest = iter(chunks)
    held = b""
    for chunk in rest:
        held += chunk
        if len(held) >= HEAD_BYTES:
            break
    at = max(begins_in(held[:HEAD_BYTES]), 0)
    ahead = [line for line in map(bytes.strip, held[:at].lstrip(_BLANK).split(b"\n")) if line]
    begun = held[at:HEAD_BYTES]
    listing = find_listing(begun) if BEGINS.match(begun) is None else None
    return ahead, listing, chain((held[at:],), rest)


def _next(begins: re.Pattern[bytes], held: bytes, seen: int) -> int | None:
    """Where the event after the first begins; None where that does not show yet. It was looked for before
    ``seen`` already."""
    first = begins.match(held)
    after = None if first is None else begins.search(held, max(first.end(), seen))
    return None if after is None else after.start()


def _line_of(begins: re.Pattern[bytes], raw: bytes, number: int, listing: Listing | None) -> bytes:
    if begins.match(raw) is None:
        raise Malformed(
            "text.form", f"event {number}", "it does not begin with LogName= and EventCode= of an event"
        )
    text = raw.decode("utf-8", "backslashreplace").replace("\r\n", "\n").strip("\n")
    if listing is not None:
        return _write(read_listed(text, listing))
    return _write(_read_listed(text) if raw.startswith(b"Event") else _read_pairs(text))


def _write(fields: Mapping[str, str]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _read_pairs(text: str) -> dict[str, str]:
    before, _, rest = text.partition("LogName=")
    head, told, message = rest.partition("\nMessage=")
    when = before.strip()
    fields: dict[str, str] = {"TimeGenerated": _write_time(when)} if when else {}
    for line in f"LogName={head}".split("\n"):
        pair = _PAIR.fullmatch(line)
        if pair is not None:
            fields.setdefault(pair[1], pair[2])
    if told:
        fields["Message"] = message
    return fields


def _read_listed(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    lines = text.split("\n")
    for at, line in enumerate(lines[1:], 1):
        pair = _NAMED.fullmatch(line)
        if pair is None:
            continue
        name = pair[1].replace(" ", "")
        fields.setdefault(_CALLED.get(name, name), (pair[2] or "").strip())
        if name == "Description":
            more = [fields["Message"]] if fields["Message"] else []
            fields["Message"] = "\n".join([*more, *lines[at + 1 :]]).rstrip("\n")
            break
    return fields


def _write_time(told: str) -> str:
    """Month, day, year and twelve hours as other logs write them, or WMI's digits; the zone of the former is
    not told, and of the latter it is minutes."""
    if (when := _WHEN.fullmatch(told)) is not None:
        month, day, year, hour, rest, half = when.groups()
        late = 12 if half == "P" else 0
        return f"{year}-{month:0>2}-{day:0>2} {int(hour) % 12 + late:02d}:{rest}"
    if (digits := _OF_WMI.fullmatch(told)) is not None:
        year, month, day, hour, minute, second, zone = digits.groups()
        away = abs(int(zone or 0))
        ahead = "" if zone is None else f"{zone[0]}{away // 60:02d}:{away % 60:02d}"
        return f"{year}-{month}-{day} {hour}:{minute}:{second}{ahead}"
    return told
