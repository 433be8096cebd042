"""Windows events as Splunk's older input writes them, several lines each, as a JSON line for each event.

An event is lines of ``NAME=value``, of which the first is ``LogName`` and the last, ``Message``, goes on over
further lines; the line before it may say when it was (``03/04/2026 05:06:07 AM``). The next event begins
where such lines stand again: a message that holds them all would be read as two events, and its row shows it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from comity.errors import Malformed

PARSER: Final = "comity-event-text"
VERSION: Final = "1"
EVENT_BYTES: Final = 8 << 20
"""The most text of one event, in bytes."""

_TIME: Final = rb"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})? [AP]M"
BEGINS: Final = re.compile(
    rb"(?m:^)(?:" + _TIME + rb"\r?\n)?LogName=[^\r\n]{1,256}\r?\n"
    rb"(?:(?!LogName=)[A-Za-z]{1,40}=[^\r\n]{0,1024}\r?\n){0,4}EventCode=[0-9]{1,10}\r?\n"
)
"""The lines in which an event begins."""
_BLANK: Final = b"\xef\xbb\xbf\r\n"
"""A mark of order and blank lines, which a file may begin with."""
_WHEN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}) ([0-9]{1,2}):([0-9:.]{5,15}) ([AP])M")
_PAIR = re.compile(r"([A-Za-z][A-Za-z_]{0,40})=(.*)")


def read_events(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, without line breaks, of a file of events, in the memory of one event: what the event says of
    itself under its own names, and as ``TimeGenerated`` the line before it.

    Raises ``Malformed``: ``text.event`` for an event that is too long, ``text.form`` for a file that does not
    begin with one.
    """
    held = b""
    number = 1
    for chunk in chunks:
        held = (held + chunk).lstrip(_BLANK)
        while (after := _next(held)) is not None:
            yield _line_of(held[:after], number)
            held = held[after:]
            number += 1
        if len(held) > EVENT_BYTES:
            raise Malformed("text.event", f"event {number}", f"an event is longer than {EVENT_BYTES} bytes")
    if held:
        yield _line_of(held, number)


def _next(held: bytes) -> int | None:
    """Where the event after the first begins; None where that does not show yet."""
    first = BEGINS.match(held)
    after = None if first is None else BEGINS.search(held, first.end())
    return None if after is None else after.start()


def _line_of(raw: bytes, number: int) -> bytes:
    if BEGINS.match(raw) is None:
        raise Malformed(
            "text.form", f"event {number}", "it does not begin with LogName= and EventCode= of an event"
        )
    text = raw.decode("utf-8", "backslashreplace").replace("\r\n", "\n").strip("\n")
    before, _, rest = text.partition("LogName=")
    head, told, message = rest.partition("\nMessage=")
    when = _WHEN.fullmatch(before.strip())
    fields: dict[str, str] = {} if when is None else {"TimeGenerated": _write_time(when)}
    for line in f"LogName={head}".split("\n"):
        pair = _PAIR.fullmatch(line)
        if pair is not None:
            fields.setdefault(pair[1], pair[2])
    if told:
        fields["Message"] = message
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def _write_time(when: re.Match[str]) -> str:
    """Month, day, year and twelve hours as other logs write them; the zone is not told."""
    month, day, year, hour, rest, half = when.groups()
    return f"{year}-{month:0>2}-{day:0>2} {int(hour) % 12 + (12 if half == 'P' else 0):02d}:{rest}"
